"""Between which numbers lies what an expression gives, as far as its tree and the schema of its data tell.

Interval arithmetic over the tree. Conditions narrow what stands behind them (`data.x < 8 ? data.x : 8`). A part
that cannot be followed may be any number, so the truth always lies within the range.
"""

from collections.abc import Mapping
from functools import reduce
from math import ceil, floor, inf, isinf, nextafter, trunc
from typing import Final, NamedTuple, cast

from engine.expression_paths import lengths_of, schema_of
from engine.expression_tree import ELLIPSIS, Node, write
from engine.expression_types import Schema


class Range(NamedTuple):
    """Numbers from `low` to `high`, both included; where `low` is higher there is none."""

    low: float
    high: float
    is_whole: bool = False

    def within(self, low: float, high: float) -> "Range":
        """Those of them that lie in another range as well."""
        narrow = Range(max(self.low, low), min(self.high, high), self.is_whole)
        if not self.is_whole or isinf(narrow.low) or isinf(narrow.high):
            return narrow
        return Range(float(ceil(narrow.low)), float(floor(narrow.high)), is_whole=True)

    def joined(self, other: "Range") -> "Range":
        """From the lower of both to the higher."""
        if self.low > self.high:
            return other
        if other.low > other.high:
            return self
        return Range(min(self.low, other.low), max(self.high, other.high), self.is_whole and other.is_whole)


ANY: Final = Range(-inf, inf)

Known = Mapping[str, Range]
"""What conditions say of parts, by their text."""

_PARTS_OF_TIME: Final = {
    "getFullYear": (1970, 9999), "getMonth": (0, 11), "getDate": (1, 31), "getDayOfMonth": (0, 30),
    "getDayOfWeek": (0, 6), "getDayOfYear": (0, 365), "getHours": (0, 23), "getMinutes": (0, 59),
    "getSeconds": (0, 59), "getMilliseconds": (0, 999),
}  # fmt: skip
_OPPOSITE: Final = {
    "_<_": "_>=_", "_>=_": "_<_", "_>_": "_<=_", "_<=_": "_>_", "_==_": "_!=_", "_!=_": "_==_",
}  # fmt: skip


def range_of(root: Node, schema: Schema, *, ceiling: float = inf) -> Range:
    """The range of a number that an expression gives; `ANY` where it gives something else.

    Args:
        root: of a tree, checked or not.
        schema: of the data.
        ceiling: a `maximum` of the schema that is higher is none.
    """
    return _Walk(schema, ceiling).of(root, {})


class _Walk:
    """Follows one tree."""

    def __init__(self, schema: Schema, ceiling: float) -> None:
        self.schema = schema
        self.ceiling = ceiling

    def of(self, node: Node, known: Known) -> Range:
        """The range of a node, narrowed by what is known of it."""
        found = self._made(node, known)
        narrower = known.get(write(node))
        return found if narrower is None else found.within(narrower.low, narrower.high)

    def _made(self, node: Node, known: Known) -> Range:
        if node.kind == "call":
            return self._called(node, known)
        value = node.constant
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Range(float(value), float(value), isinstance(value, int))
        return self._of_schema(schema_of(node, self.schema))

    def _called(self, node: Node, known: Known) -> Range:
        match node.name:
            case "_?_:_":
                condition, yes, no = node.parts
                met = self.of(yes, self._assumed(condition, known, is_true=True))
                found = met.joined(self.of(no, self._assumed(condition, known, is_true=False)))
            case "_[_]" if node.parts[0].kind in {"list", "map"}:  # written out, and one of them taken
                outer = node.parts[0]
                values = outer.parts if outer.kind == "list" else outer.parts[1::2]
                found = reduce(Range.joined, [self.of(each, known) for each in values]) if values else ANY
            case "_[_]":
                found = self._of_schema(schema_of(node, self.schema))
            case "size":
                found = Range(*lengths_of(node.parts[0], self.schema), is_whole=True)
            case name if name in _PARTS_OF_TIME:
                found = Range(*_PARTS_OF_TIME[name], is_whole=True)
            case name:
                found = _worked_out(name, [self.of(part, known) for part in node.parts])
        return found

    def _of_schema(self, schema: Schema) -> Range:
        choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if schema.get("type") == "integer" and isinstance(choices, list):
            return _spanned([float(each) for each in choices if isinstance(each, int)], is_whole=True)
        if schema.get("type") not in {"integer", "number"}:
            return ANY
        low, high = cast("float", schema.get("minimum", -inf)), cast("float", schema.get("maximum", inf))
        return Range(low, inf if high > self.ceiling else high, schema.get("type") == "integer")

    # What a condition says of the parts that it compares.

    def _assumed(self, condition: Node, known: Known, *, is_true: bool) -> Known:
        if condition.kind != "call":
            return known
        if condition.name == "!_":
            return self._assumed(condition.parts[0], known, is_true=not is_true)
        if condition.name == ("_&&_" if is_true else "_||_"):
            return reduce(lambda so_far, part: self._assumed(part, so_far, is_true=is_true), condition.parts, known)
        sign = condition.name if is_true else _OPPOSITE.get(condition.name, "")
        return self._compared(sign, *condition.parts, known=known) if sign in _OPPOSITE else known

    def _compared(self, sign: str, left: Node, right: Node, *, known: Known) -> Known:
        one, other = self.of(left, known), self.of(right, known)
        match sign:
            case "_<_":
                bounds = (-inf, _below(other.high)), (_above(one.low), inf)
            case "_<=_":
                bounds = (-inf, other.high), (one.low, inf)
            case "_>_":
                bounds = (_above(other.low), inf), (-inf, _below(one.high))
            case "_>=_":
                bounds = (other.low, inf), (-inf, one.high)
            case "_==_":
                bounds = (other.low, other.high), (one.low, one.high)
            case _:
                return known
        narrowed = {write(left): one.within(*bounds[0]), write(right): other.within(*bounds[1])}
        return {**known, **{text: found for text, found in narrowed.items() if ELLIPSIS not in text}}


def _below(number: float) -> float:
    return number if isinf(number) else nextafter(number, -inf)


def _above(number: float) -> float:
    return number if isinf(number) else nextafter(number, inf)


def _worked_out(name: str, parts: list[Range]) -> Range:
    """What a function or an operator makes of ranges."""
    one, other = (*parts, ANY, ANY)[:2]
    both = one.is_whole and other.is_whole
    match name:
        case "_+_":
            found = Range(one.low + other.low, one.high + other.high, both)
        case "_-_":
            found = Range(one.low - other.high, one.high - other.low, both)
        case "_*_":
            found = _spanned([_product(a, b) for a in one[:2] for b in other[:2]], is_whole=both)
        case "_/_":
            found = _quotient(one, other)
        case "_%_":
            most = min(_size(one), _size(other) - 1)
            found = Range(-most if one.low < 0 else 0, most if one.high > 0 else 0, is_whole=True)
        case "-_":
            found = Range(-one.high, -one.low, one.is_whole)
        case "int" | "uint":
            found = _cut(one)
        case "double" | "dyn":
            found = Range(one.low, one.high)
        case _:
            found = ANY
    return found


def _size(numbers: Range) -> float:
    return max(abs(numbers.low), abs(numbers.high))


def _spanned(numbers: list[float], *, is_whole: bool) -> Range:
    return Range(min(numbers), max(numbers), is_whole)


def _product(one: float, other: float) -> float:
    return 0 if 0 in (one, other) else one * other  # also of what has no end


def _quotient(one: Range, other: Range) -> Range:
    whole = one.is_whole and other.is_whole
    if other.low <= 0 <= other.high:  # whole numbers that are not 0 are at least 1 in size
        return Range(-_size(one), _size(one), is_whole=True) if whole else ANY
    found = _spanned([_ratio(a, b) for a in one[:2] for b in other[:2]], is_whole=whole)
    return _cut(found) if whole else found


def _ratio(one: float, other: float) -> float:
    if isinf(other):
        return one if isinf(one) and other > 0 else -one if isinf(one) else 0
    return one / other


def _cut(numbers: Range) -> Range:
    """Whole numbers, without what stood behind the point."""
    low, high = (each if isinf(each) else float(trunc(each)) for each in (numbers.low, numbers.high))
    return Range(low, high, is_whole=True)

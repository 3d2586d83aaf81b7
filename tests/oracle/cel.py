"""A small CEL of its own: evaluates the expressions that the tests' rulebooks are made of.

The rules are those of the CEL language definition: integers have 64 bits and divide towards zero, an integer
and a double can be compared but not added, `&&` and `||` swallow an error where the other side decides.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic import JsonValue

from .syntax import Node, parse

INT_MIN, INT_MAX = -(2**63), 2**63 - 1


class CelError(Exception):
    """The expression has no value for this event; the same as CEL's error values."""


Function: TypeAlias = Callable[[JsonValue], JsonValue]


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, and the functions that depend on more than their argument."""

    variables: Mapping[str, JsonValue]
    functions: Mapping[str, Function] = field(default_factory=dict)


def evaluate(text: str, scope: Scope) -> JsonValue:
    """The value of an expression.

    Raises:
        CelError: it has none (an absent field, a wrong type, an overflow, …).
        ValueError: it is beyond the oracle's CEL.
    """
    return value_of(parse(text), scope)


def value_of(node: Node, scope: Scope) -> JsonValue:
    if node.op in FORMS:
        return FORMS[node.op](node, scope)
    return OPERATIONS[node.op](*(value_of(part, scope) for part in node.parts))


def truth(node: Node, scope: Scope) -> bool:
    value = value_of(node, scope)
    if not isinstance(value, bool):
        raise CelError(f"{value!r} is not a truth value")
    return value


def decided_by(node: Node, scope: Scope, *, deciding: bool) -> bool:
    """`||` where true decides, `&&` where false does: a side that decides does so even beside an error."""
    left, right = node.parts
    try:
        if truth(left, scope) is deciding:
            return deciding
    except CelError:
        if truth(right, scope) is deciding:
            return deciding
        raise
    return truth(right, scope)


def mapping(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise CelError(f"{value!r} has no fields")
    return value


def item(container: JsonValue, key: JsonValue) -> JsonValue:
    if isinstance(container, dict) and isinstance(key, str) and key in container:
        return container[key]
    if isinstance(container, list) and type(key) is int and 0 <= key < len(container):
        return container[key]
    raise CelError(f"no {key!r} here")


def size(value: JsonValue) -> JsonValue:
    if isinstance(value, str | list | dict):
        return len(value)
    raise CelError(f"{value!r} has no size")


def in_range(value: int) -> int:
    if not INT_MIN <= value <= INT_MAX:
        raise CelError("an integer has 64 bits")
    return value


def to_int(value: JsonValue) -> JsonValue:
    if type(value) is int:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return in_range(int(value))
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value, re.ASCII):
        return in_range(int(value))
    raise CelError(f"{value!r} is no integer")


def to_double(value: JsonValue) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise CelError(f"{value!r} is no number")
    try:
        return float(value)
    except ValueError:
        raise CelError(f"{value!r} is no number") from None


def negated(value: JsonValue) -> JsonValue:
    if type(value) is int:
        return in_range(-value)
    if isinstance(value, float):
        return -value
    raise CelError(f"{value!r} cannot be negated")


def called(node: Node, scope: Scope) -> JsonValue:
    name = str(node.value)
    if name not in scope.functions:
        raise ValueError(f"the oracle does not know {name}()")
    return scope.functions[name](value_of(node.parts[0], scope))


def comparable(value: JsonValue) -> tuple[str, object]:
    """Hashable, and equal where CEL calls two values equal: 1 and 1.0 are, 1 and true are not."""
    match value:
        case bool():
            return "truth", value
        case int() | float():
            return "number", value
        case str():
            return "text", value
        case list():
            return "list", tuple(comparable(part) for part in value)
        case dict():
            return "map", frozenset((name, comparable(part)) for name, part in value.items())
    return "null", None


def chosen(node: Node, scope: Scope) -> JsonValue:
    condition, yes, no = node.parts
    return value_of(yes if truth(condition, scope) else no, scope)


def equal(left: JsonValue, right: JsonValue) -> bool:
    return comparable(left) == comparable(right)


def contained(value: JsonValue, container: JsonValue) -> bool:
    if isinstance(container, dict):
        return isinstance(value, str) and value in container
    if isinstance(container, list):
        return any(equal(value, part) for part in container)
    raise CelError(f"{container!r} holds nothing")


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[JsonValue, JsonValue], JsonValue]:
    def checked(left: JsonValue, right: JsonValue) -> JsonValue:
        (left_kind, _), (right_kind, _) = comparable(left), comparable(right)
        if left_kind != right_kind or left_kind not in {"truth", "number", "text"}:
            raise CelError(f"{left!r} and {right!r} have no order")
        return bool(compare(left, right))

    return checked


def arithmetic(
    on_ints: Callable[[int, int], int] | None,
    on_doubles: Callable[[float, float], float] | None,
) -> Callable[[JsonValue, JsonValue], JsonValue]:
    def checked(left: JsonValue, right: JsonValue) -> JsonValue:
        if on_ints and type(left) is int and type(right) is int:
            return in_range(on_ints(left, right))
        if on_doubles and isinstance(left, float) and isinstance(right, float):
            return on_doubles(left, right)
        raise CelError(f"no such operation on {left!r} and {right!r}")

    return checked


def added(left: JsonValue, right: JsonValue) -> JsonValue:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    return arithmetic(operator.add, operator.add)(left, right)


def divided(left: int, right: int) -> int:
    if right == 0:
        raise CelError("division by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def remainder(left: int, right: int) -> int:
    return left - right * divided(left, right)


def divided_doubles(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


FORMS: Mapping[str, Callable[[Node, Scope], JsonValue]] = {
    "literal": lambda node, _: node.value,
    "name": lambda node, scope: scope.variables[str(node.value)],
    "select": lambda node, scope: item(value_of(node.parts[0], scope), str(node.value)),
    "has": lambda node, scope: str(node.value) in mapping(value_of(node.parts[0], scope)),
    "!": lambda node, scope: not truth(node.parts[0], scope),
    "&&": lambda node, scope: decided_by(node, scope, deciding=False),
    "||": lambda node, scope: decided_by(node, scope, deciding=True),
    "?:": chosen,
    "call": called,
}
"""What looks at its operands in its own way; the operations below are given their values."""

OPERATIONS: Mapping[str, Callable[..., JsonValue]] = {
    "list": lambda *parts: list(parts),
    "index": item,
    "size": size,
    "int": to_int,
    "double": to_double,
    "negate": negated,
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": ordered(operator.lt),
    "<=": ordered(operator.le),
    ">": ordered(operator.gt),
    ">=": ordered(operator.ge),
    "in": contained,
    "+": added,
    "-": arithmetic(operator.sub, operator.sub),
    "*": arithmetic(operator.mul, operator.mul),
    "/": arithmetic(divided, divided_doubles),
    "%": arithmetic(remainder, None),
}

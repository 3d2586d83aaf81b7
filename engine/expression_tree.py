"""An expression as a tree: read from CEL's serialized form, written as text, asked for its unguarded reads.

The serialized form is all that the compiler hands out. It is protobuf: cel.expr.ParsedExpr and CheckedExpr,
in cel-spec's `proto/cel/expr/syntax.proto` and `checked.proto`, whose numbers of fields stand here.
"""

import json
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

Kind = Literal["constant", "name", "select", "has", "call", "list", "map", "message", "loop"]
Constant = bool | int | float | str | bytes | None
Wire = dict[int, list[int | bytes]]
"""A protobuf message: its values by the number of the field, varints as integers, all others as bytes."""

_ID, _CONSTANT = 2, 3  # of an Expr
_UNSIGNED = 4  # of a Constant
_MESSAGE = 9  # of a Type

_INFIX = {
    "_*_": ("*", 6), "_/_": ("/", 6), "_%_": ("%", 6), "_+_": ("+", 5), "_-_": ("-", 5),
    "_<_": ("<", 4), "_<=_": ("<=", 4), "_>_": (">", 4), "_>=_": (">=", 4),
    "_==_": ("==", 4), "_!=_": ("!=", 4), "@in": ("in", 4),
    "_&&_": ("&&", 3), "_||_": ("||", 2), "_?_:_": ("?", 1),
}  # fmt: skip
"""CEL's operators as they are written, and how tightly they bind."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""

    id: int
    kind: Kind
    name: str = ""
    """Of a name, a field, a function, a message, or the variable of a loop."""
    parts: tuple["Node", ...] = ()
    """Operands in the order of the text; of a loop: range, start, condition, step, result."""
    constant: Constant = None
    """Unsigned numbers have the name `u`."""
    is_method: bool = False
    """Whether a call has its first part before the dot."""

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """A compiled expression: its nodes, where they stand, and, if it was checked, their types."""

    root: Node
    places: dict[int, int]
    """Offsets in the text (0-based, code points) by node."""
    types: dict[int, str]
    """Names of message types by node; nodes of other types are left out."""


def read(serialized: bytes) -> Tree:
    """The tree in what `Expression.serialize()` gives: an Any of a ParsedExpr or a CheckedExpr."""
    outer = _fields(serialized)
    inner = _fields(_bytes(outer, 2))
    checked = _bytes(outer, 1).endswith(b"CheckedExpr")
    source = _fields(_bytes(inner, 5 if checked else 3))
    places = {_int(entry, 1): _int(entry, 2) for entry in _messages(source, 4)}
    types = [(_int(entry, 1), _fields(_bytes(entry, 2))) for entry in _messages(inner, 3)] if checked else []
    return Tree(
        _node(_bytes(inner, 4 if checked else 2)),
        places,
        {node: _text(kind, _MESSAGE) for node, kind in types if _MESSAGE in kind},
    )


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the bit that says there is more
            return value, at


def _fields(data: bytes) -> Wire:
    found: Wire = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _varint(data, at)
        else:
            size, at = (8, at) if tag & 7 == 1 else _varint(data, at)
            value, at = data[at : at + size], at + size
        found.setdefault(tag >> 3, []).append(value)
    return found


def _bytes(message: Wire, field: int) -> bytes:
    value = message.get(field, [b""])[0]
    return value if isinstance(value, bytes) else b""


def _int(message: Wire, field: int) -> int:
    value = message.get(field, [0])[0]
    if isinstance(value, bytes):
        return 0
    return value - (1 << 64) if value >> 63 else value


def _text(message: Wire, field: int) -> str:
    return _bytes(message, field).decode()


def _messages(message: Wire, field: int) -> list[Wire]:
    return [_fields(value) for value in message.get(field, []) if isinstance(value, bytes)]


def _constant(message: Wire) -> Constant:
    field = next(iter(message), 1)
    readers: dict[int, Callable[[], Constant]] = {
        2: lambda: _int(message, 2) == 1,
        3: lambda: _int(message, 3),
        4: lambda: _int(message, 4) % (1 << 64),
        5: lambda: float(struct.unpack("<d", _bytes(message, 5))[0]),
        6: lambda: _text(message, 6),
        7: lambda: _bytes(message, 7),
    }
    return readers[field]() if field in readers else None


def _node(data: bytes) -> Node:
    message = _fields(data)
    node = _int(message, _ID)
    field = next((field for field in message if field != _ID), _CONSTANT)
    inner = _fields(_bytes(message, field))
    match field:
        case 4:
            made = Node(node, "name", _text(inner, 1))
        case 5:
            made = Node(node, "has" if _int(inner, 3) else "select", _text(inner, 2), _nodes(inner, 1))
        case 6:
            parts = _nodes(inner, 1, 3)
            made = Node(node, "call", _text(inner, 2), parts, is_method=1 in inner)
        case 7:
            made = Node(node, "list", parts=_nodes(inner, 1))
        case 8:
            parts = tuple(part for entry in _messages(inner, 2) for part in _nodes(entry, 3, 4))
            made = Node(node, "message" if 1 in inner else "map", _text(inner, 1), parts)
        case 9:
            made = Node(node, "loop", _text(inner, 1), _nodes(inner, 2, 4, 5, 6, 7))
        case _:
            made = Node(node, "constant", "u" if _UNSIGNED in inner else "", constant=_constant(inner))
    return made


def _nodes(message: Wire, *fields: int) -> tuple[Node, ...]:
    values = chain.from_iterable(message.get(field, []) for field in fields)
    return tuple(_node(value) for value in values if isinstance(value, bytes))


def binding(node: Node) -> int:
    """How tightly the outermost operator of a node binds: from 1 (`? :`) to 8 (nothing to take apart)."""
    if node.kind == "call" and node.name in {"!_", "-_"}:
        return 7
    return _INFIX[node.name][1] if node.kind == "call" and node.name in _INFIX else 8


ELLIPSIS = "…"
"""What stands for a loop where a tree is written."""


def write(node: Node) -> str:
    """The text of a node; a loop, whose macro is expanded in the tree, becomes `…`."""
    texts = [write(part) for part in node.parts]
    match node.kind:
        case "constant":
            text = _write_constant(node.constant) + node.name
        case "name":
            text = node.name
        case "select":
            text = f"{_wrapped(node.parts[0], 8)}.{node.name}"
        case "has":
            text = f"has({_wrapped(node.parts[0], 8)}.{node.name})"
        case "call":
            text = _write_call(node, texts)
        case "list":
            text = f"[{', '.join(texts)}]"
        case "map":
            pairs = zip(texts[::2], texts[1::2], strict=True)
            text = f"{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"
        case _:
            text = ELLIPSIS
    return text


def _wrapped(node: Node, least: int) -> str:
    return write(node) if binding(node) >= least else f"({write(node)})"


def _write_constant(value: Constant) -> str:
    if isinstance(value, bytes):
        return f"b{json.dumps(value.decode('latin-1'))}"
    # JSON writes truth values, null, numbers and texts as CEL does, but a number keeps its point in both.
    return json.dumps(value, ensure_ascii=False)


def _write_call(node: Node, texts: list[str]) -> str:
    tight = binding(node)
    if node.name in {"!_", "-_"}:
        return f"{node.name[0]}{_wrapped(node.parts[0], 8)}"
    if node.name == "_?_:_":
        return f"{_wrapped(node.parts[0], 2)} ? {_wrapped(node.parts[1], 2)} : {texts[2]}"
    if node.name == "_[_]":
        return f"{_wrapped(node.parts[0], 8)}[{texts[1]}]"
    if node.name in _INFIX:
        return f"{_wrapped(node.parts[0], tight)} {_INFIX[node.name][0]} {_wrapped(node.parts[1], tight + 1)}"
    if node.is_method:
        return f"{_wrapped(node.parts[0], 8)}.{node.name}({', '.join(texts[1:])})"
    return f"{node.name}({', '.join(texts)})"


Known = frozenset[str]
"""Texts of the `has()` that are known to be true."""
_NOTHING: Known = frozenset()


def unguarded(tree: Tree, optional: Callable[[str, str], bool]) -> list[Node]:
    """The reads of optional fields that no `has()` before them covers, in the order of the text.

    Args:
        tree: of a checked expression.
        optional: whether a field, the second argument, of a type of messages (or of `""`, a map of anything)
            may be absent.
    """
    flow = _Flow(tree.types, optional)
    flow.visit(tree.root, _NOTHING)
    return flow.found


class _Flow:
    """What is known at each place: to the right of `has(a) &&` and of `!has(a) ||`, in `has(a) ? here :`."""

    def __init__(self, types: dict[int, str], optional: Callable[[str, str], bool]) -> None:
        self.types = types
        self.optional = optional
        self.found: list[Node] = []

    def visit(self, node: Node, known: Known) -> tuple[Known, Known]:
        """What is known besides `known` when the node is true, and when it is false."""
        if node.kind == "call" and node.name in {"_&&_", "_||_"}:
            return self._junction(node, known)
        if node.kind == "call" and node.name == "_?_:_":
            return self._choice(node, known)
        if node.kind == "call" and node.name == "!_":
            true, false = self.visit(node.parts[0], known)
            return false, true
        if node.kind == "loop":  # its variable may hide one of the same name outside
            known = frozenset(text for text in known if not re.search(rf"\b{node.name}\b", text))
        for part in node.parts:
            self.visit(part, known)
        if node.kind == "has" and ELLIPSIS not in write(node):
            return frozenset({write(node)}), _NOTHING
        if (
            node.kind == "select"
            and f"has({write(node)})" not in known
            and self.optional(self.types.get(node.parts[0].id, ""), node.name)
        ):
            self.found.append(node)
        return _NOTHING, _NOTHING

    def _choice(self, node: Node, known: Known) -> tuple[Known, Known]:
        true, false = self.visit(node.parts[0], known)
        first, second = self.visit(node.parts[1], known | true), self.visit(node.parts[2], known | false)
        return (true | first[0]) & (false | second[0]), (true | first[1]) & (false | second[1])

    def _junction(self, node: Node, known: Known) -> tuple[Known, Known]:
        """Of `a && b`: true tells what both tell; false only what either would; `||` is its mirror."""
        is_and = node.name == "_&&_"
        left = self.visit(node.parts[0], known)
        passed, stopped = left if is_and else left[::-1]
        right = self.visit(node.parts[1], known | passed)
        passed, stopped = passed | right[not is_and], stopped & right[is_and]
        return (passed, stopped) if is_and else (stopped, passed)

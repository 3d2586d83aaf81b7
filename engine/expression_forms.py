"""Expressions that are answered without CEL where the answer is plain to see; everything else is left to it.

What is printable is whole, so a text can be taken as it is.
"""

from collections.abc import Container, Mapping, Sequence
from math import isfinite
from typing import Final

from pydantic import JsonValue

from engine.expression_recall import Expression
from engine.expression_run import INTEGER_MAX, Failed, Value
from engine.expression_tree import Node
from schemas.words import Instant


class _Subject(Expression):
    """`subject`."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        return subject if subject.isprintable() else Expression.__call__(self, data, subject, at)


class _Text(Expression):
    """`data.x`, a text."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        value = data.get(self.field)
        if type(value) is str and value.isprintable():
            return value
        return Expression.__call__(self, data, subject, at)


class _Whole(Expression):
    """`data.x`, a whole number."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        value = data.get(self.field)
        if type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX:
            return value
        return Expression.__call__(self, data, subject, at)


class _Number(Expression):
    """`data.x`, a number."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        value = data.get(self.field)
        if type(value) is float and isfinite(value):
            return value + 0.0
        return Expression.__call__(self, data, subject, at)


class _Truth(Expression):
    """`data.x`, a truth value."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        value = data.get(self.field)
        return value if type(value) is bool else Expression.__call__(self, data, subject, at)


class _IsSubject(Expression):
    """`data.x == subject`."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        value = data.get(self.field)
        if type(value) is str and value.isprintable() and subject.isprintable():
            return value == subject
        return Expression.__call__(self, data, subject, at)


class _IsNotSubject(Expression):
    """`data.x != subject`."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        value = data.get(self.field)
        if type(value) is str and value.isprintable() and subject.isprintable():
            return value != subject
        return Expression.__call__(self, data, subject, at)


class _Differ(Expression):
    """`data.x != data.y`, two texts."""

    __slots__ = ()

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        one, other = data.get(self.field), data.get(self.other)
        if type(one) is str and type(other) is str and one.isprintable() and other.isprintable():
            return one != other
        return Expression.__call__(self, data, subject, at)


class Is(Expression):
    """`data.x == "text"`, and `!=`."""

    __slots__ = ("negated", "text_meant")

    negated: bool
    text_meant: str

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        """What it gives for one event."""
        value = data.get(self.field)
        if type(value) is str and value.isprintable():
            return (value == self.text_meant) is not self.negated
        return Expression.__call__(self, data, subject, at)


class Both(Expression):
    """`a && b` of sides that read different things: together these hardly ever come again, each side's all the time."""

    __slots__ = ("sides",)

    sides: Sequence[Expression]

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        """What it gives for one event: false as soon as a side is, as CEL has it."""
        for side in self.sides:
            found = side(data, subject, at)
            if found is False:
                return False
            if found is not True:
                return Expression.__call__(self, data, subject, at)
        return True


_SELECTS: Final = {"string": _Text, "int": _Whole, "double": _Number, "bool": _Truth}


def form_of(root: Node, result: str, texts: Container[str]) -> type[Expression]:
    """The class that answers an expression fastest; `texts` are the fields that are texts."""
    if root.kind == "name" and root.name == "subject":
        return _Subject
    if _is_field(root):
        return _SELECTS.get(result, Expression)
    if root.name not in {"_==_", "_!=_"} or root.kind != "call":
        return Expression
    left, right = root.parts
    if not (_is_field(left) and left.name in texts):
        return Expression
    if right.kind == "name" and right.name == "subject":
        return _IsSubject if root.name == "_==_" else _IsNotSubject
    both = root.name == "_!=_" and _is_field(right) and right.name in texts
    return Is if isinstance(right.constant, str) else _Differ if both else Expression


def _is_field(node: Node) -> bool:
    return node.kind == "select" and node.parts[0].kind == "name" and node.parts[0].name == "data"

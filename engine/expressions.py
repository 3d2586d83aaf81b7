"""Expressions of a rulebook (CEL, https://cel.dev): checked over a schema, run on data, remembered.

An expression is a function of the few fields it reads, so it remembers what they gave; the simplest ones are
answered without CEL where the answer is plain to see, and fall back on it for everything else.
"""

from collections.abc import Callable, Container, Mapping
from importlib.metadata import version
from math import isfinite
from typing import Final, Literal, cast

from pydantic import JsonValue

from engine.expression_check import check
from engine.expression_faults import ExpressionFault
from engine.expression_run import ABSENT, INTEGER_MAX, Failed, Program, Value
from engine.expression_tree import Node
from engine.expression_types import Expected, Schema, properties_of
from engine.surroundings import NOWHERE, Surroundings
from schemas.words import Instant

__all__ = ["CEL_VERSION", "Expression", "ExpressionFault", "Failed", "Value", "compile_expression"]

CEL_VERSION: Final = version("cel-expr-python")
"""The library that works expressions out; another one may work them out differently."""

Result = Literal["bool", "int", "double", "string", "list", "map", "dyn"]

REMEMBERED: Final = 65_536
"""Results that an expression remembers at most; then it forgets them all."""
TEXT_REMEMBERED_MAX: Final = 256
"""Characters in the inputs of a remembered result: what is long is seldom seen twice."""


class Expression:
    """A checked expression over `data`, `subject` and `time`.

    Attributes:
        text: as it was written.
        result: the type of what it gives, by CEL's name.
        fields: of the data that it reads.
    """

    __slots__ = (
        "_key",
        "_memo",
        "_none_if_absent",
        "_program",
        "field",
        "fields",
        "other",
        "remembers",
        "result",
        "text",
    )

    def __init__(self, text: str, result: Result, program: Program, *, none_if_absent: bool, remembers: int) -> None:
        self.text = text
        self.result: Result = result
        self.fields = program.fields
        self.field, self.other = (*program.fields, "", "")[:2]
        self.remembers = remembers
        self._none_if_absent = none_if_absent
        self._program = program
        self._key = _key_of(program)
        self._memo: dict[Key, Value | Failed] = {}

    @property
    def reads_subject(self) -> bool:
        """Whether what it gives hangs on the subject."""
        return self._program.reads_subject

    @property
    def reads_time(self) -> bool:
        """Whether what it gives hangs on the time."""
        return self._program.reads_time

    @property
    def reads_focus(self) -> bool:
        """Whether what it gives hangs on the topics in focus, and so on the day."""
        return self._program.reads_focus

    @property
    def reads_groups(self) -> frozenset[str]:
        """Whose groups it asks for: `subject`, or fields of the data."""
        return self._program.reads_groups

    def __call__(self, data: Mapping[str, JsonValue], subject: str, at: Instant) -> Value | Failed:
        """What it gives for one event, or why it gives nothing; never raises."""
        key = self._key(data, subject, at)
        try:
            return self._memo[key]
        except KeyError:
            is_short = sum(len(part) for part in key if isinstance(part, str)) <= TEXT_REMEMBERED_MAX
        except TypeError:  # a list or an object is no key
            is_short = False
        if self._none_if_absent and self.field not in data:
            return None
        found = self._program(tuple(data.get(name, ABSENT) for name in self.fields), subject, at)
        if is_short:
            if len(self._memo) >= self.remembers:
                self._memo.clear()
            self._memo[key] = found
        return found


Key = tuple[object, ...]


def _key_of(program: Program) -> Callable[[Mapping[str, JsonValue], str, Instant], Key]:
    """What makes the key of a result: all that the expression reads, and the classes of it.

    1 == True == 1.0, and all three hash alike: only the classes say what CEL sees.
    """
    fields = program.fields

    def of_one(data: Mapping[str, JsonValue], _subject: str, _at: Instant) -> Key:
        value = data.get(field, ABSENT)
        return value, value.__class__

    def of_two(data: Mapping[str, JsonValue], subject: str, at: Instant) -> Key:
        one, two = data.get(field, ABSENT), data.get(other, ABSENT)
        return one, two, one.__class__, two.__class__, reads_subject and subject, reads_time and at

    def of_many(data: Mapping[str, JsonValue], subject: str, at: Instant) -> Key:
        values = [data.get(name, ABSENT) for name in fields]
        return (*values, *map(type, values), reads_subject and subject, reads_time and at)

    def of_more(data: Mapping[str, JsonValue], subject: str, at: Instant) -> Key:
        return (*of_many(data, subject, at), around.topics(at), [] if reads_groups else ())  # a list is no key

    reads_subject, reads_time = program.reads_subject, program.reads_time
    around, reads_groups = program.around, program.reads_groups
    if program.reads_focus or reads_groups:
        return of_more
    field, other = (*fields, "", "")[:2]
    if len(fields) == 1 and not reads_subject and not reads_time:
        return of_one
    return of_two if len(fields) == 2 else of_many  # noqa: PLR2004 - it is in its name


# The simplest forms. What is printable is whole, so the answer is plain to see; the rest is left to CEL.


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


_SELECTS: Final = {"string": _Text, "int": _Whole, "double": _Number, "bool": _Truth}


def _form(root: Node, result: str, texts: Container[str]) -> type[Expression]:
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
    return _Differ if both else Expression


def _is_field(node: Node) -> bool:
    return node.kind == "select" and node.parts[0].kind == "name" and node.parts[0].name == "data"


def compile_expression(
    text: str,
    schema: Schema,
    expected: Expected,
    around: Surroundings = NOWHERE,
    *,
    none_if_absent: bool = False,
    remembers: int = REMEMBERED,
) -> Expression:
    """Check an expression against the schema of its activity's data, and make it ready to run.

    Args:
        text: CEL over `data`, `subject` (a text) and `time` (of the event, UTC).
        schema: of `data`, an object, in JSON Schema.
        expected: what it has to give: a truth value, a whole number, any number, a text, or any of these.
        around: what it may ask beside the event: kinds of group are functions in it.
        none_if_absent: whether it may be no more than an optional field, giving None where that is absent.
        remembers: results it keeps.

    Raises:
        ExpressionFault: it is no CEL, its types do not fit, or it may fail for data that fits the schema.
    """
    checked = check(text, schema, expected, around.kinds, none_if_absent=none_if_absent)
    program = Program(text, checked, schema, expected, around)
    texts = {name for name, kind in properties_of(schema).items() if kind.get("type") == "string"}
    form = _form(checked.tree.root, checked.result, texts)
    return form(
        text,
        cast("Result", checked.result),
        program,
        none_if_absent=checked.is_bare_optional,
        remembers=remembers,
    )

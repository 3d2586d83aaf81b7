"""An expression that is ready to run: a function of the few fields it reads, so it remembers what they gave."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from pydantic import JsonValue

from engine.expression_run import ABSENT, Failed, Program, Value
from schemas.words import Instant

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

    @property
    def reads(self) -> tuple[object, ...]:
        """All that what it gives hangs on."""
        return self.fields, self.reads_subject, self.reads_time, self.reads_focus, self.reads_groups

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

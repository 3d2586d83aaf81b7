"""What events gave by a few of their fields, remembered: for equal values it is the same again.

What is remembered hangs on little on purpose: a review's author and its size together hardly ever come again, each by
itself comes all the time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import JsonValue

from engine.expressions import TEXT_REMEMBERED_MAX
from schemas.words import Day, Instant

_REMEMBERED: Final = 32_768
_TRIED: Final = 1_024  # answers that were not known, before it gives up where
_SELDOM: Final = 16  # not even one was known for so many that were not

T = TypeVar("T")

WorkOut = Callable[[Mapping[str, JsonValue], str, Instant, Day], T]
"""What an event gives by its data, subject, time and local day."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """What an answer hangs on: fields of the data; whether on the subject; on the local day; on more than all these."""

    fields: tuple[str, ...]
    subject: bool
    day: bool
    more: bool


def remembered(work_out: WorkOut[T], hanging: Hanging) -> WorkOut[T]:
    """A function that gives what another one does, from memory where the same was asked before."""
    if hanging.more:
        return work_out
    if hanging.fields:
        is_one = len(hanging.fields) == 1 and not hanging.subject and not hanging.day
        return _by_field(work_out, hanging.fields[0]) if is_one else _by_several(work_out, hanging)
    return _by_several(work_out, hanging) if hanging.subject and hanging.day else _by_word(work_out, hanging)


def _by_field(work_out: WorkOut[T], field: str) -> WorkOut[T]:
    memory = Memory(work_out, (field,))
    known, hits = memory.known, memory.hits

    def answer(data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> T:
        value = data.get(field)
        # 1 == True == 1.0, so the class belongs to the key.
        key: object = value if value.__class__ is str else (value, value.__class__)
        try:
            part = known.get(key)
        except TypeError:  # a list is no key
            return work_out(data, subject, at, day)
        if part is None:
            return memory.learn(key, data, subject, at, day)
        hits[0] += 1
        return part

    return answer


def _by_word(work_out: WorkOut[T], hanging: Hanging) -> WorkOut[T]:
    """By the day or the subject alone, or by nothing."""
    memory, on_day, on_subject = Memory(work_out, ()), hanging.day, hanging.subject
    known, hits = memory.known, memory.hits

    def answer(data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> T:
        key: object = day if on_day else subject if on_subject else ""
        part = known.get(key)
        if part is None:
            return memory.learn(key, data, subject, at, day)
        hits[0] += 1
        return part

    return answer


def _by_several(work_out: WorkOut[T], hanging: Hanging) -> WorkOut[T]:
    memory = Memory(work_out, hanging.fields)
    known, hits, fields, on_subject, on_day = memory.known, memory.hits, hanging.fields, hanging.subject, hanging.day

    def answer(data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> T:
        found = [data.get(name) for name in fields]
        key = (subject if on_subject else "", day if on_day else 0, *found, *map(type, found))
        try:
            part = known.get(key)
        except TypeError:
            return work_out(data, subject, at, day)
        if part is None:
            return memory.learn(key, data, subject, at, day)
        hits[0] += 1
        return part

    return answer


class Memory(Generic[T]):
    """What was answered before; it is given up where hardly ever the same is asked."""

    def __init__(self, work_out: WorkOut[T], fields: tuple[str, ...]) -> None:
        self.known: dict[object, T] = {}
        self.hits = [0]  # a list: the functions that count share it
        self._work_out = work_out
        self._fields = fields
        self._misses = 0
        self._pays = True

    def learn(self, key: object, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> T:
        """Works an answer out, and remembers it unless it hangs on a long text."""
        part = self._work_out(data, subject, at, day)
        if not self._pays:
            return part
        for name in self._fields:
            value = data.get(name)
            if isinstance(value, str) and len(value) > TEXT_REMEMBERED_MAX:
                return part
        self._misses += 1
        if self._misses > _TRIED and self.hits[0] * _SELDOM < self._misses:
            self._pays = False
            self.known.clear()
            return part
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        self.known[key] = part
        return part

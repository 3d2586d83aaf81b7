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
_TRIED: Final = 4_096  # before it gives up, hardly ever seeing the same values again

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


class Remembered(Generic[T]):
    """An answer that hangs on little, and what it was before."""

    __slots__ = ("_alone", "_hanging", "_hits", "_known", "_misses", "_pays", "_work_out")

    def __init__(self, work_out: WorkOut[T], hanging: Hanging) -> None:
        self._work_out, self._hanging = work_out, hanging
        self._alone = hanging.fields[0] if _is_field(hanging) else None
        self._pays = not hanging.more
        self._known: dict[object, T] = {}
        self._hits = self._misses = 0

    def answer(self, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> T:
        """What an event gives, from memory where the same was asked before."""
        key: object
        if self._alone is not None:
            value = data.get(self._alone)
            key = value if value.__class__ is str else (value, value.__class__)
        elif self._pays:
            hanging = self._hanging
            key = (subject if hanging.subject else "", day if hanging.day else 0)
            if hanging.fields:
                # 1 == True == 1.0, so the classes belong to the key.
                found = [data.get(name) for name in hanging.fields]
                key = (*key, *found, *map(type, found))
        else:
            return self._work_out(data, subject, at, day)
        try:
            part = self._known.get(key)
        except TypeError:  # a list is no key
            return self._work_out(data, subject, at, day)
        if part is not None:
            self._hits += 1
            return part
        part = self._work_out(data, subject, at, day)
        texts = (value for name in self._hanging.fields if isinstance(value := data.get(name), str))
        if all(len(text) <= TEXT_REMEMBERED_MAX for text in texts):
            self._learn(key, part)
        return part

    def _learn(self, key: object, part: T) -> None:
        self._misses += 1
        if self._misses > _TRIED and self._hits < self._misses:
            self._pays, self._alone, self._known = False, None, {}
            return
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = part


def _is_field(hanging: Hanging) -> bool:
    """Whether it is one field and nothing else."""
    return len(hanging.fields) == 1 and not hanging.subject and not hanging.day and not hanging.more

"""What a rulebook asks of an event of one type, in groups that hang on the same fields.

What a group gave for some values of its fields it gives again for equal ones, so it is remembered. Groups are small
on purpose: a review's author and its size together hardly ever come again, each by itself comes all the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from pydantic import JsonValue

from engine.calendar import Calendar
from engine.expressions import TEXT_REMEMBERED_MAX, Expression, Failed
from engine.values import AMOUNT_MAX, Awards, Values, distinct_text, scaled
from schemas.words import Day, Instant

_REMEMBERED: Final = 32_768
_TRIED: Final = 4_096  # before a group gives up that hardly ever sees the same values again


class Measure(IntEnum):
    """The kinds of score."""

    COUNT = 0
    SUM = 1
    DISTINCT = 2
    BEST = 3
    POINTS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a rule or a score: `when` it holds, `what` it gives (a constant or CEL).

    A rule has no `measure`; `last_day` is the last one of a rule that has ended.
    """

    number: int
    when: Expression | None
    what: Expression | int
    measure: Measure | None
    scale: int
    last_day: Day | None

    @property
    def is_constant(self) -> bool:
        """Whether every event gives the same."""
        what = self.what
        return self.when is None and self.last_day is None and isinstance(what, int) and abs(what) <= AMOUNT_MAX

    @property
    def is_gate(self) -> bool:
        """Whether it is a condition about points, which is not asked where no rule gave any."""
        return self.measure is Measure.POINTS

    @property
    def expressions(self) -> list[Expression]:
        """What has to be worked out."""
        return [each for each in (self.when, self.what) if isinstance(each, Expression)]


Part = tuple[Awards, Values, tuple[int, ...]]
"""What an event gives by some of the questions, and the numbers of those that failed."""


class Questions:
    """All that is asked of events of one type."""

    def __init__(self, rules: list[Asked], scores: list[Asked], schema: Mapping[str, JsonValue]) -> None:
        """Sorts the questions; `schema` is that of the data."""
        self.always: Part = (
            tuple((each.number, each.what) for each in rules if each.is_constant and isinstance(each.what, int)),
            tuple((each.number, each.what) for each in scores if each.is_constant and isinstance(each.what, int)),
            (),
        )
        asked = [each for each in (*rules, *scores) if not each.is_constant]
        self.groups = _grouped([each for each in asked if not each.is_gate], schema)
        self.gates = _grouped([each for each in asked if each.is_gate], schema)

    def answer(self, data: Mapping[str, JsonValue], subject: str, at: Instant, calendar: Calendar) -> Part:
        """What an event gives."""
        awards, values, failed = self.always
        for group in self.groups:
            more_awards, more_values, more_failed = group.answer(data, subject, at, calendar)
            if more_awards:
                awards = awards + more_awards if awards else more_awards
            if more_values:
                values = values + more_values if values else more_values
            if more_failed:
                failed += more_failed
        if awards:
            for group in self.gates:
                _, more_values, more_failed = group.answer(data, subject, at, calendar)
                values, failed = values + more_values, failed + more_failed
        return awards, values, failed


class Group:
    """Questions that hang on the same fields, and what they gave before."""

    __slots__ = ("_by_day", "_by_subject", "_fields", "_hits", "_known", "_misses", "_pays", "_questions", "_text")

    def __init__(self, questions: list[Asked], schema: Mapping[str, JsonValue]) -> None:
        self._questions = questions
        read = [each for asked in questions for each in asked.expressions]
        self._fields = tuple(sorted({name for each in read for name in each.fields}))
        self._by_subject = any(each.reads_subject for each in read)
        self._by_day = any(asked.last_day is not None for asked in questions)
        self._pays = not any(each.reads_time for each in read)
        properties = schema.get("properties")
        shape = properties.get(self._fields[0]) if isinstance(properties, dict) and len(self._fields) == 1 else None
        alone = isinstance(shape, dict) and not self._by_subject and not self._by_day
        self._text = self._fields[0] if alone and isinstance(shape, dict) and shape.get("type") == "string" else None
        self._known: dict[object, Part] = {}
        self._hits = self._misses = 0

    def answer(self, data: Mapping[str, JsonValue], subject: str, at: Instant, calendar: Calendar) -> Part:
        """What an event gives by these questions, from memory where the same was asked before."""
        if not self._pays:
            return self._work_out(data, subject, at, calendar)
        key: object
        if self._text is not None and (text := data.get(self._text)).__class__ is str:
            key = text
        else:
            # 1 == True == 1.0, so the classes belong to the key.
            found = [data.get(name) for name in self._fields]
            day = calendar.day(at) if self._by_day else 0
            key = (*found, *map(type, found), subject if self._by_subject else "", day)
        try:
            part = self._known.get(key)
        except TypeError:  # a list is no key
            return self._work_out(data, subject, at, calendar)
        if part is not None:
            self._hits += 1
            return part
        part = self._work_out(data, subject, at, calendar)
        if all(len(value) <= TEXT_REMEMBERED_MAX for name in self._fields if isinstance(value := data.get(name), str)):
            self._learn(key, part)
        return part

    def _learn(self, key: object, part: Part) -> None:
        self._misses += 1
        if self._misses > _TRIED and self._hits < self._misses:
            self._pays, self._known = False, {}
            return
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = part

    def _work_out(self, data: Mapping[str, JsonValue], subject: str, at: Instant, calendar: Calendar) -> Part:
        failed: list[int] = []
        awards: list[tuple[int, int]] = []
        values: list[tuple[int, int | str]] = []
        for asked in self._questions:
            if asked.last_day is not None and calendar.day(at) > asked.last_day:
                continue
            got = _ask(asked, data, subject, at)
            if got is None:
                continue
            if asked.measure is not None:
                value = _value(asked, got)
                if value is None:
                    failed.append(asked.number)
                else:
                    values.append((asked.number, value))
            elif isinstance(got, int) and not isinstance(got, bool) and abs(got) <= AMOUNT_MAX:
                awards.append((asked.number, got))
            else:
                failed.append(asked.number)
        return tuple(awards), tuple(values), tuple(failed)


def _grouped(questions: list[Asked], schema: Mapping[str, JsonValue]) -> tuple[Group, ...]:
    found: dict[object, list[Asked]] = {}
    for asked in questions:
        read = asked.expressions
        hangs_on = (
            frozenset(name for each in read for name in each.fields),
            any(each.reads_subject for each in read),
            any(each.reads_time for each in read),
            asked.last_day is not None,
        )
        found.setdefault(hangs_on, []).append(asked)
    return tuple(Group(each, schema) for each in found.values())


def _ask(asked: Asked, data: Mapping[str, JsonValue], subject: str, at: Instant) -> object:
    """What the expression gives; None where its condition is false."""
    if asked.when is not None:
        holds = asked.when(data, subject, at)
        if holds is not True:
            return None if holds is False else holds
    what = asked.what
    return what if isinstance(what, int) else what(data, subject, at)


def _value(asked: Asked, got: object) -> int | str | None:
    if asked.measure is Measure.DISTINCT:
        return distinct_text(got)
    if isinstance(got, Failed):
        return None
    if isinstance(got, bool) or not isinstance(got, int | float) or not -AMOUNT_MAX <= got <= AMOUNT_MAX:
        return None
    return scaled(got, asked.scale)

"""What a rulebook asks of an event of one type, in groups that hang on the same fields.

What a group gave for some values of its fields it gives again for equal ones, so it is remembered. Groups are small
on purpose: a review's author and its size together hardly ever come again, each by itself comes all the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, cast

from pydantic import JsonValue

from engine.calendar import Calendar
from engine.expressions import TEXT_REMEMBERED_MAX, Expression, Failed
from engine.values import AMOUNT_MAX, Awards, Values, distinct_text, scaled, times, value_text
from schemas.members import is_member
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


Days = tuple[int, int]
"""The first and the last local day of a season."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The local days on which a rule or a badge counts something, and how much more or less on some."""

    last_day: Day | None = None
    seasons: tuple[Days, ...] | None = None
    """None: in all of them and at any other time."""
    weekdays: frozenset[int] | None = None
    """From Monday, 0; None: on all of them."""
    factors: tuple[tuple[Days, int], ...] = ()
    """In hundredths; of several the greatest holds."""

    def holds(self, day: int) -> bool:
        """Whether the rule gives something on a local day."""
        if self.last_day is not None and day > self.last_day:
            return False
        if self.weekdays is not None and (day - 1) % 7 not in self.weekdays:
            return False
        return self.seasons is None or any(first <= day <= last for first, last in self.seasons)

    def worth(self, amount: int, day: int) -> int:
        """What an amount comes to on a local day."""
        factors = [factor for (first, last), factor in self.factors if first <= day <= last]
        return times(amount, max(factors)) if factors else amount


ALWAYS = Occasion()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a rule or a score: `when` it holds, `what` it gives (a constant or CEL), on which occasion.

    A rule has no `measure`. `to`: who gets it, where that is not the credited member. `key_of`: the score for whose
    badge this is the value. `is_gate`: it is about points, and not asked where no rule gave any.
    """

    number: int
    when: Expression | None
    what: Expression | int
    measure: Measure | None
    scale: int
    occasion: Occasion = ALWAYS
    to: Expression | None = None
    key_of: int | None = None
    is_gate: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether every event gives the same."""
        what = self.what
        return self.when is None and self.occasion is ALWAYS and isinstance(what, int) and abs(what) <= AMOUNT_MAX

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
        every = scores
        always = {each.number for each in scores if each.is_constant}
        sure = {each.number: each for each in scores if each.key_of in always}  # values that something is always for
        scores = [each for each in scores if each.is_gate or sure.get(each.number, each) is each]
        own = [each for each in rules if each.to is None]
        self.handed = [each for each in rules if each.to is not None]
        self.always: Part = (
            tuple((each.number, each.what) for each in own if each.is_constant and isinstance(each.what, int)),
            tuple((each.number, each.what) for each in scores if each.is_constant and isinstance(each.what, int)),
            (),
        )
        asked = [each for each in (*own, *scores) if not each.is_constant]
        self.groups = _grouped([each for each in asked if not each.is_gate], schema)
        self.gates = _grouped([each for each in asked if each.is_gate], schema)
        self._keys: dict[int, set[int]] = {}
        for each in scores:
            if each.key_of is not None and each.number not in sure:
                self._keys.setdefault(each.number, set()).add(each.number if each.is_gate else each.key_of)
        self._needs = {each.key_of: each.number for each in every if each.key_of is not None and not each.is_gate}
        self._asked_for = frozenset(self._needs.values())

    def answer(self, data: Mapping[str, JsonValue], subject: str, at: Instant, calendar: Calendar) -> Part:
        """What an event gives to the credited member."""
        awards, values, failed = self.always
        for group in self.groups:
            more_awards, more_values, more_failed = group.answer(data, subject, at, calendar)
            if more_awards:
                awards = awards + more_awards if awards else more_awards
            if more_values:
                values = values + more_values if values else more_values
            if more_failed:
                failed += more_failed
        if awards and self.gates:
            more_values, more_failed = self.gated(data, subject, at, calendar)
            values, failed = values + more_values, failed + more_failed
        if self._asked_for and values:
            there = {number for number, _ in values}
            if self._keys or not self._asked_for <= there:
                values = tuple(each for each in dict.fromkeys(values) if self._stands(each[0], there))
        return awards, values, failed

    def _stands(self, number: int, there: set[int]) -> bool:
        """Whether a value is one for a badge: a score with what the badge is for, and that only with a score."""
        if number in self._needs:
            return self._needs[number] in there
        return number not in self._keys or not there.isdisjoint(self._keys[number])

    def gated(
        self, data: Mapping[str, JsonValue], subject: str, at: Instant, calendar: Calendar
    ) -> tuple[Values, tuple[int, ...]]:
        """What an event says about the points that it gives, and what failed."""
        if not self.gates:
            return (), ()
        parts = [group.answer(data, subject, at, calendar) for group in self.gates]
        return tuple(each for part in parts for each in part[1]), tuple(each for part in parts for each in part[2])

    def handed_on(
        self, data: Mapping[str, JsonValue], subject: str, at: Instant, calendar: Calendar
    ) -> tuple[dict[str, Awards], tuple[int, ...]]:
        """What an event gives to members whom rules name, and the rules that failed."""
        given: dict[str, Awards] = {}
        failed: list[int] = []
        for asked in self.handed:
            amount = _amount(asked, data, subject, at, calendar)
            if amount is None or asked.to is None:
                continue
            members = _members(asked.to(data, subject, at))
            if isinstance(amount, Failed) or members is None:
                failed.append(asked.number)
                continue
            for member in members:
                given[member] = (*given.get(member, ()), (asked.number, amount))
        return given, tuple(failed)


class Group:
    """Questions that hang on the same fields, and what they gave before."""

    __slots__ = ("_by_day", "_by_subject", "_fields", "_hits", "_known", "_misses", "_pays", "_questions", "_text")

    def __init__(self, questions: list[Asked], schema: Mapping[str, JsonValue]) -> None:
        self._questions = questions
        read = [each for asked in questions for each in asked.expressions]
        self._fields = tuple(sorted({name for each in read for name in each.fields}))
        self._by_subject = any(each.reads_subject for each in read)
        self._by_day = any(asked.occasion is not ALWAYS for asked in questions) or any(
            each.reads_focus for each in read
        )
        self._pays = not any(each.reads_time or each.reads_groups for each in read)
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
        elif not self._fields:
            key = (subject if self._by_subject else "", calendar.day(at) if self._by_day else 0)
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
            if asked.measure is None:
                amount = _amount(asked, data, subject, at, calendar)
                if isinstance(amount, Failed):
                    failed.append(asked.number)
                elif amount is not None:
                    awards.append((asked.number, amount))
                continue
            if asked.occasion is not ALWAYS and not asked.occasion.holds(calendar.day(at)):
                continue
            got = _ask(asked, data, subject, at)
            if got is None:
                continue
            value = _value(asked, got)
            if value is None:
                failed.append(asked.number)
            else:
                values.append((asked.number, value))
        return tuple(awards), tuple(values), tuple(failed)


def _grouped(questions: list[Asked], schema: Mapping[str, JsonValue]) -> tuple[Group, ...]:
    found: dict[object, list[Asked]] = {}
    for asked in questions:
        read = asked.expressions
        hangs_on = (
            frozenset(name for each in read for name in each.fields),
            any(each.reads_subject for each in read),
            any(each.reads_time for each in read),
            asked.occasion is not ALWAYS or any(each.reads_focus for each in read),
            any(each.reads_groups for each in read),
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


def _amount(
    asked: Asked, data: Mapping[str, JsonValue], subject: str, at: Instant, calendar: Calendar
) -> int | Failed | None:
    """What a rule would give; None where it gives nothing."""
    day = None if asked.occasion is ALWAYS else calendar.day(at)
    if day is not None and not asked.occasion.holds(day):
        return None
    got = _ask(asked, data, subject, at)
    if got is None or isinstance(got, Failed):
        return got
    if not isinstance(got, int) or isinstance(got, bool) or abs(got) > AMOUNT_MAX:
        return Failed("it gave no whole number within a million")
    return got if day is None else asked.occasion.worth(got, day)


def _members(found: object) -> list[str] | None:
    """The members of a text or a list of texts, each once; None where one is no member id."""
    if isinstance(found, str):
        return [found] if is_member(found) else None
    if not isinstance(found, list):
        return None
    members = [str(each) for each in dict.fromkeys(cast("list[object]", found))]
    return members if all(map(is_member, members)) else None


def _value(asked: Asked, got: object) -> int | str | None:
    if asked.key_of is not None:
        return value_text(got)
    if asked.measure is Measure.DISTINCT:
        return distinct_text(got)
    if isinstance(got, Failed):
        return None
    if isinstance(got, bool) or not isinstance(got, int | float) or not -AMOUNT_MAX <= got <= AMOUNT_MAX:
        return None
    return scaled(got, asked.scale)

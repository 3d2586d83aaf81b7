"""What a rulebook asks of an event of one type, in groups that hang on the same fields and are remembered by these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import cast

from pydantic import JsonValue

from engine.expressions import Expression, Failed
from engine.remembering import Hanging, T, WorkOut, remembered
from engine.values import AMOUNT_MAX, Awards, Values, distinct_text, scaled, times, value_text
from schemas.members import is_member
from schemas.words import Day, Instant


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
        return [each for each in (self.when, self.what, self.to) if isinstance(each, Expression)]


Part = tuple[Awards, Values, tuple[int, ...]]
"""What an event gives by some of the questions, and the numbers of those that failed."""

Handed = tuple[Mapping[str, Awards], tuple[int, ...]]
"""What an event gives to members whom rules name, and the numbers of the rules that failed."""


class Questions:
    """All that is asked of events of one type."""

    def __init__(self, rules: list[Asked], scores: list[Asked]) -> None:
        """Sorts the questions."""
        every = scores
        always = {each.number for each in scores if each.is_constant}
        sure = {each.number: each for each in scores if each.key_of in always}  # values that something is always for
        scores = [each for each in scores if each.is_gate or sure.get(each.number, each) is each]
        own = [each for each in rules if each.to is None]
        handed = _grouped([each for each in rules if each.to is not None], _handed)
        self.hand_on: WorkOut[Handed] | None = handed[0] if len(handed) == 1 else _all_of(handed) if handed else None
        """What an event gives to members whom rules name; None where none does."""
        self.always: Part = (
            tuple((each.number, each.what) for each in own if each.is_constant and isinstance(each.what, int)),
            tuple((each.number, each.what) for each in scores if each.is_constant and isinstance(each.what, int)),
            (),
        )
        asked = [each for each in (*own, *scores) if not each.is_constant]
        self.groups = _grouped([each for each in asked if not each.is_gate], _part)
        self.gates = _grouped([each for each in asked if each.is_gate], _part)
        self.are_constant = not self.groups and not self.gates and not handed
        self._scores = len(scores)
        self._keys: dict[int, set[int]] = {}
        for each in scores:
            if each.key_of is not None and each.number not in sure:
                self._keys.setdefault(each.number, set()).add(each.number if each.is_gate else each.key_of)
        self._needs = {each.key_of: each.number for each in every if each.key_of is not None and not each.is_gate}

    def answer(self, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Part:
        """What an event gives to the credited member."""
        awards, values, failed = self.always
        for group in self.groups:
            more_awards, more_values, more_failed = group(data, subject, at, day)
            if more_awards:
                awards = awards + more_awards if awards else more_awards
            if more_values:
                values = values + more_values if values else more_values
            if more_failed:
                failed += more_failed
        if awards and self.gates:
            more_values, more_failed = self.gated(data, subject, at, day)
            values, failed = values + more_values, failed + more_failed
        if self._needs and values and (self._keys or len(values) < self._scores):
            there = {number for number, _ in values}
            values = tuple(each for each in dict.fromkeys(values) if self._stands(each[0], there))
        return awards, values, failed

    def _stands(self, number: int, there: set[int]) -> bool:
        """Whether a value is one for a badge: a score with what the badge is for, and that only with a score."""
        if number in self._needs:
            return self._needs[number] in there
        return number not in self._keys or not there.isdisjoint(self._keys[number])

    def gated(
        self, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day
    ) -> tuple[Values, tuple[int, ...]]:
        """What an event says about the points that it gives, and what failed."""
        parts = [group(data, subject, at, day) for group in self.gates]
        return tuple(each for part in parts for each in part[1]), tuple(each for part in parts for each in part[2])


def _grouped(
    questions: Sequence[Asked], work_out: Callable[[Sequence[Asked], Mapping[str, JsonValue], str, Instant, Day], T]
) -> tuple[WorkOut[T], ...]:
    """Questions that hang on the same together; each group is worked out by itself."""
    found: dict[Hanging, list[Asked]] = {}
    for asked in questions:
        read = asked.expressions
        hanging = Hanging(
            tuple(sorted({name for each in read for name in each.fields})),
            subject=any(each.reads_subject for each in read),
            day=asked.occasion is not ALWAYS or any(each.reads_focus for each in read),
            more=any(each.reads_time or each.reads_groups for each in read),
        )
        found.setdefault(hanging, []).append(asked)
    return tuple(remembered(partial(work_out, each), hanging) for hanging, each in found.items())


def _all_of(groups: Sequence[WorkOut[Handed]]) -> WorkOut[Handed]:
    """What several groups give to members, together."""

    def hand_on(data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Handed:
        given: Mapping[str, Awards] = {}
        failed: tuple[int, ...] = ()
        for group in groups:
            more, more_failed = group(data, subject, at, day)
            given = {each: given.get(each, ()) + more.get(each, ()) for each in (*given, *more)}
            failed += more_failed
        return given, failed

    return hand_on


def _part(questions: Sequence[Asked], data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Part:
    """What questions give to the credited member."""
    failed: list[int] = []
    awards: list[tuple[int, int]] = []
    values: list[tuple[int, int | str]] = []
    for asked in questions:
        if asked.measure is None:
            amount = _amount(asked, data, subject, at, day)
            if isinstance(amount, Failed):
                failed.append(asked.number)
            elif amount is not None:
                awards.append((asked.number, amount))
            continue
        if not asked.occasion.holds(day):
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


def _handed(questions: Sequence[Asked], data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Handed:
    """What rules give to the members whom they name."""
    given: dict[str, Awards] = {}
    failed: list[int] = []
    for asked in questions:
        amount = _amount(asked, data, subject, at, day)
        if amount is None or asked.to is None:
            continue
        members = _members(asked.to(data, subject, at))
        if isinstance(amount, Failed) or members is None:
            failed.append(asked.number)
            continue
        for member in members:
            given[member] = (*given.get(member, ()), (asked.number, amount))
    return given, tuple(failed)


def _ask(asked: Asked, data: Mapping[str, JsonValue], subject: str, at: Instant) -> object:
    """What the expression gives; None where its condition is false."""
    if asked.when is not None:
        holds = asked.when(data, subject, at)
        if holds is not True:
            return None if holds is False else holds
    what = asked.what
    return what if isinstance(what, int) else what(data, subject, at)


def _amount(asked: Asked, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> int | Failed | None:
    """What a rule would give; None where it gives nothing."""
    if not asked.occasion.holds(day):
        return None
    got = _ask(asked, data, subject, at)
    if got is None or isinstance(got, Failed):
        return got
    if not isinstance(got, int) or isinstance(got, bool) or abs(got) > AMOUNT_MAX:
        return Failed("it gave no whole number within a million")
    return asked.occasion.worth(got, day)


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

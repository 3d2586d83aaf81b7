"""Questions that a rulebook asks of an event, in groups that hang on the same fields and are remembered by these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from pydantic import JsonValue

from engine.expressions import Expression, Failed
from engine.remembering import Hanging, WorkOut, remembered
from engine.values import AMOUNT_MAX, Awards, Values, distinct_text, scaled, times, value_text
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


Part = tuple[Awards, Values, tuple[int, ...]]
"""What an event gives by some of the questions, and the numbers of those that failed."""


Conditions = Sequence[tuple[Expression | None, Sequence[Asked]]]
"""Questions by what has to hold for them."""


def parts_of(questions: Sequence[Asked]) -> WorkOut[Part]:
    """What an event gives by questions: what every event does, and what groups that hang on the same fields give."""
    constant = [(each, each.what) for each in questions if each.is_constant and isinstance(each.what, int)]
    always: Part = (
        tuple((each.number, what) for each, what in constant if each.measure is None),
        tuple((each.number, what) for each, what in constant if each.measure is not None),
        (),
    )
    groups = grouped([each for each in questions if not each.is_constant])
    if not groups:
        return lambda _data, _subject, _at, _day: always

    def answer(data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Part:
        awards, values, failed = always
        for group in groups:
            more_awards, more_values, more_failed = group(data, subject, at, day)
            if more_awards:
                awards = awards + more_awards if awards else more_awards
            if more_values:
                values = values + more_values if values else more_values
            if more_failed:
                failed += more_failed
        return awards, values, failed

    return answer


def grouped(questions: Sequence[Asked]) -> tuple[WorkOut[Part], ...]:
    """Questions that hang on the same together; each group is worked out by itself."""
    found: dict[Hanging, list[Asked]] = {}
    for asked in questions:
        on_day = asked.occasion is not ALWAYS
        found.setdefault(hanging_of([asked.when, asked.what], on_day=on_day), []).append(asked)
    return tuple(remembered(partial(_part, _by_condition(each)), hanging) for hanging, each in found.items())


def hanging_of(read: Sequence[Expression | int | None], *, on_day: bool = False) -> Hanging:
    """What expressions hang on."""
    found = [each for each in read if isinstance(each, Expression)]
    return Hanging(
        tuple(sorted({name for each in found for name in each.fields})),
        subject=any(each.reads_subject for each in found),
        day=on_day or any(each.reads_focus for each in found),
        more=any(each.reads_time or each.reads_groups for each in found),
    )


def _by_condition(questions: Sequence[Asked]) -> Conditions:
    """Questions with the same condition together, so that it is asked once."""
    found: dict[str, tuple[Expression | None, list[Asked]]] = {}
    for asked in questions:
        when = asked.when
        found.setdefault("" if when is None else when.text, (when, []))[1].append(asked)
    return list(found.values())


def _part(conditions: Conditions, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Part:
    """What questions give."""
    failed: list[int] = []
    awards: list[tuple[int, int]] = []
    values: list[tuple[int, int | str]] = []
    for when, questions in conditions:
        on_day = [asked for asked in questions if asked.occasion.holds(day)]
        holds = (when is None or when(data, subject, at)) if on_day else False
        if holds is False:
            continue
        for asked in on_day:
            got: object = holds
            if holds is True:
                got = asked.what if isinstance(asked.what, int) else asked.what(data, subject, at)
            if got is None:
                continue
            if asked.measure is None:
                amount = _amount(asked, got, day)
                if amount is None:
                    failed.append(asked.number)
                else:
                    awards.append((asked.number, amount))
            else:
                value = _value(asked, got)
                if value is None:
                    failed.append(asked.number)
                else:
                    values.append((asked.number, value))
    return tuple(awards), tuple(values), tuple(failed)


def _amount(asked: Asked, got: object, day: Day) -> int | None:
    """What a rule would give; None where it gave no whole number within a million."""
    if isinstance(got, bool) or not isinstance(got, int) or abs(got) > AMOUNT_MAX:
        return None
    return asked.occasion.worth(got, day)


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

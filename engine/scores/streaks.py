"""Streaks: which missed periods break a run, and which are off, forgiven or frozen."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.calendar import WORKDAY, Calendar
from engine.scores.plans import StreakPlan
from engine.standing import Moment, Standing
from schemas.words import Instant


class Kept(NamedTuple):
    """What keeps a run: its newest periods as bits, 1 for missed; how many freezes were earned, how many used."""

    missed: int = 0
    earned: int = 0
    used: int = 0


def follows(plan: StreakPlan, calendar: Calendar, last: int, period: int) -> bool:
    """Whether a period is the next one."""
    return last + 1 == period if plan.period != WORKDAY else calendar.following(WORKDAY, last) == period


def over_missed(
    plan: StreakPlan, kept: Kept, calendar: Calendar, standing: Standing, badge: int, last: int, period: int
) -> tuple[bool, Kept]:
    """Whether a run goes on past the periods between two, and what is left to keep it: a freeze may be used in vain."""
    if plan.keeping < 0 and not calendar.holidays and not standing.away:
        return False, kept  # nothing could keep it
    missed, earned, used = kept
    between = calendar.following(plan.period, last)
    while between < period:
        if not _is_off(plan, calendar, standing, between):
            noted = (missed << 1 | 1) & plan.recent
            if noted.bit_count() <= plan.misses and plan.misses:
                missed = noted
            elif plan.freezes and earned + standing.freezes(badge, (_end(plan, calendar, between), "", "")) > used:
                missed, used = missed << 1 & plan.recent, used + 1
            else:
                return False, Kept(0, earned, used)
        between = calendar.following(plan.period, between)
    return True, Kept(missed, earned, used)


def grown(plan: StreakPlan, kept: Kept, standing: Standing, badge: int, run: int, event: Moment) -> Kept:
    """What keeps a run that has just grown to a length: one more period that was not missed, a freeze perhaps."""
    missed, earned, used = kept
    if plan.freeze_every and run % plan.freeze_every == 0:
        at_hand = earned + standing.freezes(badge, event) - used
        earned += at_hand < plan.freeze_most
    return Kept(missed << 1 & plan.recent, earned, used)


class Now(NamedTuple):
    """A streak as it is at a moment, in periods, and how many freezes are at hand."""

    current: int
    longest: int
    freezes: int


def at_a_moment(
    plan: StreakPlan, slots: Sequence[int], calendar: Calendar, standing: Standing, badge: int, now: Instant
) -> Now:
    """A streak by the clock: what was missed up to the running period is forgiven or frozen, and nothing used up."""
    last, run, longest = slots[plan.at + 2 : plan.at + 5]
    kept = Kept() if plan.keeping < 0 else Kept(*slots[plan.keeping : plan.keeping + 3])
    at_hand = kept.earned + standing.freezes(badge, (now + 1, "", "")) - kept.used if plan.freezes else 0
    running = calendar.windows(calendar.day(now))[plan.period]
    alive = (
        not plan.in_a_row
        or last >= running
        or follows(plan, calendar, last, running)
        or over_missed(plan, kept, calendar, standing, badge, last, running)[0]
    )
    return Now(run if alive else 0, longest, at_hand)


def _end(plan: StreakPlan, calendar: Calendar, period: int) -> Instant:
    """The first moment after a period."""
    return calendar.midnight(calendar.days(plan.period, period)[1])


def _is_off(plan: StreakPlan, calendar: Calendar, standing: Standing, period: int) -> bool:
    """Whether none of a period's days was there to do anything on."""
    if not calendar.holidays and not standing.away:
        return False
    first, after = (period, period + 1) if plan.period == WORKDAY else calendar.days(plan.period, period)
    days = [first] if after == first + 1 else [day for day in range(first, after) if calendar.is_worked(day)]
    return all(day in calendar.holidays or standing.is_away(day) for day in days)

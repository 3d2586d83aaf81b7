"""Scores of badges, ladders and steps of chains: what they have come to, and the levels and streaks that hang on it.

Levels are looked at where one may be new: above the least, until all are reached. That saves most calls.
"""

from engine.asked import Measure
from engine.calendar import Windows
from engine.effects import Effects
from engine.scores.conditions import Move
from engine.scores.levels import is_timed, levels_of
from engine.scores.meeting import meet
from engine.scores.plans import ScorePlan, StreakPlan
from engine.scores.streaks import Kept, follows, grown, over_missed


def added(score: ScorePlan) -> Move:
    """Its values are added up."""
    at, look, timed = score.total, levels_of(score), is_timed(score)
    least, last = score.levels[0].number, score.levels[-1].at

    def move(slots: list[int], value: int, time: int, _windows: Windows, effects: Effects) -> None:
        if not value:
            return
        slots[at] = total = slots[at] + value
        if timed or (total >= least and not slots[last]):
            look(slots, total, time, effects)

    return move


def best(score: ScorePlan) -> Move:
    """Its greatest value holds."""
    at, met, look, timed = score.total, score.met, levels_of(score), is_timed(score)
    least, last = score.levels[0].number, score.levels[-1].at

    def move(slots: list[int], value: int, time: int, _windows: Windows, effects: Effects) -> None:
        slots[at] = max(slots[at], value) if slots[met] else value
        slots[met] = 1
        if timed or (value >= least and not slots[last]):
            look(slots, value, time, effects)

    return move


def distinct(score: ScorePlan) -> Move:
    """A value counts the first time it is met."""
    number, at, look, timed = score.number, score.total, levels_of(score), is_timed(score)
    least, last = score.levels[0].number, score.levels[-1].at

    def move(slots: list[int], value: str, time: int, windows: Windows, effects: Effects) -> None:
        if meet(number, value, time, windows[0], effects) is not None:
            return
        slots[at] = total = slots[at] + 1
        if timed or (total >= least and not slots[last]):
            look(slots, total, time, effects)

    return move


def streak(score: ScorePlan, plan: StreakPlan) -> Move:
    """Its values complete periods."""
    at, done, runs, longest = plan.at, plan.at + 2, plan.at + 3, plan.at + 4
    kind, at_least, in_a_row, is_best = plan.period, plan.at_least, plan.in_a_row, score.measure is Measure.BEST
    look, least, last = levels_of(score), score.levels[0].number, score.levels[-1].at

    def move(slots: list[int], value: int, time: int, windows: Windows, effects: Effects) -> None:
        if not value and not is_best:
            return
        period = windows[kind]
        if slots[at] != period:
            slots[at], slots[at + 1] = period, value
        elif is_best:
            slots[at + 1] = max(slots[at + 1], value)
        else:
            slots[at + 1] += value
        if slots[at + 1] < at_least or slots[done] == period:
            return
        run = _run(score.owner, plan, slots, period, effects) if in_a_row else slots[runs] + 1
        slots[done], slots[runs] = period, run
        slots[longest] = max(slots[longest], run)
        if run >= least and not slots[last]:
            look(slots, run, time, effects)

    return move


def streak_of_distinct(score: ScorePlan, plan: StreakPlan) -> Move:
    """Values complete periods, each of them once in a period."""
    number, kind, count = score.number, plan.period, streak(score, plan)

    def move(slots: list[int], value: str, time: int, windows: Windows, effects: Effects) -> None:
        before = meet(number, value, time, windows[0], effects)
        if before is None or effects.calendar.windows(before[1])[kind] != windows[kind]:
            count(slots, 1, time, windows, effects)

    return move


def _run(badge: int, plan: StreakPlan, slots: list[int], period: int, effects: Effects) -> int:
    """How long the run is with a period that was just completed."""
    calendar, standing = effects.calendar, effects.standing
    last, run, at = slots[plan.at + 2], slots[plan.at + 3], plan.keeping
    kept = Kept() if at < 0 else Kept(*slots[at : at + 3])
    if last and not follows(plan, calendar, last, period):
        goes_on, kept = over_missed(plan, kept, calendar, standing, badge, last, period)
        run = run if goes_on else 0
    run += 1
    if at >= 0:
        slots[at : at + 3] = grown(plan, kept, standing, badge, run, effects.key)
    return run

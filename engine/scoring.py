"""How a score moves by a value: its windows and seasons, the groups it counts for, levels and streaks that hang on it.

A member's totals are a flat list, in which each score has its places; a badge that is there once per value has a
small list of its own for each, in which the same functions move the same things.
"""

from engine.calendar import SEASON, Windows
from engine.effects import Distinct, Effects, Groups, Met, level_of
from engine.evaluation import Entry
from engine.plan import ScorePlan, Season, Step, StreakPlan
from engine.questions import Measure
from engine.streaks import Kept, follows, grown, over_missed
from schemas.words import Day


class Sums:
    """Sums in a flat list; `value` is what they are for, where there is one list per value."""

    __slots__ = ("slots", "value")

    slots: list[int]
    value: str

    def __init__(self, slots: list[int], value: str = "") -> None:
        self.slots = slots
        self.value = value

    def sum(
        self,
        score: ScorePlan,
        value: int,
        time: int,
        position: int,
        windows: Windows,
        groups: Groups,
        effects: Effects,
    ) -> None:
        """Adds to a score."""
        if score.streak is not None:
            self._streak(score, value, time, position, windows, effects)
            return
        slots = self.slots
        slots[score.total] = total = slots[score.total] + value
        if score.windows:
            for span in score.spans:
                at, window = span.at, windows[span.kind]
                if slots[at] == window:
                    slots[at + 1] += value
                else:
                    self._roll(score, at, span.first, effects)
                    slots[at], slots[at + 1] = window, value
            effects.moved[score.number] = score
            if groups and score.by:
                for kind in score.windows:
                    _share(score, kind, windows[kind], value, groups, effects)
        for season in score.seasons:
            if season.first <= windows[0] <= season.last:
                slots[season.at] = 1
                slots[season.at + 1] += value
                effects.moved[score.number] = score
                if groups and score.by:
                    _share(score, SEASON, season.window, value, groups, effects)
        if score.levels and total >= score.least:
            self._levels(score, total, time, position, effects)

    def _roll(self, score: ScorePlan, at: int, first: int, effects: Effects) -> None:
        """A window is over; what it came to is shown if it moved since it was shown last."""
        if score.number in effects.moved and self.slots[at]:
            effects.cells[first | self.slots[at]] = self.slots[at + 1]

    def best(self, score: ScorePlan, value: int, time: int, position: int, windows: Windows, effects: Effects) -> None:
        """Holds a value against the greatest."""
        if score.streak is not None:
            self._streak(score, value, time, position, windows, effects)
            return
        slots = self.slots
        slots[score.total] = max(slots[score.total], value) if slots[score.met] else value
        slots[score.met] = 1
        for season in score.seasons:
            if season.first <= windows[0] <= season.last:
                slots[season.at + 1] = max(slots[season.at + 1], value) if slots[season.at] else value
                slots[season.at] = 1
        for span in score.spans:
            at, window = span.at, windows[span.kind]
            if slots[at] != window:
                self._roll(score, at, span.first, effects)
                slots[at], slots[at + 1] = window, value
            elif slots[at + 1] < value:
                slots[at + 1] = value
        if score.windows or score.seasons:
            effects.moved[score.number] = score
        if score.levels and value >= score.least:
            self._levels(score, value, time, position, effects)

    def distinct(
        self,
        score: ScorePlan,
        value: str,
        entry: Entry,
        windows: Windows,
        groups: Groups,
        distinct: Distinct,
        effects: Effects,
    ) -> None:
        """Meets a value, which counts where it was not met before."""
        calendar = effects.calendar
        time, position, day = entry.time, entry.position, windows[0]
        before = _meet(distinct, (score.number, value), time, day, effects)
        known = calendar.windows(before[1]) if before is not None else None
        if score.streak is not None:
            period = score.streak.period
            if known is None or known[period] != windows[period]:
                self._streak(score, 1, time, position, windows, effects)
            return
        slots = self.slots
        if known is None:
            slots[score.total] = total = slots[score.total] + 1
            if score.levels and total >= score.least:
                self._levels(score, total, time, position, effects)
            if score.whole:
                effects.moved[score.number] = score
        for span in score.spans:
            at, window = span.at, windows[span.kind]
            if known is not None and known[span.kind] == window:
                continue
            if slots[at] == window:
                slots[at + 1] += 1
            else:
                self._roll(score, at, span.first, effects)
                slots[at], slots[at + 1] = window, 1
            effects.moved[score.number] = score
        for season in score.seasons:
            if _is_new(score, season, value, time, day, distinct, effects):
                slots[season.at] = 1
                slots[season.at + 1] += 1
                effects.moved[score.number] = score
        if groups and score.by:
            _share_distinct(score, value, entry, windows, groups, distinct, effects)

    def _levels(self, score: ScorePlan, total: int, time: int, position: int, effects: Effects) -> None:
        slots = self.slots
        if score.timed:
            if score.within:
                self._within(score, total, time, position, effects)
                return
            for step in score.levels if score.levels[0].validity >= 0 else ():
                self._renew(score, step, total, time)
        if slots[score.levels[-1].at]:
            return
        for step in score.levels:
            if total < step.number:
                return
            if not slots[step.at]:
                self._reach(score, step, time, position, effects)

    def _reach(self, score: ScorePlan, step: Step, time: int, position: int, effects: Effects) -> None:
        self.slots[step.at] = time + 1
        effects.reached = True
        if effects.facts is not None and not effects.standing.given:
            level = level_of(step.level, self.value)
            effects.facts.append((position, score.owner, effects.member, level, 1, time))

    def _within(self, score: ScorePlan, total: int, time: int, position: int, effects: Effects) -> None:
        """A level is reached by so many events that lie in so long a time; `ring` has the newest times in turn."""
        slots, ring, size = self.slots, score.ring, score.ring_size
        count = slots[ring]
        slots[ring + 1 + count % size] = time
        slots[ring] = count = count + 1
        for step in score.levels:
            if count < step.number:
                return
            first = slots[ring + 1 + (count - step.number) % size]
            if time - first > score.within:
                continue
            if step.validity >= 0:
                self._renew(score, step, total, time)
            if not slots[step.at]:
                self._reach(score, step, time, position, effects)

    def _renew(self, score: ScorePlan, step: Step, total: int, time: int) -> None:
        """A level that runs out is earned again whenever the score has grown by its number once more."""
        slots, at = self.slots, step.validity
        if total - (0 if score.measure is Measure.BEST else slots[at + 1]) >= step.number:
            slots[at], slots[at + 1] = time + 1, total

    def _streak(
        self, score: ScorePlan, value: int, time: int, position: int, windows: Windows, effects: Effects
    ) -> None:
        plan, slots = score.streak, self.slots
        if plan is None:
            raise AssertionError("only a streak's score comes here")
        at, period = plan.at, windows[plan.period]
        if slots[at] != period:
            slots[at], slots[at + 1] = period, value
        elif score.measure is Measure.BEST:
            slots[at + 1] = max(slots[at + 1], value)
        else:
            slots[at + 1] += value
        if slots[at + 1] < plan.at_least or slots[at + 2] == period:
            return
        run = self._run(score, plan, period, effects) if plan.in_a_row else slots[at + 3] + 1
        slots[at + 2], slots[at + 3] = period, run
        slots[at + 4] = max(slots[at + 4], run)
        self._levels(score, run, time, position, effects)

    def _run(self, score: ScorePlan, plan: StreakPlan, period: int, effects: Effects) -> int:
        """How long the run is with a period that was just completed."""
        slots, calendar, standing = self.slots, effects.calendar, effects.standing
        last, run, at = slots[plan.at + 2], slots[plan.at + 3], plan.keeping
        kept = Kept() if at < 0 else Kept(*slots[at : at + 3])
        if last and not follows(plan, calendar, last, period):
            goes_on, kept = over_missed(plan, kept, calendar, standing, score.owner, last, period)
            run = run if goes_on else 0
        run += 1
        if at >= 0:
            slots[at : at + 3] = grown(plan, kept, standing, score.owner, run, effects.key)
        return run


def _share(score: ScorePlan, kind: int, window: int, value: int, groups: Groups, effects: Effects) -> None:
    for group_kind in score.by:
        for group in groups.get(group_kind, ()):
            effects.share((score.number, kind, window, group_kind, group), value)


def _share_distinct(
    score: ScorePlan,
    value: str,
    entry: Entry,
    windows: Windows,
    groups: Groups,
    distinct: Distinct,
    effects: Effects,
) -> None:
    """A value counts once a window for each group in which the member met it."""
    for group_kind in score.by:
        for group in groups.get(group_kind, ()):
            key = (score.number, f"{group_kind}\0{group}\0{value}")
            before = _meet(distinct, key, entry.time, windows[0], effects)
            known = effects.calendar.windows(before[1]) if before is not None else None
            for kind in score.windows:
                if known is None or known[kind] != windows[kind]:
                    effects.share((score.number, kind, windows[kind], group_kind, group), 1)
            for season in score.seasons:
                if _is_new(score, season, key[1], entry.time, windows[0], distinct, effects):
                    effects.share((score.number, SEASON, season.window, group_kind, group), 1)


def in_season(season: Season, value: str) -> str:
    """Under which a value is remembered that was met in a season, whose days may differ from version to version."""
    return f"\0{season.window}\0{value}"


def _is_new(
    score: ScorePlan, season: Season, value: str, time: int, day: Day, distinct: Distinct, effects: Effects
) -> bool:
    """Notes that a value was met in a season; whether it was not met in it before."""
    if not season.first <= day <= season.last:
        return False
    return _meet(distinct, (score.number, in_season(season, value)), time, day, effects) is None


def _meet(distinct: Distinct, key: tuple[int, str], time: int, day: Day, effects: Effects) -> Met | None:
    """Notes that a value was met on a day; what was known of it before."""
    before = distinct.get(key)
    if before is None:
        distinct[key] = (time, day)
    elif before[1] != day:
        distinct[key] = (before[0], day)
    else:
        return before
    if effects.undo is not None:
        effects.undo.append((key, before))
    return before

"""The running totals of one member, and the one function that moves them: `add`, in canonical order.

Everything that is free of arrival order (points, limits, boards, levels, streaks) is this fold over the member's
sorted events. An event that comes late is put where it belongs and the fold is run again from a copy of the totals
that is older than it (`engine.member`), so no rule needs a special case for lateness.
"""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json, to_json

from engine.calendar import ALL, Calendar, Windows
from engine.evaluation import Entry
from engine.layout import Layout
from engine.plan import Cap, Plan, RulePlan, ScorePlan
from engine.questions import Measure
from schemas.words import Day, Instant, MemberId

Key = tuple[int, str, str]
"""The canonical order of events: (time in ms, source, stored id)."""

FIRST: Key = (-1, "", "")
"""Before every event."""

Cells = dict[int, int]
"""A member's score by `engine.cells.cell` of score, kind of window and window."""

Shares = dict[tuple[int, int, int, str, str], int]
"""What a member added to a group by (score number, kind of window, window, kind of group, group)."""

Met = tuple[int, Day]
"""When a value was met: first time in ms, last local day."""

Distinct = dict[tuple[int, str], Met]
"""When each value was met, by (score number, value)."""

Groups = dict[str, tuple[str, ...]]
"""The groups a member belongs to on a day, by kind."""

FactRow = tuple[int, int, MemberId, str | None, int, int]
"""(position, number, member, level, by, total): a change of a total with the record that caused it.

Points of a rule by its number (level None): points that the total changed by, and in all. A level of a badge: 1
reached, 0 reached at another time, -1 lost, and its time in ms.
"""


class Effects:
    """What happened to a member while totals moved: which scores, what was added to groups, what is to be said.

    `cells` has the scores of windows that are over; those of the newest ones stand in the totals (`Totals.show`).
    """

    __slots__ = ("cells", "facts", "member", "moved", "position", "shares", "undo")

    def __init__(self, member: MemberId, facts: list[FactRow] | None = None) -> None:
        self.member = member
        self.facts = facts  # None: nothing is said
        self.position = 0  # of the last record of which anything may have been said
        self.moved: dict[int, ScorePlan] = {}  # by number: scores of boards that moved
        self.cells: Cells = {}
        self.shares: Shares = {}
        self.undo: list[tuple[tuple[int, str], Met | None]] | None = None


class Totals:
    """Sums and newest windows of one member up to and with the event `key`, where a `Layout` says."""

    __slots__ = ("key", "layout", "slots")

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.key: Key = FIRST
        self.slots = [0] * layout.size

    def dump(self) -> bytes:
        """JSON; `load` gives equal totals."""
        return to_json([self.key, self.slots])

    @classmethod
    def load(cls, raw: bytes | list[Any], layout: Layout) -> "Totals":
        """The totals of `dump`, with room for what a layout has taken since."""
        key, slots = from_json(raw) if isinstance(raw, bytes) else raw
        made = cls.__new__(cls)
        made.layout = layout
        made.key = (key[0], key[1], key[2])
        made.slots = slots
        made.grow()
        return made

    def grow(self) -> None:
        """Makes room for what the layout has taken."""
        if len(self.slots) < self.layout.size:
            self.slots += [0] * (self.layout.size - len(self.slots))

    # Reading.

    @property
    def points(self) -> dict[int, int]:
        """What each rule has awarded, by number, where that is not nothing."""
        return {number: self.slots[at] for number, at in self.layout.points.items() if self.slots[at]}

    @property
    def levels(self) -> dict[int, dict[str, int]]:
        """When each level was reached, by number of the badge and level, in ms."""
        found: dict[int, dict[str, int]] = {}
        for number, levels in self.layout.levels.items():
            for level, at in levels.items():
                if self.slots[at]:
                    found.setdefault(number, {})[level] = self.slots[at] - 1
        return found

    @property
    def streaks(self) -> dict[int, tuple[int, int, int]]:
        """The last period that was done, the run and the longest run, by number of the badge, where there is one."""
        return {
            number: (self.slots[at + 2], self.slots[at + 3], self.slots[at + 4])
            for number, at in self.layout.streaks.items()
            if self.slots[at + 4]
        }

    def score(self, number: int, kind: int, window: int) -> int:
        """The score in a window, as far as these totals know it: of the newest window of each kind; else 0."""
        if kind == ALL:
            return self.slots[self.layout.totals[number]]
        at = self.layout.windows[number, kind]
        return self.slots[at + 1] if self.slots[at] == window else 0

    def show(self, effects: Effects) -> Iterator[tuple[int, int]]:
        """The scores that moved, each by its `cell`; those of windows that are over come first."""
        slots = self.slots
        yield from effects.cells.items()
        for score in effects.moved.values():
            for span in score.spans:
                if slots[span.at]:
                    yield span.first | slots[span.at], slots[span.at + 1]
            if score.whole:
                yield score.whole, slots[score.total]

    def settle(self, effects: Effects) -> None:
        """Takes down the scores that moved as they are now; once totals go back, other windows may be the newest."""
        effects.cells, effects.moved = dict(self.show(effects)), {}

    # Moving on.

    def add(self, entry: Entry, plan: Plan, groups: Groups, distinct: Distinct, effects: Effects) -> None:
        """Moves the totals past one event that is later, in canonical order, than all before it."""
        time, source, ident, position, awards, values = entry
        self.key = (time, source, ident)
        windows = plan.calendar.at(time)
        scores = plan.scores
        if awards:
            gained = self._awarded(entry, plan, windows, effects)
            for number, points in gained.items():
                score = scores[number]
                if points and (not score.gated or any(gate == number for gate, _ in values)):
                    self._sum(score, points, time, position, windows, groups, effects)
        for number, value in values:
            score = scores[number]
            if isinstance(value, str):
                self._distinct(score, value, entry, windows, plan.calendar, groups, distinct, effects)
            elif score.adds:
                if value:
                    self._sum(score, value, time, position, windows, groups, effects)
            elif score.measure is Measure.BEST:
                self._best(score, value, time, position, windows, effects)

    def _awarded(self, entry: Entry, plan: Plan, windows: Windows, effects: Effects) -> dict[int, int]:
        """Adds up what the rules give of what they would; returns what flows into scores of points, by number."""
        slots, facts, rules, position = self.slots, effects.facts, plan.rules, entry.position
        gained: dict[int, int] = {}
        for number, amount in entry.awards:
            rule = rules.get(number)
            if rule is None:
                continue
            awarded = self._limited(rule, amount, windows) if rule.caps else amount
            if not awarded:
                continue
            total = slots[rule.at] = slots[rule.at] + awarded
            if facts is not None:
                facts.append((position, number, effects.member, None, awarded, total))
            for score in rule.scores:
                gained[score.number] = gained.get(score.number, 0) + awarded
        return gained

    def _limited(self, rule: RulePlan, amount: int, windows: Windows) -> int:
        """What is awarded of an amount under the rule's limits, and notes what was used of them."""
        if len(rule.caps) == 1:
            return self._capped(rule.caps[0], amount, windows)
        slots = self.slots
        counted, awarded = True, amount
        for cap in rule.caps:
            at, window = cap.at, windows[cap.per]
            if slots[at] != window:
                slots[at], slots[at + 1], slots[at + 2] = window, 0, 0
            if cap.times is not None:
                counted = counted and slots[at + 1] < cap.times
            if cap.points is not None and amount > 0:
                awarded = min(awarded, max(0, cap.points - slots[at + 2]))
        if not counted:
            return 0
        for at in rule.places:
            slots[at + 1] += 1
            if awarded > 0:
                slots[at + 2] += awarded
        return awarded

    def _capped(self, cap: Cap, amount: int, windows: Windows) -> int:
        """`_limited` of a rule with one limit, as nearly all have."""
        slots, at, window = self.slots, cap.at, windows[cap.per]
        if slots[at] != window:
            slots[at], slots[at + 1], slots[at + 2] = window, 0, 0
        if cap.times is not None and slots[at + 1] >= cap.times:
            return 0
        if cap.points is not None and amount > 0:
            amount = min(amount, max(0, cap.points - slots[at + 2]))
        slots[at + 1] += 1
        if amount > 0:
            slots[at + 2] += amount
        return amount

    def _sum(
        self,
        score: ScorePlan,
        value: int,
        time: int,
        position: int,
        windows: Windows,
        groups: Groups,
        effects: Effects,
    ) -> None:
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
                    _share(score, kind, windows[kind], value, groups, effects.shares)
        if score.levels:
            self._levels(score, total, time, position, effects)

    def _roll(self, score: ScorePlan, at: int, first: int, effects: Effects) -> None:
        """A window is over; what it came to is shown if it moved since it was shown last."""
        if score.number in effects.moved and self.slots[at]:
            effects.cells[first | self.slots[at]] = self.slots[at + 1]

    def _best(self, score: ScorePlan, value: int, time: int, position: int, windows: Windows, effects: Effects) -> None:
        if score.streak is not None:
            self._streak(score, value, time, position, windows, effects)
            return
        slots = self.slots
        slots[score.total] = max(slots[score.total], value) if slots[score.met] else value
        slots[score.met] = 1
        for span in score.spans:
            at, window = span.at, windows[span.kind]
            if slots[at] != window:
                self._roll(score, at, span.first, effects)
                slots[at], slots[at + 1] = window, value
            elif slots[at + 1] < value:
                slots[at + 1] = value
        if score.windows:
            effects.moved[score.number] = score
        if score.levels:
            self._levels(score, value, time, position, effects)

    def _distinct(
        self,
        score: ScorePlan,
        value: str,
        entry: Entry,
        windows: Windows,
        calendar: Calendar,
        groups: Groups,
        distinct: Distinct,
        effects: Effects,
    ) -> None:
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
            if score.levels:
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
        if groups and score.by:
            _share_distinct(score, value, time, windows, calendar, groups, distinct, effects)

    def _levels(self, score: ScorePlan, total: int, time: int, position: int, effects: Effects) -> None:
        slots = self.slots
        if slots[score.levels[-1].at]:
            return
        for step in score.levels:
            if total < step.number:
                return
            if not slots[step.at]:
                slots[step.at] = time + 1
                if effects.facts is not None:
                    effects.facts.append((position, score.number, effects.member, step.level, 1, time))

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
        if slots[at + 1] >= plan.at_least and slots[at + 2] != period:
            slots[at + 3] = run = slots[at + 3] + 1 if slots[at + 2] == period - 1 else 1
            slots[at + 2] = period
            slots[at + 4] = max(slots[at + 4], run)
            self._levels(score, run, time, position, effects)


def _share(score: ScorePlan, kind: int, window: int, value: int, groups: Groups, shares: Shares) -> None:
    for group_kind in score.by:
        for group in groups.get(group_kind, ()):
            slot = (score.number, kind, window, group_kind, group)
            shares[slot] = shares.get(slot, 0) + value


def _share_distinct(
    score: ScorePlan,
    value: str,
    time: Instant,
    windows: Windows,
    calendar: Calendar,
    groups: Groups,
    distinct: Distinct,
    effects: Effects,
) -> None:
    """A value counts once a window for each group in which the member met it."""
    for group_kind in score.by:
        for group in groups.get(group_kind, ()):
            key = (score.number, f"{group_kind}\0{group}\0{value}")
            before = _meet(distinct, key, time, windows[0], effects)
            known = calendar.windows(before[1]) if before is not None else None
            for kind in score.windows:
                if known is None or known[kind] != windows[kind]:
                    slot = (score.number, kind, windows[kind], group_kind, group)
                    effects.shares[slot] = effects.shares.get(slot, 0) + 1


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

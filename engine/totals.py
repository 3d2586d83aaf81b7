"""The running totals of one member, and the one function that moves them: `add`, in canonical order.

Everything that is free of arrival order (points, limits, boards, levels, streaks) is this fold over the member's
sorted events. An event that comes late is put where it belongs and the fold is run again from a copy of the totals
that is older than it (`engine.member`), so no rule needs a special case for lateness.
"""

from typing import Any

from pydantic_core import from_json, to_json

from engine.calendar import ALL, Calendar, Windows
from engine.cells import cell
from engine.evaluation import Entry
from engine.plan import Cap, Measure, Plan, RulePlan, ScorePlan
from schemas.words import Day, Instant

Key = tuple[int, str, str]
"""The canonical order of events: (time in ms, source, stored id)."""

FIRST: Key = (-1, "", "")
"""Before every event."""

Cells = dict[int, int]
"""A member's score by `engine.cells.cell` of score, kind of window and window."""


Shares = dict[tuple[int, int, int, str, str], int]
"""What a member added to a group by (score number, kind of window, window, kind of group, group)."""

Distinct = dict[tuple[int, str], tuple[int, int]]
"""When a value was met, by (score number, value): (first time in ms, last local day)."""

Groups = dict[str, tuple[str, ...]]
"""The groups a member belongs to on a day, by kind."""

_TOTAL = 10  # in a score's row: five pairs of (window, value) for day, week, month, quarter, year; then all time


Fact = tuple[int, int, str | None, int, int]
"""(position, number, level, by, total): points awarded by a rule and in all, or a level reached (1) and when (ms)."""


class Effects:
    """What happened while totals moved: scores of windows, shares of groups, facts, and how to undo distinct values."""

    __slots__ = ("cells", "facts", "position", "shares", "undo")

    def __init__(self) -> None:
        self.position = 0  # of the record that is being folded: the because of its facts
        self.cells: Cells = {}
        self.shares: Shares = {}
        self.facts: list[Fact] | None = None
        self.undo: list[tuple[tuple[int, str], tuple[int, int] | None]] | None = None


class Totals:
    """Sums and latest windows of one member up to and with the event `key`; small, and copied as JSON."""

    __slots__ = ("key", "levels", "points", "scores", "streaks", "used")

    def __init__(self) -> None:
        self.key: Key = FIRST
        self.points: dict[int, int] = {}  # awarded so far, by rule number
        self.used: dict[int, list[int]] = {}  # by 8 * rule + kind of window: [window, times, points]
        self.scores: dict[int, list[int]] = {}  # by score number, see _TOTAL
        self.levels: dict[int, dict[str, int]] = {}  # by score number: level to the time it was reached
        self.streaks: dict[int, list[int]] = {}  # by score number: [period, score in it, last done, run, longest]

    def dump(self) -> bytes:
        """JSON; `load` gives equal totals."""
        return to_json([self.key, self.points, self.used, self.scores, self.levels, self.streaks])

    @classmethod
    def load(cls, raw: bytes | list[Any]) -> "Totals":
        """The totals of `dump`."""
        key, points, used, scores, levels, streaks = from_json(raw) if isinstance(raw, bytes) else raw
        made = cls()
        made.key = (key[0], key[1], key[2])
        made.points = {int(number): total for number, total in points.items()}
        made.used = {int(number): row for number, row in used.items()}
        made.scores = {int(number): row for number, row in scores.items()}
        made.levels = {int(number): row for number, row in levels.items()}
        made.streaks = {int(number): row for number, row in streaks.items()}
        return made

    def score(self, number: int, kind: int, window: int) -> int:
        """The score in a window, as far as these totals know it: of the newest window of each kind; else 0."""
        row = self.scores.get(number)
        if row is None:
            return 0
        if kind == ALL:
            return row[_TOTAL]
        return row[2 * kind + 1] if row[2 * kind] == window else 0

    def add(  # noqa: C901, PLR0912  the hot path: a call per branch would double its cost
        self, entry: Entry, plan: Plan, groups: Groups, distinct: Distinct, effects: Effects
    ) -> None:
        """Moves the totals past one event that is later, in canonical order, than all before it."""
        time, source, ident, _, awards, values = entry
        self.key = (time, source, ident)
        calendar = plan.calendar
        day = calendar.day(Instant(time))
        windows = calendar.windows(day)
        gates: tuple[int, ...] | None = None
        gained: dict[int, int] | None = None
        one_rule = len(awards) == 1  # then what is awarded is all that the event gives to a score of points
        for number, amount in awards:
            rule = plan.rules.get(number)
            if rule is None:
                continue
            awarded = self._limited(rule, amount, windows) if rule.caps else amount
            if awarded:
                self.points[number] = total = self.points.get(number, 0) + awarded
                if effects.facts is not None:
                    effects.facts.append((effects.position, number, None, awarded, total))
                for score in rule.scores:
                    if score.gated:
                        if gates is None:
                            gates = tuple(gate for gate, _ in values)
                        if score.number not in gates:
                            continue
                    if one_rule:
                        self._sum(score, awarded, time, windows, groups, effects)
                        continue
                    if gained is None:
                        gained = {}
                    gained[score.number] = gained.get(score.number, 0) + awarded
        scores = plan.scores
        if gained is not None:
            for number, points in gained.items():
                if points:
                    self._sum(scores[number], points, time, windows, groups, effects)
        for number, value in values:
            score = scores[number]
            measure = score.measure
            if isinstance(value, str):
                self._distinct(score, value, time, day, windows, calendar, groups, distinct, effects)
            elif measure is Measure.BEST:
                self._best(score, value, time, windows, effects)
            elif measure is not Measure.POINTS and value:
                self._sum(score, value, time, windows, groups, effects)

    def _limited(self, rule: RulePlan, amount: int, windows: Windows) -> int:
        """What is awarded of an amount under the rule's limits, and notes what was used of them."""
        if len(rule.caps) == 1:
            return self._capped(rule.number, rule.caps[0], amount, windows)
        rows: list[tuple[Cap, list[int]]] = []
        counted = True
        for cap in rule.caps:
            slot, window = 8 * rule.number + cap.per, windows[cap.per]
            row = self.used.get(slot)
            if row is None:
                row = self.used[slot] = [window, 0, 0]
            elif row[0] != window:
                row[0], row[1], row[2] = window, 0, 0
            rows.append((cap, row))
            if cap.times is not None and row[1] >= cap.times:
                counted = False
        if not counted:
            return 0
        awarded = amount
        if amount > 0:
            for cap, row in rows:
                if cap.points is not None:
                    awarded = min(awarded, max(0, cap.points - row[2]))
        for row in {id(row): row for _, row in rows}.values():
            row[1] += 1
            if awarded > 0:
                row[2] += awarded
        return awarded

    def _capped(self, rule: int, cap: Cap, amount: int, windows: Windows) -> int:
        """`_limited` of a rule with one limit, as nearly all have."""
        slot, window = 8 * rule + cap.per, windows[cap.per]
        row = self.used.get(slot)
        if row is None:
            row = self.used[slot] = [window, 0, 0]
        elif row[0] != window:
            row[0], row[1], row[2] = window, 0, 0
        if cap.times is not None:
            if row[1] >= cap.times:
                return 0
        elif cap.points is not None and amount > 0 and amount > cap.points - row[2]:
            amount = max(0, cap.points - row[2])
        row[1] += 1
        if amount > 0:
            row[2] += amount
        return amount

    def _row(self, number: int) -> list[int]:
        row = self.scores.get(number)
        if row is None:
            row = self.scores[number] = [-1, 0, -1, 0, -1, 0, -1, 0, -1, 0, 0]
        return row

    def _sum(self, score: ScorePlan, value: int, time: int, windows: Windows, groups: Groups, effects: Effects) -> None:
        if score.streak is not None:
            self._streak(score, value, time, windows, effects)
            return
        number = score.number
        row = self.scores.get(number) or self._row(number)
        row[_TOTAL] = total = row[_TOTAL] + value
        if score.windows:
            cells = effects.cells
            for kind, at, first in score.spans:
                window = windows[kind]
                if row[at] == window:
                    row[at + 1] = now = row[at + 1] + value
                else:
                    row[at], row[at + 1] = window, value
                    now = value
                cells[first | window] = now
            if score.whole:
                cells[score.whole] = total
        if score.by and groups:
            for kind in score.windows:
                _share(score, kind, windows[kind], value, groups, effects.shares)
        if score.levels:
            self._levels(score, total, time, effects)

    def _best(self, score: ScorePlan, value: int, time: int, windows: Windows, effects: Effects) -> None:
        if score.streak is not None:
            self._streak(score, value, time, windows, effects)
            return
        number = score.number
        new = number not in self.scores
        row = self._row(number)
        row[_TOTAL] = total = value if new else max(row[_TOTAL], value)
        for kind in score.windows:
            if kind == ALL:
                effects.cells[cell(number, ALL, 0)] = total
                continue
            window, at = windows[kind], 2 * kind
            if row[at] != window or row[at + 1] < value:
                row[at], row[at + 1] = window, value
            effects.cells[cell(number, kind, window)] = row[at + 1]
        if score.levels:
            self._levels(score, value, time, effects)

    def _distinct(  # noqa: C901, PLR0912  likewise
        self,
        score: ScorePlan,
        value: str,
        time: int,
        day: Day,
        windows: Windows,
        calendar: Calendar,
        groups: Groups,
        distinct: Distinct,
        effects: Effects,
    ) -> None:
        number = score.number
        before = _meet(distinct, (number, value), time, day, effects)
        known = calendar.windows(Day(before[1])) if before is not None else None
        if score.streak is not None:
            period = score.streak.period
            if known is None or known[period] != windows[period]:
                self._streak(score, 1, time, windows, effects)
            return
        row = self._row(number)
        if known is None:
            row[_TOTAL] += 1
            if score.levels:
                self._levels(score, row[_TOTAL], time, effects)
        for kind in score.windows:
            if known is not None and known[kind] == windows[kind]:
                continue
            if kind == ALL:
                effects.cells[cell(number, ALL, 0)] = row[_TOTAL]
                continue
            window, at = windows[kind], 2 * kind
            if row[at] == window:
                row[at + 1] += 1
            else:
                row[at], row[at + 1] = window, 1
            effects.cells[cell(number, kind, window)] = row[at + 1]
        for group_kind in score.by if groups else ():
            for group in groups.get(group_kind, ()):
                met = _meet(distinct, (number, f"{group_kind}\0{group}\0{value}"), time, day, effects)
                seen = calendar.windows(Day(met[1])) if met is not None else None
                for kind in score.windows:
                    if seen is None or seen[kind] != windows[kind]:
                        slot = (number, kind, windows[kind], group_kind, group)
                        effects.shares[slot] = effects.shares.get(slot, 0) + 1

    def _levels(self, score: ScorePlan, total: int, time: int, effects: Effects) -> None:
        reached = self.levels.get(score.number)
        if reached is not None and len(reached) >= len(score.levels) and score.levels[-1][0] in reached:
            return
        for level, number in score.levels:
            if total < number:
                return
            if reached is None:
                reached = self.levels[score.number] = {}
            if level not in reached:
                reached[level] = time
                if effects.facts is not None:
                    effects.facts.append((effects.position, score.number, level, 1, time))

    def _streak(self, score: ScorePlan, value: int, time: int, windows: Windows, effects: Effects) -> None:
        plan = score.streak
        if plan is None:
            return
        period = windows[plan.period]
        row = self.streaks.get(score.number)
        if row is None:
            row = self.streaks[score.number] = [-1, 0, -2, 0, 0]
        if row[0] != period:
            row[0], row[1] = period, value
        else:
            row[1] = max(row[1], value) if score.measure is Measure.BEST else row[1] + value
        if row[1] >= plan.at_least and row[2] != period:
            row[3] = row[3] + 1 if row[2] == period - 1 else 1
            row[2] = period
            row[4] = max(row[4], row[3])
            self._levels(score, row[3], time, effects)


def _share(score: ScorePlan, kind: int, window: int, value: int, groups: Groups, shares: Shares) -> None:
    for group_kind in score.by:
        for group in groups.get(group_kind, ()):
            slot = (score.number, kind, window, group_kind, group)
            shares[slot] = shares.get(slot, 0) + value


def _meet(distinct: Distinct, key: tuple[int, str], time: int, day: Day, effects: Effects) -> tuple[int, int] | None:
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

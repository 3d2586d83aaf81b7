"""The running totals of one member, and the one function that moves them: `add`, in canonical order.

Everything that is free of arrival order (points, limits, boards, levels, streaks) is this fold over the member's
sorted events. An event that comes late is put where it belongs and the fold is run again from a copy of the totals
that is older than it (`engine.member`), so no rule needs a special case for lateness.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic_core import from_json, to_json

from engine.calendar import ALL, SEASON, Windows
from engine.effects import FIRST, Distinct, Effects, Groups, Key
from engine.evaluation import Entry
from engine.layout import Layout
from engine.plan import Plan, RoundPlan, ScorePlan
from engine.questions import Measure
from engine.scoring import Sums

Tallies = dict[str, list[int]]
"""What is kept per value of a badge, by `badge number|value`."""


MARKS = b"!"
"""The field beside tallies under which it is kept what was told of badges."""


def tallies_of(fields: Iterable[tuple[bytes, bytes]]) -> Tallies:
    """The tallies among the fields and contents that the store keeps."""
    return {name.decode(): from_json(b"[%b]" % slots) for name, slots in fields if name != MARKS}


class Totals(Sums):
    """Sums and newest windows of one member up to and with the event `key`, where a `Layout` says."""

    __slots__ = ("key", "layout", "tallies")

    def __init__(self, layout: Layout) -> None:
        super().__init__([0] * layout.size)
        self.layout = layout
        self.key: Key = FIRST
        self.tallies: Tallies = {}

    def dump(self) -> bytes:
        """JSON; `load` gives equal totals."""
        return to_json([self.key, self.slots, self.tallies] if self.tallies else [self.key, self.slots])

    @classmethod
    def load(cls, raw: bytes | list[Any], layout: Layout) -> "Totals":
        """The totals of `dump`, with room for what a layout has taken since."""
        key, slots, *tallies = from_json(raw) if isinstance(raw, bytes) else raw
        made = cls.__new__(cls)
        Sums.__init__(made, slots)
        made.layout = layout
        made.key = (key[0], key[1], key[2])
        made.tallies = tallies[0] if tallies else {}
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
    def streaks(self) -> list[int]:
        """The numbers of the badges of which a period was ever completed in a row."""
        return [number for number, at in self.layout.streaks.items() if self.slots[at + 4]]

    @property
    def rounds(self) -> dict[int, tuple[int, int]]:
        """How many rounds of each challenge were done, by its number, and when the last of them was, in ms."""
        places, slots = self.layout.rounds, self.slots
        return {number: (slots[at + 2], slots[at + 1] - 1) for number, at in places.items() if slots[at + 2]}

    def score(self, number: int, kind: int, window: int) -> int:
        """The score in a window, as far as these totals know it: of the newest window of each kind; else 0."""
        if kind == ALL:
            return self.slots[self.layout.totals[number]]
        if kind == SEASON:
            return self.slots[self.layout.seasons[number, window] + 1]
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
            for season in score.seasons:
                if slots[season.at]:
                    yield season.cell, slots[season.at + 1]

    def settle(self, effects: Effects) -> None:
        """Takes down the scores that moved as they are now; once totals go back, other windows may be the newest."""
        effects.cells, effects.moved = dict(self.show(effects)), {}

    # Moving on.

    def add(self, entry: Entry, plan: Plan, groups: Groups, distinct: Distinct, effects: Effects) -> None:
        """Moves the totals past one event that is later, in canonical order, than all before it."""
        time, source, ident, position, awards, values = entry
        self.key = (time, source, ident)
        windows = plan.calendar.at(time)
        effects.calendar, effects.key = plan.calendar, self.key
        scores = plan.scores
        if awards:
            self._points(entry, plan, windows, groups, distinct, effects)
        for number, value in values:
            score = scores.get(number)
            if score is None:  # what a badge is for
                continue
            if score.special:
                if score.measure is not Measure.POINTS:
                    self._special(score, value, entry, windows, groups, distinct, effects)
            elif isinstance(value, str):
                self.distinct(score, value, entry, windows, groups, distinct, effects)
            elif score.adds:
                if value:
                    self.sum(score, value, time, position, windows, groups, effects)
            elif score.measure is Measure.BEST:
                self.best(score, value, time, position, windows, effects)
        if effects.won:
            won, effects.won = effects.won, []
            self._points(entry._replace(awards=tuple(won)), plan, windows, groups, distinct, effects)

    def _points(
        self, entry: Entry, plan: Plan, windows: Windows, groups: Groups, distinct: Distinct, effects: Effects
    ) -> None:
        """Awards what rules and challenges give, and lets it flow into scores of points."""
        for number, points in self._awarded(entry, plan, windows, effects).items():
            score = plan.scores[number]
            if not points or (score.gated and not any(gate == number for gate, _ in entry.values)):
                continue
            if score.special:
                self._special(score, points, entry, windows, groups, distinct, effects)
            else:
                self.sum(score, points, entry.time, entry.position, windows, groups, effects)

    def _awarded(self, entry: Entry, plan: Plan, windows: Windows, effects: Effects) -> dict[int, int]:
        """Adds up what the rules give of what they would; returns what flows into scores of points, by number."""
        slots, facts, member = self.slots, effects.facts, effects.member
        time, position, rules = entry.time, entry.position, plan.rules
        gained: dict[int, int] = {}
        for number, amount in entry.awards:
            rule = rules.get(number)
            if rule is None:
                continue
            got = amount if rule.award is None else rule.award(slots, amount, windows, time)
            if not got:
                continue
            slots[rule.at] = total = slots[rule.at] + got
            if rule.mints:
                effects.minted[position, number] = got
                continue
            if facts is not None:
                facts.append((position, number, member, None, got, total))
            for score in rule.scores:
                gained[score.number] = gained.get(score.number, 0) + got
        return gained

    def _special(
        self,
        score: ScorePlan,
        value: int | str,
        entry: Entry,
        windows: Windows,
        groups: Groups,
        distinct: Distinct,
        effects: Effects,
    ) -> None:
        """Moves a score that hangs on more than its value: a closing date, a step before, the value a badge is for."""
        if score.days is not None and not score.days[0] <= windows[0] <= score.days[1]:
            return
        if score.opt_in and not effects.standing.takes_part(score.number, self.key):
            return
        sums: Sums = self
        if score.key >= 0:
            key = dict(entry.values).get(score.key)
            if key is None:
                return
            sums = self._tally(score, str(key), effects)
            if isinstance(value, str):
                value = f"{key}\0{value}"
        if score.opens >= 0:
            opened = sums.slots[score.opens]
            if not opened or entry.time < opened:
                return
        if isinstance(value, str):
            sums.distinct(score, value, entry, windows, groups, distinct, effects)
        elif score.measure is Measure.BEST:
            sums.best(score, value, entry.time, entry.position, windows, effects)
        elif value:
            sums.sum(score, value, entry.time, entry.position, windows, groups, effects)
        if score.round is not None:
            self._round(score.number, score.round, entry.time, windows, effects)

    def _round(self, challenge: int, round_: RoundPlan, time: int, windows: Windows, effects: Effects) -> None:
        """Whether a round is done with an event."""
        slots, at = self.slots, round_.at
        window = round_.window or windows[round_.kind]
        if slots[at] != window and self.score(challenge, round_.kind, window) >= round_.goal:
            slots[at], slots[at + 1], slots[at + 2] = window, time + 1, slots[at + 2] + 1
            if round_.points:
                effects.won.append((challenge, round_.points))

    def _tally(self, score: ScorePlan, value: str, effects: Effects) -> Sums:
        """What is kept of a badge for one value."""
        name = f"{score.owner}|{value}"
        effects.tallies.add(name)
        slots = self.tallies.setdefault(name, [])
        if len(slots) < score.room.size:
            slots += [0] * (score.room.size - len(slots))
        return Sums(slots, value)

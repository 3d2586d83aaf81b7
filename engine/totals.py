"""The running totals of one member, and the one function that moves them: `add`, in canonical order.

Everything that is free of arrival order (points, limits, boards, levels, streaks) is this fold over the member's
sorted events. An event that comes late is put where it belongs and the fold is run again from a copy of the totals
that is older than it (`engine.member`), so no rule needs a special case for lateness.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from pydantic_core import from_json

from engine.calendar import ALL, SEASON, Windows
from engine.effects import FIRST, Effects, Groups, Key, Tallies, Told
from engine.evaluation import Entry
from engine.layout import Layout
from engine.plan import Plan
from engine.values import Awards

MARKS = b"!"
"""The field beside tallies under which it is kept what was told of badges."""


def tallies_of(fields: Iterable[tuple[bytes, bytes]]) -> Tallies:
    """The tallies among the fields and contents that the store keeps."""
    return {name.decode(): from_json(b"[%b]" % slots) for name, slots in fields if name != MARKS}


class Totals:
    """Sums and newest windows of one member up to and with the event `key`, where a `Layout` says."""

    __slots__ = ("key", "layout", "slots", "tallies")

    def __init__(self, layout: Layout) -> None:
        self.slots = [0] * layout.size
        self.layout = layout
        self.key: Key = FIRST
        self.tallies: Tallies = {}

    def dump(self) -> bytes:
        """JSON; `load` gives equal totals."""
        return orjson.dumps([self.key, self.slots, self.tallies] if self.tallies else [self.key, self.slots])

    @classmethod
    def load(cls, raw: bytes | list[Any], layout: Layout) -> "Totals":
        """The totals of `dump`, with room for what a layout has taken since."""
        key, slots, *tallies = from_json(raw) if isinstance(raw, bytes) else raw
        made = cls.__new__(cls)
        made.slots = slots
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

    def add(self, entry: Entry, plan: Plan, groups: Groups, effects: Effects) -> None:
        """Moves the totals past one event that is later, in canonical order, than all before it."""
        time, source, ident, position, awards, values = entry
        self.key = effects.key = (time, source, ident)
        effects.position, effects.values, effects.groups, effects.calendar = position, values, groups, plan.calendar
        windows = plan.calendar.at(time)
        if awards:
            self._award(awards, time, plan, windows, effects)
        slots, moves = self.slots, plan.moves
        for number, value in values:
            move = moves.get(number)
            if move is not None:  # None: what a badge is for, or that points count
                move(slots, value, time, windows, effects)
        if effects.won:
            won, effects.won = tuple(effects.won), []
            self._award(won, time, plan, windows, effects)

    def _award(self, awards: Awards, time: int, plan: Plan, windows: Windows, effects: Effects) -> None:
        """Adds up what rules and challenges give of what they would, and lets it flow into scores of points."""
        slots, rules = self.slots, plan.rules
        told: Told = []
        flows: list[tuple[tuple[int, ...], int]] = []
        flow, gain = _NOWHERE, 0
        for number, amount in awards:
            rule = rules.get(number)
            if rule is None:
                continue
            award, at = rule.award, rule.at
            got = amount if award is None else award(slots, amount, windows, time)
            if not got:
                continue
            slots[at] = total = slots[at] + got
            if rule.mints:
                effects.minted[effects.position, number] = got
                continue
            told += (number, None, got, total)
            if rule.flow is not flow:  # mostly all flow into the same scores
                if gain:
                    flows.append((flow, gain))
                flow, gain = rule.flow, 0
            gain += got
        if told and effects.facts is not None:
            effects.facts.append((effects.position, effects.member, told))
        pours = plan.pours
        if flows:
            for number, points in _by_score([*flows, (flow, gain)]):
                pours[number](slots, points, time, windows, effects)
        elif gain:
            for number in flow:
                pours[number](slots, gain, time, windows, effects)


_NOWHERE: tuple[int, ...] = ()


def _by_score(flows: Sequence[tuple[tuple[int, ...], int]]) -> Iterable[tuple[int, int]]:
    """The points that flow into each score, in all, where that is any."""
    points: Counter[int] = Counter()
    for flow, gain in flows:
        for number in flow:
            points[number] += gain
    return [each for each in points.items() if each[1]]

"""The opened past of a member: segments of events, each with the totals before it, so that folding can begin anywhere.

A late event goes into its segment, and the fold runs again from there. What it did before and what it does now differ
in a few scores: those are given back.
"""

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from engine.calendar import SEASON, windows_of
from engine.cells import parts_of
from engine.effects import FIRST, Cells, Distinct, Effects, Key, Minted, Shares
from engine.evaluation import Entry
from engine.moving import Moving, PlanAt, Undo
from engine.totals import Totals
from schemas.words import DAY_MS, Day, MemberId

SEGMENT = 64
"""Events in a segment of a history."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LONG_AGO = Day(1)  # a day that lies in no window of ours

Changed = tuple[Cells, Shares, Minted]
"""The scores that differ, by how much each group's did, and what rules give in karma where that differs."""


class Segment:
    """Some events in canonical order, with the totals before the first of them, and how to undo them."""

    __slots__ = ("entries", "minted", "shares", "start", "start_key", "undo")

    def __init__(self, start: bytes, start_key: Key) -> None:
        self.start = start
        self.start_key = start_key
        self.entries: list[Entry] = []
        self.shares: Shares = {}
        self.minted: Minted = {}
        self.undo: Undo = []


class History:
    """What an opened member knows of its past: segments in order, and the scores of the windows that they touch."""

    __slots__ = ("_member", "_moving", "cells", "segments")

    def __init__(self, member: MemberId, moving: Moving, start: bytes, start_key: Key) -> None:
        """A history that begins with a copy of totals; what moves of the member is taken back to it."""
        self.segments = [Segment(start, start_key)]
        self.cells: Cells = {}
        self._member, self._moving = member, moving
        moving.totals = Totals.load(start, moving.totals.layout)

    @property
    def size(self) -> int:
        """How many events it holds."""
        return sum(len(segment.entries) for segment in self.segments)

    @property
    def entries(self) -> Iterator[Entry]:
        """Its events, in order."""
        return (entry for segment in self.segments for entry in segment.entries)

    @property
    def shares(self) -> Shares:
        """What its events added to groups."""
        found: Shares = {}
        for segment in self.segments:
            _add(found, segment.shares)
        return found

    def reaches(self, earliest: Key) -> bool:
        """Whether it reaches back before an event."""
        return self.segments[0].start_key < earliest

    def totals_before(self, edge_ms: int) -> tuple[Key, bytes]:
        """The newest copy of totals that is not later than a moment, or the oldest that there is."""
        best = self.segments[0]
        for segment in self.segments:
            if segment.start_key[0] > edge_ms:
                break
            best = segment
        return best.start_key, best.start

    def extend(self, entries: Sequence[Entry], plan_at: PlanAt, effects: Effects) -> None:
        """Folds events onto the end, starting a new segment every `SEGMENT` events."""
        moving, place = self._moving, 0
        while place < len(entries):
            segment = self.segments[-1]
            room = SEGMENT - len(segment.entries)
            if room <= 0:
                segment, room = Segment(moving.totals.dump(), moving.totals.key), SEGMENT
                self.segments.append(segment)
            part = entries[place : place + room]
            place += room
            shares, effects.shares = effects.shares, {}
            minted, effects.minted = effects.minted, {}
            moving.add(part, plan_at, effects, segment.undo)
            segment.entries += part
            _add(segment.shares, effects.shares)
            _add(shares, effects.shares)
            segment.minted |= effects.minted
            effects.shares, effects.minted = shares, minted | effects.minted
        self.cells.update(moving.totals.show(effects))

    def insert(self, late: Sequence[Entry], plan_at: PlanAt) -> Changed:
        """Puts events where they belong, and folds again from the first of them."""
        ordered = sorted(late)
        return self.refold(ordered[0][:3], lambda entries: _merged(entries, ordered), plan_at)

    def remove(self, gone: Key, plan_at: PlanAt) -> Changed:
        """Takes an event out, and folds again from there."""
        return self.refold(gone, lambda entries: [entry for entry in entries if entry[:3] != gone], plan_at)

    def refold(self, earliest: Key, change: Callable[[list[Entry]], list[Entry]], plan_at: PlanAt) -> Changed:
        """Changes the events from the segment of `earliest` on, and folds them again."""
        start = next((each for each in reversed(self.segments) if each.start_key < earliest), self.segments[0])
        first, moving = self.segments.index(start), self._moving
        replaced = self.segments[first:]
        shares: Shares = {}
        minted: Minted = {}
        for segment in reversed(replaced):
            moving.take_back(segment.undo)
            minted |= segment.minted
            for slot, share in segment.shares.items():
                shares[slot] = shares.get(slot, 0) - share
        entries = change([entry for segment in replaced for entry in segment.entries])
        self.segments[first:] = [Segment(start.start, start.start_key)]
        kept, written = moving.totals.tallies, set(moving.tally_writes)
        moving.totals = Totals.load(start.start, moving.totals.layout)
        before, effects = self.cells, Effects(self._member)
        if replaced[0].entries:  # what they gave may have moved elsewhere: it is given again, or it is gone
            effects.cells = _without(replaced[0].entries[0], moving.totals, before, plan_at)
        self.cells = dict(before)
        self.extend(entries, plan_at, effects)
        _add(shares, effects.shares)
        now = moving.totals.tallies
        moving.tally_writes = written | {name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name)}
        after = dict(moving.totals.show(effects))
        cells = {code: value for code, value in after.items() if before.get(code) != value}
        given = {each: effects.minted.get(each, 0) for each in minted.keys() | effects.minted.keys()}
        differs = {each: karma for each, karma in given.items() if minted.get(each, 0) != karma}
        return cells, {slot: share for slot, share in shares.items() if share}, differs

    def trim(self, hot_ms: int) -> None:
        """Forgets the part that is older than the hot days."""
        edge = self._moving.totals.key[0] - hot_ms
        first = 0
        while first + 1 < len(self.segments) and self.segments[first + 1].start_key[0] < edge:
            first += 1
        if first:
            self.segments = self.segments[first:]
            oldest = windows_of(_utc_day(self.segments[0].start_key[0], -1))
            self.cells = {code: value for code, value in self.cells.items() if _is_open(code, oldest)}


def rewind(moving: Moving, start_key: Key, entries: Sequence[Entry], plan_at: PlanAt) -> None:
    """Takes the distinct values back to what was known at a copy of totals.

    `entries` are the events before and after it, in order, those of its year and the one before among them.
    """
    if start_key == FIRST:
        moving.distinct.clear()
        return
    last: Distinct = {}
    for entry in entries:
        if entry[:3] <= start_key:
            for value, day in moving.met(entry, plan_at):
                known = moving.distinct.get(value)
                if known is not None and known[0] <= entry.time:  # a step of a chain may not have been open yet
                    last[value] = (entry.time, day)
            continue
        for value, _ in moving.met(entry, plan_at):
            known = moving.distinct.get(value)
            if known is None:
                continue
            if known[0] < start_key[0] or value in last:
                # Met before; on no day that a window of today's copy still holds, unless an event says so.
                moving.distinct[value] = (known[0], last[value][1] if value in last else _LONG_AGO)
            else:
                del moving.distinct[value]


def year_before(start_key: Key) -> int:
    """From when on (ms) events are needed to `rewind` to a copy of totals: the year before its own; -1: all."""
    if start_key == FIRST:
        return -1
    year = date.fromordinal(_utc_day(start_key[0], -1)).year - 1  # a season may have begun the year before
    return (date(year, 1, 1).toordinal() - _EPOCH_DAY - 7) * DAY_MS


def _is_open(code: int, oldest: Sequence[int]) -> bool:
    """Whether a window may still move from a day on; a season may always."""
    _, kind, window = parts_of(code)
    return kind == SEASON or window >= oldest[kind]


def _add(to: Shares, more: Shares) -> None:
    for slot, share in more.items():
        to[slot] = to.get(slot, 0) + share


def _without(first: Entry, totals: Totals, cells: Cells, plan_at: PlanAt) -> Cells:
    """The scores that events from `first` on may have moved, as they are in totals before it."""
    windows = plan_at(first.time).calendar.at(first.time)
    found: Cells = {}
    for code in cells:
        number, kind, window = parts_of(code)
        if kind == SEASON or window >= windows[kind]:
            found[code] = totals.score(number, kind, window)
    return found


def _merged(entries: list[Entry], late: list[Entry]) -> list[Entry]:
    if len(late) * 8 > len(entries):
        return sorted([*entries, *late])
    for entry in late:
        insort(entries, entry)
    return entries


def _utc_day(at: int, shift: int) -> Day:
    """The day of an instant in UTC, `shift` days on: within a day of any zone's."""
    return Day(_EPOCH_DAY + max(0, at) // DAY_MS + shift)

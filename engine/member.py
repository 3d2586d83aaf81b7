"""One member: totals that move with every event, and the way back when an event comes late.

A member is kept *light*: the newest totals, enough for every event that is later than those before it. When an
event is late, the member is *opened*: the packed events since a copy of older totals are unpacked, and from then on
the member keeps a history of segments, each with the totals at its start. A late event goes into its segment, and
the fold runs again from there. What it did before and what it does now differ in a few scores: those are written.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from pydantic_core import from_json, to_json

from engine.calendar import windows_of
from engine.catalogue import Catalogue
from engine.cells import parts_of
from engine.evaluation import Entry
from engine.packing import dump_entries, load_entries, pack, unpack
from engine.plan import Plan
from engine.questions import Measure
from engine.standing import Standing
from engine.totals import FIRST, Cells, Distinct, Effects, Key, Met, Shares, Totals
from schemas.words import DAY_MS, Day, MemberId

_EPOCH_DAY = date(1970, 1, 1).toordinal()

SEGMENT = 64
"""Events in a segment of a history."""

_LONG_AGO = Day(1)  # a day that lies in no window of ours

TAIL = 48
"""Newest events that a record carries unpacked; then they are packed into a chunk."""

_NO_GROUPS: dict[str, tuple[str, ...]] = {}

PlanAt = Callable[[int], Plan]
"""The version of the rulebook in force at a time in ms."""


class Segment:
    """Some events of a history in canonical order, with the totals before the first of them."""

    __slots__ = ("entries", "shares", "start", "start_key", "undo")

    def __init__(self, start: bytes, start_key: Key, entries: list[Entry]) -> None:
        self.start = start
        self.start_key = start_key
        self.entries = entries
        self.shares: Shares = {}
        self.undo: list[tuple[tuple[int, str], Met | None]] = []


class History:
    """What an opened member knows of its past: segments in order, and the scores of the windows they touch."""

    __slots__ = ("cells", "segments")

    def __init__(self, segments: list[Segment], cells: Cells) -> None:
        self.segments = segments
        self.cells = cells

    @property
    def size(self) -> int:
        """How many events it holds."""
        return sum(len(segment.entries) for segment in self.segments)


class Stored:
    """What the store holds of a member beside its record: chunks by number, from 1, and older totals by slot."""

    __slots__ = ("chunks", "snapshots")

    def __init__(self, chunks: Mapping[int, bytes], snapshots: Mapping[int, bytes]) -> None:
        self.chunks = chunks
        self.snapshots = snapshots


class Member:
    """One member of an organisation, as the fold sees it; see the top of the file."""

    __slots__ = (
        "chunk_writes",
        "distinct",
        "distinct_writes",
        "gone",
        "history",
        "id",
        "new",
        "seals",
        "slots",
        "snapshot_writes",
        "standing",
        "tail",
        "tail_count",
        "tail_text",
        "totals",
        "weight",
    )

    def __init__(self, ident: MemberId, catalogue: Catalogue) -> None:
        self.id = ident
        self.new = True  # the store holds nothing of it
        self.totals = Totals(catalogue.layout)
        self.standing = Standing()
        self.distinct: Distinct = {}
        self.tail: list[Entry] | None = []  # the newest events; None: not yet read from `tail_text`
        self.tail_text = b""
        self.tail_count = 0
        self.seals = 0  # chunks ever made
        self.slots: dict[int, Key] = {}  # older totals in the store, by slot: their key
        self.gone: set[Key] = set()  # events in the lists that do not count any more
        self.history: History | None = None
        self.chunk_writes: dict[int, bytes] = {}
        self.snapshot_writes: dict[int, bytes | None] = {}
        self.distinct_writes: set[tuple[int, str]] = set()
        self.weight = 0

    # What the store keeps of a member: a record, written whenever the member changes.

    def dump(self) -> bytes:
        """The record: a line of JSON, then the newest events, if any, as another."""
        head = to_json(
            [
                [self.totals.key, self.totals.slots],
                self.standing.dump(),
                self.tail_count,
                self.seals,
                self.slots,
                sorted(self.gone),
            ]
        )
        return b"%b\n%b" % (head, self.tail_text)

    @classmethod
    def load(
        cls, ident: MemberId, record: bytes, distinct: Iterable[tuple[bytes, bytes]], catalogue: Catalogue
    ) -> "Member":
        """The member of a record and of its distinct values, light."""
        made = cls(ident, catalogue)
        made.new = False
        head, made.tail_text = record.split(b"\n")
        totals, standing, made.tail_count, made.seals, slots, gone = from_json(head)
        made.totals = Totals.load(totals, catalogue.layout)
        made.standing = Standing.load(standing)
        made.slots = {int(slot): (key[0], key[1], key[2]) for slot, key in slots.items()}
        made.gone = {(time, source, stored) for time, source, stored in gone}
        made.tail = None if made.tail_text else []
        for name, met in distinct:
            number, value = name.split(b"|", 1)
            first, day = met.split(b"|")
            made.distinct[int(number), value.decode()] = (int(first), Day(int(day)))
        return made

    # Moving on: events later than all before them.

    def append(
        self, entries: Sequence[Entry], plan_at: PlanAt, effects: Effects, catalogue: Catalogue, hot_ms: int
    ) -> list[Entry]:
        """Adds events in the order in which they came; gives back those that are late, for `insert`."""
        newest, late = self.totals.key, list[Entry]()
        in_order = list[Entry]()
        for entry in entries:
            if entry.time > newest[0] or entry[:3] > newest:
                in_order.append(entry)
                newest = entry[:3]
            else:
                late.append(entry)
        if not in_order:
            return late
        effects.position = in_order[-1].position
        if self.history is None:
            self._add(in_order, plan_at, effects)
        else:
            self._extend(self.history, in_order, plan_at, effects)
        self._keep(in_order, catalogue, hot_ms)
        return late

    def _add(self, entries: Sequence[Entry], plan_at: PlanAt, effects: Effects) -> None:
        """Moves the totals of a light member."""
        met: list[tuple[tuple[int, str], Met | None]] = []
        effects.undo = met
        add, moves, distinct = self.totals.add, self.standing.moves, self.distinct
        plan = plan_at(entries[0].time)
        one_plan = plan is plan_at(entries[-1].time)
        for entry in entries:
            if not one_plan:
                plan = plan_at(entry.time)
            add(entry, plan, self._groups(entry, plan) if moves else _NO_GROUPS, distinct, effects)
        if met:
            self.distinct_writes.update(key for key, _ in met)
        effects.undo = None

    def _groups(self, entry: Entry, plan: Plan) -> dict[str, tuple[str, ...]]:
        return self.standing.groups(plan.calendar.day(entry.time)) if self.standing.moves else _NO_GROUPS

    def _keep(self, entries: Sequence[Entry], catalogue: Catalogue, hot_ms: int) -> None:
        """Puts events into the list of the events that counted; every few dozen are packed."""
        if self.tail_count + len(entries) < TAIL:
            if self.tail is not None:
                self.tail += entries
            text = dump_entries(entries, catalogue)
            self.tail_text = b"%b,%b" % (self.tail_text, text) if self.tail_text else text
            self.tail_count += len(entries)
            return
        newest = [*self._newest(catalogue), *entries]
        packed = len(newest) - len(newest) % TAIL
        for start in range(0, packed, TAIL):
            self.seals += 1
            self.chunk_writes[self.seals] = pack(newest[start : start + TAIL], catalogue)
            # The slot is the ruler function of the number of seals: slot n is renewed every 2^(n+1) seals, so that
            # the copies kept lie ever further apart the older they are.
            slot = (self.seals & -self.seals).bit_length() - 1
            key, totals = self._older_totals(hot_ms)
            if key != FIRST:
                self.slots[slot] = key
                self.snapshot_writes[slot] = totals
        self.tail = newest[packed:]
        self.tail_text, self.tail_count = dump_entries(self.tail, catalogue), len(self.tail)

    def _newest(self, catalogue: Catalogue) -> list[Entry]:
        if self.tail is None:
            self.tail = load_entries(self.tail_text, catalogue)
        return self.tail

    def _older_totals(self, hot_ms: int) -> tuple[Key, bytes]:
        """Totals worth a copy: the newest of a member who is never late, else some from before the hot days."""
        if self.history is None:
            return self.totals.key, self.totals.dump()
        edge = self.totals.key[0] - hot_ms
        best = self.history.segments[0]
        for segment in self.history.segments:
            if segment.start_key[0] > edge:
                break
            best = segment
        return best.start_key, best.start

    # Going back: opening a history, and putting late events where they belong.

    def opens_at(self, earliest: Key) -> bool:
        """Whether the history that is open reaches back before an event."""
        return self.history is not None and self.history.segments[0].start_key < earliest

    def unwritten(self, stored: Stored) -> Stored:
        """What the store will hold once this batch is written."""
        snapshots = dict(stored.snapshots)
        for slot, totals in self.snapshot_writes.items():
            if totals is None:
                snapshots.pop(slot, None)
            else:
                snapshots[slot] = totals
        return Stored({**stored.chunks, **self.chunk_writes}, snapshots)

    def written(self) -> None:
        """What waited to be written has been handed over."""
        self.new = False
        self.chunk_writes = {}
        self.snapshot_writes = {}
        self.distinct_writes = set()

    def weigh(self) -> int:
        """Roughly the bytes that the member takes in memory now; `weight` remembers it."""
        weight = 2_000 + 100 * self.tail_count + 180 * len(self.distinct)
        if self.tail:
            weight += 200 * len(self.tail)
        if self.history is not None:
            weight += 170 * self.history.size + 100 * len(self.history.cells)
        self.weight = weight
        return weight

    def open(self, stored: Stored, earliest: Key, plan_at: PlanAt, catalogue: Catalogue) -> None:
        """Opens the history from the newest copy of totals that is older than `earliest`."""
        start_key, start = FIRST, Totals(catalogue.layout).dump()
        for slot, key in self.slots.items():
            if start_key < key < earliest and slot in stored.snapshots:
                start_key, start = key, stored.snapshots[slot]
        # Values met in a window that the copy lies in must be known again: go back to the start of its year.
        since = -1
        if start_key != FIRST:
            year = date.fromordinal(_utc_day(start_key[0], -1)).year
            since = (date(year, 1, 1).toordinal() - _EPOCH_DAY - 7) * DAY_MS
        packed = [entry for chunk in stored.chunks.values() for entry in unpack(chunk, catalogue, since)]
        found = sorted([*packed, *self._newest(catalogue)])
        if self.gone:
            found = [entry for entry in found if entry[:3] not in self.gone]
        written = set(self.distinct_writes)
        before = [entry for entry in found if entry[:3] <= start_key]
        after = [entry for entry in found if entry[:3] > start_key]
        self._rewind_distinct(start_key, before, after, plan_at)
        self.history = History([Segment(start, start_key, [])], {})
        self.totals = Totals.load(start, catalogue.layout)
        self._extend(self.history, after, plan_at, Effects(self.id))
        self.distinct_writes = written  # all is as it was

    def _rewind_distinct(self, start_key: Key, before: list[Entry], after: list[Entry], plan_at: PlanAt) -> None:
        """Takes the distinct values back to what was known at a copy of totals."""
        if start_key == FIRST:
            self.distinct.clear()
            return
        last: Distinct = {}
        for entry in before:
            for key, day in _met(entry, plan_at, self.standing):
                last[key] = (entry.time, day)
        for entry in after:
            for key, _ in _met(entry, plan_at, self.standing):
                known = self.distinct.get(key)
                if known is None:
                    continue
                if known[0] < start_key[0] or key in last:
                    # Met before; on no day that a window of today's copy still holds, unless `before` names it.
                    self.distinct[key] = (known[0], last[key][1] if key in last else _LONG_AGO)
                else:
                    del self.distinct[key]

    def insert(self, late: Sequence[Entry], plan_at: PlanAt, catalogue: Catalogue, hot_ms: int) -> tuple[Cells, Shares]:
        """Puts events into an open history and folds again from the first of them.

        Returns the scores that differ, and by how much each group's did.
        """
        late = sorted(late)
        changed = self._refold(late[0][:3], lambda entries: _merged(entries, late), plan_at)
        self._keep(late, catalogue, hot_ms)
        return changed

    def remove(self, gone: Entry, plan_at: PlanAt) -> tuple[Cells, Shares]:
        """Takes an event out of an open history, and out of the lists; returns what `insert` returns."""
        self.gone.add(gone[:3])
        return self._refold(gone[:3], lambda entries: [entry for entry in entries if entry[:3] != gone[:3]], plan_at)

    def move(self, change: Callable[[Standing], None], earliest: Key, plan_at: PlanAt) -> tuple[Cells, Shares]:
        """Changes a standing that decides about groups, and folds again what came after."""
        self._open_history()
        change(self.standing)
        return self._refold(earliest, list, plan_at)

    def _open_history(self) -> History:
        if self.history is None:
            raise AssertionError("a history has to be open before events go into it")
        return self.history

    def _segment_before(self, earliest: Key) -> Segment:
        segments = self._open_history().segments
        return next((each for each in reversed(segments) if each.start_key < earliest), segments[0])

    def _refold(
        self, earliest: Key, change: Callable[[list[Entry]], list[Entry]], plan_at: PlanAt
    ) -> tuple[Cells, Shares]:
        history = self._open_history()
        start = self._segment_before(earliest)
        first = history.segments.index(start)
        replaced = history.segments[first:]
        shares: Shares = {}
        for segment in reversed(replaced):
            self._undo(segment)
            for slot, share in segment.shares.items():
                shares[slot] = shares.get(slot, 0) - share
        for number, key in list(self.slots.items()):
            if key >= earliest:
                del self.slots[number]
                self.snapshot_writes[number] = None
        entries = change([entry for segment in replaced for entry in segment.entries])
        history.segments[first:] = [Segment(start.start, start.start_key, [])]
        self.totals = Totals.load(start.start, self.totals.layout)
        before, effects = history.cells, Effects(self.id)
        if replaced[0].entries:  # what they gave may have moved elsewhere: it is given again, or it is gone
            effects.cells = _without(replaced[0].entries[0], self.totals, before, plan_at)
        history.cells = dict(before)
        self._extend(history, entries, plan_at, effects)
        for slot, share in effects.shares.items():
            shares[slot] = shares.get(slot, 0) + share
        after = dict(self.totals.show(effects))
        cells = {code: value for code, value in after.items() if before.get(code) != value}
        return cells, {slot: share for slot, share in shares.items() if share}

    def _undo(self, segment: Segment) -> None:
        """Takes the distinct values back to the start of a segment."""
        for key, known in reversed(segment.undo):
            if known is None:
                self.distinct.pop(key, None)
            else:
                self.distinct[key] = known
            self.distinct_writes.add(key)

    def _extend(self, history: History, entries: Sequence[Entry], plan_at: PlanAt, effects: Effects) -> None:
        """Folds events onto the end of a history, starting a new segment every `SEGMENT` events."""
        place = 0
        while place < len(entries):
            segment = history.segments[-1]
            room = SEGMENT - len(segment.entries)
            if room <= 0:
                segment = Segment(self.totals.dump(), self.totals.key, [])
                history.segments.append(segment)
                room = SEGMENT
            part = entries[place : place + room]
            place += room
            self._fill(segment, part, plan_at, effects)
        history.cells.update(self.totals.show(effects))

    def _fill(self, segment: Segment, entries: Sequence[Entry], plan_at: PlanAt, effects: Effects) -> None:
        """Folds events into the last segment, which has room for them; notes there how to undo them."""
        met, before = len(segment.undo), effects.shares
        effects.undo, effects.shares = segment.undo, {}
        for entry in entries:
            plan = plan_at(entry.time)
            self.totals.add(entry, plan, self._groups(entry, plan), self.distinct, effects)
        segment.entries += entries
        for slot, share in effects.shares.items():
            segment.shares[slot] = segment.shares.get(slot, 0) + share
            before[slot] = before.get(slot, 0) + share
        self.distinct_writes.update(key for key, _ in segment.undo[met:])
        effects.undo, effects.shares = None, before

    def trim(self, hot_ms: int) -> None:
        """Forgets the part of an open history that is older than the hot days."""
        if self.history is None:
            return
        segments = self.history.segments
        edge = self.totals.key[0] - hot_ms
        first = 0
        while first + 1 < len(segments) and segments[first + 1].start_key[0] < edge:
            first += 1
        if first:
            self.history.segments = segments[first:]
            oldest = windows_of(_utc_day(segments[first].start_key[0], -1))
            self.history.cells = {
                code: value
                for code, value in self.history.cells.items()
                if parts_of(code)[2] >= oldest[parts_of(code)[1]]
            }


def _met(entry: Entry, plan_at: PlanAt, standing: Standing) -> Iterable[tuple[tuple[int, str], Day]]:
    """The distinct values that an event meets, with its local day."""
    plan = plan_at(entry.time)
    day = plan.calendar.day(entry.time)
    for number, value in entry.values:
        score = plan.scores.get(number)
        if score is None or score.measure is not Measure.DISTINCT:
            continue
        yield (number, str(value)), day
        groups = standing.groups(day) if score.by and standing.moves else {}
        for kind in score.by:
            for group in groups.get(kind, ()):
                yield (number, f"{kind}\0{group}\0{value}"), day


def _without(first: Entry, totals: Totals, cells: Cells, plan_at: PlanAt) -> Cells:
    """The scores that events from `first` on may have moved, as they are in totals before it."""
    calendar = plan_at(first.time).calendar
    windows = calendar.windows(calendar.day(first.time))
    found: Cells = {}
    for code in cells:
        number, kind, window = parts_of(code)
        if window >= windows[kind]:
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


def dump_distinct(key: tuple[int, str], met: Met | None) -> tuple[str, str | None]:
    """A distinct value as a field and its content in the store; None where it is met no more."""
    return f"{key[0]}|{key[1]}", None if met is None else f"{met[0]}|{met[1]}"

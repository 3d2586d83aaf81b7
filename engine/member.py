"""One member: the record that the store keeps, the list of its events, and what events do to it.

A member is kept *light*: the newest totals, enough for every event that is later than those before it. When an
event is late, the member is *opened*: the packed events since a copy of older totals are unpacked, and from then on
it has a history (`engine.history`), in which a late event is put where it belongs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson
from pydantic_core import from_json

from engine.badges import Marks, Times, dump_times, load_times
from engine.catalogue import Catalogue
from engine.effects import FIRST, Effects, Key, Met
from engine.evaluation import Entry
from engine.history import Changed, History, rewind, year_before
from engine.moving import Moving, PlanAt
from engine.packing import dump_entries, load_entries, pack, unpack
from engine.standing import Standing
from engine.totals import MARKS, Totals, tallies_of
from schemas.words import Day, MemberId

TAIL = 48
"""Newest events that a record carries unpacked; then they are packed into a chunk."""


class Kept(NamedTuple):
    """A member as the store keeps it: the record, and as fields and contents the distinct values and the tallies."""

    record: bytes
    distinct: Mapping[bytes, bytes]
    tallies: Mapping[bytes, bytes]


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
        "gone",
        "history",
        "id",
        "marked",
        "marks",
        "moving",
        "new",
        "seals",
        "settled",
        "slots",
        "snapshot_writes",
        "tail",
        "tail_count",
        "tail_text",
        "weight",
    )

    def __init__(self, ident: MemberId, catalogue: Catalogue) -> None:
        self.id = ident
        self.new = True  # the store holds nothing of it
        self.moving = Moving(catalogue.layout)
        self.history: History | None = None
        self.tail: list[Entry] | None = []  # the newest events; None: not yet read from `tail_text`
        self.tail_text = b""
        self.tail_count = 0
        self.seals = 0  # chunks ever made
        self.slots: dict[int, Key] = {}  # older totals in the store, by slot: their key
        self.gone: set[Key] = set()  # events in the lists that do not count any more
        self.marks: Marks = {}  # of badges that hang on other badges or on people: as they were told last
        self.marked = False  # whether they changed since they were written
        self.settled: Times = {}  # badges that were settled
        self.chunk_writes: dict[int, bytes] = {}
        self.snapshot_writes: dict[int, bytes | None] = {}
        self.weight = 0

    @property
    def totals(self) -> Totals:
        """The newest totals."""
        return self.moving.totals

    @property
    def standing(self) -> Standing:
        """How the member stands with the organisation."""
        return self.moving.standing

    # What the store keeps of a member: a record, written whenever the member changes.

    def dump(self) -> bytes:
        """The record: a line of JSON, then the newest events, if any, as another."""
        head = orjson.dumps(
            [
                [self.totals.key, self.totals.slots],
                self.standing.dump(),
                self.tail_count,
                self.seals,
                {str(slot): key for slot, key in self.slots.items()},
                sorted(self.gone),
                *([dump_times(self.settled)] if self.settled else ()),
            ]
        )
        return b"%b\n%b" % (head, self.tail_text)

    @classmethod
    def load(cls, ident: MemberId, kept: Kept, catalogue: Catalogue) -> "Member":
        """The member of what the store keeps, light."""
        made = cls(ident, catalogue)
        made.new = False
        head, made.tail_text = kept.record.split(b"\n")
        totals, standing, made.tail_count, made.seals, slots, gone, *settled = from_json(head)
        made.settled = load_times(settled[0]) if settled else {}
        made.marks = from_json(kept.tallies.get(MARKS, b"{}"))
        made.moving.totals = Totals.load(totals, catalogue.layout)
        made.moving.standing = Standing.load(standing)
        made.slots = {int(slot): (key[0], key[1], key[2]) for slot, key in slots.items()}
        made.gone = {(time, source, stored) for time, source, stored in gone}
        made.tail = None if made.tail_text else []
        made.totals.tallies = tallies_of(kept.tallies.items())
        for name, met in kept.distinct.items():
            number, value = name.split(b"|", 1)
            first, day = met.split(b"|")
            made.moving.distinct[int(number), value.decode()] = (int(first), Day(int(day)))
        return made

    def distinct_fields(self) -> Iterable[tuple[str, str | None]]:
        """The distinct values that changed, as fields and contents in the store; None where one is met no more."""
        for value in self.moving.distinct_writes:
            yield _field(value, self.moving.distinct.get(value))

    def mark(self, marks: Marks) -> None:
        """Takes note of what was told."""
        self.marks, self.marked = marks, True

    def tally_fields(self) -> Iterable[tuple[str, str | None]]:
        """The tallies that changed, as fields and contents in the store; None where there is nothing to keep."""
        tallies = self.totals.tallies
        if self.marked:
            yield MARKS.decode(), orjson.dumps(self.marks).decode()
        for name in self.moving.tally_writes:
            slots = tallies.get(name)
            yield name, None if slots is None else orjson.dumps(slots)[1:-1].decode()

    def written(self) -> None:
        """What waited to be written has been handed over."""
        self.new = False
        self.chunk_writes = {}
        self.snapshot_writes = {}
        self.moving.distinct_writes = set()
        self.moving.tally_writes = set()
        self.marked = False

    def weigh(self) -> int:
        """Roughly the bytes that the member takes in memory now; `weight` remembers it."""
        weight = 2_400 + 14 * len(self.totals.slots) + 100 * self.tail_count + 240 * len(self.moving.distinct)
        weight += 400 * len(self.totals.tallies)
        if self.tail:
            weight += 200 * len(self.tail)
        if self.history is not None:
            weight += 170 * self.history.size + 100 * len(self.history.cells)
        self.weight = weight
        return weight

    # Moving on: events later than all before them.

    def append(
        self, entries: Sequence[Entry], plan_at: PlanAt, effects: Effects, catalogue: Catalogue, hot_ms: int
    ) -> list[Entry]:
        """Adds events in the order in which they came; gives back those that are late, for `insert`."""
        newest, late = self.moving.totals.key, list[Entry]()
        in_order = list[Entry]()
        for entry in entries:
            if entry.time > newest[0] or entry[:3] > newest:
                in_order.append(entry)
                newest = entry[:3]
            else:
                late.append(entry)
        if not in_order:
            return late
        effects.cause = in_order[-1].position
        if self.history is None:
            self.moving.add(in_order, plan_at, effects, [])
        else:
            self.history.extend(in_order, plan_at, effects)
        self._keep(in_order, catalogue, hot_ms)
        return late

    def _keep(self, entries: Sequence[Entry], catalogue: Catalogue, hot_ms: int) -> None:
        """Puts events into the list of the events that counted; every few dozen are packed."""
        if self.gone and (back := self.gone.intersection(entry[:3] for entry in entries)):
            self._come_back(back, catalogue)
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

    def _come_back(self, keys: set[Key], catalogue: Catalogue) -> None:
        """Events that did not count any more do again: in no chunk they will stand beside what they were."""
        self.gone -= keys
        self.tail = [entry for entry in self._newest(catalogue) if entry[:3] not in keys]
        self.tail_text, self.tail_count = dump_entries(self.tail, catalogue), len(self.tail)

    def _newest(self, catalogue: Catalogue) -> list[Entry]:
        if self.tail is None:
            self.tail = load_entries(self.tail_text, catalogue)
        return self.tail

    def _older_totals(self, hot_ms: int) -> tuple[Key, bytes]:
        """Totals worth a copy: the newest of a member who is never late, else some from before the hot days."""
        totals = self.moving.totals
        if self.history is None:
            return totals.key, totals.dump()
        return self.history.totals_before(totals.key[0] - hot_ms)

    # Going back: opening a history, and putting late events where they belong.

    def opens_at(self, earliest: Key) -> bool:
        """Whether the history that is open reaches back before an event."""
        return self.history is not None and self.history.reaches(earliest)

    def unwritten(self, stored: Stored) -> Stored:
        """What the store will hold once this batch is written."""
        snapshots = dict(stored.snapshots)
        for slot, totals in self.snapshot_writes.items():
            if totals is None:
                snapshots.pop(slot, None)
            else:
                snapshots[slot] = totals
        return Stored({**stored.chunks, **self.chunk_writes}, snapshots)

    def open(self, stored: Stored, earliest: Key, plan_at: PlanAt, catalogue: Catalogue) -> None:
        """Opens the history from the newest copy of totals that is older than `earliest`."""
        start_key, start = FIRST, Totals(catalogue.layout).dump()
        for slot, key in self.slots.items():
            if start_key < key < earliest and slot in stored.snapshots:
                start_key, start = key, stored.snapshots[slot]
        since = year_before(start_key)
        chunks = [chunk for _, chunk in sorted(stored.chunks.items())]
        by_key = {entry[:3]: entry for chunk in chunks for entry in unpack(chunk, catalogue, since)}
        by_key |= {entry[:3]: entry for entry in self._newest(catalogue)}  # of what came back the newer one
        found = sorted(entry for key, entry in by_key.items() if key not in self.gone)
        written, tallied = set(self.moving.distinct_writes), set(self.moving.tally_writes)
        rewind(self.moving, start_key, found, plan_at)
        self.history = History(self.id, self.moving, start, start_key)
        self.history.extend([entry for entry in found if entry[:3] > start_key], plan_at, Effects(self.id))
        self.moving.distinct_writes, self.moving.tally_writes = written, tallied  # all is as it was

    def insert(self, late: Sequence[Entry], plan_at: PlanAt, catalogue: Catalogue, hot_ms: int) -> Changed:
        """Puts late events into an open history."""
        changed = self._opened(min(late)[:3]).insert(late, plan_at)
        self._keep(sorted(late), catalogue, hot_ms)
        return changed

    def remove(self, gone: Entry, plan_at: PlanAt) -> Changed:
        """Takes an event out of an open history, and out of the lists."""
        self.gone.add(gone[:3])
        return self._opened(gone[:3]).remove(gone[:3], plan_at)

    def move(self, change: Callable[[Standing], None], earliest: Key, plan_at: PlanAt) -> Changed:
        """Changes a standing that decides about groups, and folds again what came after."""
        history = self._opened(earliest)
        change(self.moving.standing)
        return history.refold(earliest, list, plan_at)

    def trim(self, hot_ms: int) -> None:
        """Forgets the part of an open history that is older than the hot days."""
        if self.history is not None:
            self.history.trim(hot_ms)

    def _opened(self, earliest: Key) -> History:
        """The open history; copies of totals from `earliest` on do not hold any more."""
        if self.history is None:
            raise AssertionError("a history has to be open before events go into it")
        for slot, key in list(self.slots.items()):
            if key >= earliest:
                del self.slots[slot]
                self.snapshot_writes[slot] = None
        return self.history


def _field(value: tuple[int, str], met: Met | None) -> tuple[str, str | None]:
    return f"{value[0]}|{value[1]}", None if met is None else f"{met[0]}|{met[1]}"

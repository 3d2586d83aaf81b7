"""The projector: folds one partition of the log into the store, batch after batch.

While one batch is being written (`streams.writing`), the next is folded, in another thread; the event loop only reads
the log. A write that finds the store elsewhere than expected makes the projector drop what it has in memory and go on
from where the store is.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TypeVar, cast

import redis
from pydantic_core import from_json

from engine.batch import Item
from engine.changes import Changes
from engine.cutting import cut
from engine.fold import Fold, NoRulebookError
from engine.needs import Answer, Need, NeedRecords
from engine.organisation import Organisation
from schemas.records import RECORD, Record
from schemas.words import DAY_MS, MemberId, OrgId, Position
from streams.interpreter import undisturbed
from streams.log import Entry, Log
from streams.needed import needed, shares
from streams.said import Said, Speech
from streams.store import Store
from streams.tuning import Tuning
from streams.writes import Call, Noted
from streams.writing import RewoundError, Writing

T = TypeVar("T")
_RETRY_S = 0.5
_POLL_S = 0.5


@dataclass(slots=True)
class Progress:
    """What a projector has done, for health and metrics."""

    position: int = 0
    folded: int = 0
    waiting: str = ""  # why it stands still; empty where it does not


class Projector:
    """Folds one partition; `run` goes on until it is cancelled or loses the partition."""

    def __init__(
        self,
        log: Log,
        partition: int,
        store: Store,
        *,
        tuning: Tuning | None = None,
        speech: Speech | None = None,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Args are the ports; `reached` is told each step's name (tests kill the process there).

        `speech` says what of the partition's facts was sent on to others, who must not be told it in other parts;
        None where nobody sends them on.
        """
        self.log = log
        self.partition = partition
        self.store = store
        self.tuning = tuning or Tuning()
        self.reached = reached
        self.progress = Progress()
        self.orgs: dict[OrgId, Organisation] = {}
        self._speech = speech
        self._said = Said()
        self._noted: dict[OrgId, Noted] = {}
        self._size = self.tuning.batch
        self._folding = ThreadPoolExecutor(1, "fold")
        self._writing = Writing(store, partition, reached)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved = asyncio.Condition()

    @property
    def noted(self) -> dict[OrgId, int]:
        """How far every organisation of the partition is written."""
        return self._writing.noted

    async def run(self) -> None:
        """Reads, folds and writes until cancelled; what was read is written before it ends.

        Raises:
            LostOwnershipError: another worker has the partition now.
            UnavailableStoreError: the store is not of this log, secret or engine.
            UnavailableLog: the log cannot be read where it has to go on.
        """
        self._loop = asyncio.get_running_loop()
        position = await self._resumed()
        try:
            while True:
                entries = await self._read(position)
                try:
                    if entries:
                        self.reached("polled")
                        done = await self._in_fold_thread(partial(self._batch, entries))
                        position = entries[-1].position + 1
                        self.progress.waiting = ""
                        self.progress.folded += done
                    else:
                        await self._in_fold_thread(self._idle)
                except NoRulebookError:
                    self.progress.waiting = "no rulebook is published: karmalog rules apply FILE"
                    await asyncio.sleep(0.2)
                except RewoundError:
                    position = await self._resumed()
                except redis.exceptions.RedisError as error:
                    # Out of memory, restarting, or gone: what was not written is folded again, nothing is skipped.
                    self.progress.waiting = f"Redis does not take the batch: {error}"
                    await asyncio.sleep(_RETRY_S)
                    position = await self._resumed()
                await self._tell(position)
        finally:
            await asyncio.shield(self._in_fold_thread(self._writing.wait))

    async def _read(self, position: int) -> list[Entry]:
        """The next batch; where something was said of it already, cut as it was cut then."""
        end = self._said.next_cut(position)
        if end is None:
            return await self.log.read(self.partition, Position(position), max_records=self._size, max_wait_s=_POLL_S)
        entries: list[Entry] = []
        while not entries or entries[-1].position + 1 < end:
            found = await self.log.read(
                self.partition,
                Position(entries[-1].position + 1 if entries else position),
                max_records=min(self.tuning.batch, end - position),
                max_wait_s=_POLL_S,
            )
            entries += [entry for entry in found if entry.position < end]
            if not found or found[-1].position >= end or self._said.is_silent(position):
                break
        return entries

    async def _resumed(self) -> int:
        """Goes on from where the store stands, as soon as it answers."""
        while True:
            try:
                if self._speech is None:
                    return await self._in_fold_thread(self._resume)
                async with self._speech.turn:
                    self._said = await self._speech.recall()
                    return await self._in_fold_thread(self._resume)
            except redis.exceptions.RedisError as error:
                self.progress.waiting = f"Redis does not answer: {error}"
                await asyncio.sleep(_RETRY_S)

    async def reach(self, position: int, timeout_s: float) -> bool:
        """Waits until everything before `position` is written; whether it is."""
        try:
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: self.progress.position >= position)
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Ends the threads."""
        self._folding.shutdown()
        self._writing.close()

    async def _in_fold_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._folding, work)

    async def _tell(self, read: int) -> None:
        """Lets those who wait know how far the store is: all of what was read, once the last write is done."""
        under_way = self._writing.under_way
        if under_way is None:
            async with self._moved:
                self.progress.position = read
                self._moved.notify_all()
        else:
            loop = asyncio.get_running_loop()

            def done(write: Future[None]) -> None:
                if write.exception() is None:  # else the store does not hold it
                    loop.call_soon_threadsafe(lambda: loop.create_task(self._mark(read)))

            under_way.add_done_callback(done)

    async def _mark(self, read: int) -> None:
        async with self._moved:
            self.progress.position = max(self.progress.position, read)
            self._moved.notify_all()

    # In the fold's thread.

    def _resume(self) -> int:
        """Drops what is in memory; where the store says that the partition has to go on."""
        self.orgs.clear()
        self._noted.clear()
        self.progress.position = position = self._writing.take_over()
        return position

    def _idle(self) -> None:
        """Between events: the last write is finished, and a store that went back in time is noticed."""
        self._writing.check({org.id: org.position for org in self.orgs.values()})

    def _batch(self, entries: Sequence[Entry]) -> int:
        """Folds what was read and hands the writes over; the number of records folded."""
        with undisturbed():
            return self._folded(entries)

    def _folded(self, entries: Sequence[Entry]) -> int:
        by_org: dict[OrgId, list[Item]] = {}
        for entry, record in zip(entries, _decode(entries), strict=True):
            name = record["org"]
            if name in by_org:
                by_org[name].append((entry.position, record))
            else:
                by_org[name] = [(entry.position, record)]
        calls: list[Call] = []
        done = 0
        start, end = entries[0].position, Position(entries[-1].position + 1)
        silent = self._said.is_silent(start)
        for name, items in by_org.items():
            org = self._organisation(name)
            said_as = None if silent else (max(start, org.position), end)
            if items[0][0] < org.position:
                items = [item for item in items if item[0] >= org.position]  # noqa: PLW2901
            while items:
                count = cut(org, items)
                part, items = items[:count], items[count:]  # noqa: PLW2901
                if calls and calls[-1].org == name:
                    self._writing.hand_over(calls, None)
                    calls = []
                last = entries[bisect_left(entries, part[-1][0], key=_position_of)]
                calls.append(self._fold(org, part, last.value, said_as))
                done += count
        self._writing.hand_over(calls, end)
        self._resize(sum(call.weight for call in calls), len(entries))
        return done

    def _resize(self, writes: int, records: int) -> None:
        """Aims at batches that keep the store busy for a bounded time, whatever their events touch."""
        if writes:
            wanted = records * self.tuning.writes // writes
            self._size = max(100, min(self.tuning.batch, (self._size + wanted) // 2))

    def _organisation(self, ident: OrgId) -> Organisation:
        org = self.orgs.get(ident)
        if org is None:
            self._writing.wait()
            org = self.store.open(ident)
            if org.position:
                self.store.check_last(ident, self._at(org.position - 1))
            self.orgs[ident] = org
            self._noted[ident] = Noted()
        return org

    def _fold(self, org: Organisation, part: Sequence[Item], last: bytes, said_as: tuple[int, int] | None) -> Call:
        expected = org.position
        changes = self._drive(org, Fold(org, part, self.tuning.hot_days * DAY_MS))
        self.reached("folded")
        noted = self._noted[org.id]
        if missing := noted.missing(changes):
            self._writing.wait()
            noted.groups.update(zip(missing, shares(self.store.client, org.id, missing), strict=True))
        call = self.store.call(org, changes, noted, expected=expected, last=last, said_as=said_as)
        self._shrink(org, changes.members)
        return call

    def _drive(self, org: Organisation, fold: Fold) -> Changes:
        """Runs a fold, answering what it needs."""
        running = fold.run()
        try:
            need = next(running)
            while True:
                need = running.send(self._answer(org.id, need))
        except StopIteration as end:
            return cast("Changes", end.value)
        except NoRulebookError:
            self.orgs.pop(org.id)
            raise

    def _answer(self, org: OrgId, need: Need) -> Answer:
        if isinstance(need, NeedRecords):
            return {position: RECORD.validate_json(self._at(position)) for position in need.positions}
        if self._writing.may_hold(org, need):
            self._writing.wait()
        return needed(self.store.client, org, need)

    def _at(self, position: int) -> bytes:
        if self._loop is None:
            raise AssertionError("records are read while `run` runs")
        return asyncio.run_coroutine_threadsafe(self.log.at(self.partition, Position(position)), self._loop).result()

    def _shrink(self, org: Organisation, busy: Collection[MemberId]) -> None:
        """Keeps the members in memory within their bound; those of whom something is not written yet stay."""
        share = self.tuning.memory_bytes // max(1, len(self.orgs))
        if org.weight <= share:
            return
        kept = [busy, *self._writing.members(org.id)]
        for ident in list(org.members):
            if org.weight <= share:
                break
            if not any(ident in members for members in kept):
                org.forget(ident)


_position_of = attrgetter("position")


def _decode(entries: Sequence[Entry]) -> list[Record]:
    """The records; karmalog alone writes the log, and checked them then, so they are not checked again."""
    joined = b"[" + b",".join([entry.value for entry in entries]) + b"]"
    return cast("list[Record]", from_json(joined, cache_strings="keys"))

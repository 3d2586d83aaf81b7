"""Intake: from the topic that anybody may write to, to the log that karmalog alone writes.

Every event is judged and goes to the log, or to quarantine with its reason and place; the next one goes on. Offsets
are committed after both are durable: at least once, and the fold recognises repeats. While a batch is on its way to
the brokers, the next one is judged.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from schemas.verdicts import Verdict
from schemas.words import OrgId
from streams.appending import Appending
from streams.clock import Clock
from streams.hashing import Hasher
from streams.header_names import read_any_header_name
from streams.judge import Allowed, Judge, Taken
from streams.kafka_reader import unreachable
from streams.log import Log, UnavailableLog
from streams.quarantine import QUARANTINED, Message, dropped
from streams.rulebook_topic import KnownRulebooks
from streams.shelf import Quarantine, Shelf
from streams.waiting import judge_again

_log = logging.getLogger(__name__)
_FETCH_WAIT_MS = 100
_POLL_MS = 200
_RETRY_S = 1.0
_LOOK_S = 1.0  # how often news of rulebooks are looked for
_SETTLED_S = 10.0  # after a new rulebook every intake has it by now
NO_RULEBOOK = "no rulebook is in force: karmalog rules apply FILE, and a worker that runs"


@dataclass(slots=True)
class Taking:
    """What intake has done since it started, for health and metrics: read = taken + dropped + quarantined."""

    read: int = 0
    taken: int = 0
    dropped: int = 0
    quarantined: Counter[Verdict] = field(default_factory=Counter)
    taken_later: int = 0
    waiting: str = ""


@dataclass(slots=True)
class _Batch:
    """What a batch becomes: what was taken, what goes to quarantine, offsets."""

    taken: Appending
    held: list[tuple[str, bytes]] = field(default_factory=list)
    offsets: dict[TopicPartition, int] = field(default_factory=dict)


class Intake(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Takes what the consumer group assigns to this process; `run` does it."""

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        group: str,
        *,
        log: Log,
        texts: Shelf,
        quarantine: Quarantine,
        rulebooks: KnownRulebooks,
        hasher: Hasher,
        default_org: OrgId,
        allowed: Allowed,
        clock: Clock,
        batch: int,
        session_s: float,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Takes the parts; `allowed` says who may send what is no activity, `reached` is told each step's name."""
        self._bootstrap, self._topic, self._group = bootstrap, topic, group
        self._log, self._texts, self._quarantine, self._rulebooks = log, texts, quarantine, rulebooks
        self._judge = Judge(rulebooks.of, hasher, default_org, allowed=allowed)
        self._of_history = Judge(rulebooks.of, hasher, default_org, allowed=allowed, trust_recorded=True)
        self._clock, self._batch, self._session_s = clock, batch, session_s
        self._reached = reached
        self._writing: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._assigned: set[TopicPartition] = set()
        self._again_at: list[float] = []
        self.taking = Taking()
        self.joined = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Takes events until told to stop; what was read is in the log and committed before it ends.

        Raises:
            UnavailableLog: Kafka does not answer at the start.
        """
        read_any_header_name()
        self._stopping = stopping
        await self._first_rulebook(stopping)
        if stopping.is_set():
            return
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self._group,
            session_timeout_ms=int(self._session_s * 1000),
            heartbeat_interval_ms=int(self._session_s * 1000 / 3),
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # of events that nobody has taken, the oldest one is next
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )
        following = asyncio.create_task(self._follow())
        try:
            try:
                await consumer.start()
            except KafkaError as error:
                raise unreachable(self._bootstrap, error) from error
            consumer.subscribe([self._topic], listener=self)
            while not stopping.is_set():
                await self._turn(consumer)
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            with suppress(UnavailableLog):  # what is not committed is read again
                await self._finish()
            await consumer.stop()

    async def _first_rulebook(self, stopping: asyncio.Event) -> None:
        """Waits until somebody has a rulebook: before that nothing can be judged."""
        while not stopping.is_set():
            try:
                await self._rulebooks.refresh()
                if self._rulebooks.newest:
                    self.taking.waiting = ""
                    self._schedule()
                    return
                self.taking.waiting = NO_RULEBOOK
            except UnavailableLog as error:
                self.taking.waiting = str(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await stopping.wait()

    # Batch after batch.

    async def _turn(self, consumer: AIOKafkaConsumer) -> None:
        try:
            found = await consumer.getmany(timeout_ms=_POLL_MS, max_records=self._batch)
        except KafkaError as error:
            self.taking.waiting = str(unreachable(self._bootstrap, error))
            await asyncio.sleep(_RETRY_S)
            return
        if not found:
            return
        self._reached("polled")
        batch = self._judged(found)
        await self._finish()
        self._writing = asyncio.create_task(self._write(consumer, batch))

    async def _finish(self) -> None:
        """Waits for the batch that is under way."""
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing

    def _judged(self, found: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> _Batch:
        now, taking = self._clock.now(), self.taking
        offsets = {place: records[-1].offset + 1 for place, records in found.items()}
        batch = _Batch(Appending(self._log, self._texts), offsets=offsets)
        for place, records in found.items():
            prefix = f"{place.topic}/{place.partition}/"
            for record in records:
                message = Message(record.value or b"", record.headers, f"{prefix}{record.offset}")
                result = self._judge.read(message, now=now)
                taking.read += 1
                if isinstance(result, Taken):
                    taking.taken += 1
                    batch.taken.add(result)
                elif dropped(result):
                    taking.dropped += 1
                else:
                    taking.quarantined[result["verdict"]] += 1
                    batch.held.append((message.place, QUARANTINED.dump_json(result)))
        return batch

    async def _write(self, consumer: AIOKafkaConsumer, batch: _Batch) -> None:
        """Makes a batch durable, however long it takes, and commits it."""
        await self._keep(batch)
        self._reached("produced")
        try:
            # What was taken away meanwhile is read again by its new owner, and recognised by the fold.
            mine = {place: offset for place, offset in batch.offsets.items() if place in self._assigned}
            if mine:
                await consumer.commit(mine)
        except (KafkaError, IllegalStateError) as error:
            _log.info("offsets were not committed, the events will be read again: %s", error)

    async def _keep(self, batch: _Batch) -> None:
        while True:
            try:
                if batch.held:
                    await self._quarantine.add(batch.held)
                await batch.taken.append()
            except UnavailableLog as error:
                self.taking.waiting = str(error)
                if self._stopping.is_set():
                    raise
                await asyncio.sleep(_RETRY_S)
            else:
                self.taking.waiting = ""
                return

    # Rulebooks, and what waited for them.

    def _schedule(self) -> None:
        """Judges again what waits: now, and once more when no intake works with an older rulebook any more."""
        now = asyncio.get_running_loop().time()
        self._again_at = [now, now + _SETTLED_S]

    async def _follow(self) -> None:
        while True:
            try:
                if await self._rulebooks.refresh():
                    self._schedule()
                await self._again()
            except UnavailableLog as error:
                _log.warning("rulebooks and quarantine cannot be read: %s", error)
            await asyncio.sleep(_LOOK_S)

    async def _again(self) -> None:
        """The one process that has the first partition judges again what waits."""
        if TopicPartition(self._topic, 0) not in self._assigned:
            return
        if not self._again_at or asyncio.get_running_loop().time() < self._again_at[0]:
            return
        self.taking.taken_later += await judge_again(
            self._quarantine, self._judge, self._of_history, self._rulebooks.declares, self._take
        )
        self._again_at.pop(0)

    async def _take(self, taken: Sequence[tuple[Taken, str | None]]) -> None:
        batch = _Batch(Appending(self._log, self._texts))
        for each, run in taken:
            batch.taken.add(each, run)
        await self._keep(batch)

    # Called by the group's coordinator, which waits for them.

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Finishes and commits what is under way."""
        del revoked
        await self._finish()
        self._assigned = set()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Takes note of what this process reads now."""
        self._assigned = set(assigned)
        self.joined = True

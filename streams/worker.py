"""The worker: a projector for every partition of the log that the consumer group assigns to this process.

The group says who reads what; where to go on stands in the store. A partition that is taken away is written to its
end first. A worker that was frozen meanwhile is stopped by the store, which another one owns by then.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

import redis
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from schemas.words import OrgId, Position
from streams.group_log import GroupLog
from streams.kafka_reader import log_consumer, unreachable
from streams.log import Log, UnavailableLog, shorter_log
from streams.outbox import Source
from streams.projector import Projector
from streams.said import Said, Speech
from streams.store import Identity, Store, UnavailableStoreError
from streams.tuning import Tuning
from streams.writing import LostOwnershipError

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition as Place

_log = logging.getLogger(__name__)
_AGAIN_S = 2.0  # before a partition that could not go on is tried again
_FETCH_WAIT_MS = 100  # a partition with much to read waits as long for the idle ones


class Folded(NamedTuple):
    """How far an organisation is in this process."""

    position: int  # that was folded; 0 where nothing was since this process took it over
    books: int  # rulebooks that were folded


class Worker(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Folds the partitions that its group gives it; `run` does it."""

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        group: str,
        log: Log,
        client: "redis.Redis",
        identity: Identity,
        *,
        tuning: Tuning,
        session_s: float,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Takes the parts.

        Args:
            bootstrap: Kafka's addresses.
            topic: Of the log.
            group: The consumer group that shares out the partitions among workers.
            log: The same log, for appending and looking up.
            client: The store's Redis.
            identity: What the store's checkpoints have to agree with.
            tuning: Bounds; the memory is that of all partitions together.
            session_s: How long a silent worker keeps its partitions.
            reached: Is told each step's name.
        """
        self._bootstrap, self._topic, self._group = bootstrap, topic, group
        self._log, self._client, self._identity = log, client, identity
        self._tuning, self._session_s, self._reached = tuning, session_s, reached
        self._reading: GroupLog | None = None
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._fatal: asyncio.Future[None] | None = None
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        self._speeches: dict[int, Speech] = {}
        self.projectors: dict[int, Projector] = {}
        self.joined = False
        self.troubles: dict[int, str] = {}
        """Partitions that stand still, with the reason."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Folds until told to stop; what was read is written before it ends.

        Raises:
            UnavailableStoreError: the store is not of this log, secret or engine.
            UnavailableLog: Kafka does not answer at the start, or the log is shorter than the store.
        """
        self._fatal = asyncio.get_running_loop().create_future()
        consumer: AIOKafkaConsumer = log_consumer(
            self._bootstrap, group=self._group, session_s=self._session_s, fetch_wait_ms=_FETCH_WAIT_MS
        )
        self._consumer = consumer
        self._reading = GroupLog(self._log, consumer, self._topic)
        try:
            try:
                await self._admin.start()
                await consumer.start()
            except KafkaError as error:
                raise unreachable(self._bootstrap, error) from error
            consumer.subscribe([self._topic], listener=self)
            told: asyncio.Future[object] = asyncio.ensure_future(stopping.wait())
            either: list[asyncio.Future[object]] = [told, cast("asyncio.Future[object]", self._fatal)]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
        finally:
            await self._drain()
            await consumer.stop()
            await self._admin.close()
        if self._fatal.done():
            self._fatal.result()

    def owned(self) -> set[int]:
        """The partitions that this process has."""
        return set(self._tasks)

    def folded(self) -> dict[OrgId, Folded]:
        """Every organisation of those partitions."""
        found: dict[OrgId, Folded] = {}
        for projector in list(self.projectors.values()):
            found |= dict.fromkeys(projector.noted, Folded(0, books=0))
            for org, state in list(projector.orgs.items()):
                found[org] = Folded(state.position, len(state.books))
        return found

    def sources(self) -> dict[int, Source]:
        """What the relay has to know of those partitions."""
        return {
            partition: Source(projector.progress.position, projector.noted, self._speeches[partition])
            for partition, projector in list(self.projectors.items())
        }

    # Called by the group's coordinator, which waits for them.

    async def on_partitions_revoked(self, revoked: "Collection[Place]") -> None:
        """Finishes what is under way; the next owner goes on from there."""
        del revoked  # always all of them: the client's protocol is the eager one
        await self._drain()

    async def on_partitions_assigned(self, assigned: "Collection[Place]") -> None:
        """Starts a projector for each."""
        places: list[TopicPartition] = sorted(assigned)
        if self._reading is None:
            raise AssertionError("partitions are assigned while `run` runs")
        self._reading.hold(places)
        self.joined = True
        share = self._tuning.memory_bytes // max(1, len(places))
        tuning = replace(self._tuning, memory_bytes=share)
        for place in places:
            work = self._own(self._reading, place.partition, tuning)
            self._tasks[place.partition] = asyncio.create_task(work)

    async def _drain(self) -> None:
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.projectors.clear()
        self._speeches.clear()
        self.troubles.clear()

    async def _own(self, log: GroupLog, partition: int, tuning: Tuning) -> None:
        """Folds one partition for as long as the group leaves it here; what stops it stops no other one."""
        first = True
        while True:
            # A token of its own each time: what an older projector still has on its way is refused.
            store = Store(self._client, self._identity, secrets.token_hex(8))
            speech = self._speeches.setdefault(partition, self._speech(partition))
            projector = Projector(log, partition, store, tuning=tuning, speech=speech, reached=self._reached)
            self.projectors[partition] = projector
            try:
                if first:
                    await self._check_end(partition, store)
                    first = False
                self.troubles.pop(partition, None)
                await projector.run()
            except LostOwnershipError as error:
                self._trouble(partition, str(error))
            except UnavailableStoreError as error:
                self._stop_for(error)
                return
            except UnavailableLog as error:
                if first:
                    self._stop_for(error)
                    return
                self._trouble(partition, str(error))
            except redis.exceptions.RedisError as error:
                self._trouble(partition, f"Redis does not answer: {error}")
            except Exception as error:  # noqa: BLE001 - a fault of one partition must not stop the others
                _log.exception("partition %d stands still", partition)
                self._trouble(partition, f"the fold failed ({type(error).__name__}: {error}): see the log")
            finally:
                await asyncio.shield(asyncio.to_thread(projector.close))
            if (this := asyncio.current_task()) is not None and this.cancelling():
                return
            await asyncio.sleep(_AGAIN_S)

    def _speech(self, partition: int) -> Speech:
        """What was said of a partition, as the position that this group has committed in it."""
        place = TopicPartition(self._topic, partition)

        async def fetch() -> Said:
            try:
                found = await self._admin.list_consumer_group_offsets(self._group, partitions=[place])
            except KafkaError as error:
                raise unreachable(self._bootstrap, error) from error
            committed = found.get(place)
            if committed is None or committed.offset < 0:
                return Said()
            return Said.load(committed.offset, committed.metadata)

        async def commit(said: Said) -> None:
            try:
                await self._consumer.commit({place: OffsetAndMetadata(said.until, said.dump())})
            except KafkaError as error:
                raise UnavailableLog(
                    f"Kafka does not let this worker say anything of {self._topic}/{partition} "
                    f"({type(error).__name__}: {error}): another one may have it by now"
                ) from error

        return Speech(fetch, commit)

    async def _check_end(self, partition: int, store: Store) -> None:
        """Makes sure, before anything is written, that the log reaches as far as the store."""
        try:
            start = await asyncio.to_thread(store.partition_position, partition)
        except redis.exceptions.RedisError:
            return  # the projector waits for it; a shorter log shows when it is read
        end = await self._log.end(partition)
        if start > end:
            raise shorter_log(f"{self._topic}/{partition}", Position(start), end)

    def _trouble(self, partition: int, what: str) -> None:
        if self.troubles.get(partition) != what:
            _log.error("partition %d stands still: %s", partition, what)
        self.troubles[partition] = what

    def _stop_for(self, error: Exception) -> None:
        if self._fatal is not None and not self._fatal.done():
            self._fatal.set_exception(error)

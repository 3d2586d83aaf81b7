"""Reading the log on Kafka: positions of our own, never a guess, and records left as the client has them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from schemas.words import Position
from streams.log import Entry, UnavailableLog, shorter_log

READ_AHEAD = 4 << 20
"""Bytes that are fetched at once of a partition that is read on and on."""
ONE_BATCH = 1
"""Likewise where single records are looked up: Kafka gives the whole batch that has the record, and nothing more."""
_FOLLOW_WAIT_MS = 500
_LOOK_UP_WAIT_MS = 10
_PAGE = 5000
_SILENCE_S = 30.0


def log_consumer(
    bootstrap: str,
    *,
    group: str | None = None,
    session_s: float = 10.0,
    fetch_wait_ms: int = _FOLLOW_WAIT_MS,
    fetch_bytes: int = READ_AHEAD,
) -> AIOKafkaConsumer:
    """A consumer, not started, that never guesses a position, never commits one, and reads what is committed.

    Args:
        bootstrap: Addresses of brokers, `host:port` separated by commas.
        group: The consumer group that shares out the partitions; None where the caller assigns them.
        session_s: How long the group waits for a silent member before others get its partitions.
        fetch_wait_ms: How long the broker may hold back the answer where there is nothing new. Until then it
            answers nothing else on that connection: no seek, no question for the end.
        fetch_bytes: How much to fetch at once per partition.
    """
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        session_timeout_ms=int(session_s * 1000),
        heartbeat_interval_ms=int(session_s * 1000 / 3),
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        max_partition_fetch_bytes=fetch_bytes,
        fetch_max_wait_ms=fetch_wait_ms,
    )


def unreachable(bootstrap: str, error: BaseException) -> UnavailableLog:
    """The complaint that Kafka does not answer."""
    return UnavailableLog(
        f"Kafka at {bootstrap} cannot be used ({type(error).__name__}: {error}): check that it runs, "
        "and the address in KARMALOG_KAFKA"
    )


class KafkaLogReader:
    """Reads partitions through a consumer that the caller started and assigned, by hand or by its group."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        """Reads through `consumer`, made by `log_consumer`; its owner stops it."""
        self._consumer = consumer

    def seek(self, place: TopicPartition, position: Position) -> None:
        """Go on at `position`; every assigned partition needs this once, before the first poll."""
        self._consumer.seek(place, position)

    async def poll(
        self, *places: TopicPartition, max_records: int, max_wait_s: float
    ) -> Mapping[TopicPartition, list[ConsumerRecord]]:
        """The next records by partition, in order, as the client has them, so that none is copied.

        Args:
            places: Where from; every assigned partition if none is named.
            max_records: The most that all partitions give together.
            max_wait_s: How long to wait for the first, in seconds; nothing came if the answer is empty.

        Raises:
            UnavailableLog: A position is not in the log any more, or not yet, or Kafka refused.
        """
        try:
            records: Mapping[TopicPartition, list[ConsumerRecord]] = await self._consumer.getmany(
                *places, timeout_ms=int(max_wait_s * 1000), max_records=max_records
            )
        except OffsetOutOfRangeError as error:
            raise await self._out_of_range(error.args[0]) from error
        except KafkaError as error:
            raise UnavailableLog(
                f"reading {_names(self._consumer.assignment())} failed ({type(error).__name__}: {error}): "
                "check Kafka and what karmalog may do there"
            ) from error
        return records

    async def _out_of_range(self, sought: Mapping[TopicPartition, int]) -> UnavailableLog:
        place, start = next(iter(sought.items()))
        ends = await self._consumer.end_offsets([place])
        if start > ends[place]:
            return shorter_log(_names([place]), Position(start), Position(ends[place]))
        begins = (await self._consumer.beginning_offsets([place]))[place]
        return UnavailableLog(
            f"{_names([place])} begins later than the checkpoint: reading has to go on at position {start}, "
            f"but the log begins at {begins}. Somebody deleted records: set the topic's retention.ms to -1, "
            "and put the missing records back from a copy"
        )


class Offsets:
    """Where partitions begin and end, asked on a connection on which nothing else is waited for."""

    def __init__(self, bootstrap: str) -> None:
        """Connects when it is first asked."""
        self._connection = _Connection(bootstrap, _FOLLOW_WAIT_MS, READ_AHEAD)

    async def end(self, place: TopicPartition) -> Position:
        """The position that the next record will get.

        Raises:
            UnavailableLog: Kafka does not answer.
        """
        return await self._ask(AIOKafkaConsumer.end_offsets, place)

    async def begin(self, place: TopicPartition) -> Position:
        """The position of the first record that is still there.

        Raises:
            UnavailableLog: Kafka does not answer.
        """
        return await self._ask(AIOKafkaConsumer.beginning_offsets, place)

    async def close(self) -> None:
        """Disconnect."""
        await self._connection.close()

    async def _ask(
        self,
        question: Callable[[AIOKafkaConsumer, list[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]],
        place: TopicPartition,
    ) -> Position:
        consumer = await self._connection.consumer()
        try:
            return Position((await question(consumer, [place]))[place])
        except KafkaError as error:
            raise unreachable(self._connection.bootstrap, error) from error


class PartitionReading:
    """One partition, read by one reader after the other, from any position, through a consumer of its own."""

    def __init__(self, bootstrap: str, place: TopicPartition, *, follow: bool, fetch_bytes: int = READ_AHEAD) -> None:
        """Connects when it is first read.

        Args:
            bootstrap: Addresses of brokers.
            place: The partition.
            follow: Whether it is read on and on, so that reading ahead pays; else it jumps at once.
            fetch_bytes: How much to fetch at once.
        """
        self._connection = _Connection(bootstrap, _FOLLOW_WAIT_MS if follow else _LOOK_UP_WAIT_MS, fetch_bytes)
        self._place, self._follow = place, follow
        self._next: int | None = None  # where the consumer stands, if that is known
        self._turn = asyncio.Lock()

    async def read(self, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """See `Log.read`; where it goes on from where it ended, nothing is fetched twice."""
        async with self._turn:
            records = await self._poll(start, max_records, max_wait_s)
        return [Entry(record.offset, record.value) for record in records]

    async def until(self, end: Position, start: Position) -> AsyncIterator[ConsumerRecord]:
        """Every record from `start`, which must be there, to `end`.

        Raises:
            UnavailableLog: The log cannot be read, or nothing came for 30 s.
        """
        at: int = start
        while at < end:
            async with self._turn:
                records = await self._poll(Position(at), _PAGE, _SILENCE_S)
                reached = self._next
            for record in records:
                yield record
            if reached is None or reached <= at:  # compaction leaves gaps: what counts is where we stand
                raise UnavailableLog(
                    f"{_names([self._place])} gave nothing for {_SILENCE_S:g} s at position {at}, before its "
                    f"end {end}: check whether Kafka at {self._connection.bootstrap} runs"
                )
            at = reached

    async def close(self) -> None:
        """Disconnect."""
        await self._connection.close()

    async def _poll(self, start: Position, max_records: int, max_wait_s: float) -> list[ConsumerRecord]:
        consumer = await self._connection.consumer()
        reader = KafkaLogReader(consumer)
        if not consumer.assignment():
            consumer.assign([self._place])  # and seek before anything else runs: it has no position yet
        if self._next != start:
            reader.seek(self._place, start)
        self._next = None  # until the answer is whole
        consumer.resume(self._place)
        found = await reader.poll(self._place, max_records=max_records, max_wait_s=max_wait_s)
        if not self._follow:
            consumer.pause(self._place)
        self._next = await consumer.position(self._place)
        return found.get(self._place, [])


class _Connection:
    """A consumer that is started when it is first needed."""

    def __init__(self, bootstrap: str, fetch_wait_ms: int, fetch_bytes: int) -> None:
        self.bootstrap = bootstrap
        self._fetch_wait_ms, self._fetch_bytes = fetch_wait_ms, fetch_bytes
        self._started: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()

    async def consumer(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._started is None:
                consumer = log_consumer(
                    self.bootstrap, fetch_wait_ms=self._fetch_wait_ms, fetch_bytes=self._fetch_bytes
                )
                try:
                    await consumer.start()
                except KafkaError as error:
                    await consumer.stop()
                    raise unreachable(self.bootstrap, error) from error
                self._started = consumer
        return self._started

    async def close(self) -> None:
        if self._started is not None:
            await self._started.stop()


def _names(places: Iterable[TopicPartition]) -> str:
    return ", ".join(f"{place.topic}/{place.partition}" for place in sorted(places)) or "nothing"

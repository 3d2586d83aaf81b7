"""Reading the log on Kafka: positions of our own, never a guess, and records left as the client has them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from schemas.words import Position
from streams.log import Entry, UnavailableLog, shorter_log

_FETCH_BYTES = 4 << 20  # read ahead per partition
_PAGE = 5000
_SILENCE_S = 30.0


def log_consumer(bootstrap: str, *, group: str | None = None) -> AIOKafkaConsumer:
    """A consumer, not started, that never guesses a position, never commits one, and reads what is committed.

    Args:
        bootstrap: Addresses of brokers, `host:port` separated by commas.
        group: The consumer group that shares out the partitions; None where the caller assigns them.
    """
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        max_partition_fetch_bytes=_FETCH_BYTES,
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


class PartitionReading:
    """One partition, read by one reader after the other, from any position, through a consumer of its own."""

    def __init__(self, bootstrap: str, place: TopicPartition) -> None:
        """Connects when it is first read."""
        self._bootstrap, self._place = bootstrap, place
        self._connected: AIOKafkaConsumer | None = None
        self._next: int | None = None  # where the consumer stands, if that is known
        self._turn = asyncio.Lock()

    async def read(self, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """See `Log.read`; where it goes on from where it ended, nothing is fetched twice."""
        async with self._turn:
            records = await self._poll(start, max_records, max_wait_s)
        return [Entry(record.offset, record.value) for record in records]

    async def until_end(self, start: Position) -> AsyncIterator[ConsumerRecord]:
        """Every record from `start`, or from the first one after it, to the end as it is now.

        Raises:
            UnavailableLog: The log cannot be read, or nothing came for 30 s.
        """
        end = await self.end()
        at: int = max(start, await self._begin())
        while at < end:
            async with self._turn:
                records = await self._poll(Position(at), _PAGE, _SILENCE_S)
                reached = self._next
            for record in records:
                yield record
            if reached is None or reached <= at:  # compaction leaves gaps: what counts is where we stand
                raise UnavailableLog(
                    f"{_names([self._place])} gave nothing for {_SILENCE_S:g} s at position {at}, before its "
                    f"end {end}: check whether Kafka at {self._bootstrap} runs"
                )
            at = reached

    async def end(self) -> Position:
        """The position that the next record will get.

        Raises:
            UnavailableLog: Kafka does not answer.
        """
        consumer = await self._consumer()
        try:
            ends = await consumer.end_offsets([self._place])
        except KafkaError as error:
            raise unreachable(self._bootstrap, error) from error
        return Position(ends[self._place])

    async def close(self) -> None:
        """Disconnect."""
        if self._connected is not None:
            await self._connected.stop()

    async def _begin(self) -> Position:
        consumer = await self._consumer()
        try:
            begins = await consumer.beginning_offsets([self._place])
        except KafkaError as error:
            raise unreachable(self._bootstrap, error) from error
        return Position(begins[self._place])

    async def _consumer(self) -> AIOKafkaConsumer:
        if self._connected is None:
            consumer = log_consumer(self._bootstrap)
            try:
                await consumer.start()
            except KafkaError as error:
                await consumer.stop()
                raise unreachable(self._bootstrap, error) from error
            if self._connected is not None:  # another task was faster
                await consumer.stop()
            else:
                self._connected = consumer
        return self._connected

    async def _poll(self, start: Position, max_records: int, max_wait_s: float) -> list[ConsumerRecord]:
        consumer = await self._consumer()
        reader = KafkaLogReader(consumer)
        if not consumer.assignment():
            consumer.assign([self._place])  # and seek before anything else runs: it has no position yet
        if self._next != start:
            reader.seek(self._place, start)
        self._next = None  # until the answer is whole
        found = await reader.poll(self._place, max_records=max_records, max_wait_s=max_wait_s)
        self._next = await consumer.position(self._place)
        return found.get(self._place, [])


def _names(places: Iterable[TopicPartition]) -> str:
    return ", ".join(f"{place.topic}/{place.partition}" for place in sorted(places)) or "nothing"

"""The log as a member of a consumer group reads it: one connection for all partitions, positions of our own."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.words import OrgId, Position
from streams.kafka_reader import KafkaLogReader
from streams.log import Entry, Log


class GroupLog:
    """A `Log` that reads through the group's consumer and does everything else through another one."""

    def __init__(self, log: Log, consumer: AIOKafkaConsumer, topic: str) -> None:
        """Reads `topic` through `consumer`, whose partitions the group assigns."""
        self._log, self._consumer, self._topic = log, consumer, topic
        self._reader = KafkaLogReader(consumer)
        self._next: dict[int, int] = {}  # where the consumer stands, of partitions that were read

    def hold(self, assigned: Sequence[TopicPartition]) -> None:
        """Takes partitions over, without reading yet.

        To be called from the group's listener before anything else runs: until a partition has a position, the client
        looks for a committed one, which there is not.
        """
        self._next.clear()
        for place in assigned:
            self._reader.seek(place, Position(0))
            self._consumer.pause(place)

    @property
    def partitions(self) -> int:
        """See `Log.partitions`."""
        return self._log.partitions

    def partition_of(self, org: OrgId) -> int:
        """See `Log.partition_of`."""
        return self._log.partition_of(org)

    async def append(self, partition: int, values: Sequence[tuple[bytes, bytes]]) -> Sequence[Position]:
        """See `Log.append`."""
        return await self._log.append(partition, values)

    async def read(self, partition: int, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """See `Log.read`; of partitions that the group has assigned to this process."""
        place = TopicPartition(self._topic, partition)
        if self._next.get(partition) != start:
            self._reader.seek(place, start)
            self._consumer.resume(place)
            self._next[partition] = start
        found = await self._reader.poll(place, max_records=max_records, max_wait_s=max_wait_s)
        records = found.get(place, [])
        if records:
            self._next[partition] = records[-1].offset + 1
        return [Entry(record.offset, record.value) for record in records]

    async def end(self, partition: int) -> Position:
        """See `Log.end`."""
        return await self._log.end(partition)

    async def at(self, partition: int, position: Position) -> bytes:
        """See `Log.at`."""
        return await self._log.at(partition, position)

    async def identity(self) -> str:
        """See `Log.identity`."""
        return await self._log.identity()

    async def close(self) -> None:
        """Nothing: consumer and log are closed by their owners."""

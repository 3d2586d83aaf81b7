"""The log on Kafka: one topic, one partition an organisation, found by murmur2 of its id."""

from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.words import OrgId, Position
from streams import log
from streams.kafka_appender import KafkaAppender
from streams.kafka_reader import ONE_BATCH, Offsets, PartitionReading, unreachable
from streams.log import Entry, UnavailableLog

_LOOK_UP_WAIT_S = 10.0


class KafkaLog:
    """A `Log` in a topic."""

    def __init__(self, bootstrap: str, topic: str, *, partitions: int, cluster: str, append_timeout_s: float) -> None:
        """Use `open_kafka_log`, which asks Kafka for `partitions` and `cluster`."""
        self.partitions = partitions
        self._bootstrap, self._topic, self._cluster = bootstrap, topic, cluster
        self._timeout_s = append_timeout_s
        self._appender = KafkaAppender(bootstrap, topic, append_timeout_s)
        self._readings: dict[int, PartitionReading] = {}
        self._look_ups: dict[int, PartitionReading] = {}
        self._offsets = Offsets(bootstrap)

    def partition_of(self, org: OrgId) -> int:
        """See `Log.partition_of`."""
        return log.partition_of(org, self.partitions)

    async def append(self, partition: int, values: Sequence[tuple[bytes, bytes]]) -> Sequence[Position]:
        """See `Log.append`; appends that wait at the same time share their batches."""
        self._check(partition)
        return await self._appender.append(partition, values)

    async def read(self, partition: int, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """See `Log.read`; where a partition is read on from where it ended, nothing is asked twice."""
        self._check(partition)
        if partition not in self._readings:
            self._readings[partition] = PartitionReading(self._bootstrap, self._place(partition), follow=True)
        return await self._readings[partition].read(start, max_records=max_records, max_wait_s=max_wait_s)

    async def end(self, partition: int) -> Position:
        """See `Log.end`."""
        self._check(partition)
        return await self._offsets.end(self._place(partition))

    async def at(self, partition: int, position: Position) -> bytes:
        """See `Log.at`; waits up to 10 s for the broker."""
        self._check(partition)
        if partition not in self._look_ups:
            self._look_ups[partition] = PartitionReading(
                self._bootstrap, self._place(partition), follow=False, fetch_bytes=ONE_BATCH
            )
        end = await self.end(partition)
        if position < end:
            entries = await self._look_ups[partition].read(position, max_records=1, max_wait_s=_LOOK_UP_WAIT_S)
            if entries and entries[0].position == position:
                return entries[0].value
        raise UnavailableLog(
            f"{self._topic}/{partition} has no record at position {position}; it ends at {end}: ask for one "
            "before that, or look whether Kafka answers"
        )

    async def identity(self) -> str:
        """See `Log.identity`: the cluster's id and the topic's name."""
        return f"kafka:{self._cluster}/{self._topic}"

    async def close(self) -> None:
        """See `Log.close`; gives up after 5 s on what Kafka does not acknowledge."""
        await self._appender.close()
        for reading in (*self._readings.values(), *self._look_ups.values()):
            await reading.close()
        await self._offsets.close()

    def _check(self, partition: int) -> None:
        if not 0 <= partition < self.partitions:
            raise ValueError(f"{self._topic} has partitions 0 to {self.partitions - 1}, not {partition}")

    def _place(self, partition: int) -> TopicPartition:
        return TopicPartition(self._topic, partition)


async def open_kafka_log(bootstrap: str, topic: str, *, append_timeout_s: float = 30.0) -> KafkaLog:
    """The log in `topic`, which `karmalog topics create` made.

    Args:
        bootstrap: Addresses of brokers, `host:port` separated by commas.
        topic: The topic's whole name.
        append_timeout_s: How long an append may wait to be acknowledged.

    Raises:
        UnavailableLog: Kafka does not answer, or the topic is not there.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        cluster = (await admin.describe_cluster())["cluster_id"]
        # All topics: to ask for one by name would make it, where brokers make topics by themselves.
        counts = {found["topic"]: len(found["partitions"]) for found in await admin.describe_topics()}
    except KafkaError as error:
        raise unreachable(bootstrap, error) from error
    finally:
        await admin.close()
    if topic not in counts:
        raise UnavailableLog(f"Kafka at {bootstrap} has no topic {topic}: type `karmalog topics create`")
    return KafkaLog(bootstrap, topic, partitions=counts[topic], cluster=cluster, append_timeout_s=append_timeout_s)

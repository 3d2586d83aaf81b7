"""Texts and quarantine in compacted topics of one partition: the last value of a key stays."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from aiokafka import ConsumerRecord, TopicPartition

from schemas.words import Position
from streams.kafka_appender import KafkaAppender
from streams.kafka_reader import Offsets, PartitionReading
from streams.shelf import Kept

_PARTITION = 0


class KafkaShelf:
    """A `Shelf` that follows its topic and holds it in memory, so that a look-up asks for news only."""

    def __init__(self, bootstrap: str, topic: str, *, append_timeout_s: float = 30.0) -> None:
        """Keeps texts in `topic`, which `karmalog topics create` made."""
        self._appender = KafkaAppender(bootstrap, topic, append_timeout_s)
        self._topic = _CompactedTopic(bootstrap, topic)
        self._values: dict[str, bytes] = {}
        self._next = Position(0)
        self._turn = asyncio.Lock()

    async def put(self, items: Mapping[str, bytes | None]) -> None:
        """See `Shelf.put`."""
        await self._appender.append(_PARTITION, [(key.encode(), value) for key, value in items.items()])

    async def get(self, key: str) -> bytes | None:
        """See `Shelf.get`."""
        await self._follow()
        return self._values.get(key)

    async def scan(self, prefix: str) -> dict[str, bytes]:
        """See `Shelf.scan`."""
        await self._follow()
        return {key: self._values[key] for key in sorted(self._values) if key.startswith(prefix)}

    async def close(self) -> None:
        """See `Shelf.close`."""
        await self._appender.close()
        await self._topic.close()

    async def _follow(self) -> None:
        async with self._turn:
            async for record in self._topic.records(self._next):
                key = record.key.decode()
                if record.value is None:
                    self._values.pop(key, None)
                else:
                    self._values[key] = record.value
                self._next = Position(record.offset + 1)


class KafkaQuarantine:
    """A `Quarantine` in a topic; reading it holds the keys, not the values, in memory."""

    def __init__(self, bootstrap: str, topic: str, *, append_timeout_s: float = 30.0) -> None:
        """Keeps what could not be taken in `topic`, which `karmalog topics create` made."""
        self._bootstrap, self._topic = bootstrap, topic
        self._appender = KafkaAppender(bootstrap, topic, append_timeout_s)

    async def add(self, items: Sequence[tuple[str, bytes]]) -> None:
        """See `Quarantine.add`."""
        await self._appender.append(_PARTITION, [(key.encode(), value) for key, value in items])

    async def scan(self, start: Position = Position(0)) -> AsyncIterator[Kept]:  # noqa: B008 - an int
        """See `Quarantine.scan`; reads the topic twice, first to learn what was resolved."""
        topic = _CompactedTopic(self._bootstrap, self._topic)
        try:
            last: dict[str, Position] = {}
            async for record in topic.records(start):
                if record.value is None:
                    last.pop(record.key.decode(), None)
                else:
                    last[record.key.decode()] = record.offset
            async for record in topic.records(start):
                if last.get(record.key.decode()) == record.offset:
                    yield Kept(record.offset, record.key.decode(), record.value)
        finally:
            await topic.close()

    async def resolve(self, keys: Sequence[str]) -> None:
        """See `Quarantine.resolve`; Kafka overwrites what was there within a day or so."""
        await self._appender.append(_PARTITION, [(key.encode(), None) for key in keys])

    async def close(self) -> None:
        """See `Quarantine.close`."""
        await self._appender.close()


class _CompactedTopic:
    """A topic of one partition, read to its end again and again."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._place = TopicPartition(topic, _PARTITION)
        self._offsets = Offsets(bootstrap)
        self._reading = PartitionReading(bootstrap, self._place, follow=False)

    async def records(self, start: Position) -> AsyncIterator[ConsumerRecord]:
        """What is there from `start` on, to the end as it is now."""
        end = await self._offsets.end(self._place)
        begin = await self._offsets.begin(self._place)
        async for record in self._reading.until(end, max(start, begin)):
            yield record

    async def close(self) -> None:
        await self._offsets.close()
        await self._reading.close()

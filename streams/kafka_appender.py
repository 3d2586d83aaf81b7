"""Appending to a Kafka topic: whole batches, acknowledged by every replica in sync, in order, each once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from schemas.words import Position
from streams.group_commit import GroupCommit
from streams.kafka_reader import unreachable
from streams.log import UnavailableLog, check_lengths

_BATCH_BYTES = 512 << 10  # a longer record travels in a batch of its own
_STOP_WAIT_S = 5.0

HeadersOf = Callable[[bytes, bytes | None], list[tuple[str, bytes]]]
"""The headers of a record, made from its key and value."""


def _no_headers(_key: bytes, _value: bytes | None) -> list[tuple[str, bytes]]:
    return []


class KafkaAppender:
    """Appends to one topic, in order; a record that aiokafka sends again is there once all the same."""

    def __init__(self, bootstrap: str, topic: str, timeout_s: float, *, headers_of: HeadersOf = _no_headers) -> None:
        """Appends to `topic`; an append that Kafka has not acknowledged after `timeout_s` fails."""
        self._headers_of = headers_of
        self._bootstrap, self._topic, self._timeout_s = bootstrap, topic, timeout_s
        self._groups: dict[int, GroupCommit[bytes | None]] = {}
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def append(self, partition: int, values: Sequence[tuple[bytes, bytes | None]]) -> Sequence[Position]:
        """See `Log.append`."""
        check_lengths(values)
        if partition not in self._groups:
            self._groups[partition] = GroupCommit(partial(self._write, partition))
        return await self._groups[partition].append(values)

    async def close(self) -> None:
        """Finish what was begun, for 5 s at most, and disconnect."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_WAIT_S):
                for group in self._groups.values():
                    await group.close()
        if self._producer is not None:
            await _stop(self._producer)

    async def _write(self, partition: int, values: list[tuple[bytes, bytes | None]]) -> list[Position]:
        producer = await self._started()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await _send(producer, TopicPartition(self._topic, partition), values, self._headers_of)
        except TimeoutError as error:
            # The producer goes on trying, and keeps its order; what follows waits behind.
            raise UnavailableLog(
                f"{self._topic}/{partition}: Kafka at {self._bootstrap} did not acknowledge "
                f"{len(values)} records within {self._timeout_s:g} s (some may be written later): check that "
                "enough replicas are in sync, and append them again"
            ) from error
        except KafkaError as error:
            # After a refusal aiokafka's sequence numbers no longer agree with the broker's.
            await self._discard(producer)
            raise UnavailableLog(
                f"{self._topic}/{partition}: Kafka at {self._bootstrap} refused {len(values)} records "
                f"({type(error).__name__}: {error}): check the topic with `karmalog topics create`"
            ) from error

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap, enable_idempotence=True, max_batch_size=_BATCH_BYTES
                )
                try:
                    async with asyncio.timeout(self._timeout_s):
                        await producer.start()
                except (KafkaError, TimeoutError) as error:
                    await _stop(producer)
                    raise unreachable(self._bootstrap, error) from error
                self._producer = producer
        return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await _stop(producer)


async def _send(
    producer: AIOKafkaProducer,
    place: TopicPartition,
    values: Sequence[tuple[bytes, bytes | None]],
    headers_of: HeadersOf,
) -> list[Position]:
    counts = []
    sent = []
    for batch in _batches(producer, values, headers_of):
        counts.append(batch.record_count())
        sent.append(await producer.send_batch(batch, place.topic, partition=place.partition))
    positions: list[Position] = []
    for acknowledged, count in zip(await asyncio.gather(*sent), counts, strict=True):
        first = acknowledged.offset
        if first < 0:  # the broker has it from an earlier try, and forgot where
            raise KafkaError("written, but the broker no longer knows at which position")
        positions.extend(map(Position, range(first, first + count)))
    return positions


def _batches(
    producer: AIOKafkaProducer, values: Sequence[tuple[bytes, bytes | None]], headers_of: HeadersOf
) -> Iterator[BatchBuilder]:
    batch = producer.create_batch()
    for key, value in values:
        headers = headers_of(key, value)
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:  # it is full
            yield batch
            batch = producer.create_batch()
            # An empty one takes a record of any length.
            batch.append(timestamp=None, key=key, value=value, headers=headers)
    batch.close()
    yield batch


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop it, even if Kafka never acknowledges what it still holds."""
    stopping = asyncio.create_task(producer.stop())
    done, _ = await asyncio.wait([stopping], timeout=_STOP_WAIT_S)
    if not done:
        # aiokafka has no stop with a time limit: it waits for what it retries for ever. Its sender, once
        # cancelled, waits for the request in flight; cancelled again, it ends.
        sender = producer._sender.sender_task  # noqa: SLF001
        while not sender.done():
            sender.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([stopping], timeout=_STOP_WAIT_S)
        stopping.cancel()
    with suppress(KafkaError, asyncio.CancelledError):
        await stopping

"""Events from clients that know nothing of karmalog: librdkafka and the CloudEvents SDK, each counted once."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import confluent_kafka
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.http import CloudEvent as OlderCloudEvent
from cloudevents.v1.kafka import to_binary as older_to_binary
from cloudevents.v1.kafka import to_structured as older_to_structured

from tests.crash_kit import check_whole, events, waves
from tests.split import SOON_S, Split

EACH = 150

_log = logging.getLogger(__name__)

Sent = tuple[bytes | None, bytes, dict[str, str | bytes | None]]
"""Key, value and headers of a message."""


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    await made.create_topics()
    await made.publish_rulebook()
    yield made
    made.close()


def plain(lines: Iterable[bytes]) -> Iterator[Sent]:
    """Nothing but the event."""
    return ((None, line, {}) for line in lines)


def keyed(lines: Iterable[bytes]) -> Iterator[Sent]:
    """With the member as the key, so that the partitioner has something to do."""
    return ((json.loads(line)["subject"].encode(), line, {}) for line in lines)


def _attributes(line: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    event = json.loads(line)
    data = event.pop("data")
    return event, data


def by_sdk(way: Callable[[CloudEvent, JSONFormat], KafkaMessage]) -> Callable[[Iterable[bytes]], Iterator[Sent]]:
    """As the SDK writes them; its own key is that of the extension `partitionkey`."""

    def messages(lines: Iterable[bytes]) -> Iterator[Sent]:
        for line in lines:
            attributes, data = _attributes(line)
            attributes["time"] = datetime.fromisoformat(attributes["time"])
            attributes["partitionkey"] = attributes["subject"]
            made = way(CloudEvent(attributes, data), JSONFormat())
            yield cast("str", made.key).encode(), made.value, dict(made.headers)

    return messages


def by_older_sdk(way: Callable[[OlderCloudEvent], Any]) -> Callable[[Iterable[bytes]], Iterator[Sent]]:
    """As programs write them that were made for the SDK's first major version."""

    def messages(lines: Iterable[bytes]) -> Iterator[Sent]:
        for line in lines:
            made = way(OlderCloudEvent(*_attributes(line)))
            value = made.value if isinstance(made.value, bytes) else made.value.encode()
            yield None, value, dict(made.headers)

    return messages


WAYS: list[tuple[dict[str, str], Callable[[Iterable[bytes]], Iterator[Sent]]]] = [
    ({}, plain),
    ({"partitioner": "consistent_random", "compression.type": "zstd"}, keyed),
    ({"partitioner": "fnv1a_random", "compression.type": "lz4", "enable.idempotence": "true"}, keyed),
    ({"partitioner": "murmur2_random", "compression.type": "gzip"}, by_sdk(to_structured)),
    ({"partitioner": "random", "compression.type": "snappy"}, by_sdk(to_binary)),
    ({}, by_older_sdk(older_to_structured)),
    ({}, by_older_sdk(older_to_binary)),
]


async def test_events_of_clients_that_know_nothing_of_karmalog_are_each_counted_once(split: Split) -> None:
    published = events(EACH * len(WAYS))
    split.service("intake").spawn()
    split.service("worker").spawn()
    for (settings, messages), lines in zip(WAYS, waves(published, len(WAYS)), strict=True):
        producer = confluent_kafka.Producer({"bootstrap.servers": split.kafka, "linger.ms": 5, **settings})
        for key, value, headers in messages(lines):
            producer.produce(f"{split.prefix}events", value=value, key=key, headers=headers)
        assert producer.flush(SOON_S) == 0

    seen = check_whole(split, published)
    assert seen.repeated == 0
    assert seen.records == len(published) + 1
    came = split.everything("events")
    assert len({message.partition() for message in came}) > 1
    assert sum(not message.headers() for message in came) == 3 * EACH
    assert split.everything("quarantine") == []
    _log.info("%s", seen)

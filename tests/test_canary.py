"""Nothing of a person but a member id is in log, facts and store, on either runtime; words are where they belong."""

import base64
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import confluent_kafka
import pytest
import zstandard

from karmalog.embedded import embedded
from schemas.words import OrgId
from tests.canary import (
    HELD,
    MEMBER,
    RULEBOOK,
    TEXTS,
    THERE,
    TYPE,
    WORDS,
    event,
    files_in,
    held,
    in_binary,
    told,
    values_of,
    words_in,
)
from tests.places import karmalog
from tests.services import Kafka, Redis
from tests.split import SOON_S, Split, until

ROUNDS = 60


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path / "redis") as made:
        yield made


@pytest.fixture
async def split(tmp_path: Path, kafka: Kafka, server: Redis, topics: str) -> AsyncIterator[Split]:
    """On the run's own broker, whose disk can be read, and on a Redis whose file can."""
    made = Split(tmp_path / "processes", kafka.address, server.url, topics)
    await made.create_topics()
    yield made
    made.close()


def test_a_search_finds_words_plain_compressed_and_encoded() -> None:
    plain = b"x" * 50 + b"CanaryText" + b"x" * 50
    assert words_in(plain) == {"canarytext"}
    assert words_in(b"x\x9c" + zlib.compress(plain)) == {"canarytext"}
    assert words_in(b"x" + zstandard.FRAME_HEADER + zstandard.compress(b"x" * 50 + plain) + b"x") == {"canarytext"}
    for offset in range(3):
        assert words_in(base64.b64encode(b"y" * offset + b"canarytext and more")) == {"canarytext"}
    assert words_in(b"nothing") == set()


async def test_no_word_of_a_person_is_in_log_facts_or_redis_of_the_split_runtime(
    split: Split, kafka: Kafka, server: Redis, tmp_path: Path
) -> None:
    file = tmp_path / "rulebook.yaml"
    file.write_text(RULEBOOK)
    assert split.command("rules", "apply", "--yes", str(file)).wait() == 0
    split.service("worker").spawn()
    intake = split.service("intake").spawn()
    events = list(told(ROUNDS))
    producer = confluent_kafka.Producer({"bootstrap.servers": split.kafka})
    for number, said in enumerate([*events, *held()]):
        body, headers = in_binary(said) if number % 2 else (json.dumps(said).encode(), {})
        producer.produce(f"{split.prefix}events", value=body, headers=headers, key="canarykey")
    assert producer.flush(SOON_S) == 0
    split.until_folded(1 + len(events))
    until(lambda: intake.health()["read"] == len(events) + len(held()), intake.tail)
    until(lambda: len(split.everything("quarantine")) == len(held()), intake.tail)
    until(lambda: any(fact["type"] == "badge.reached" for fact in split.facts()), split.started[0].tail)
    assert split.outcomes()["APPLIED"] > 4 * ROUNDS

    disk = kafka.brokers[0].data
    for topic, there in [("log", THERE), ("log", MEMBER), ("facts", MEMBER), ("rulebooks", TYPE)]:
        segments = files_in(disk, f"{split.prefix}{topic}-*/*.log")
        assert words_in(segments, [there]) == {there}, f"the search does not look into {topic}"
        assert words_in(segments) == set()
    assert words_in(values_of(split.redis), [THERE, MEMBER]) == {THERE, MEMBER}
    assert words_in(values_of(split.redis)) == set()
    file_of_redis = files_in(server.data)
    assert words_in(file_of_redis, [THERE, MEMBER]) == {THERE, MEMBER}
    assert words_in(file_of_redis) == set()
    for service in split.started:
        assert words_in(service.log.read_bytes()) == set(), "a process has printed what it must not keep"

    assert words_in(files_in(disk, f"{split.prefix}private-*/*.log")) == set(TEXTS)
    assert words_in(files_in(disk, f"{split.prefix}quarantine-*/*.log")) >= set(HELD)


async def test_no_word_of_a_person_is_in_the_log_or_the_store_of_the_embedded_runtime(tmp_path: Path) -> None:
    folder, lines, file = tmp_path / "data", tmp_path / "lines.jsonl", tmp_path / "rulebook.yaml"
    file.write_text(RULEBOOK)
    events = list(told(ROUNDS))
    lines.write_text("".join(f"{json.dumps(said)}\n" for said in [*events, *held()]))
    karmalog("rules", "apply", "--yes", file, data=folder)
    said = json.loads(karmalog("import", lines, "--json", data=folder, code=1))
    assert (said["appended"], said["waiting"], said["refused"]) == (len(events), 1, 3)

    async with embedded(folder, OrgId("default")) as runtime:
        assert await runtime.reach(await runtime.log.end(0), 60)
        live = values_of(runtime.redis)
        runtime.redis.config_set("rdbcompression", "no")  # so that the file can be searched
    assert words_in(live, [THERE, MEMBER]) == {THERE, MEMBER}
    assert words_in(live) == set()
    private = set(folder.rglob("private.sqlite*"))
    rest = b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path not in private)
    assert words_in(rest, [THERE, MEMBER]) == {THERE, MEMBER}
    assert words_in(rest) == set()
    kept = b"\n".join(path.read_bytes() for path in private)
    assert words_in(kept) >= {*TEXTS, "canaryunknown"}


def test_every_kind_of_word_is_in_what_is_published() -> None:
    said = json.dumps([*told(1), *held(), event(0, TYPE, {})]).encode()
    assert words_in(said) == set(WORDS) - {"canaryheader", "canarykey"}

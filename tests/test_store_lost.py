"""Redis is only a projection: emptied, set back to an older copy or full, it is made whole from the log."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from karmalog.embedded import embedded
from schemas.rulebook_text import study
from schemas.words import OrgId
from streams.digesting import digest_of
from streams.judge import everything
from streams.quarantine import Message
from streams.runtime import Runtime
from tests.crash_kit import (
    all_sent,
    check_answers,
    check_whole,
    counted,
    events,
    health,
    position,
    until_counted,
)
from tests.services import Redis
from tests.split import RULEBOOK, SOON_S, Split, until

_log = logging.getLogger(__name__)

BATCH = "200"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path / "redis") as made:
        yield made


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, server: Redis, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, server.url, topics)
    made.env["KARMALOG_BATCH"] = BATCH
    await made.create_topics()
    await made.publish_rulebook()
    yield made
    made.close()


async def test_an_emptied_redis_is_made_whole_while_events_pass_and_again_when_none_do(
    split: Split, server: Redis
) -> None:
    published = events(3_000)
    split.service("worker").spawn()
    split.service("intake").spawn()
    split.publish(published[:2_000])
    until_counted(split, 500)
    server.empty()
    check_answers(split, published[:2_000])
    digest, end = digest_of(split.answers())

    server.empty()
    until(lambda: position(split) == end, lambda: str(split.outcomes()))
    assert digest_of(split.answers())[0] == digest
    split.publish(published[2_000:])
    _log.info("%s", check_whole(split, published))


async def test_a_redis_that_is_set_back_to_an_older_copy_is_made_whole(
    split: Split, server: Redis, tmp_path: Path
) -> None:
    published = events(3_000)
    first = split.service("worker").spawn()
    split.service("intake").spawn()
    split.publish(published[:1_000])
    until_counted(split, 1_000)
    of_first = server.copy(tmp_path / "of-first")
    assert first.stop() == 0

    split.service("worker").spawn()
    split.publish(published[1_000:2_000])
    until_counted(split, 2_000)
    of_second = server.copy(tmp_path / "of-second")
    split.publish(published[2_000:2_900])
    check_answers(split, published[:2_900])
    digest, end = digest_of(split.answers())

    for older in (of_second, of_first):  # one that this worker wrote, and one of another owner
        server.set_back(older)
        until(lambda: position(split) == end, lambda: "\n".join(each.tail() for each in split.started))
        assert digest_of(split.answers())[0] == digest
        assert sum(split.outcomes().values()) == end
    split.publish(published[2_900:])
    _log.info("%s", check_whole(split, published))


async def test_a_full_redis_loses_nothing_and_every_fact_is_said_as_soon_as_there_is_room(split: Split) -> None:
    published = events(1_000)
    worker = split.service("worker").start()
    intake = split.service("intake").start()
    split.publish(published)
    until_counted(split, 1_000)
    until(lambda: all_sent(split), worker.tail)

    split.redis.config_set("maxmemory", "1mb")
    # One event alone: whatever was noted wrongly of its batch, no later one puts it right.
    event = json.loads(published[0]) | {"id": "the last one", "subject": "somebody"}
    published.append(json.dumps(event).encode())
    split.publish(published[1_000:])
    until(lambda: "Redis does not" in health(worker)["detail"], lambda: str(health(worker)))
    assert intake.running
    assert counted(split) == 1_000
    split.redis.config_set("maxmemory", "0")
    _log.info("%s", check_whole(split, published))


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Runtime]:
    """Karmalog in this process, with a Redis of its own and 1,000 events."""
    rulebook = study(RULEBOOK, "rulebook.yaml").rulebook
    assert rulebook is not None
    async with embedded(tmp_path / "data", OrgId("default")) as runtime:
        assert await runtime.reach(await runtime.publish_rulebook(rulebook), 60)
        assert await runtime.reach(await brought(runtime, events(1_000)), 60)
        yield runtime


async def brought(runtime: Runtime, lines: list[bytes]) -> int:
    """Appends events; the position after them."""
    publisher = runtime.publisher(allowed=everything, trust_recorded=True)
    return (await publisher.publish([Message(line) for line in lines])).position


async def test_an_emptied_private_redis_is_made_whole(own: Runtime) -> None:
    digest, end = digest_of(own.answers)
    own.redis.flushall()
    # Nothing is appended: the projector has to notice by itself.
    async with asyncio.timeout(SOON_S):
        while not own.redis.exists(own.answers.keys.state) or own.answers.known().position < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert digest_of(own.answers) == (digest, end)


async def test_what_a_full_redis_refused_is_not_said_to_be_written(own: Runtime) -> None:
    own.redis.config_set("maxmemory", "1mb")
    end = await brought(own, events(1_001)[1_000:])
    assert not await own.reach(end, 2)
    assert await own.position() < end
    own.redis.config_set("maxmemory", "0")
    assert await own.reach(end, 60)
    assert await own.position() == end

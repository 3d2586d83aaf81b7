"""Redis is only a projection: emptied, set back to an older copy or full, it is made whole from the log."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from karmalog.embedded import embedded
from schemas.words import OrgId
from streams.digesting import digest_of
from streams.judge import everything
from streams.quarantine import Message
from tests.crash_kit import all_sent, at_end, check_answers, check_last_totals, check_whole, events, health, until_counted
from tests.services import Redis
from tests.split import RULEBOOK, Split, until
from schemas.rulebook_text import study

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
    digest = digest_of(split.answers())[0]

    server.empty()
    until(lambda: known(split) and at_end(split), lambda: str(split.outcomes()))
    assert digest_of(split.answers())[0] == digest
    split.publish(published[2_000:])
    check_answers(split, published)
    check_last_totals(split)


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
    digest = digest_of(split.answers())[0]

    for older in (of_second, of_first):  # one that this worker wrote, and one of another owner
        server.set_back(older)
        until(lambda: known(split) and at_end(split), lambda: "\n".join(each.tail() for each in split.started))
        assert digest_of(split.answers())[0] == digest
        assert sum(split.outcomes().values()) == split.answers().known().position
    split.publish(published[2_900:])
    check_answers(split, published)
    check_last_totals(split)


async def test_a_full_redis_loses_nothing_and_every_fact_is_said_as_soon_as_there_is_room(
    split: Split, server: Redis
) -> None:
    published = events(3_000)
    worker = split.service("worker").start()
    intake = split.service("intake").start()
    split.publish(published[:1_000])
    until_counted(split, 1_000)
    until(lambda: all_sent(split), worker.tail)
    split.redis.config_set("maxmemory", "1mb")
    split.publish(published[1_000:])
    until(lambda: intake.health()["read"] == 3_000, intake.tail)
    until(lambda: "Redis does not take the batch" in health(worker)["detail"], lambda: str(health(worker)))
    assert split.folded() < 3_001
    split.redis.config_set("maxmemory", "0")
    print(check_whole(split, published))


async def test_an_emptied_private_redis_is_made_whole(tmp_path: Path) -> None:
    rulebook = study(RULEBOOK, "rulebook.yaml").rulebook
    assert rulebook is not None
    async with embedded(tmp_path / "data", OrgId("default")) as runtime:
        assert await runtime.reach(await runtime.publish_rulebook(rulebook), 60)
        publisher = runtime.publisher(allowed=everything, trust_recorded=True)
        done = await publisher.publish([Message(line) for line in events(1_000)])
        assert await runtime.reach(done.position, 60)
        digest = digest_of(runtime.answers)
        runtime.redis.flushall()
        # Nothing is appended: the projector has to notice by itself.
        while not runtime.redis.exists(runtime.answers.keys.state) or await runtime.position() < done.position:
            await asyncio.sleep(0.05)
        assert digest_of(runtime.answers) == digest


def known(split: Split) -> bool:
    """Whether Redis answers, and has a rulebook by now."""
    return bool(split.redis.exists(split.answers().keys.state))

"""A worker that is frozen past its session, and thaws when another one has its place, writes nothing any more."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crash_kit import check_answers, check_whole, events, health, stopped, until_counted
from tests.split import Split, until

_log = logging.getLogger(__name__)

COUNT = 3_000
BATCH = "100"


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    await made.create_topics()
    await made.publish_rulebook()
    yield made
    made.close()


ANYWHERE = "wherever it is"
STEPS = [
    "before apply:4",  # holds a batch that the other one folds as well
    pytest.param("applied:4", marks=pytest.mark.long),  # has written, and notes it when another one is further
    pytest.param("folded:4", marks=pytest.mark.long),
    pytest.param("outbox read:1", marks=pytest.mark.long),  # holds facts that the other one says as well
    pytest.param("facts sent:1", marks=pytest.mark.long),  # marks as sent less than the other one has
    pytest.param(ANYWHERE, marks=pytest.mark.long),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda value: str(value).replace(" ", "-"))
async def test_a_worker_that_thaws_changes_nothing_that_another_one_wrote(split: Split, step: str) -> None:
    published = events(COUNT)
    at = {} if step == ANYWHERE else {"KARMALOG_CRASH_AT": f"{step}:freeze"}
    frozen = split.service("worker", KARMALOG_BATCH=BATCH, **at).spawn()
    split.service("intake").spawn()
    split.publish(published[:1_000])
    if step == ANYWHERE:
        until_counted(split, 200)
        frozen.freeze()
    until(lambda: stopped(frozen), frozen.tail)

    second = split.service("worker", KARMALOG_BATCH="170").spawn()
    split.publish(published[1_000:2_000])
    until_counted(split, 2_000)  # after the frozen one's session is over
    check_answers(split, published[:2_000])
    assert stopped(frozen)

    frozen.thaw()
    split.publish(published[2_000:])
    if step.startswith("before apply"):
        until(lambda: "was taken over by another worker" in frozen.tail(100_000), frozen.tail)
    until(
        lambda: sorted([*health(frozen)["positions"], *health(second)["positions"]]) == ["0", "1", "2", "3"],
        lambda: f"{health(frozen)} {health(second)}",
    )
    seen = check_whole(split, published)
    assert frozen.running
    assert second.running
    _log.info("frozen at %s: %s", step, seen)

"""Intake and worker, killed (SIGKILL) at every named step and at random: nothing is lost, nothing counts twice."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streams.crash_points import POINTS
from tests.crash_kit import Whole, check_whole, counted, events, until_counted, waves
from tests.split import SOON_S, Service, Split

_log = logging.getLogger(__name__)

WAVES = 10
SESSION_S = "3"  # how long a killed process keeps its partitions; the shorter, the sooner the next one has them

STEPS = [
    ("intake", "polled", 4),
    ("intake", "produced", 4),
    ("worker", "polled", 4),
    ("worker", "folded", 4),
    ("worker", "before apply", 4),
    ("worker", "applied", 4),
    ("worker", "outbox read", 1),  # a relay that is late sends the facts of many batches at once
    ("worker", "facts sent", 1),
]

COUNTS = [3_000, pytest.param(50_000, marks=pytest.mark.long)]


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    made.env["KARMALOG_SESSION_S"] = SESSION_S
    await made.create_topics()
    await made.publish_rulebook()
    yield made
    made.close()


def test_every_named_step_is_killed_at() -> None:
    assert {point for _, point, _ in STEPS} == set(POINTS)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("command", "point", "at"), STEPS, ids=lambda value: str(value).replace(" ", "-"))
async def test_a_process_killed_at_any_step_loses_nothing_and_counts_nothing_twice(
    split: Split, command: str, point: str, at: int, count: int
) -> None:
    batch = count // WAVES // 3
    published = events(count)
    other = "worker" if command == "intake" else "intake"
    split.service(other, KARMALOG_BATCH=str(batch)).spawn()
    victim = split.service(command, KARMALOG_BATCH=str(batch), KARMALOG_CRASH_AT=f"{point}:{at}").spawn()
    again: Service | None = None
    sent = 0
    for wave in waves(published, WAVES):
        split.publish(wave)
        # Not all of it: there is always more on its way, so that the next batch is folded while one is written.
        sent += len(wave)
        until_counted(split, sent - len(wave), unless_ended=victim)
        if not victim.running and again is None:
            # Other batches than those that were cut off.
            again = split.service(command, KARMALOG_BATCH=str(batch * 2 + 1)).spawn()
    assert victim.wait(SOON_S) == -9
    if again is None:
        split.service(command).spawn()
    until_counted(split, count)
    _report(f"{command} killed at {point}", check_whole(split, published))


@pytest.mark.parametrize(("kills", "count"), [(2, 3_000), pytest.param(20, 50_000, marks=pytest.mark.long)])
async def test_kills_at_random_moments_lose_nothing_and_count_nothing_twice(
    split: Split, request: pytest.FixtureRequest, kills: int, count: int
) -> None:
    seed = str(request.config.getoption("hypothesis_seed"))
    chance = random.Random(seed)
    published = events(count)
    batch = str(max(100, count // kills // 10))
    running = {name: split.service(name, KARMALOG_BATCH=batch).spawn() for name in ("intake", "worker")}
    sent, killed = 0, list[str]()
    for wave in waves(published, kills + 1):
        split.publish(wave)
        if len(killed) < kills:
            until_counted(split, sent + 1)  # all that was killed before is back at work
            victim, delay = chance.choice(["intake", "worker", "worker"]), chance.uniform(0, 0.5)
            await asyncio.sleep(delay)
            running[victim].kill()
            killed.append(f"{victim} after {delay:.2f} s at {counted(split)}")
            running[victim].spawn()
        sent += len(wave)
    _log.info("seed %s: %s", seed, "; ".join(killed))
    until_counted(split, count)
    _report(f"{len(killed)} kills at random", check_whole(split, published))


def _report(what: str, seen: Whole) -> None:
    _log.info("%s: %s", what, seen)

"""What the benchmarks stand on: a real broker and a real Redis in a folder that is thrown away, topics, programs."""

import asyncio
import contextlib
import itertools
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from benchmarks.workload import HASHED_WITH, ORG, RULEBOOK, chunks
from streams import topics
from streams.kafka_appender import KafkaAppender
from tests.services import Kafka, Process, Redis

ROOT = Path(__file__).parents[1]
_APPENDED_AT_ONCE = 20_000
_PATIENCE_S = 900.0
_LOOK_S = 0.01
_STILL_S = 90.0


@dataclass(slots=True)
class Stage:
    """One run's services; every program that it starts ends with it."""

    folder: Path
    kafka: Kafka
    server: Redis
    client: "redis.Redis"
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def fresh(self, what: str) -> str:
        """A name that nothing had before."""
        return f"{what}{next(self.numbers)}"

    def empty(self) -> None:
        """An empty Redis, its counts of commands at nought."""
        self.client.flushall()
        self.client.config_resetstat()

    async def topics(self) -> str:
        """Makes karmalog's topics with one partition each; the prefix of their names."""
        prefix = f"{self.fresh('bench')}."
        await topics.create(self.kafka.address, 1, prefix=prefix)
        return prefix

    async def fill(self, topic: str, values: Iterator[bytes]) -> int:
        """Appends values to the only partition of a topic; how many there were."""
        appender, count = KafkaAppender(self.kafka.address, topic, 60), 0
        try:
            for some in chunks(values, _APPENDED_AT_ONCE):
                await appender.append(0, [(ORG.encode(), value) for value in some])
                count += len(some)
        finally:
            await appender.close()
        return count

    def program(self, name: str, *arguments: object) -> Process:
        """One of `benchmarks.programs`, not started."""
        return python(self.folder / self.fresh(name), f"benchmarks.programs.{name}", *arguments)

    def karmalog(self, prefix: str, *words: str, **environment: str) -> Process:
        """A command of karmalog on these services, not started."""
        return python(
            self.folder / self.fresh(words[0]),
            "karmalog",
            *words,
            **{
                "KARMALOG_KAFKA": self.kafka.address,
                "KARMALOG_REDIS": self.server.url,
                "KARMALOG_TOPICS": prefix,
                "KARMALOG_PORT": "0",
                **environment,
            },
        )

    async def publish_rulebook(self, prefix: str, rulebook: Path = RULEBOOK) -> None:
        """As an operator does."""
        applying = self.karmalog(prefix, "rules", "apply", str(rulebook)).spawn()
        if await asyncio.to_thread(applying.wait, 120):
            raise RuntimeError(f"the rulebook was not published:\n{applying.tail()}")


def python(folder: Path, module: str, *arguments: object, **environment: str) -> Process:
    """A module of this house as a process, not started."""
    settings = {"PYTHONPATH": str(ROOT), "KARMALOG_SECRET": HASHED_WITH, "KARMALOG_ORG": ORG, **environment}
    return Process(folder, [sys.executable, "-m", module, *map(str, arguments)], env=settings)


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Services that were asked for by nobody else."""
    with tempfile.TemporaryDirectory(prefix="karmalog-") as name:
        folder = Path(name)
        kafka, server = Kafka(folder / "kafka"), Redis(folder / "redis")
        with kafka, server:
            client = redis.Redis.from_url(server.url)
            yield Stage(folder, kafka, server, client)
            client.close()


def said_by(program: Process, timeout_s: float = _PATIENCE_S) -> dict[str, Any]:
    """What a program prints as its last line, as JSON; it is started and waited for.

    Raises:
        RuntimeError: it failed.
    """
    program.spawn()
    return waited_for(program, timeout_s)


def waited_for(program: Process, timeout_s: float = _PATIENCE_S) -> dict[str, Any]:
    """As `said_by`, for a program that runs already."""
    try:
        status = program.wait(timeout_s)
    finally:
        program.kill()
    if status:
        raise RuntimeError(f"{program} ended with {status}:\n{program.tail()}")
    found: dict[str, Any] = json.loads(program.log.read_text().splitlines()[-1])
    return found


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly something went from its first sign of life on, and what it cost."""

    rate: float  # events a second
    cpu_us: float | None  # of the processes together, an event; None where it was too short to tell


async def pace(progress: Callable[[], int], total: int, cpu_s: Callable[[], float | None]) -> Pace:
    """Watches a count until it reaches `total`; what happened before it first moved is left out.

    Raises:
        TimeoutError: it stands still.
    """
    first: tuple[int, float, float | None] | None = None
    last, began = 0, time.perf_counter()
    moved = began
    while True:
        done = await asyncio.to_thread(progress)
        now = time.perf_counter()
        if done != last:
            last, moved = done, now
        if first is None and done:
            first = done, now, cpu_s()
        if done >= total:
            break
        if now - moved > _STILL_S:
            raise TimeoutError(f"{done:,} of {total:,}, and nothing has moved for {_STILL_S:.0f} s")
        await asyncio.sleep(_LOOK_S)
    begun, at, before = first or (0, began, None)
    if begun >= total:  # all of it was there at the first look
        begun, at = 0, began
    after = cpu_s()
    events = total - begun
    cpu = None if before is None or after is None or after <= before else (after - before) / events * 1e6
    return Pace(events / (now - at), cpu)

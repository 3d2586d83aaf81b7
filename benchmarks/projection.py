"""A projector alone, from a log to Redis, measured from a position on: time, CPU by phase, members in memory."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import redis

from benchmarks.machine import LOOP_STEPS, loop_ns
from benchmarks.phases import Phases
from benchmarks.workload import hasher
from engine.version import ENGINE_VERSION
from schemas.words import OrgId, Position
from streams.interpreter import calm
from streams.log import Entry, Log
from streams.projector import Projector
from streams.store import Identity, Store
from streams.tuning import Tuning

PATIENCE_S = 900.0
_GATE_S = 0.005


@dataclass(slots=True)
class Projected:
    """What folding `events` events took."""

    events: int
    seconds: float
    cpu_s: float
    redis_cpu_s: float
    loop_ns: float
    phases: dict[str, int] = field(default_factory=dict)  # ns
    members_max: int = 0

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_us(self) -> float:
        """Process CPU an event, in µs."""
        return self.cpu_s / self.events * 1e6

    @property
    def units(self) -> float:
        """Process CPU an event in steps of the loop of `benchmarks.machine`, which the neighbours slow as well."""
        return self.cpu_s / self.events * 1e9 / self.loop_ns


class MemoryLog:
    """A log of one partition that was read beforehand, so that nothing but the projector is measured."""

    partitions = 1

    def __init__(self, values: Sequence[bytes]) -> None:
        self.values = [Entry(Position(position), value) for position, value in enumerate(values)]

    def partition_of(self, _org: OrgId) -> int:
        """The only one."""
        return 0

    async def append(self, partition: int, values: Sequence[tuple[bytes, bytes]]) -> Sequence[Position]:
        """Nothing is appended to it."""
        raise NotImplementedError

    async def read(self, _partition: int, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """See `Log.read`."""
        if start >= len(self.values):
            await asyncio.sleep(max_wait_s)
        return self.values[start : start + max_records]

    async def end(self, _partition: int) -> Position:
        """See `Log.end`."""
        return Position(len(self.values))

    async def at(self, _partition: int, position: Position) -> bytes:
        """See `Log.at`."""
        return self.values[position].value

    async def identity(self) -> str:
        """See `Log.identity`."""
        return "memory"

    async def close(self) -> None:
        """Nothing to close."""


class Gate:
    """A log that seems to end at `until`, so that measuring begins and ends at an exact record."""

    def __init__(self, log: Log, until: int) -> None:
        self.log = log
        self.until = until

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)

    async def read(self, partition: int, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """See `Log.read`."""
        if start >= self.until:
            await asyncio.sleep(_GATE_S)
            return []
        wanted = min(max_records, self.until - start)
        return await self.log.read(partition, start, max_records=wanted, max_wait_s=max_wait_s)


async def project(
    log: Log,
    client: "redis.Redis",
    *,
    warm: int,
    end: int,
    tuning: Tuning | None = None,
    at_start: Callable[[Projector], None] = lambda _: None,
) -> Projected:
    """Folds a log's first partition up to `end`, and measures from position `warm` on.

    `at_start` is handed the projector when measuring begins.
    """
    phases, members, loops = Phases(), 0, [loop_ns()]
    gate = Gate(log, warm)

    def reached(step: str) -> None:
        nonlocal members
        if step == "polled":
            loops.append(loop_ns())
            members = max(members, *(len(org.members) for org in list(projector.orgs.values())), 0)

    store = Store(client, Identity(await log.identity(), hasher().fingerprint(), ENGINE_VERSION), "benchmark")
    projector = Projector(cast("Log", gate), 0, store, tuning=tuning, reached=reached)
    calm()
    with phases.timed():
        running = asyncio.create_task(projector.run())
        try:
            await _reach(projector, running, warm)
            at_start(projector)
            loops.clear()
            before = _now(phases, client)
            gate.until = end
            await _reach(projector, running, end)
            after = _now(phases, client)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            projector.close()
    looped, looping = loops or [loop_ns()], int(sum(loops) * LOOP_STEPS)
    return Projected(
        end - warm,
        after[0] - before[0],
        (after[1] - before[1] - looping) / 1e9,
        after[2] - before[2],
        sum(looped) / len(looped),
        {phase: ns - before[3][phase] - (looping if phase == "read" else 0) for phase, ns in after[3].items()},
        members,
    )


async def _reach(projector: Projector, running: "asyncio.Task[None]", position: int) -> None:
    reaching = asyncio.create_task(projector.reach(position, PATIENCE_S))
    await asyncio.wait([reaching, running], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    if not await reaching:
        raise TimeoutError(f"the projector stands at {projector.progress.position}, not at {position}")


def _now(phases: Phases, client: "redis.Redis") -> tuple[float, int, float, dict[str, int]]:
    process = time.process_time_ns()
    return time.perf_counter(), process, redis_cpu_s(client), phases.snapshot(process)


def redis_cpu_s(client: "redis.Redis") -> float:
    """CPU time of the Redis server so far."""
    found = client.info("cpu")
    return float(found["used_cpu_user"]) + float(found["used_cpu_sys"])

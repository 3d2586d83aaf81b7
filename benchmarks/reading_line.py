"""How long readers wait beside a worker that runs flat out: boards from Redis, and over HTTP from `karmalog api`."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing

from benchmarks.posting import Connection
from benchmarks.projection import Projected
from benchmarks.report import Aim, Line, quantile, spread
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage, waited_for
from benchmarks.workload import ORG, log_values, rulebook, sent
from schemas.words import Instant
from streams.answers import Answers
from streams.boards import BoardQuery
from streams.keys import Keys
from tests.services import Process, free_ports

_PAUSE_S = 0.004
_START_WAIT_S = 60.0
_KEY = "a key of the benchmarks alone"
_BOARD = "sharing"
_FEW = 1_000


async def reading(stage: Stage, sizes: Sizes, told: Callable[[str], None]) -> list[Line]:
    """With few members, and with many, nearly every event another one."""
    lines: list[Line] = []
    for members, before in ((_FEW, sizes.warm), (sizes.many_members, sizes.many_members)):
        told(f"reading beside a worker, {members:,} members")
        prefix = await stage.topics()
        events = before + sizes.flat_out
        end = await stage.fill(f"{prefix}log", log_values(sent(events, members), rulebook()))
        warm = end - sizes.flat_out
        direct, served, done = await _read_beside(stage, prefix, warm, end)
        worker = f"the worker folded {done.rate:,.0f} events a second meanwhile"
        for how, waits in (("from Redis", direct), ("over HTTP", served)):
            lines.append(
                Line(
                    f"a board read {how} beside a worker flat out, {members:,} members: p99",
                    spread([quantile(waits, 0.99)]),
                    "ms",
                    aim=Aim(25, at_least=False, unit="ms"),
                    notes=[f"p50 {quantile(waits, 0.5):.1f} ms, worst {max(waits):.0f} ms of {len(waits):,}; {worker}"],
                )
            )
    return lines


async def _read_beside(stage: Stage, prefix: str, warm: int, end: int) -> tuple[list[float], list[float], Projected]:
    """Reads in turns, one at a time, from when the worker is warm until it has folded all."""
    stage.empty()
    worker = stage.program("projector", stage.kafka.address, f"{prefix}log", stage.server.url, warm, end, 0)
    (port,) = free_ports(1)
    api = stage.karmalog(prefix, "api", KARMALOG_KEY=_KEY, KARMALOG_PORT=str(port)).spawn()
    direct: list[float] = []
    served: list[float] = []
    answers, now = Answers(stage.client, ORG), Instant(int(time.time() * 1_000))
    query = BoardQuery(_BOARD, top=10)
    try:
        with closing(await connected(api, port, _KEY)) as connection:
            worker.spawn()
            while _position(stage) < warm and worker.running:  # noqa: ASYNC110  another process moves it
                await asyncio.sleep(_PAUSE_S)
            while not direct or (worker.running and _position(stage) < end):
                began = time.perf_counter()
                answers.board(query, now=now)
                between = time.perf_counter()
                await connection.get(f"/v1/boards/{_BOARD}?top=10")
                served.append((time.perf_counter() - between) * 1_000)
                direct.append((between - began) * 1_000)
                await asyncio.sleep(_PAUSE_S)
        found = await asyncio.to_thread(waited_for, worker)
    finally:
        api.kill()
        worker.kill()
    return direct, served, Projected(**found)


async def connected(api: Process, port: int, key: str) -> Connection:
    """A connection to an API that is starting."""
    deadline = time.monotonic() + _START_WAIT_S
    while True:
        try:
            return await Connection.to(f"http://127.0.0.1:{port}", key)
        except OSError as error:
            if not api.running or time.monotonic() > deadline:
                raise RuntimeError(f"karmalog api did not start:\n{api.tail()}") from error
            await asyncio.sleep(0.02)


def _position(stage: Stage) -> int:
    return int(stage.client.hget(Keys(ORG).checkpoint, "position") or 0)

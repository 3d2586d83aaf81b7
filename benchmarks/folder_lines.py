"""Speed and size in one process on one machine: late events, packed lists, a whole log folded, the start, HTTP."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from benchmarks.machine import cpu_s
from benchmarks.posting import CONNECTIONS, post
from benchmarks.projection import Projected
from benchmarks.report import Aim, Line, Spread, quantile, ratios, spread
from benchmarks.reviews import arrived, out_of_order, reviews, values
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage, python, said_by
from benchmarks.workload import ORG, chunks, log_values, rulebook, sent
from karmalog.desk import SERVED
from karmalog.embedded import embedded
from schemas.words import Instant
from streams.sqlite_log import SqliteLog
from tests.services import Process

_APPENDED_AT_ONCE = 20_000
_START_WAIT_S = 300.0
_MIB = 1 << 20
_TOGETHER = 10
_LIVE = 20  # one event in so many is enough for the rate of a live worker


async def late(stage: Stage, sizes: Sizes, told: Callable[[str], None]) -> list[Line]:
    """The reviews as they came in against the same in order, and how long their packed lists are."""
    ordered = reviews(sizes.reviews)
    mixed = arrived(ordered)
    orderly: list[dict[str, Any]] = []
    lately: list[dict[str, Any]] = []
    for number in range(1, sizes.rounds + 1):
        told(f"late reviews, round {number} of {sizes.rounds}")
        orderly.append(await _folded(stage, values(ordered)))
        lately.append(await _folded(stage, values(mixed)))
    figure, base = _rates(lately), _rates(orderly)
    packed = [each["lists"]["bytes"] / max(1, each["lists"]["events"]) - 4 for each in orderly]
    return [
        Line(
            "reviews as they came in",
            figure,
            "events/s",
            base,
            "in order, events/s",
            ratios(figure, base),
            Aim(1 / 3, at_least=True),
            [
                f"{len(mixed):,} records, {out_of_order(mixed):.0%} older than one before them",
                f"CPU an event {_cpu(lately)} µs, in order {_cpu(orderly)} µs",
            ],
        ),
        Line(
            "event lists, packed, identities apart",
            spread(packed[:1]),
            "bytes an event",
            aim=Aim(12, at_least=False, unit="bytes"),
            notes=[_lists(orderly[0]["lists"])],
        ),
    ]


def _lists(found: dict[str, int]) -> str:
    return f"{found['events']:,} packed events of the reviews; {found['waiting']:,} more lie unpacked in records"


async def rebuild(stage: Stage, sizes: Sizes, told: Callable[[str], None]) -> list[Line]:
    """A log folded from its beginning into an empty store, the start on it, and events accepted over HTTP."""
    told(f"folding {sizes.rebuild:,} events from the beginning")
    folder = stage.folder / stage.fresh("data")
    async with embedded(folder, ORG):  # makes a data folder of it, which `karmalog serve` takes as its own
        pass
    events = sent(sizes.rebuild, sizes.rebuild_members)
    done = await _folded(stage, log_values(events, rulebook()), folder)
    figure, live = spread([sizes.rebuild / done["seconds"]]), await _live(stage, sizes)
    lines = [
        Line(
            f"{sizes.rebuild:,} events of {sizes.rebuild_members:,} members folded from the beginning",
            figure,
            "events/s",
            live,
            "live, events/s",
            ratios(figure, live),
            Aim(2, at_least=True),
            notes=[_took(done)],
        )
    ]
    told("cold starts")
    starts = [await _cold_start(stage, folder) for _ in range(sizes.starts)]
    lines.append(
        Line(
            f"cold start of `karmalog serve`, {sizes.rebuild:,} events in the log",
            spread([took for took, _ in starts]),
            "s",
            aim=Aim(3, at_least=False, unit="s"),
            notes=[
                "from the command to the first answer of a board; the store was saved when it stopped",
                *_start_costs([cpu for _, cpu in starts if cpu is not None]),
            ],
        )
    )
    lines += await _accepted(stage, sizes, folder, told)
    return lines


def _took(done: dict[str, Any]) -> str:
    worker, store = (done[name] / _MIB for name in ("rss_bytes_max", "redis_bytes"))
    return f"{done['seconds']:.0f} s; worker {worker:.0f} MiB at most, Redis {store:.0f} MiB; folds as live does so far"


async def _live(stage: Stage, sizes: Sizes) -> Spread:
    """A projector on Kafka with as many members, warm: what the fold from the beginning is compared with."""
    prefix = await stage.topics()
    events = sizes.rebuild // _LIVE
    values = log_values(sent(2 * events, sizes.rebuild_members), rulebook())
    end = await stage.fill(f"{prefix}log", values)
    stage.empty()
    program = stage.program("projector", stage.kafka.address, f"{prefix}log", stage.server.url, end - events, end, 0)
    return spread([Projected(**await asyncio.to_thread(said_by, program)).rate])


async def _accepted(stage: Stage, sizes: Sizes, folder: Path, told: Callable[[str], None]) -> list[Line]:
    """Events of now, one in a request and ten, on the server with the long log."""
    server, address, key = await started(stage, folder)
    lines = []
    try:
        for at_once in (1, _TOGETHER):
            told(f"posting {at_once} in a request")
            bodies = list(_bodies(int(sizes.http_rate * sizes.http_seconds), at_once))
            done = await post(address, key, bodies, sizes.http_rate, "daily")
            waits = done.waits_ms()
            said = f"accepted over HTTP to visible, {at_once} in a request: p99"
            notes = [
                f"asked for {sizes.http_rate:,} events a second, reached {done.rate:,.0f}, {CONNECTIONS} connections",
                f"p50 {quantile(waits, 0.5):.0f} ms, worst {waits[-1]:.0f} ms of {len(waits):,}",
            ]
            lines.append(
                Line(said, spread([quantile(waits, 0.99)]), "ms", aim=Aim(500, at_least=False, unit="ms"), notes=notes)
            )
    finally:
        await asyncio.to_thread(server.stop, 120)
    return lines


def _bodies(count: int, at_once: int) -> Iterator[tuple[bytes, int]]:
    """Requests with events that happen now."""
    now = Instant(int(time.time() * 1_000))
    found = [replace(event, time=now).cloudevent() for event in sent(count, 1_000, seed=at_once + now)]
    for start in range(0, count, at_once):
        some = found[start : start + at_once]
        yield (some[0] if at_once == 1 else b"[" + b",".join(some) + b"]"), len(some)


async def _folded(stage: Stage, values: Iterator[bytes], folder: Path | None = None) -> dict[str, Any]:
    """Puts a log into a new data folder and folds it there, in a process of its own."""
    where = folder or stage.folder / stage.fresh("data")
    where.mkdir(exist_ok=True)
    log = SqliteLog(where / "log.sqlite")
    for some in chunks(values, _APPENDED_AT_ONCE):
        await log.append(0, [(ORG.encode(), value) for value in some])
    await log.close()
    found = await asyncio.to_thread(said_by, stage.program("folder", where, 0))
    if folder is None:
        shutil.rmtree(where)
    return found


def _start_costs(cpu_s: list[float]) -> list[str]:
    return [f"CPU of its process until then: {spread(cpu_s)} s"] if cpu_s else []


async def _cold_start(stage: Stage, folder: Path) -> tuple[float, float | None]:
    """Seconds until the first answer, and of CPU."""
    began = time.perf_counter()
    server, address, key = await started(stage, folder)
    async with client_of(address, key) as client:
        answer = await client.get("/v1/boards/sharing", params={"top": 10})
        answer.raise_for_status()
    took, cpu = time.perf_counter() - began, cpu_s(server.pid)
    await asyncio.to_thread(server.stop, 120)
    return took, cpu


async def started(stage: Stage, folder: Path) -> tuple[Process, str, str]:
    """`karmalog serve` on a data folder: the process, its address, and an operator's key."""
    server = python(stage.folder / stage.fresh("serve"), "karmalog", "serve", "--data", str(folder), "--port", "0")
    server.spawn()
    served = folder / SERVED
    deadline = time.monotonic() + _START_WAIT_S
    while not served.exists():
        if not server.running or time.monotonic() > deadline:
            raise RuntimeError(f"karmalog serve did not start:\n{server.tail()}")
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.005)
    found = json.loads(served.read_text())
    return server, found["url"], found["key"]


def client_of(address: str, key: str) -> httpx.AsyncClient:
    """A client with a key."""
    headers = {"authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=60)


def _rates(found: list[dict[str, Any]]) -> Spread:
    return spread([each["events"] / each["seconds"] for each in found])


def _cpu(found: list[dict[str, Any]]) -> Spread:
    return spread([each["cpu_s"] / each["events"] * 1e6 for each in found])

"""How long somebody who gives karma waits for the outcome: over HTTP, through Kafka, one worker, and back."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from benchmarks.posting import CONNECTIONS, Connection
from benchmarks.reading_line import connected
from benchmarks.report import Aim, Line, quantile, spread
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage
from schemas.times import format_instant
from schemas.words import Instant
from tests.services import free_ports

_KEY = "a key of the benchmarks alone"
_MEMBERS: Final = 200
_RULEBOOK = Path(__file__).with_name("karma.yaml")


async def gifts(stage: Stage, sizes: Sizes, told: Callable[[str], None]) -> list[Line]:
    """From the request to its outcome, at a steady rate."""
    told("gifts over HTTP")
    stage.empty()
    prefix = await stage.topics()
    (port,) = free_ports(1)
    worker = stage.karmalog(prefix, "worker").spawn()
    await stage.publish_rulebook(prefix, _RULEBOOK)
    api = stage.karmalog(prefix, "api", KARMALOG_KEY=_KEY, KARMALOG_PORT=str(port)).spawn()
    try:
        with closing(await connected(api, port, _KEY)) as connection:
            await _join(connection)
            await _warm(connection)
        count = int(sizes.gift_rate * sizes.gift_seconds)
        waits = await _give(f"http://127.0.0.1:{port}", count, sizes.gift_rate)
    finally:
        api.kill()
        worker.kill()
    return [
        Line(
            f"a gift over HTTP to its outcome, {sizes.gift_rate} a second: p99",
            spread([quantile(waits, 0.99)]),
            "ms",
            aim=Aim(250, at_least=False, unit="ms"),
            notes=[f"p50 {quantile(waits, 0.5):.0f} ms, worst {max(waits):.0f} ms of {len(waits):,}; one worker"],
        )
    ]


async def _join(connection: Connection) -> None:
    now = format_instant(Instant(int(time.time() * 1_000)))
    about = {"specversion": "1.0", "source": "/hr", "type": "member.joined", "time": now, "data": {}}
    events = [{**about, "id": f"join {number}", "subject": f"m{number}"} for number in range(_MEMBERS)]
    await connection.post("/v1/events", "application/cloudevents-batch+json", json.dumps(events).encode())


async def _warm(connection: Connection) -> None:
    for number in range(20):
        await connection.ask("/v1/karma/gifts", _gift(random.Random(number)))


async def _give(address: str, count: int, rate: float) -> list[float]:
    """The waits in ms; a connection that still waits lets the next one take the turn."""
    chance, waits, began = random.Random(1), list[float](), time.perf_counter()
    turns = iter(range(count))

    async def give() -> None:
        with closing(await Connection.to(address, _KEY)) as connection:
            for turn in turns:
                await asyncio.sleep(max(0.0, began + turn / rate - time.perf_counter()))
                asked = time.perf_counter()
                await connection.ask("/v1/karma/gifts", _gift(chance))
                waits.append((time.perf_counter() - asked) * 1_000)

    await asyncio.gather(*(give() for _ in range(CONNECTIONS)))
    return waits


def _gift(chance: random.Random) -> bytes:
    giver, receiver = chance.sample(range(_MEMBERS), 2)
    said: dict[str, Any] = {"by": f"m{giver}", "to": [f"m{receiver}"], "amount": chance.randint(1, 5)}
    return json.dumps(said).encode()

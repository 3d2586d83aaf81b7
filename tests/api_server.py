"""A real server for the tests of the API: an embedded runtime, a socket, and a key for every role."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
from fastapi import FastAPI

from api.access import Access, Caller
from api.app import build
from api.service import Replay, Service
from api.serving import serve
from karmalog.embedded import embedded
from schemas.rulebook import Rulebook
from schemas.rulebook_text import read
from schemas.words import OrgId
from streams.judge import everything
from streams.publishing import Fate
from streams.quarantine import Message
from streams.runtime import Runtime

ROOT = Path(__file__).parents[1]
RULEBOOK = ROOT / "examples" / "reviews" / "rulebook.yaml"
HISTORY = ROOT / "tests" / "data" / "reviews" / "head5000.jsonl"
EVENTS = 400

ONE = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}

_numbers = itertools.count(1)


def review(member: str, *, author: str = "author", **changed: Any) -> dict[str, Any]:
    """A review that was given now, with an id of its own."""
    number = next(_numbers)
    return {
        "specversion": "1.0",
        "id": f"review-{number}",
        "source": "/tests/api",
        "type": "code_review.given",
        "subject": member,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": {"author": author, "change": f"change-{number}"},
    } | changed


def rulebook(text: str) -> Rulebook:
    """The rulebook of a text that has no fault."""
    found, faults = read(text, "test.yaml")
    assert found is not None, faults
    return found


@dataclass
class Served:
    """A running server."""

    url: str
    runtime: Runtime
    app: FastAPI
    access: Access
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        """What the routes stand on."""
        return cast("Service", self.app.state.service)

    def key(self, role: str) -> str:
        """A key of a role."""
        if role not in self.keys:
            self.keys[role] = self.access.lend(Caller.named(role))
        return self.keys[role]

    def caller(self, role: str | None, url: str | None = None) -> httpx.AsyncClient:
        """A client with a key of a role; None: without a key."""
        headers = {} if role is None else {"authorization": f"Bearer {self.key(role)}"}
        client = httpx.AsyncClient(base_url=url or self.url, headers=headers, trust_env=False, timeout=30)
        self.clients.append(client)
        return client

    async def send(self, role: str, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Publishes one event over a connection of its own; status and receipt."""
        body = json.dumps(event).encode()
        head = "POST /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        head += f"authorization: Bearer {self.key(role)}\r\n"
        head += f"content-type: {ONE['content-type']}\r\ncontent-length: {len(body)}\r\n\r\n"
        reader, writer = await asyncio.open_connection(*self.url.removeprefix("http://").split(":"))
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
        return int(answer.split()[1]), json.loads(answer.partition(b"\r\n\r\n")[2])

    async def post(self, *events: dict[str, Any]) -> int:
        """Publishes events as an operator, waits until they are on the boards; the position after them."""
        answer = await self.caller("operator").post("/v1/events", json=list(events), headers=BATCH)
        assert answer.status_code == 202, answer.text
        assert answer.json()["accepted"] == len(events), answer.text
        position: int = answer.json()["position"]
        assert await self.runtime.reach(position, 30)
        return position


@contextlib.asynccontextmanager
async def served(
    folder: Path,
    *,
    book: Rulebook | None = None,
    events: int = 0,
    replay: Callable[[], Replay | None] | None = None,
) -> AsyncIterator[Served]:
    """A server on a new data folder, with a rulebook and some history where that is asked for."""
    async with embedded(folder, OrgId("acme")) as runtime:
        if book is not None:
            assert await runtime.reach(await runtime.publish_rulebook(book), 30)
        if events:
            await history(runtime, events)
        access = Access.open(folder)
        app = build(runtime, access, replay=replay)
        async with serving(app) as url:
            server = Served(url, runtime, app, access)
            yield server
            for client in server.clients:
                await client.aclose()


@contextlib.asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The address of an application on a free port."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    server = asyncio.create_task(serve(app, "127.0.0.1", 0, address.set_result, stop=stop))
    waited: list[asyncio.Future[Any]] = [address, server]
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    try:
        if server.done():
            await server  # raises why it could not start
        yield await address
    finally:
        stop.set()
        await server


async def history(runtime: Runtime, events: int) -> None:
    """Imports the first lines of the reviews."""
    with HISTORY.open("rb") as file:
        lines = list(itertools.islice(file, events))
    publisher = runtime.publisher(allowed=everything, trust_recorded=True)
    done = await publisher.publish([Message(line) for line in lines], run="history")
    assert done.count(Fate.ACCEPTED) == events
    assert await runtime.reach(done.position, 30)


def lines() -> Iterator[dict[str, Any]]:
    """The events of the history that `served` imports."""
    with HISTORY.open("rb") as file:
        for line in itertools.islice(file, EVENTS):
            yield json.loads(line)

"""A bounded HTTP client: posts events at a steady rate over a few connections, and notes when each is on a board.

As small as it can be (requests are bytes over kept connections), because it shares the machine with the server.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CONNECTIONS = 16
_LOOK_S = 0.005
_PATIENCE_S = 60.0


@dataclass(slots=True)
class Posted:
    """What became of the events of a run."""

    seconds: float = 0.0
    accepted: list[tuple[float, int, int]] = field(default_factory=list)  # when, the position to wait for, events
    seen: list[tuple[float, int]] = field(default_factory=list)  # when a board was read, and its position

    @property
    def events(self) -> int:
        """Accepted ones."""
        return sum(events for _, _, events in self.accepted)

    @property
    def rate(self) -> float:
        """Events accepted a second."""
        return self.events / self.seconds

    def waits_ms(self) -> list[float]:
        """From accepted to visible, for every event, shortest first."""
        waits: list[float] = []
        looks = iter(self.seen)
        at, position = next(looks)
        for accepted, wanted, events in sorted(self.accepted, key=lambda each: each[1]):
            while position < wanted:
                at, position = next(looks)
            waits += [max(0.0, at - accepted) * 1_000] * events
        return sorted(waits)


class Connection:
    """One kept connection that waits for each answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, key: str) -> None:
        self._reader, self._writer = reader, writer
        self._head = f"Host: {host}\r\nAuthorization: Bearer {key}\r\n"

    @classmethod
    async def to(cls, address: str, key: str) -> "Connection":
        """Connects to a server such as http://127.0.0.1:8080."""
        parts = urlsplit(address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        return cls(reader, writer, parts.netloc, key)

    async def get(self, path: str) -> bytes:
        """The body of an answer."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode(), 200)

    async def post(self, path: str, kind: str, body: bytes) -> bytes:
        """The body of an answer to something accepted."""
        return await self._posted(path, kind, body, 202)

    async def ask(self, path: str, body: bytes) -> bytes:
        """The body of an answer to a request that was granted."""
        return await self._posted(path, "application/json", body, 201)

    async def _posted(self, path: str, kind: str, body: bytes, status: int) -> bytes:
        head = f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._ask(head.encode() + body, status)

    async def _ask(self, request: bytes, status: int) -> bytes:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await self._reader.readexactly(int(lengths[0].split(b":")[1]))
        if int(head.split(b" ", 2)[1]) != status:
            raise RuntimeError(f"the server answered {head.splitlines()[0].decode()}: {body[:500].decode()}")
        return body

    def close(self) -> None:
        """Hangs up."""
        self._writer.close()


async def post(address: str, key: str, bodies: Sequence[tuple[bytes, int]], rate: float, board: str) -> Posted:
    """Posts bodies, each with its number of events, at so many events a second, and watches a board beside.

    A connection that is still waiting lets the next one take the turn; where all wait, the rate is not reached.
    """
    done, turns = Posted(), iter(bodies)
    began = time.perf_counter()
    sent = 0

    async def publish() -> None:
        nonlocal sent
        with closing(await Connection.to(address, key)) as connection:
            for body, events in turns:
                due = began + sent / rate
                sent += events
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                kind = "application/cloudevents+json" if events == 1 else "application/cloudevents-batch+json"
                receipt = json.loads(await connection.post("/v1/events", kind, body))
                done.accepted.append((time.perf_counter(), receipt["position"], receipt["accepted"]))

    async def watch() -> None:
        with closing(await Connection.to(address, key)) as connection:
            while True:
                board_now = json.loads(await connection.get(f"/v1/boards/{board}?top=1"))
                done.seen.append((time.perf_counter(), board_now["position"]))
                await asyncio.sleep(_LOOK_S)

    watching = asyncio.create_task(watch())
    try:
        await asyncio.gather(*(publish() for _ in range(CONNECTIONS)))
        done.seconds = time.perf_counter() - began
        wanted = max(position for _, position, _ in done.accepted)
        async with asyncio.timeout(_PATIENCE_S):
            while not done.seen or done.seen[-1][1] < wanted:
                if watching.done():
                    watching.result()
                await asyncio.sleep(_LOOK_S)
    finally:
        watching.cancel()
    return done

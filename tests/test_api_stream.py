"""Streams of boards: at once, whenever rows change, with a sign of life between, and no reason to stay running."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from api.access import Access
from api.app import build
from api.serving import UnavailableAddress, serve
from karmalog.embedded import embedded
from schemas.words import OrgId
from tests.api_server import EVENTS, RULEBOOK, Served, review, rulebook, served

WAIT_S = 30.0
"""Longer than anything here takes on a busy machine."""


class Said(NamedTuple):
    """One thing that a stream said."""

    event: str
    id: str
    data: Any


class Stream:
    """An open stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._parts = answer.aiter_text()
        self._rest = ""

    async def block(self) -> str:
        """The next block of lines, comments among them; StopAsyncIteration at the end."""
        async with asyncio.timeout(WAIT_S):
            while "\n\n" not in self._rest:
                self._rest += await anext(self._parts)
        found, _, self._rest = self._rest.partition("\n\n")
        return found

    async def next(self) -> Said:
        """The next event."""
        while True:
            fields = dict(line.split(": ", 1) for line in (await self.block()).splitlines() if line[0] != ":")
            if "data" in fields:
                return Said(fields["event"], fields["id"], json.loads(fields["data"]))

    async def end(self) -> None:
        """Waits for the end of the stream; a broken line is an error."""
        async with asyncio.timeout(WAIT_S):
            async for _ in self._parts:
                pass

    async def until(self, member: str, score: int) -> Said:
        """The first event in which a member has a score."""
        while True:
            said = await self.next()
            if any(row["member"] == member and row["score"] == score for row in said.data["rows"]):
                return said


@contextlib.asynccontextmanager
async def following(client: httpx.AsyncClient, query: str = "window=month") -> AsyncIterator[Stream]:
    """A stream of the reviews' board."""
    async with client.stream("GET", f"/v1/boards/reviews/stream?{query}") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A server with the reviews' rulebook and the first events of their history."""
    book = rulebook(RULEBOOK.read_text(encoding="utf-8"))
    async with served(tmp_path_factory.mktemp("stream"), book=book, events=EVENTS) as found:
        yield found


async def test_a_stream_says_the_board_at_once_and_again_when_its_rows_change(server: Served) -> None:
    viewer = server.caller("viewer")
    async with following(viewer) as stream:
        first = await stream.next()
        assert (first.event, first.id) == ("board", str(first.data["position"]))
        assert first.data == (await viewer.get("/v1/boards/reviews?window=month")).json()
        position = await server.post(review("anna"))
        moved = await stream.until("anna", 1)
        assert int(moved.id) == moved.data["position"] >= position
        await server.post(review("anna"), review("anna"))
        await stream.until("anna", 3)


async def test_rows_that_do_not_change_are_not_sent_again_but_a_sign_of_life_is(server: Served) -> None:
    live = server.service.live
    live.heartbeat_s, before = 0.2, live.heartbeat_s
    try:
        async with following(server.caller("viewer"), "window=2015") as stream:
            assert await stream.block() == "retry: 1000"
            await stream.next()
            assert [await stream.block() for _ in range(3)] == [": beat"] * 3
            position = await server.post(review("bruno"))  # of today: it moves the position, and not 2015
            moved = await stream.next()
            assert moved.data["position"] >= position
            assert await stream.block() == ": beat"
    finally:
        live.heartbeat_s = before


async def test_a_member_is_marked_to_themselves_alone(server: Served) -> None:
    await server.post(review("carla"), review("carla"))
    async with following(server.caller("member:carla")) as own, following(server.caller("viewer")) as other:
        mine, theirs = await own.next(), await other.next()
        assert [row["member"] for row in mine.data["rows"] if row.get("you")] == ["carla"]
        assert [row for row in theirs.data["rows"] if "you" in row] == []


async def test_a_member_who_hides_leaves_the_boards_of_viewers_at_once(server: Served) -> None:
    await server.post(*(review("dora") for _ in range(40)))
    async with following(server.caller("viewer")) as stream, following(server.caller("operator")) as all_of_them:
        await stream.until("dora", 40)
        await server.post(review("dora", type="member.visibility_changed", data={"visibility": "hidden"}))
        while any(row["member"] == "dora" for row in (await stream.next()).data["rows"]):
            pass
        while (said := await all_of_them.until("dora", 40)).data["rows"][0]["rank"] is not None:
            pass
        assert said.data["rows"][0]["member"] == "dora"


async def test_many_listeners_of_one_board_share_one_computation(server: Served) -> None:
    reader = server.service.reader
    asked = 0
    real = reader.in_thread

    async def counting(work: Any) -> Any:
        nonlocal asked
        asked += 1
        return await real(work)

    async with contextlib.AsyncExitStack() as opened:
        viewer = server.caller("viewer")
        streams = [await opened.enter_async_context(following(viewer)) for _ in range(50)]
        for stream in streams:
            await stream.next()
        assert server.service.live.listeners == 50
        reader.in_thread = counting  # type: ignore[method-assign]
        try:
            await server.post(review("edda"))
            said = [await stream.until("edda", 1) for stream in streams]
        finally:
            del reader.in_thread
        assert len({each.id for each in said}) == 1
        assert 1 <= asked <= 5
    for _ in range(100):
        if server.service.live.listeners == 0:
            break
        await asyncio.sleep(0.05)
    assert server.service.live.listeners == 0


async def test_streams_end_when_the_store_fails_so_that_pages_ask_again_and_hear_why(tmp_path: Path) -> None:
    book = rulebook(RULEBOOK.read_text(encoding="utf-8"))
    async with served(tmp_path, book=book) as server, following(server.caller("viewer")) as stream:
        await stream.next()
        server.runtime.redis.shutdown(nosave=True)
        await stream.end()
        again = await server.caller("viewer").get("/v1/boards/reviews/stream")
        assert (again.status_code, again.json()["code"]) == (503, "STORE_UNAVAILABLE")


async def test_a_server_stops_at_a_signal_though_streams_are_open(tmp_path: Path) -> None:
    async with embedded(tmp_path, OrgId("acme")) as runtime:
        assert await runtime.reach(await runtime.publish_rulebook(rulebook(RULEBOOK.read_text(encoding="utf-8"))), 30)
        access = Access.open(tmp_path)
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        server = asyncio.create_task(serve(build(runtime, access), "127.0.0.1", 0, address.set_result))
        headers = {"authorization": f"Bearer {access.first_key}"}
        async with httpx.AsyncClient(base_url=await address, headers=headers, trust_env=False) as client:
            async with following(client) as stream:
                await stream.next()
                os.kill(os.getpid(), signal.SIGTERM)
                await stream.end()
            async with asyncio.timeout(WAIT_S):
                await server
            with pytest.raises(httpx.ConnectError):
                await client.get("/health")


async def test_a_server_listens_where_it_is_told_and_says_when_it_cannot(server: Served) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    assert (host, int(port) > 0) == ("127.0.0.1", True)
    with pytest.raises(UnavailableAddress, match=f"{port} cannot be listened on"):
        await serve(server.app, host, int(port), print, stop=asyncio.Event())
    with pytest.raises(UnavailableAddress):
        await serve(server.app, "192.0.2.1", 0, print, stop=asyncio.Event())

"""Names and keys in Redis are copies of what stands on the private shelf: lost ones come back, deleted ones do not."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import redis

from api.access import Access, Caller, ident_of
from api.key_rings import SharedRing
from karmalog.desk import LocalDesk
from karmalog.embedded import embedded
from schemas.words import OrgId
from streams.copies import Copy
from streams.log import UnavailableLog
from streams.people import Table
from streams.sqlite_shelf import SqliteShelf, private_file
from tests.api_server import RULEBOOK, review, rulebook, served

ORG = OrgId("acme")


class Shelf(SqliteShelf):
    """One whose failures and neighbours a test decides."""

    broken = False
    while_scanning: asyncio.Event | None = None
    scanning = asyncio.Event()

    async def put(self, items: Mapping[str, bytes | None]) -> None:
        """Fails where it is broken."""
        if self.broken:
            raise UnavailableLog("the shelf is broken")
        await super().put(items)

    async def scan(self, prefix: str) -> dict[str, bytes]:
        """What is there; whoever asked gets it late."""
        found = await super().scan(prefix)
        if self.while_scanning is not None:
            self.scanning.set()
            await self.while_scanning.wait()
        return found


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    file = private_file(tmp_path / "private.sqlite")
    yield Shelf(file)
    file.close()


@pytest.fixture
def client(redis_url: str) -> "redis.Redis":
    return redis.Redis.from_url(redis_url)


def copy_of(client: "redis.Redis", shelf: Shelf) -> Copy:
    return Copy(client, "{acme}:names", shelf, "profile/acme/", lambda value: value or None)


async def whole(copy: Copy) -> Mapping[str, bytes]:
    await copy.ensure()
    return await copy.news() or {}


async def test_what_redis_lost_comes_back_from_the_shelf(client: "redis.Redis", shelf: Shelf) -> None:
    copy = copy_of(client, shelf)
    await copy.put({"ann": b"Ann", "ben": b"Ben", "cem": b""})
    await copy.put({"ben": None})
    client.flushdb()
    assert await copy.ensure()
    assert not await copy.ensure()
    assert await copy.news() == {"ann": b"Ann"}
    assert client.hget("{acme}:names", "ann") == b"Ann"


async def test_a_copy_whose_shelf_failed_is_made_again(client: "redis.Redis", shelf: Shelf) -> None:
    copy = copy_of(client, shelf)
    await copy.put({"ann": b"Ann"})
    shelf.broken = True
    with pytest.raises(UnavailableLog):
        await copy.put({"ann": None})
    shelf.broken = False
    assert await whole(copy_of(client, shelf)) == {"ann": b"Ann"}


async def test_what_is_deleted_while_the_copy_is_made_again_stays_deleted(client: "redis.Redis", shelf: Shelf) -> None:
    copy = copy_of(client, shelf)
    await copy.put({"ann": b"Ann", "ben": b"Ben"})
    client.flushdb()
    shelf.while_scanning = asyncio.Event()
    making = asyncio.create_task(copy.ensure())
    await shelf.scanning.wait()
    waiting, shelf.while_scanning = shelf.while_scanning, None
    await copy_of(client, shelf).put({"ann": None})
    waiting.set()
    await making
    assert await whole(copy_of(client, shelf)) == {"ben": b"Ben"}


async def test_keys_that_processes_share_are_known_to_all_and_survive_an_emptied_redis(
    client: "redis.Redis", shelf: Shelf
) -> None:
    one, two = (Access(ring=SharedRing(client, shelf, ORG)) for _ in range(2))
    key, issued = await one.issue(Caller.named("member:ann"), "her phone")
    await two.refresh()
    assert two.caller(key) == Caller.named("member:ann")
    assert two.issued() == [(ident_of(key), "member:ann", "her phone")]
    client.flushdb()
    late = Access(ring=SharedRing(client, shelf, ORG))
    await late.refresh()
    assert late.caller(key) == Caller.named("member:ann")
    assert await late.revoke(issued.ident) == issued
    for each in (one, two):
        await each.refresh()
        assert each.caller(key) is None
    for value in (*client.hgetall("{acme}:api-keys").values(), *(await shelf.scan("")).values()):  # type: ignore[union-attr]
        assert key.encode() not in value


async def test_boards_have_their_names_again_after_redis_was_emptied(tmp_path: Path) -> None:
    async with served(tmp_path, book=rulebook(RULEBOOK.read_text(encoding="utf-8"))) as server:
        operator = server.caller("operator")
        await server.post(review("ann"))
        said = await operator.post("/v1/members", content=b"member,name\nann,Ann Arbor\n")
        assert said.json()["members"] == 1
        await server.service.reached(said.json()["position"])
        server.runtime.redis.delete(server.runtime.answers.keys.names())
        async with asyncio.timeout(30):
            while "name" not in (row := (await operator.get("/v1/boards/reviews")).json()["rows"][0]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert row["name"] == "Ann Arbor"


async def test_a_command_shows_names_although_redis_lost_them(tmp_path: Path) -> None:
    async with embedded(tmp_path, ORG) as runtime:
        book = rulebook(RULEBOOK.read_text(encoding="utf-8"))
        assert await runtime.reach(await runtime.publish_rulebook(book), 30)
        desk = LocalDesk(runtime)
        await desk.people(Table("people.csv", "member,name,identities\nann,Ann Arbor,git:ann\n"))
        await desk.people(Table("people.csv", "member,identities\nann,git:arbor\n"))
        runtime.redis.delete(runtime.answers.keys.names())
        await desk.board("reviews", window="all", by="member", top=None, around=None)
        assert runtime.redis.hget(runtime.answers.keys.names(), "ann") == b"Ann Arbor"
        kept = await runtime.texts.get("profile/acme/ann")
        assert kept == b'{"name":"Ann Arbor","identities":["git:arbor"]}'

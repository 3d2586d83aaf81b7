"""Commands about API keys: keys issue, keys list, keys revoke."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError, check_folder
from karmalog.options import Data, Json, Url, settings, wait_for

if TYPE_CHECKING:
    from api.access import Access, Issued
    from karmalog.server_desk import ServerDesk
    from karmalog.settings import Settings

_GOOD_FOR = {
    "operator": "it may do everything",
    "publisher": "it publishes activities, and sees nothing",
    "viewer": "it sees what everyone may see",
    "member": "it sees that, and all of the member's own record",
}


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    group = typer.Typer(help="API keys: for publishers, viewers, members and operators.", no_args_is_help=True)
    group.command()(issue)
    group.command("list")(list_)
    group.command()(revoke)
    app.add_typer(group, name="keys")


def issue(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="operator, publisher, viewer or member:ID.")],
    *,
    label: Annotated[
        str, typer.Option("--label", metavar="TEXT", help="What it is for, to find it again in the list.")
    ] = "",
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Issues a key and prints it, this once: only its hash is kept."""
    key, issued = wait_for(_issue(settings(data, url), role, label))
    if as_json:
        tell.as_json({"key": key, "id": issued.ident, "role": issued.role, "label": issued.label})
        return
    tell.note(f"A key of the role {issued.role}, shown this once: {_GOOD_FOR[issued.role.partition(':')[0]]}.")
    tell.say(key)
    tell.note(f"To end it: karmalog keys revoke {issued.ident}")


def list_(*, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Lists the keys that were issued. A key that stands in KARMALOG_KEY is none of them."""
    found = wait_for(_list(settings(data, url)))
    if as_json:
        tell.as_json([{"id": each.ident, "role": each.role, "label": each.label} for each in found])
    else:
        tell.as_table(("id", "role", "label"), found)


def revoke(
    ident: Annotated[str, typer.Argument(metavar="ID", help="The key's id, or the key itself.")],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Ends a key. Running servers know of it within a second or two."""
    issued = wait_for(_revoke(settings(data, url), ident))
    if as_json:
        tell.as_json({"id": issued.ident, "role": issued.role, "label": issued.label})
    else:
        tell.note(f"Key {issued.ident} of the role {issued.role} is good for nothing any more.")


class _Ring(Protocol):
    async def issue(self, role: str, label: str) -> "tuple[str, Issued]": ...

    async def issued(self) -> "Sequence[Issued]": ...

    async def revoke(self, ident: str) -> "Issued | None": ...


class _Own:
    """Keys that this process reaches itself."""

    def __init__(self, access: "Access") -> None:
        self._access = access

    async def issue(self, role: str, label: str) -> "tuple[str, Issued]":
        from api.access import Caller

        return await self._access.issue(Caller.named(role), label)

    async def issued(self) -> "Sequence[Issued]":
        return self._access.issued()

    async def revoke(self, ident: str) -> "Issued | None":
        return await self._access.revoke(ident)


class _Served:
    """Keys of a running server."""

    def __init__(self, desk: "ServerDesk") -> None:
        self._desk = desk

    async def issue(self, role: str, label: str) -> "tuple[str, Issued]":
        from api.access import Issued

        said = await self._desk.ask("POST", "/v1/keys", json={"role": role, "label": label})
        return said["key"], Issued(said["id"], said["role"], said["label"])

    async def issued(self) -> "Sequence[Issued]":
        from api.access import Issued

        return [Issued(each["id"], each["role"], each["label"]) for each in (await self._desk.get("/v1/keys"))["keys"]]

    async def revoke(self, ident: str) -> "Issued | None":
        from api.access import Issued

        said = await self._desk.ask("DELETE", f"/v1/keys/{ident}")
        return Issued(said["id"], said["role"], said["label"])


@contextlib.asynccontextmanager
async def _ring(where: "Settings") -> AsyncIterator[_Ring]:
    """The keys of the place that the settings name, as `karmalog.desk.desk` finds it; no store is started."""
    from karmalog.server_desk import ServerDesk, server_of

    if where.url is not None:
        yield _Served(ServerDesk(where.url, where.key))
    elif where.kafka is not None:
        from api.access import Access
        from api.key_rings import SharedRing
        from karmalog.operators import on_kafka

        async with on_kafka(where) as runtime:
            access = Access(ring=SharedRing(runtime.redis, runtime.texts, runtime.org))
            await access.refresh()
            yield _Own(access)
    else:
        check_folder(where)
        if (served := server_of(where.data)) is not None:
            yield _Served(ServerDesk(*served))
            return
        from api.access import KEYS_FILE, Access
        from api.key_rings import FileRing

        access = Access(ring=FileRing(where.data / KEYS_FILE))
        await access.refresh()
        yield _Own(access)


async def _issue(where: "Settings", role: str, label: str) -> "tuple[str, Issued]":
    async with _ring(where) as ring:
        return await ring.issue(role, label)


async def _list(where: "Settings") -> "Sequence[Issued]":
    async with _ring(where) as ring:
        return await ring.issued()


async def _revoke(where: "Settings", text: str) -> "Issued":
    from api.access import ident_of

    ident = ident_of(text)
    async with _ring(where) as ring:
        issued = await ring.revoke(ident)
    if issued is None:
        raise RefusedCommandError(f"no key has the id {ident!r}: `karmalog keys list` names them")
    return issued

"""Serving a data folder: API, page and projector in one process, until it is told to stop."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from api.access import Access, Caller, Role
from api.app import build
from api.serving import serve as serve_app
from karmalog import tell
from karmalog.desk import SERVED, RefusedCommandError
from karmalog.embedded import embedded
from karmalog.rules import read_rulebook
from karmalog.server_desk import server_of
from karmalog.settings import Settings
from schemas.rulebook import Rulebook
from streams.known import UnknownError
from streams.runtime import Runtime


def sound_rulebook(file: Path) -> Rulebook:
    """The rulebook of a file.

    Raises:
        RefusedCommandError: it has faults; they are named.
    """
    rulebook, faults = read_rulebook(file)
    wrong = [str(fault) for fault in faults if fault.severity == "fault"]
    if rulebook is None or wrong:
        raise RefusedCommandError("\n".join([f"{file} cannot be used:", *wrong]))
    return rulebook


async def run(
    where: Settings, rulebook: Rulebook | None, ready: Callable[[str, str | None], None] | None = None
) -> None:
    """Serves until it is told to stop; `ready` is told the address and, at the first start, the new key."""
    served = server_of(where.data)
    if served is not None:
        raise RefusedCommandError(f"{where.data} is already served at {served[0]}: stop that server first, or use it")
    async with embedded(where.data, where.org, where.tuning()) as runtime:
        for notice in runtime.notices:
            tell.note(notice)
        if rulebook is not None:
            await publish_if_new(runtime, rulebook)
        access = Access.open(where.data, where.key)
        command_key = access.issue(Caller(Role.OPERATOR), kept=False)

        def listening(address: str) -> None:
            remember(where.data, address, command_key)
            (ready or _say)(address, access.first_key)

        try:
            await serve_app(build(runtime, access), where.host, where.port, listening)
        finally:
            access.revoke(command_key)
            (where.data / SERVED).unlink(missing_ok=True)


async def publish_if_new(runtime: Runtime, rulebook: Rulebook) -> None:
    """Publishes a rulebook unless the newest one is the same, and waits until it is in force or refused."""
    await runtime.reach(await runtime.log.end(runtime.log.partition_of(runtime.org)), 600)
    try:
        known = await asyncio.to_thread(runtime.answers.known)
    except UnknownError:
        pass
    else:
        if known.plan.rulebook == rulebook:
            return
    position = await runtime.publish_rulebook(rulebook)
    await runtime.reach(position, 60)


def remember(folder: Path, address: str, key: str) -> None:
    """Leaves the address and a key in the data folder, for commands on this machine."""
    path = folder / SERVED
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"url": address, "key": key}, file)


def _say(address: str, first_key: str | None) -> None:
    tell.note(f"karmalog serves {address}/")
    if first_key is not None:
        tell.note(f"The operator's key, shown this once: {first_key}")
        tell.note(f"The page, signed in: {address}/#key={first_key}")

"""Serving a data folder: API, page and projector in one process, until it is told to stop."""

import asyncio
import json
import os
import tempfile
from pathlib import Path

from api.access import Access, Caller, Role
from api.app import build
from api.serving import serve as serve_app
from karmalog import tell
from karmalog.desk import SERVED, RefusedCommandError
from karmalog.embedded import embedded
from karmalog.rules import read_rulebook
from karmalog.settings import Settings
from schemas.records import RECORD
from schemas.rulebook import Rulebook
from schemas.rulebook_removals import removal_faults
from schemas.words import Position
from streams.known import UnknownError
from streams.private_server import PrivateServer
from streams.runtime import Runtime

_READ_AT_ONCE = 5_000


def sound_rulebook(file: Path) -> Rulebook:
    """The rulebook of a file.

    Raises:
        RefusedCommandError: it has faults; they are named.
    """
    checked = read_rulebook(file)
    if checked.rulebook is None or checked.wrong:
        raise RefusedCommandError("\n".join([f"{file} cannot be used:", *map(str, checked.wrong)]))
    return checked.rulebook


async def run(where: Settings, rulebook: Rulebook | None, server: PrivateServer) -> None:
    """Serves the folder of a private server, which has begun, until it is told to stop."""
    async with embedded(where.data, where.org, where.tuning(), server=server) as runtime:
        for notice in runtime.notices:
            tell.note(notice)
        if rulebook is not None:
            await publish_if_new(runtime, rulebook)
        empty = not await runtime.log.end(runtime.log.partition_of(runtime.org))
        access = Access.open(where.data, where.key)
        command_key = access.lend(Caller(Role.OPERATOR))

        def listening(address: str) -> None:
            remember(where.data, address, command_key)
            _say(address, access.first_key)
            if empty:
                tell.note(
                    "No rulebook is published yet, so no event is taken: karmalog init makes a commented one, and "
                    f"karmalog rules apply FILE --data {where.data} publishes it"
                )

        try:
            await serve_app(build(runtime, access), where.host, where.port, listening)
        finally:
            access.take_back(command_key)
            (where.data / SERVED).unlink(missing_ok=True)


async def publish_if_new(runtime: Runtime, rulebook: Rulebook) -> None:
    """Publishes a rulebook unless the newest one is the same, and waits until it is in force or refused.

    Raises:
        RefusedCommandError: it leaves out what the newest one has.
    """
    if await _stands(runtime, rulebook):
        return
    await runtime.reach(await runtime.log.end(runtime.log.partition_of(runtime.org)), 600)
    try:
        known = await asyncio.to_thread(runtime.answers.known)
    except UnknownError:
        pass
    else:
        if known.plan.rulebook == rulebook:
            return
        missing = list(removal_faults(known.plan.rulebook, rulebook, (), "karmalog rules apply FILE --remove ID"))
        if missing:
            messages = [each.message for each in missing]
            raise RefusedCommandError("\n".join(["the rulebook cannot follow the newest version:", *messages]))
    position = await runtime.publish_rulebook(rulebook)
    await runtime.reach(position, 60)


async def _stands(runtime: Runtime, rulebook: Rulebook) -> bool:
    """Whether a rulebook is the newest one; does not wait for the fold, which may have a long way to go."""
    partition = runtime.log.partition_of(runtime.org)
    end = await runtime.log.end(partition)
    position = await runtime.position()  # before the store is asked: it may move on, and what it folds is looked at
    try:
        known = await asyncio.to_thread(runtime.answers.known)
    except UnknownError:
        return False
    if known.plan.rulebook != rulebook:
        return False
    while position < end:
        entries = await runtime.log.read(partition, Position(position), max_records=_READ_AT_ONCE, max_wait_s=0)
        if any(RECORD.validate_json(entry.value)["type"] == "rulebook.published" for entry in entries):
            return False
        position = entries[-1].position + 1
    return True


def remember(folder: Path, address: str, key: str) -> None:
    """Leaves the address and a key in the data folder, for commands on this machine."""
    path = folder / SERVED
    descriptor, beside = tempfile.mkstemp(dir=folder, prefix=SERVED)  # readable by its owner alone
    with os.fdopen(descriptor, "w") as file:
        json.dump({"url": address, "key": key}, file)
    Path(beside).replace(path)  # whoever looks finds nothing, or all of it


def _say(address: str, first_key: str | None) -> None:
    tell.note(f"karmalog serves {address}/")
    if first_key is not None:
        tell.note(f"The operator's key, shown this once: {first_key}")
        tell.note(f"The page, signed in: {address}/#key={first_key}")

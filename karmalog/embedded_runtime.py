"""What works on a data folder in one process: a SQLite log, the store of a private server, and the projector."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import redis

from engine.version import ENGINE_VERSION
from karmalog.housekeeping import Housekeeping
from schemas.words import OrgId
from streams.clock import SystemClock
from streams.hashing import Hasher
from streams.interpreter import calm
from streams.private_server import PrivateServer
from streams.projector import Projector
from streams.runtime import Runtime
from streams.sqlite_log import SqliteLog
from streams.sqlite_shelf import SqliteQuarantine, SqliteShelf, private_file
from streams.store import Identity, Store, connect
from streams.tuning import Tuning


@contextlib.asynccontextmanager
async def running(folder: Path, server: PrivateServer, org: OrgId, tuning: Tuning | None) -> AsyncIterator[Runtime]:
    """Folds what the log has more than the store, and goes on folding until left; `server` answers already."""
    hasher = Hasher(secret_of(folder))
    log = SqliteLog(folder / "log.sqlite")
    private = private_file(folder / "private.sqlite")
    client = connect(f"unix://{server.socket}")
    identity = Identity(await log.identity(), hasher.fingerprint(), ENGINE_VERSION)
    store = Store(client, identity, secrets.token_hex(8))
    store.check_policy()
    notices = [server.notice] if server.notice else []
    if _outdated(client):
        client.flushall()
        notices.append("The store was written by another version of the engine: it is folded again from the log.")
    client.set(_ENGINE, ENGINE_VERSION)
    projector = Projector(log, 0, store, tuning=tuning)
    runtime = Runtime(
        org,
        log,
        SqliteShelf(private),
        SqliteQuarantine(private),
        client,
        hasher,
        SystemClock(),
        projector,
        notices,
    )
    calm()
    folding = asyncio.create_task(projector.run())
    folding.add_done_callback(lambda ended: _note_end(projector, ended))
    keeping = asyncio.create_task(Housekeeping(runtime).run())
    try:
        yield runtime
    finally:
        for task in (keeping, folding):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        projector.close()
        await log.close()
        await runtime.texts.close()
        await runtime.quarantine.close()
        client.close()


_ENGINE = "karmalog:engine"


def _outdated(client: "redis.Redis") -> bool:
    """Whether the store was written by another version of the engine; it is only a projection, so it may go."""
    found = cast("bytes | None", client.get(_ENGINE))
    return found != ENGINE_VERSION.encode() and client.dbsize() > 0


def _note_end(projector: Projector, ended: "asyncio.Task[None]") -> None:
    """Says in health why nothing is folded any more."""
    if not ended.cancelled() and (error := ended.exception()) is not None:
        projector.progress.waiting = f"folding has stopped: {error}"


def secret_of(folder: Path) -> bytes:
    """The secret that keys all hashes: KARMALOG_SECRET, or the folder's own, made at the first start."""
    said = os.environ.get("KARMALOG_SECRET")
    if said:
        return said.encode()
    path = folder / "secret"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip().encode()

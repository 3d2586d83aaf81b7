"""karmalog in one process on one machine: a data folder with a log, a private Redis on a socket, and the projector.

The store loads what it saved in a process of its own. Meanwhile this one imports what works on it.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.words import OrgId
from streams.private_server import PrivateServer

if TYPE_CHECKING:
    from streams.runtime import Runtime
    from streams.tuning import Tuning


@contextlib.asynccontextmanager
async def embedded(
    folder: Path, org: OrgId, tuning: "Tuning | None" = None, *, server: PrivateServer | None = None
) -> "AsyncIterator[Runtime]":
    """Opens a data folder, folds what its log has more than its store, and goes on folding until left.

    `server` is the folder's own, where the caller has let it begin already.

    Raises:
        UnavailableServer: another process has the folder open, or no Redis can be started.
    """
    server = server or PrivateServer(folder)
    try:
        await server.begin()
        from karmalog.embedded_runtime import running

        await server.start()
        async with running(folder, server, org, tuning) as runtime:
            yield runtime
    finally:
        await server.stop()

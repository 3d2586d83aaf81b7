"""The command serve: API and projector in one process on the embedded log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from karmalog.desk import RefusedCommandError
from karmalog.options import Data, settings, wait_for

if TYPE_CHECKING:
    from karmalog.settings import Settings

RULEBOOK = "rulebook.yaml"
"""In a data folder: the rulebook that `init` wrote, taken where none is named."""


def add_to(app: typer.Typer) -> None:
    """Adds this command."""
    app.command()(serve)


def serve(
    *,
    rules: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The rulebook; published where it differs from the newest.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on (KARMALOG_HOST).", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="The port; 0 takes a free one (KARMALOG_PORT).", show_default="8080"),
    ] = None,
    data: Data = None,
) -> None:
    """Serves API and page on a data folder. It folds the log as well; nothing else has to run."""
    where = settings(data, host=host, port=port)
    found = rules
    if found is None and (where.data / RULEBOOK).is_file():
        found = where.data / RULEBOOK
    wait_for(_serve(where, found))


async def _serve(where: "Settings", rules: Path | None) -> None:
    """Lets the store load what it saved while the rest of the program is imported: each takes about a second."""
    from karmalog.server_desk import server_of
    from streams.private_server import PrivateServer

    served = server_of(where.data)
    if served is not None:
        raise RefusedCommandError(f"{where.data} is already served at {served[0]}: stop that server first, or use it")
    server = PrivateServer(where.data)
    await server.begin()
    try:
        from karmalog.serving import run, sound_rulebook

        await run(where, None if rules is None else sound_rulebook(rules), server)
    finally:
        await server.stop()

"""The command serve: API and projector in one process on the embedded log."""

from pathlib import Path
from typing import Annotated

import typer

from karmalog.options import Data, settings, wait_for

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
    from karmalog.serving import run, sound_rulebook

    where = settings(data, host=host, port=port)
    found = rules
    if found is None and (where.data / RULEBOOK).is_file():
        found = where.data / RULEBOOK
    book = None if found is None else sound_rulebook(found)
    wait_for(run(where, book))

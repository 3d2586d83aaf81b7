"""The command demo: real review events stream into one process, and the boards move on a page."""

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from karmalog.desk import RefusedCommandError

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "reviews"


def add_to(app: typer.Typer) -> None:
    """Adds this command."""
    app.command()(demo)


def demo(
    *,
    seconds: Annotated[
        float, typer.Option(min=0, help="How long the replay takes, about; 0: as fast as it goes.")
    ] = 45,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port of the page; 0 takes a free one.")] = 8080,
    once: Annotated[bool, typer.Option("--once", help="End when the replay is done.")] = False,
) -> None:
    """Replays real code reviews and shows the boards moving. 93,919 of them in one process; nothing else has to run."""
    if not (EXAMPLE / "reviews.jsonl.gz").is_file():
        raise RefusedCommandError(
            "the demo's events are not beside the program: run it from a checkout of the repository (make demo)"
        )
    from karmalog.replay import show

    folder = Path(tempfile.mkdtemp(prefix="karmalog-demo-"))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(show(EXAMPLE, folder, seconds, port, once=once))
    finally:
        shutil.rmtree(folder, ignore_errors=True)

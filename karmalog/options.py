"""The options that many commands share: where the command works, and how it answers."""

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from karmalog.settings import Settings

T = TypeVar("T")

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder (KARMALOG_DATA).", show_default=False),
]
Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="A running server (KARMALOG_URL).", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON value, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]


def settings(data: Path | None = None, url: str | None = None, **more: Any) -> "Settings":
    """The settings of the environment, with the options that were given."""
    from karmalog.settings import Settings

    given = {"data": data, "url": url, **more}
    found = Settings()
    if data is not None and url is None:
        found = found.model_copy(update={"url": None, "kafka": None})  # the folder is meant, whatever stands elsewhere
    return found.model_copy(update={name: value for name, value in given.items() if value is not None})


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work to its end."""
    import asyncio

    return asyncio.run(work)

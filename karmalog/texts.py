"""Commands about texts that people wrote: texts list, texts delete."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError, desk
from karmalog.options import Data, Json, Url, Yes, settings, wait_for
from schemas.words import MemberId

if TYPE_CHECKING:
    from karmalog.settings import Settings
    from streams.texts import Reference


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    group = typer.Typer(help="Texts that people wrote: a message, a note.", no_args_is_help=True)
    group.command("list")(list_)
    group.command()(delete)
    app.add_typer(group, name="texts")


def list_(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Who wrote them.")],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Lists what a member wrote. Each text has the reference by which it can be deleted."""
    found = wait_for(_of(settings(data, url), MemberId(member)))
    if as_json:
        tell.as_json([{"reference": each, "texts": dict(texts)} for each, texts in found.items()])
        return
    tell.as_table(
        ("reference", "field", "text"),
        [(each, field, text) for each, texts in found.items() for field, text in texts.items()],
    )


def delete(
    references: Annotated[
        list[str] | None, typer.Argument(metavar="REFERENCE", help="Texts, as `karmalog texts list` names them.")
    ] = None,
    *,
    member: Annotated[
        str | None, typer.Option(metavar="MEMBER", help="All that this member wrote.", show_default=False)
    ] = None,
    yes: Yes = False,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Deletes texts for good: by reference, or all of a member's. Their events stay, and so do points and badges."""
    if bool(references) == bool(member):
        raise RefusedCommandError("name references, or --member MEMBER for all that one member wrote")
    what = f"all texts of {member}" if member else f"{len(references or ()):,} text{'s' * (len(references or ()) != 1)}"
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Delete {what} for good?", abort=True)
    deleted = wait_for(_delete(settings(data, url), references or [], member))
    if as_json:
        tell.as_json({"deleted": deleted})
    else:
        tell.note(f"{deleted:,} deleted")
    if references and deleted < len(set(references)):
        tell.note("The others were not there: `karmalog texts list MEMBER` says which are.")
        raise typer.Exit(1)


async def _of(where: "Settings", member: MemberId) -> "Mapping[Reference, Mapping[str, str]]":
    async with desk(where) as found:
        return await found.texts(member)


async def _delete(where: "Settings", references: "list[Reference]", member: str | None) -> int:
    async with desk(where) as found:
        gone = references if member is None else list(await found.texts(MemberId(member)))
        return await found.delete_texts(gone)

"""Commands that bring data in: import, members import."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError, desk
from karmalog.options import Data, Json, Url, Yes, settings, wait_for

if TYPE_CHECKING:
    from karmalog.settings import Settings
    from streams.bringing_people import Brought
    from streams.importing import Imported
    from streams.karma_history import HeldKarma
    from streams.people import Table


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.command("import")(import_)
    group = typer.Typer(help="People: names, groups, who came and who left.", no_args_is_help=True)
    group.command("import")(import_members)
    app.add_typer(group, name="members")


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="CloudEvents as JSON lines, also .gz and .zst; - is standard input."),
    ],
    *,
    mint: Annotated[
        bool, typer.Option("--mint", help="Show what rules would give for it in karma, and give that once you agree.")
    ] = False,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Appends history and applies it; safe to repeat. Exits 1 if a line was refused; the good lines are in."""
    for file in files:
        if str(file) != "-" and not file.is_file():
            raise RefusedCommandError(f"there is no file {file}")
    done, outcomes = wait_for(_import(settings(data, url), files))
    minted = _mint(settings(data, url), asks_nothing=yes) if mint else None
    for bad in done.bad:
        tell.note(f"{bad.place}: {bad.code}: {bad.detail}")
    if as_json:
        tell.as_json(
            {
                "read": done.read,
                "appended": done.appended,
                "repeated": done.repeated,
                "refused": done.refused,
                "waiting": done.waiting,
                "outcomes": outcomes,
                **({} if minted is None else {"minted": minted}),
                "lines": [{"place": bad.place, "code": bad.code, "detail": bad.detail} for bad in done.bad],
            }
        )
    else:
        tell.note(
            f"{done.read:,} read: {done.appended:,} appended, {done.repeated:,} repeated, {done.waiting:,} waiting, "
            f"{done.refused:,} refused"
        )
        tell.as_table(("outcome", "events"), list(outcomes.items()))
    if done.refused:
        raise typer.Exit(1)


def import_members(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="member, name, identities, groups, joined, left; a header first.")
    ],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Makes karmalog know what a table of people says; safe to repeat. `groups` are kind:group, with semicolons."""
    from streams.people import Table

    if not file.is_file():
        raise RefusedCommandError(f"there is no file {file}")
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            table = Table(str(file), opened.read())
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedCommandError(f"{file} cannot be read as a table in UTF-8: {error}") from error
    table.people()  # what is wrong with it is said before anything is opened
    done = wait_for(_import_members(settings(data, url), table))
    for refusal in done.refused:
        tell.note(refusal)
    if as_json:
        tell.as_json({"members": done.members, "appended": done.appended, "refused": len(done.refused)})
    else:
        tell.note(f"{done.members:,} people read, {done.appended:,} changes appended, {len(done.refused):,} refused")
    if done.refused:
        raise typer.Exit(1)


def _mint(where: "Settings", *, asks_nothing: bool) -> int:
    """Gives imported events their karma, where somebody agrees; how much that was."""
    held = wait_for(_held(where))
    tell.note(
        f"rules give {held.karma:,} karma to {held.members:,} members, for {held.events:,} events of this import and "
        "those before it"
    )
    if not held.events:
        return 0
    if not asks_nothing:
        if not sys.stdin.isatty():
            raise RefusedCommandError("nothing was given: add --yes to agree where nobody can be asked")
        typer.confirm("Give it?", abort=True, err=True)
    wait_for(_release(where, held.karma))
    tell.note(f"{held.karma:,} karma given")
    return held.karma


async def _held(where: "Settings") -> "HeldKarma":
    async with desk(where) as found:
        return await found.karma.held()


async def _release(where: "Settings", karma: int) -> int:
    async with desk(where) as found:
        return await found.karma.release(karma)


async def _import_members(where: "Settings", table: "Table") -> "Brought":
    async with desk(where) as found:
        return await found.people(table)


async def _import(where: "Settings", files: list[Path]) -> "tuple[Imported, Mapping[str, int]]":
    from karmalog.line_files import lines_of

    async with desk(where) as found:
        with tell.bar("lines") as bar:
            task = bar.add_task("lines", total=None)
            return await found.load(lines_of(files), lambda done: bar.update(task, completed=done.read))

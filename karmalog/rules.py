"""Commands about the rulebook: rules check, rules apply."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError, desk
from karmalog.options import Data, Url, Yes, settings, wait_for

if TYPE_CHECKING:
    from engine.rulebook_check import Checked
    from karmalog.settings import Settings
    from schemas.rulebook import Rulebook
    from schemas.source import Fault, Source

Format = Literal["text", "json", "github"]
FormatOption = Annotated[
    Format, typer.Option("--format", help="text, json, or github for annotations in a pull request.")
]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    group = typer.Typer(help="Checks and publishes rulebooks.", no_args_is_help=True)
    group.command()(check)
    group.command()(apply)
    app.add_typer(group, name="rules")


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The rulebook, YAML.")],
    *,
    format_: FormatOption = "text",
) -> None:
    """Finds every fault of a rulebook at once; exits 1 if there is one. Warnings do not count."""
    checked = read_rulebook(file)
    _say(checked.faults, format_)
    wrong = len(checked.wrong)
    if format_ == "text":
        warned = len(checked.faults) - wrong
        tell.note(f"{file}: {wrong or 'no'} fault{'s' * (wrong != 1)}, {warned or 'no'} warning{'s' * (warned != 1)}")
    if checked.rulebook is None or wrong:
        raise typer.Exit(1)


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The rulebook, YAML.")],
    *,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            help="The local midnight it holds from; by default the next one.",
            show_default=False,
        ),
    ] = None,
    if_none: Annotated[
        bool, typer.Option("--if-none", help="Only where no rulebook was published before; else nothing is done.")
    ] = False,
    remove: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A rule, board, badge or ladder that may be left out.", show_default=False),
    ] = None,
    format_: FormatOption = "text",
    yes: Yes = False,
    data: Data = None,
    url: Url = None,
) -> None:
    """Publishes a rulebook to the log. The first one holds for all time before as well."""
    _ = yes  # nothing is asked
    checked = read_rulebook(file)
    rulebook = checked.rulebook
    if rulebook is None or checked.wrong:
        raise _refused(file, checked.wrong, format_)
    try:
        day = None if since is None else date.fromisoformat(since)
    except ValueError:
        raise RefusedCommandError(f"--from {since!r} is no date; write it like 2026-12-01") from None
    publishing = _publish(settings(data, url), rulebook, checked.source, day, remove or [], if_none=if_none)
    try:
        version, what = wait_for(publishing)
    except _FaultyVersionError as faulty:
        raise _refused(file, faulty.faults, format_) from None
    tell.note(f"{file}: rulebook {version}, {what}")


def read_rulebook(file: Path) -> "Checked":
    """A rulebook with every fault and warning, those of its expressions among them."""
    from engine.rulebook_check import check

    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RefusedCommandError(f"there is no file {file}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedCommandError(f"{file} cannot be read: {error}") from error
    return check(text, str(file))


def _refused(file: Path, wrong: "list[Fault]", format_: Format) -> RefusedCommandError:
    """Says what is wrong, and makes the sentence with which the command ends."""
    _say(wrong, format_)
    return RefusedCommandError(f"{file} was not published: it has {len(wrong)} fault{'s' * (len(wrong) != 1)}")


def _say(faults: "list[Fault]", format_: Format) -> None:
    if format_ == "json":
        tell.as_json([asdict(fault) for fault in faults])
        return
    for fault in faults:
        tell.say(_annotation(fault) if format_ == "github" else str(fault))


def _annotation(fault: "Fault") -> str:
    """A fault as GitHub reads it from a log, with what it would take for the end of a part written otherwise."""
    kind = "error" if fault.severity == "fault" else "warning"
    message = fault.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    file = fault.file.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} file={file},line={fault.line},col={fault.column},title={fault.code}::{message}"


class _FaultyVersionError(Exception):
    """A rulebook that is sound by itself cannot follow the newest one."""

    def __init__(self, faults: "list[Fault]") -> None:
        super().__init__(*faults)
        self.faults = faults


async def _publish(
    where: "Settings",
    rulebook: "Rulebook",
    source: "Source",
    since: date | None,
    removed: list[str],
    *,
    if_none: bool,
) -> tuple[int, str]:
    from schemas.rulebook_faults import located
    from schemas.rulebook_removals import removal_faults

    if where.url is None and where.kafka is None:
        where.data.mkdir(parents=True, exist_ok=True)
    async with desk(where) as found:
        if if_none and (there := await found.versions()):
            return there, "was there already; nothing was published"
        wrong = list(removal_faults(await found.newest(), rulebook, removed, "--remove ID"))
        if wrong:
            raise _FaultyVersionError([located(each, source) for each in wrong])
        return await found.publish(rulebook, since, removed)

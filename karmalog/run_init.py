"""The command init: a folder with a commented rulebook and settings to begin with."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError

Template = Literal["learning", "reviews"]

_SETTINGS = """\
# Settings of karmalog, as environment variables. `set -a; . ./karmalog.env; set +a; karmalog serve`
KARMALOG_DATA={folder}
# KARMALOG_HOST=127.0.0.1
# KARMALOG_PORT=8080
# KARMALOG_ORG=default
"""

_SCHEMA = "rulebook.schema.json"
_FOR_EDITORS = f"# yaml-language-server: $schema={_SCHEMA}\n"
"""What an editor completes the rulebook's fields from."""


def add_to(app: typer.Typer) -> None:
    """Adds this command."""
    app.command()(init)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make.", show_default="karmalog-data")
    ] = Path("karmalog-data"),
    *,
    template: Annotated[
        Template, typer.Option(help="learning: a learning culture; reviews: code reviews.")
    ] = "learning",
) -> None:
    """Makes a folder with a commented rulebook and settings. Nothing that is there is overwritten."""
    rulebook = folder / "rulebook.yaml"
    if rulebook.exists():
        raise RefusedCommandError(f"{rulebook} is there already: edit it, or name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    rulebook.write_text(_FOR_EDITORS + template_text(template), encoding="utf-8")
    schema = resources.files("schemas").joinpath("json", "rulebook.json").read_text(encoding="utf-8")
    (folder / _SCHEMA).write_text(schema, encoding="utf-8")
    settings = folder / "karmalog.env"
    settings.write_text(_SETTINGS.format(folder=folder), encoding="utf-8")
    tell.note(f"{rulebook}: the rules, to be edited; `karmalog rules check {rulebook}` says what is wrong")
    tell.note(f"{settings}: the settings")
    tell.note(f"Then: karmalog serve --data {folder}")


def template_text(template: Template) -> str:
    """The rulebook of a template."""
    return resources.files("karmalog").joinpath("templates", f"{template}.yaml").read_text(encoding="utf-8")

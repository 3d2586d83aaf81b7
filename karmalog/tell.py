"""What commands say: tables and sentences for people, JSON and CSV for programs; no colour where no terminal is.

Sentences are written as they are. What draws tables and bars is imported where one is drawn: most commands need none.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from rich.progress import Progress


_WIDE: Final = 1_000


def wrong(message: str) -> None:
    """Says on standard error what is wrong, and what to do."""
    typer.secho(f"karmalog: {message}", err=True, bold=True)


def say(message: str) -> None:
    """Says something on standard output."""
    typer.echo(message)


def note(message: str) -> None:
    """Says something beside the answer, on standard error."""
    typer.echo(message, err=True)


def title(said: str | Mapping[str, str]) -> str:
    """A title in English, or in the first language that it has."""
    return said if isinstance(said, str) else said.get("en") or next(iter(said.values()), "")


def as_json(value: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV on standard output."""
    from schemas.csv_text import csv_text

    sys.stdout.write(csv_text(columns, rows))


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]], above: str | None = None) -> None:
    """Rows as a table for people; numbers to the right."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDE)  # programs and files have no edge to cut a reference at
    if above:
        say(above)
    table = Table(box=None, pad_edge=False, header_style="dim")
    numbers = [
        bool(rows) and all(isinstance(row[at], int | float) or row[at] in {"–", ""} for row in rows)
        for at in range(len(columns))
    ]
    for name, right in zip(columns, numbers, strict=True):
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row))
    console.print(table)


def bar(name: str) -> "Progress":
    """A bar on standard error that goes when it is done; none where no terminal is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

"""What commands say: tables and sentences for people, JSON and CSV for programs; no colour where no terminal is.

Sentences are written as they are. What draws tables and bars is imported where one is drawn: most commands need none.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.progress import Progress


def wrong(message: str) -> None:
    """Says on standard error what is wrong, and what to do."""
    typer.secho(f"karmalog: {message}", err=True, bold=True)


def say(message: str) -> None:
    """Says something on standard output."""
    typer.echo(message)


def note(message: str) -> None:
    """Says something beside the answer, on standard error."""
    typer.echo(message, err=True)


def as_json(value: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV (RFC 4180) on standard output."""
    import csv

    writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Rows as a table for people; numbers to the right."""
    from rich.console import Console
    from rich.table import Table

    if title:
        say(title)
    table = Table(box=None, pad_edge=False, header_style="dim")
    numbers = [
        bool(rows) and all(isinstance(row[at], int | float) or row[at] in {"–", ""} for row in rows)
        for at in range(len(columns))
    ]
    for name, right in zip(columns, numbers, strict=True):
        table.add_column(name, justify="right" if right else "left")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row))
    Console(highlight=False).print(table)


def bar(name: str) -> "Progress":
    """A bar on standard error that goes when it is done; none where no terminal is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

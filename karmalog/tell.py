"""What commands say: tables and sentences for people, JSON and CSV for programs; no colour where no terminal is."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def wrong(message: str) -> None:
    """Says on standard error what is wrong, and what to do."""
    err.print(f"karmalog: {message}", style="bold" if err.is_terminal else None, markup=False, soft_wrap=True)


def note(message: str) -> None:
    """Says something beside the answer, on standard error."""
    err.print(message, markup=False, soft_wrap=True)


def as_json(value: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV (RFC 4180) on standard output."""
    writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Rows as a table for people; numbers to the right."""
    if title:
        out.print(title, markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    numbers = [
        bool(rows) and all(isinstance(row[at], int | float) or row[at] in {"–", ""} for row in rows)
        for at in range(len(columns))
    ]
    for name, right in zip(columns, numbers, strict=True):
        table.add_column(name, justify="right" if right else "left")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row))
    out.print(table)

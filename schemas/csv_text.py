"""Rows as CSV (RFC 4180), in which a spreadsheet finds no formulas."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """The rows under a line of their columns; a key that is no column is left out, a missing one is empty.

    A spreadsheet runs a cell that begins with =, +, -, @, a tab or a line's end, and ids and texts are written by
    anybody: such a text gets an apostrophe before it, as spreadsheets mark text. Numbers stay what they are.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in columns if name in row} for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value

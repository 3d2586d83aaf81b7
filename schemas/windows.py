"""Windows of the calendar by their names: 2024, 2024-Q2, 2024-05, 2024-W22, 2024-05-31 (ISO 8601)."""

import re
from datetime import date

from schemas.rulebook_words import WindowKind

_SHAPES = (
    (WindowKind.DAY, re.compile(r"(\d{4})-(\d\d)-(\d\d)")),
    (WindowKind.WEEK, re.compile(r"(\d{4})-W(\d\d)")),
    (WindowKind.MONTH, re.compile(r"(\d{4})-(\d\d)")),
    (WindowKind.QUARTER, re.compile(r"(\d{4})-Q([1-4])")),
    (WindowKind.YEAR, re.compile(r"(\d{4})")),
)


def window_named(name: str) -> tuple[WindowKind, date] | None:
    """The kind and the first day of the window that a text names; None if it names none."""
    for kind, shape in _SHAPES:
        if match := shape.fullmatch(name):
            try:
                return kind, _first_day(kind, [int(part) for part in match.groups()])
            except ValueError:
                return None
    return None


def _first_day(kind: WindowKind, parts: list[int]) -> date:
    if kind is WindowKind.DAY:
        return date(*parts)
    if kind is WindowKind.WEEK:
        return date.fromisocalendar(parts[0], parts[1], 1)
    if kind is WindowKind.QUARTER:
        return date(parts[0], 3 * parts[1] - 2, 1)
    return date(parts[0], parts[1] if kind is WindowKind.MONTH else 1, 1)

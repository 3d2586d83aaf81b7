"""Lines of the report: a figure, what it is compared with in the same run, the ratio, the aim, whether it is met."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

_COLUMNS: Final = ("what", "figure", "compared with", "ratio", "aim", "met")
_THOUSAND: Final = 1_000


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, the least and the greatest."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def __str__(self) -> str:
        middle = _number(self.median)
        if len(self.values) == 1:
            return middle
        return f"{middle} ({_number(min(self.values))}–{_number(max(self.values))})"


def spread(values: Sequence[float]) -> Spread:
    """Of at least one measurement."""
    return Spread(tuple(values))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which such a share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def ratios(figures: Spread, bases: Spread) -> Spread:
    """Round by round, so that what slows the machine slows both sides."""
    return Spread(tuple(figure / base for figure, base in zip(figures.values, bases.values, strict=True)))


@dataclass(frozen=True, slots=True)
class Aim:
    """What a line should reach."""

    bound: float
    at_least: bool
    unit: str = "×"

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        reaches: Callable[[float, float], bool] = operator.ge if self.at_least else operator.le
        return reaches(value, self.bound)

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {_number(self.bound)} {self.unit}"


@dataclass(slots=True)
class Line:
    """One line; the aim is about the ratio where there is one, else about the figure."""

    what: str
    figure: Spread
    unit: str
    base: Spread | None = None
    base_name: str = ""
    ratio: Spread | None = None
    aim: Aim | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the aim; None without one."""
        return None if self.aim is None else self.aim.met((self.ratio or self.figure).median)

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        return (
            self.what,
            f"{self.figure} {self.unit}",
            f"{self.base_name}: {self.base}" if self.base else self.base_name,
            f"{self.ratio} ×" if self.ratio else "",
            str(self.aim) if self.aim else "",
            {True: "met", False: "not met", None: ""}[self.met],
        )

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "what": self.what,
            "unit": self.unit,
            "figure": self.figure.values,
            "base": self.base.values if self.base else None,
            "base_name": self.base_name,
            "ratio": self.ratio.values if self.ratio else None,
            "aim": str(self.aim) if self.aim else None,
            "met": self.met,
            "notes": self.notes,
        }


def table(lines: Sequence[Line]) -> str:
    """Plain text, a row a line, its notes below it."""
    rows = [_COLUMNS, *(line.cells() for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    said = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    text = [said[0], "-" * len(said[0])]
    for line, row in zip(lines, said[1:], strict=True):
        text += [row, *(f"    {note}" for note in line.notes)]
    return "\n".join(text)


def _number(value: float) -> str:
    if abs(value) >= _THOUSAND:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"

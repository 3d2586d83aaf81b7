"""Where things stand in a text that a person wrote, and the faults that are reported at those places."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Path = tuple[str | int, ...]
"""A place in the data: the keys and indexes that lead to it."""

Severity = Literal["fault", "warning"]

_Text = Literal["SYNTAX", "EMPTY", "TOO_DEEP", "TOO_LARGE", "DUPLICATE_KEY"]
_Shape = Literal["UNKNOWN_FIELD", "MISSING_FIELD", "WRONG_TYPE", "BAD_VALUE", "BAD_ID", "UNKNOWN_TIME_ZONE"]
_Name = Literal[
    "UNKNOWN_TYPE", "RESERVED_TYPE", "BAD_SCHEMA", "UNKNOWN_RULE", "UNKNOWN_BOARD", "UNKNOWN_BADGE", "UNKNOWN_LEVEL",
    "UNKNOWN_GROUP", "UNKNOWN_SEASON", "UNKNOWN_WINDOW", "DUPLICATE", "CYCLE", "LEFT_OUT", "UNKNOWN_ID",
]  # fmt: skip
_Effect = Literal["BAD_EXPRESSION", "UNBOUNDED_AMOUNT", "HOURS_VISIBLE", "FARM_ALONE", "PENALTY", "MINTED_ALONE"]
_Told = Literal["BAD_ACCEPT", "UNUSED"]
Code = _Text | _Shape | _Name | _Effect | _Told
"""A stable name of a kind of fault or warning; docs/rules.md says what each means."""


class Place(NamedTuple):
    """A place in a text; both count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file, or (a warning) worth knowing."""

    file: str
    line: int
    column: int
    path: str
    """Where in the data: `rules.review.limits[0].per`; empty for the file as a whole."""
    severity: Severity
    code: Code
    message: str
    """What was wrong, what was expected, and the nearest right word."""

    def __str__(self) -> str:
        at = f" [{self.path}]" if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}{at}"


def dotted(path: Path) -> str:
    """A path as people read it: `rules.review.limits[0].per`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


@dataclass(frozen=True, slots=True)
class Source:
    """A text that was read, and where everything in it stands."""

    name: str
    text: str
    keys: dict[Path, Place] = field(default_factory=dict[Path, Place])
    values: dict[Path, tuple[Place, int, str | None]] = field(default_factory=dict[Path, tuple[Place, int, str | None]])

    def where(self, path: Path, offset: int = 0) -> Place:
        """Where a value stands: a text, number or item itself, a mapping or list at its key.

        A path that is not in the text gives the place of what is nearest around it. `offset` is a character
        of the value, such as the column in an expression; it is left out where the text cannot be followed
        (escapes, several lines).
        """
        for end in range(len(path), -1, -1):
            around = path[:end]
            if around in self.values:
                place, index, scalar = self.values[around]
                if scalar is None:
                    return self.keys.get(around, place)
                return self._inside(place, index, scalar, offset if end == len(path) else 0)
        return Place(1, 1)

    def where_key(self, path: Path) -> Place:
        """Where the name of a field stands; where it has none, as `where`."""
        return self.keys.get(path) or self.where(path)

    def is_scalar(self, path: Path) -> bool:
        """Whether a text, number or truth value stands there, into which no path leads."""
        found = self.values.get(path)
        return found is not None and found[2] is not None

    def fault(
        self, path: Path, code: Code, message: str, *, severity: Severity = "fault", at: Place | None = None
    ) -> Fault:
        """A fault of this file at a path; `at` names a place other than `where(path)`."""
        line, column = at or self.where(path)
        return Fault(self.name, line, column, dotted(path), severity, code, message)

    def _inside(self, place: Place, index: int, scalar: str, offset: int) -> Place:
        start = next((lead for lead in (0, 1) if self.text.startswith(scalar, index + lead)), None)
        if not offset or start is None or "\n" in scalar or offset > len(scalar):
            return place
        return Place(place.line, place.column + start + offset)

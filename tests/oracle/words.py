"""The small words of a rulebook: expressions, lists of one, numbers as they were written, spans of time."""

from collections.abc import Sequence
from fractions import Fraction

DURATIONS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def expression(value: bool | str | None) -> str | None:  # noqa: FBT001 - YAML says `when: true`
    """An expression as text; YAML's true and false are CEL's."""
    return str(value).lower() if isinstance(value, bool) else value


def listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """A text stands for a list of one."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(part) for part in value)


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))


def duration(text: str) -> int:
    """`30d` and the like, in ms."""
    return int(text[:-1]) * DURATIONS[text[-1]]

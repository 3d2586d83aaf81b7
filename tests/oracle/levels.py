"""Levels of a score: each reached at the first event at which the score is that high, and with `valid` again."""

from collections.abc import Sequence
from typing import NamedTuple

from .contributions import Scalar
from .rulebook import Level
from .scores import Given, running, total


class Earned(NamedTuple):
    """When a level was reached, until when it holds (None: for ever), and with `each` by which value."""

    at: int
    until: int | None = None
    value: Scalar | None = None


class Last(NamedTuple):
    """When a level was earned last, and what the score was then."""

    first: int
    score: int
    until: int | None


def levels_of(given: Sequence[Given]) -> dict[Level, Earned]:
    """The levels of a badge or ladder by what one member's events gave, which come in canonical order."""
    kind = given[-1].defined.scores[None].kind
    last: dict[Level, Last] = {}
    for index, score in enumerate(running(kind, [one.values[None] for one in given])):
        one = given[index]
        for level in one.defined.levels:
            before = last.get(level)
            if before is not None and one.defined.valid is None:
                continue
            grown = total(kind, [one.values[None]]) if kind == "best" else score - (before.score if before else 0)
            if grown >= one.defined.needed(level) and is_close(given[: index + 1], level):
                first = before.first if before else one.time
                until = None if one.defined.valid is None else one.time + one.defined.valid
                last[level] = Last(first, score, until)
    return {level: Earned(found.first, found.until) for level, found in last.items()}


def is_close(given: Sequence[Given], level: Level) -> bool:
    """Whether the last events, as many as the level asks for, lie within the time that the badge allows, if it does."""
    defined = given[-1].defined
    if defined.within is None:
        return True
    needed = int(defined.levels[level])
    return len(given) >= needed and given[-1].time - given[-needed].time <= defined.within

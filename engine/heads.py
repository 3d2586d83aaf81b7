"""How many belonged to each group on each day: what a group's score is divided by, where it is told per head."""

from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from pydantic_core import from_json, to_json

from engine.standing import Standing
from schemas.words import Day, Instant

HeadStep = tuple[str, str, int]
"""(kind of group, group, local day)."""

HeadSteps = Counter[HeadStep]
"""How many more belong to a group from a local day on, or (below zero) fewer."""


def heads_of(standing: Standing, day_of: Callable[[Instant], Day]) -> HeadSteps:
    """From when to when a member belonged to which groups; a former one not from the day on which they left."""
    gone = standing.gone_since
    end = None if gone is None else day_of(Instant(gone))
    found: HeadSteps = Counter()
    before: set[tuple[str, str]] = set()
    for day in sorted({*(move[0] for move in standing.moves), *(() if end is None else (end,))}):
        groups = standing.groups(day).items() if end is None or day < end else ()
        now = {(kind, group) for kind, names in groups for group in names}
        found.update((*each, day) for each in now - before)
        found.subtract((*each, day) for each in before - now)
        before = now
    return found


class Heads:
    """The steps of all groups, and which of them have changed since they were written."""

    __slots__ = ("_changed", "_steps")

    def __init__(self, stored: Mapping[bytes, bytes] | None = None) -> None:
        """What the store holds."""
        self._steps: HeadSteps = Counter()
        self._changed: set[HeadStep] = set()
        for name, count in (stored or {}).items():
            kind, group, day = from_json(name)
            self._steps[kind, group, day] = int(count)

    def move(self, before: HeadSteps, after: HeadSteps) -> None:
        """Something was said of a member."""
        if before != after:
            self._steps.update(after)
            self._steps.subtract(before)
            self._changed |= before.keys() | after.keys()

    def taken(self) -> dict[str, str | None]:
        """The steps that have changed since this was asked last, as the store keeps them."""
        found = {to_json(step).decode(): str(count) if (count := self._steps[step]) else None for step in self._changed}
        self._changed = set()
        return found


def steps_of_groups(kind: str, stored: Mapping[Any, Any]) -> dict[str, dict[int, int]]:
    """The steps of each group of a kind, by local day, from what the store holds."""
    found: dict[str, dict[int, int]] = {}
    for name, count in stored.items():
        step_kind, group, day = from_json(name)
        if step_kind == kind:
            found.setdefault(group, {})[day] = int(count)
    return found


def per_head(score: int, steps: Mapping[int, int], first: int, last: int) -> int:
    """A score by the mean of the heads from the first day to the last, rounded half-even to two places more.

    Days before the group had anybody do not count; without any head there is no score.
    """
    begun = min((day for day, count in steps.items() if count > 0), default=None)
    if begun is None or max(first, begun) > last:
        return 0
    start = max(first, begun)
    total = sum(count * (last + 1 - max(day, start)) for day, count in steps.items() if day <= last)
    return round(Fraction(score * 100 * (last + 1 - start), total)) if total else 0

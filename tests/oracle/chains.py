"""Chains: steps that open one after another, so that what was done before a step opened counts nothing for it."""

from collections import defaultdict
from collections.abc import Sequence

from .contributions import Value
from .levels import Earned
from .rulebook import Level
from .scores import Given, total


def steps_of(given: Sequence[Given]) -> dict[Level, Earned]:
    """The steps of a chain that were done, by what one member's events gave, which come in canonical order."""
    done: dict[Level, Earned] = {}
    counted: defaultdict[Level, list[Value]] = defaultdict(list)
    for one in given:
        before: Level = None
        for step, score in one.defined.scores.items():
            is_open = before is None or (before in done and one.time > done[before].at)
            if is_open and step in one.values:
                counted[step].append(one.values[step])
                if total(score.kind, counted[step]) >= one.defined.needed(step, step):
                    done.setdefault(step, Earned(one.time))
            before = step
    return done

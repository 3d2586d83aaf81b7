"""Circles: two who mostly give to each other, or three to five of whom each mostly gives to the next."""

from collections.abc import Iterable, Iterator

from engine.fairness.flows import Flow

LONGEST = 5
"""So many members are in a circle at most."""

Circle = tuple[Flow, ...]
"""Each flow begins with the receiver of the one before it, the first with that of the last; the least giver first."""


def circles(found: Iterable[Flow]) -> Iterator[Circle]:
    """Every circle once, in the order of their least members.

    Of each giver there is one flow at most, so circles share no members, and five steps from each giver find them all.
    """
    by_giver = {flow.giver: flow for flow in found}
    for first in sorted(by_giver):
        path = [by_giver[first]]
        while len(path) < LONGEST and path[-1].receiver > first and path[-1].receiver in by_giver:
            path.append(by_giver[path[-1].receiver])
        if path[-1].receiver == first:
            yield tuple(path)

"""When hidden members may enter their group's score: over times in which there always were enough of them in it.

A sum over a day on which one or two members of a group were hidden tells what these did, and so does the difference of
two sums of which only one holds that day. Which days those are follows from what is said of people alone: were it to
hang on what anybody does, it would tell of that.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise, takewhile
from typing import NamedTuple, Protocol

from engine.calendar import NEVER
from engine.standing import Standing
from schemas.words import Day, Instant

ENOUGH = 3
"""So many members of a group have to be hidden, so that what one of them did is not what all of them did."""

Step = tuple[str, str, str, bool, int]
"""(kind of group, group, `hidden` or `open`, whether it is the member's only group of the kind, local day)."""

Steps = Counter[Step]
"""How many more members are such from a local day on, or (below zero) fewer."""


class Rulebooks(Protocol):
    """What the versions of a rulebook say of moments."""

    def day_of(self, time: Instant) -> Day:
        """The local day of a moment."""
        ...

    def hides_since(self, time: Instant) -> int | None:
        """The local day since which, until a moment, who chose nothing has been hidden; None: they are not, then."""
        ...


class Cover(NamedTuple):
    """Since which local day a group has had hidden members at all, and has always had enough of them."""

    first: int
    since: int

    def holds(self, start: int) -> bool:
        """Whether hidden members may be counted in a window that begins on a local day.

        Where it begins with the day from which on there are enough, that day has hours in which there were fewer.
        """
        return self.since == self.first or self.since < start


def steps_of(standing: Standing, rulebooks: Rulebooks) -> Steps:
    """From when to when a member was hidden in which groups, and has not been shown since.

    Of a member who chose nothing these are all days; on which of them they are hidden, `cover_of` is told.
    """
    found: Steps = Counter()
    first, end, shelf = _first_hidden(standing, rulebooks), NEVER, standing.seen_as
    if standing.left_at is not None:
        end = rulebooks.day_of(Instant(standing.left_at))
    for day, following in pairwise([*sorted({move[0] for move in standing.moves}), NEVER]):
        start, stop = max(day, first), min(following, end)
        if start < stop:
            for kind, groups in standing.groups(day).items():
                for group in groups:
                    found[kind, group, shelf, len(groups) == 1, start] += 1
                    found[kind, group, shelf, len(groups) == 1, stop] -= 1
    return Counter({step: count for step, count in found.items() if count and step[-1] != NEVER})


def _first_hidden(standing: Standing, rulebooks: Rulebooks) -> int:
    """Since which local day nobody has been shown what a member does, who is hidden now or chose nothing."""
    if not standing.choices:
        return 0
    hiding = [*takewhile(lambda choice: choice[-1] == "hidden", reversed(standing.choices))]
    if not hiding:
        return NEVER
    at = Instant(hiding[-1][0])
    before = rulebooks.hides_since(at) if len(hiding) == len(standing.choices) else None
    return rulebooks.day_of(at) if before is None else before


def cover_of(steps: Mapping[Step, int], open_since: int | None) -> Cover | None:
    """Since when a group covers its hidden members; None: not now.

    Args:
        steps: of the group.
        open_since: the local day since which the rulebook hides who chose nothing; None: it does not.
    """
    more: Counter[int] = Counter()
    more_elsewhere: Counter[int] = Counter()
    for (_, _, shelf, is_only, day), count in steps.items():
        if shelf == "open" and open_since is None:
            continue
        at = max(day, open_since or 0) if shelf == "open" else day
        more[at] += count
        more_elsewhere[at] += 0 if is_only else count
    first: int | None = None
    since: int | None = None
    here = elsewhere = 0
    for day in sorted(more):
        here, elsewhere = here + more[day], elsewhere + more_elsewhere[day]
        if first is None and here:
            first = day
        if here < ENOUGH or elsewhere:
            since = None
        elif since is None:
            since = day
    return None if first is None or since is None else Cover(first, since)

"""From events to points: what each rule awards a member, after its limits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .days import windows
from .judge import Event
from .rulebook import Version

Awards: TypeAlias = Mapping[tuple[Event, str], int]
"""(event, rule): the points that it was awarded."""


@dataclass(frozen=True)
class Use:
    """What an event used of its rule's limits."""

    version: Version
    counted: bool  # by `times` limits
    points: int  # the positive ones


def awards_of(events: Sequence[Event]) -> dict[tuple[Event, str], int]:
    """The points of one member's events, which come in canonical order."""
    uses: defaultdict[tuple[str, str, str], list[Use]] = defaultdict(list)  # of (rule, kind of window, window)
    awards = {}
    for event in events:
        here = windows(event.day)
        for rule, amount in event.amounts.items():
            times_left, points_left = [], [amount]
            for limit in event.version.rules[rule].limits:
                used = [
                    use
                    for use in uses[rule, limit.per, here[limit.per]]
                    if runs_on(use.version, event.version, rule, limit.per)
                ]
                if limit.times is not None:
                    times_left.append(limit.times - sum(use.counted for use in used))
                if limit.points is not None:
                    points_left.append(max(0, limit.points - sum(use.points for use in used)))
            counted = all(left > 0 for left in times_left)
            # What is left is never negative, so it cuts positive amounts only.
            award = min(points_left) if counted else 0
            awards[event, rule] = award
            for per, window in here.items():
                uses[rule, per, window].append(Use(event.version, counted, max(0, award)))
    return awards


def runs_on(earlier: Version, version: Version, rule: str, per: str) -> bool:
    """Whether what `earlier` used counts in `version`: all from the one to the other limit the rule alike."""
    while version is not earlier:
        if version.before is None:
            return False
        version = version.before
        if rule not in version.rules or all(limit.per != per for limit in version.rules[rule].limits):
            return False
    return True

"""What people gave and took by hand: of a badge and level the last word decides."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from .canonical import order
from .judge import ByHand
from .levels import Earned
from .rulebook import Level, Version
from .stories import name_in
from .streaks import Freeze

Said: TypeAlias = dict[tuple[str, Level], list[ByHand]]
"""What was said about each badge and level of a member."""


def said_about(member: str, by_hand: Iterable[ByHand], newest: Version) -> Said:
    """The grants and revocations, by the name that the badge has now."""
    said: defaultdict[tuple[str, Level], list[ByHand]] = defaultdict(list)
    for one in by_hand:
        if one.record["subject"] == member and one.record["type"] != "freeze.granted":
            level = one.record["data"].get("level")
            said[badge_of(one, newest), None if level is None else str(level)].append(one)
    return said


def freezes_given(member: str, by_hand: Iterable[ByHand], newest: Version) -> defaultdict[str, list[Freeze]]:
    """The freezes by badge."""
    given: defaultdict[str, list[Freeze]] = defaultdict(list)
    for one in by_hand:
        if one.record["subject"] == member and one.record["type"] == "freeze.granted":
            given[badge_of(one, newest)].append(order(one.record))
    return given


def badge_of(one: ByHand, newest: Version) -> str:
    """The name that the badge has now."""
    return name_in(newest, "badges", str(one.record["data"]["badge"]), one.version)


def decided(found: Sequence[Earned], said: Sequence[ByHand]) -> list[Earned]:
    """What is there once people have had their say; a grant earns it at its time, if only again."""
    if not said:
        return list(found)
    record, version = max(said, key=lambda one: order(one.record))
    if record["type"] == "badge.revoked":
        return []
    valid = version.badges[str(record["data"]["badge"])].valid
    until = None if valid is None else record["time"] + valid
    if not found:
        return [Earned(record["time"], until)]
    return [
        one._replace(until=None if None in {one.until, until} else max(one.until or 0, until or 0)) for one in found
    ]

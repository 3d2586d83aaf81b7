"""Leagues: in which tier and which cohort a member plays.

Cohorts are dealt by lot anew each week, by a hash of the week and the member: nothing that anybody does moves who is
in them, and anyone can work it out.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from engine.calendar import name_of
from engine.plan import LeaguePlan
from schemas.words import MemberId

TIERS = "tier"
"""The shelf of those who were promoted to a tier, each with the window from which on they are in it."""

Sizes = Sequence[tuple[int, Mapping[str, int]]]
"""From which window on there are how many active members in each tier, by its number; the newest last."""


def tier_in(since: Sequence[tuple[int, int]], window: int) -> int:
    """The tier that a member has in a window, by its place; `since` has places and the windows they hold from."""
    return max((place for place, start in since if start <= window), default=0)


def cohorts_in(sizes: Sizes, league: LeaguePlan, tier: int, window: int) -> int:
    """How many cohorts a tier, by its place, has in a window."""
    number = str(league.tiers[tier][1])
    active = next((by_number.get(number, 0) for start, by_number in reversed(sizes) if start <= window), 0)
    return max(1, round(active / league.size))


def cohort_of(kind: int, window: int, member: MemberId, cohorts: int) -> int:
    """The cohort of a member in a window, from 1."""
    lot = sha256(f"{name_of(kind, window)} {member}".encode()).digest()
    return 1 + int.from_bytes(lot[:8]) % cohorts

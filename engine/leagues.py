"""Leagues: in which tier and which cohort a member plays.

Cohorts are dealt by lot anew each week, by a hash of the week and the member: nothing that anybody does moves who is
in them, and anyone can work it out.
"""

from collections.abc import Sequence
from hashlib import sha256

from engine.calendar import name_of
from engine.plan import LeaguePlan
from schemas.words import MemberId

TIERS = "tier"
"""The shelf of those who were promoted to a tier, each with the window from which on they are in it."""

Holding = Sequence[tuple[int, int]]
"""The numbers of the tiers to which a member was promoted, and the windows from which on they hold."""

Sizes = Sequence[tuple[int, Sequence[tuple[Sequence[int], int]]]]
"""From which window on how many active members had been promoted to the same tiers, by number; the newest last."""


def tier_in(league: LeaguePlan, holding: Holding, window: int) -> int:
    """The tier that a member has in a window, by its place."""
    held = {number for number, start in holding if start <= window}
    return max((place for place, (_, number) in enumerate(league.tiers) if number in held), default=0)


def cohorts_in(sizes: Sizes, league: LeaguePlan, window: int) -> list[int]:
    """How many cohorts each tier, by its place, has in a window."""
    there = [0] * len(league.tiers)
    for held, count in next((active for start, active in reversed(sizes) if start <= window), ()):
        there[tier_in(league, [(number, 0) for number in held], 0)] += count
    return [max(1, round(active / league.size)) for active in there]


def cohort_of(kind: int, window: int, member: MemberId, cohorts: int) -> int:
    """The cohort of a member in a window, from 1."""
    lot = sha256(f"{name_of(kind, window)} {member}".encode()).digest()
    return 1 + int.from_bytes(lot[:8]) % cohorts

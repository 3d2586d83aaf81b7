"""What was settled so far: awards of challenges, places and firsts among badges, and what leagues remember."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from schemas.records import RECORD

from .contributions import Event, places
from .levels import Earned
from .rulebook import Level, Version


class Prize(NamedTuple):
    """Points that a challenge awarded when a round of it was settled."""

    event: Event  # of the moment at which it was settled
    challenge: str  # as the version of that moment calls it
    points: int


class Won(NamedTuple):
    """A badge that was settled, by the version of the day in question."""

    version: Version
    badge: str
    level: Level
    member: str
    earned: Earned


class Promotion(NamedTuple):
    """A member who goes up a league, as the version of the week calls it, with effect from the week of a day."""

    version: Version
    board: str
    member: str
    tier: str
    since: date
    at: int


class Played(NamedTuple):
    """A week of a league that was settled, and who was listed in it with a score."""

    version: Version
    board: str
    week: date
    closed: int  # the time of the record that settled it
    members: frozenset[str]


@dataclass(frozen=True)
class Settled:
    """All that was settled up to a record; it never changes."""

    prizes: Sequence[Prize] = ()
    won: Sequence[Won] = ()
    promotions: Sequence[Promotion] = ()
    weeks: Sequence[Played] = ()
    rounds: Sequence[tuple[Version, str, str]] = ()  # that were settled: a challenge as a version calls it, the round
    until: date = date.min  # the last day that was

    def and_also(self, more: "Settled") -> "Settled":
        """This, and what was settled after it."""
        return replace(
            self,
            prizes=[*self.prizes, *more.prizes],
            won=[*self.won, *more.won],
            promotions=[*self.promotions, *more.promotions],
            weeks=[*self.weeks, *more.weeks],
            rounds=[*self.rounds, *more.rounds],
            until=max(self.until, more.until),
        )

    def members(self) -> set[str]:
        """Everyone who got something that may be all they have."""
        return {one.member for one in self.won} | {one.member for one in self.promotions}

    def awards(self) -> Mapping[tuple[Event, str, str], int]:
        """The points of each prize."""
        found: Counter[tuple[Event, str, str]] = Counter()
        for prize in self.prizes:
            found[prize.event, prize.challenge, prize.event.member] += prize.points
        return found


def settling_event(member: str, time: int, version: Version) -> Event:
    """The event by which a member gets what is settled: before all others of its moment."""
    empty = {"org": "acme", "id": "", "source": "", "type": "", "stamp": "", "data": {}}
    record = RECORD.validate_python({**empty, "subject": member, "time": time, "recorded": time})
    day = version.calendar.day(time)
    return Event(record, version, day, member, None, None, {}, {}, {}, frozenset(places(version, day, ())))

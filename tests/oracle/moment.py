"""What a log says when it has been read to some record, by a clock: events with what they were awarded, and people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .badges import Life, Now
from .canonical import order
from .contributions import Event
from .judge import Judge
from .people import People
from .points import awards_of
from .prizes import Settled
from .rounds import Round, RoundKey, rewards_of, rounds_of
from .rulebook import Version
from .scores import given_to
from .shares import TableKey, Window, windows_of


@dataclass(frozen=True)
class Moment:
    """One position of the log, and a clock."""

    judge: Judge  # as it is now: use a moment before the judge goes on
    settled: Settled
    newest: Version  # the one by which names and people are judged
    clock: int

    @cached_property
    def versions(self) -> Sequence[Version]:
        """All that there are, the last of them the newest."""
        return list(self.judge.versions)

    @cached_property
    def people(self) -> People:
        """Everyone of whom anything was said."""
        return People(self.judge.people, self.versions, self.newest, self.newest.calendar.day(self.clock))

    @cached_property
    def events(self) -> Sequence[Event]:
        """All that count, and what was settled, in canonical order."""
        settled = {prize.event for prize in self.settled.prizes}
        return sorted([*self.judge.counting(), *settled], key=lambda event: order(event.record))

    @cached_property
    def by_member(self) -> Mapping[str, Sequence[Event]]:
        """The events from which each member may get something."""
        found: defaultdict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            for member in event.takers:
                found[member].append(event)
        return found

    @cached_property
    def by_rules(self) -> Mapping[tuple[Event, str, str], int]:
        """What rules have awarded."""
        return {
            key: award
            for member, events in self.by_member.items()
            for key, award in awards_of(member, events, self.newest).items()
        }

    @cached_property
    def rounds(self) -> Mapping[RoundKey, Round]:
        """The rounds of all challenges; none of these counts what challenges award."""
        return rounds_of(self.events, self.by_rules, self.judge.taking_part, self.newest, self.versions)

    @cached_property
    def awards(self) -> Mapping[tuple[Event, str, str], int]:
        """What rules and challenges have awarded."""
        return {**self.by_rules, **rewards_of(self.rounds.values()), **self.settled.awards()}

    @cached_property
    def windows(self) -> Mapping[TableKey, Window]:
        """The boards in all their windows."""
        return windows_of(self.events, self.awards, self.people, self.newest, self.versions)

    def life(self, member: str) -> Life:
        """One member, and all by which badges are reached."""
        given = given_to(member, self.by_member.get(member, ()), self.awards, self.newest)
        now = Now(self.clock, self.newest, self.versions)
        return Life(member, self.people.of(member), given, self.judge.by_hand, self.settled.won, now)

"""The karma and shop sections by time: under which of them a moment lies, as the log told it up to then."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.calendar import KINDS, Calendar
from engine.ledger.persons import spelling
from engine.plan import Plan
from schemas.rulebook import Karma, ShopReward
from schemas.rulebook_fairness import Fairness
from schemas.words import Instant, Position

NO_END = Instant(1 << 53)
"""A moment after every other."""


class Policy(NamedTuple):
    """What one version of the rulebook says of karma."""

    start: Instant
    """From when on it is in force: later than the log's time of all records before the one that published it."""
    position: Position
    """The record that published it."""
    calendar: Calendar
    karma: Karma | None
    shop: Mapping[str, ShopReward]
    bots: frozenset[str] = frozenset()
    """Who is no person, by spelling (`engine.ledger.persons`)."""

    @property
    def fairness(self) -> Fairness | None:
        """What it says of the fairness watch."""
        return None if self.karma is None else self.karma.fairness

    def window(self, per: str, at: Instant) -> int:
        """The number of the window of a kind that a moment lies in."""
        return self.calendar.at(at)[KINDS.index(per)]

    def bounds(self, per: str, at: Instant) -> tuple[Instant, Instant]:
        """The first moment of the window of a kind that a moment lies in, and the first one after it."""
        first, after = self.calendar.days(KINDS.index(per), self.window(per, at))
        return self.calendar.midnight(first), self.calendar.midnight(after)


def policy_of(plan: Plan, start: Instant, position: Position) -> Policy:
    """What a version says of karma."""
    said = plan.rulebook
    bots = frozenset(spelling(each) for each in said.people.bots)
    return Policy(start, position, plan.calendar, said.karma, said.shop, bots)


class Span(NamedTuple):
    """A stretch of time under one policy."""

    policy: Policy
    start: Instant
    end: Instant
    """The first moment after it."""
    begins: bool
    """Whether the policy came into force with it."""


class Timeline:
    """All policies in the order in which they came into force; grows at its end alone."""

    def __init__(self, *policies: Policy) -> None:
        """Starts never go back; of several that start at once the last holds."""
        self._policies = list(policies)
        self._starts = [policy.start for policy in policies]
        if self._starts != sorted(self._starts):
            raise ValueError("a policy starts before the one before it")

    def __iter__(self) -> Iterator[Policy]:
        return iter(self._policies)

    def extended(self, policy: Policy) -> "Timeline":
        """With another version."""
        return Timeline(*self._policies, policy)

    def at(self, at: Instant) -> Policy | None:
        """The policy in force; None before the first one."""
        place = bisect_right(self._starts, at)
        return self._policies[place - 1] if place else None

    def spans(self, since: Instant, at: Instant) -> Iterator[Span]:
        """The policies from one moment to another, both included."""
        place = bisect_right(self._starts, since)
        if place:
            yield Span(self._policies[place - 1], since, self._end(place), begins=False)
        for index in range(place, bisect_right(self._starts, at)):
            if self._starts[index] < self._end(index + 1):
                yield Span(self._policies[index], self._starts[index], self._end(index + 1), begins=True)

    def first_stock(self, reward: str, at: Instant) -> int:
        """The pieces that the first version in force said that gave the reward a stock."""
        for index, policy in enumerate(self._policies[: bisect_right(self._starts, at)]):
            said = policy.shop.get(reward) if policy.start < self._end(index + 1) else None
            if said is not None and said.stock is not None:
                return said.stock
        return 0

    def _end(self, place: int) -> Instant:
        return self._starts[place] if place < len(self._starts) else NO_END

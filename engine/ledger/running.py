"""What was counted in windows that still run: how much was given, received and redeemed, for limits."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.ledger.policies import Policy, Timeline
from schemas.words import Instant


class Meter(NamedTuple):
    """What is counted, and in which windows."""

    what: str
    """`gives`, `gives-to`, `gets`, or `worth:EUR`."""
    per: str
    other: str = ""
    """The other member, of `gives-to`."""


class Reading(NamedTuple):
    """How much was counted in one window."""

    meter: Meter
    window: int
    amount: int


Readings = tuple[Reading, ...]


def meters(policy: Policy) -> frozenset[tuple[str, str]]:
    """What a policy counts, as (what, per)."""
    karma = policy.karma
    if karma is None:
        return frozenset()
    gifts = {(scope(limit.same, limit.of), limit.per) for limit in karma.gifts.limits if limit.per != "gift"}
    worth = {(f"worth:{limit.worth.currency}", limit.per) for limit in karma.redeem.limits}
    return frozenset(gifts | worth)


def scope(same: str | None, of: str | None) -> str:
    """What a limit of gifts counts."""
    return "gives-to" if same else "gets" if of else "gives"


def counted(readings: Readings, meter: Meter, policy: Policy, at: Instant) -> int:
    """How much of something was counted in the window that a moment lies in."""
    window = policy.window(meter.per, at)
    return next((each.amount for each in readings if each.meter == meter and each.window == window), 0)


def count(readings: Readings, meter: Meter, policy: Policy, at: Instant, amount: int) -> Readings:
    """With so much more in the window of a moment; or less, where it was taken back."""
    now = counted(readings, meter, policy, at)
    others = tuple(each for each in readings if each.meter != meter)
    left = max(0, now + amount)  # below it where a version in between has another time zone
    return (*others, Reading(meter, policy.window(meter.per, at), left))


def summed(readings: Readings) -> Readings:
    """With one reading for each meter and window."""
    found = Counter[tuple[Meter, int]]()
    for meter, window, amount in readings:
        found[meter, window] += amount
    return tuple(Reading(*key, amount) for key, amount in found.items())


def is_counted_since(timeline: Timeline, meter: Meter, then: Instant, at: Instant) -> bool:
    """Whether what happened at one moment is counted at another: in the same window, by all versions in between."""
    spans = list(timeline.spans(then, at))
    policy = spans[-1].policy
    is_asked = all((meter.what, meter.per) in meters(span.policy) for span in spans)
    return is_asked and policy.window(meter.per, then) == policy.window(meter.per, at)


def still_running(readings: Readings, policy: Policy, at: Instant) -> Iterator[Reading]:
    """The readings of windows that a moment lies in: the others are never asked for again."""
    return (each for each in readings if each.amount and each.window == policy.window(each.meter.per, at))


def still_counted(readings: Iterable[Reading], policy: Policy) -> Readings:
    """Without what a version counts no more: where a later one does again, it begins at nothing."""
    asked = meters(policy)
    return tuple(each for each in readings if (each.meter.what, each.meter.per) in asked)

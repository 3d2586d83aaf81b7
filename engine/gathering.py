"""Gifts are gathered by local day while somebody watches them, so that closing a day does not read every gift ever."""

from collections.abc import Mapping

from engine.batch import Batch
from engine.fairness.alerts import kinds
from engine.ledger.gift import Gift, GiftStage
from engine.ledger.policies import NO_END, Policy, Timeline
from schemas.words import Instant


def gather(batch: Batch, gifts: Mapping[str, Gift]) -> None:
    """Takes note of what a request has given, by stored id, or has taken back."""
    org = batch.org
    for ident, gift in gifts.items() if org.watches else ():
        day = policy_at(org.timeline, gift.at).calendar.day(gift.at)
        if gift.stage is GiftStage.GIVEN and is_watched(org.timeline, gift.at):
            org.gift_days.add(day)
            batch.vault.gather(day, ident, gift)
        elif day in org.gift_days:
            batch.vault.gather(day, ident, None)


def policy_at(timeline: Timeline, at: Instant) -> Policy:
    """What held when a gift was given, in whose calendar its day is."""
    found = timeline.at(at)
    if found is None:
        raise AssertionError("nothing is given before a rulebook is in force")
    return found


def is_watched(timeline: Timeline, at: Instant) -> bool:
    """Whether gifts are looked at from a moment on: by the version in force, or by one that is published for later."""
    return any(kinds(span.policy.fairness) for span in timeline.spans(at, NO_END))

"""What has to be at hand before a request is decided, by key: first what it names, then who that concerns."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.ledger.budgets import names_of
from engine.ledger.draft import Asked
from engine.ledger.gift import Gift
from engine.ledger.persons import Person
from engine.ledger.policies import Policy
from engine.ledger.redemption import Redemption

_NAMES_MEMBER = ("for", "member", "same_as")
_NAMES_GIFT = {"karma.boosted": "gift", "karma.withdrawn": "gift", "event.voided": "id"}


class Named(NamedTuple):
    """What a request names, besides people."""

    gifts: frozenset[str]
    redemptions: frozenset[str]
    stocks: frozenset[str]
    causes: frozenset[str]


def named(asked: Asked) -> Named:
    """The gifts, redemptions, stocks and causes that a request names."""
    data = asked.data

    def of(field: str) -> frozenset[str]:
        found = data.get(field)
        return frozenset({found} if isinstance(found, str) else ())

    return Named(
        gifts=of(_NAMES_GIFT[asked.type]) if asked.type in _NAMES_GIFT else frozenset(),
        redemptions=of("request"),
        stocks=of("reward"),
        causes=of("cause") if asked.type == "karma.minted" else frozenset(),
    )


def people(asked: Asked, gifts: Mapping[str, Gift], redemptions: Mapping[str, Redemption]) -> frozenset[str]:
    """The ids of everybody whom a request concerns, as they are written; each one's purse is needed as well.

    Args:
        asked: the request.
        gifts: those that it names, as far as there are any.
        redemptions: likewise.
    """
    return frozenset(_people(asked, gifts, redemptions))


def _people(asked: Asked, gifts: Mapping[str, Gift], redemptions: Mapping[str, Redemption]) -> Iterator[str]:
    yield asked.sender
    said = asked.data.get("to")
    for each in (*(said if isinstance(said, list) else ()), *(asked.data.get(name) for name in _NAMES_MEMBER)):
        if isinstance(each, str):
            yield each
    for gift in gifts.values():
        yield from (gift.giver, *gift.receivers)
    for redemption in redemptions.values():
        yield from (redemption.sender, redemption.receiver)


def stocks(redemptions: Mapping[str, Redemption]) -> frozenset[str]:
    """The rewards whose stocks a piece may go back to."""
    return frozenset(each.reward for each in redemptions.values())


def budgets(
    asked: Asked, persons: Mapping[str, Person], redemptions: Mapping[str, Redemption], policy: Policy
) -> frozenset[str]:
    """The names of the budgets that may count a request."""
    found = {name for each in redemptions.values() for name, _ in each.budgets}
    if asked.type == "karma.minted":
        member = persons.get(str(asked.data.get("member")))
        found |= {*names_of("minted", member.groups if member else (), policy)}
    if asked.type == "reward.requested":
        sender = persons.get(asked.sender)
        found |= {*names_of("redeemed", sender.groups if sender else (), policy)}
    return frozenset(found)

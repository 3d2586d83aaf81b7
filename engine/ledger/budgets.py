"""Budgets: how much is minted or redeemed in a window at most, by the organisation or by each group of a kind.

What exceeds one that queues is counted in the first later window with room, and comes with its first moment. So a
queue is no list that somebody has to work off: whoever waits knows from the beginning until when.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from engine.ledger.policies import Policy
from engine.ledger.refusals import Code, RefusedRequest
from schemas.rulebook_karma import Budget
from schemas.words import Instant

Spent = tuple[tuple[int, int], ...]
"""How much a budget counts, as (window, karma): windows that run or come."""

WINDOWS_AHEAD = 24
"""A queue goes no further than so many windows ahead; what finds no room in them is refused."""


class Place(NamedTuple):
    """Where the budgets have room for an amount."""

    at: Instant
    """When: at once, or with the first moment of a later window."""
    budgets: tuple[tuple[str, int], ...]
    """The budgets that count it, each with its window."""


class _Pot(NamedTuple):
    name: str
    budget: Budget
    ceiling: int


def place_for(
    what: Literal["minted", "redeemed"],
    amount: int,
    groups: Iterable[tuple[str, str]],
    policy: Policy,
    at: Instant,
    spent: Mapping[str, Spent],
) -> Place:
    """The first moment from one on at which every budget has room.

    Raises:
        RefusedRequest: OVER_BUDGET, where one has none and refuses, or would have none for too long.
    """
    pots = list(_pots(what, groups, policy))
    for _ in range(WINDOWS_AHEAD):
        full = next((pot for pot in pots if amount > pot.ceiling - _counted(pot, policy, at, spent)), None)
        if full is None:
            return Place(at, tuple((pot.name, policy.window(pot.budget.per, at)) for pot in pots))
        if full.budget.at_ceiling == "refuse" or amount > full.ceiling:
            raise _over(full, what, amount, _counted(full, policy, at, spent))
        at = policy.bounds(full.budget.per, at)[1]
    message = f"the budget has no room for {amount} karma in the next {WINDOWS_AHEAD} windows"
    raise RefusedRequest(Code.OVER_BUDGET, message)


def names_of(what: Literal["minted", "redeemed"], groups: Iterable[tuple[str, str]], policy: Policy) -> list[str]:
    """The budgets that an amount would be counted in."""
    return [pot.name for pot in _pots(what, groups, policy)]


def counted_in(spent: Spent, window: int, amount: int, running: int) -> Spent:
    """With so much more in a window, or less; windows before the running one are over."""
    found = {each: karma for each, karma in spent if each >= running}
    found[window] = found.get(window, 0) + amount
    return tuple(sorted((each, karma) for each, karma in found.items() if karma > 0))


def per_of(name: str) -> str:
    """The kind of window of a budget."""
    return name.split(":", 2)[1]


def _pots(what: str, groups: Iterable[tuple[str, str]], policy: Policy) -> Iterator[_Pot]:
    """One for the organisation, or one for each group of the budget's kind that the member belongs to."""
    belongs = sorted(groups)
    for budget in () if policy.karma is None else policy.karma.budgets:
        ceiling = budget.minted if what == "minted" else budget.redeemed
        if ceiling is None:
            continue
        if budget.by is None:
            yield _Pot(f"{what}:{budget.per}::", budget, ceiling)
        for kind, group in belongs:
            if kind == budget.by:
                yield _Pot(f"{what}:{budget.per}:{kind}:{group}", budget, ceiling)


def _counted(pot: _Pot, policy: Policy, at: Instant, spent: Mapping[str, Spent]) -> int:
    return dict(spent.get(pot.name, ())).get(policy.window(pot.budget.per, at), 0)


def _over(pot: _Pot, what: str, amount: int, counted: int) -> RefusedRequest:
    whose = "the organisation" if pot.budget.by is None else f"the {pot.budget.by}"
    left = max(0, pot.ceiling - counted)
    message = f"{whose} has {left} of {pot.ceiling} karma left to be {what} this {pot.budget.per}; this takes {amount}"
    return RefusedRequest(Code.OVER_BUDGET, message)

"""The trial balance: what stands in each kind of account, over all members; it adds up to zero, always."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from engine.ledger.accounts import Kind
from engine.ledger.passing import passed
from engine.ledger.policies import Timeline
from engine.ledger.purse import Purse
from schemas.rulebook_money import MoneyAmount
from schemas.words import Instant


def trial_balance(purses: Iterable[Purse], timeline: Timeline, at: Instant) -> dict[Kind, int]:
    """The sum of every kind of account at a moment.

    Args:
        purses: of every member; of one who has none yet `Purse(member, since)`, since they were known.
        timeline: the policies.
        at: not before any purse was last changed.
    """
    totals = [0] * len(Kind)
    for purse in purses:
        there, _ = passed(purse, timeline, at)
        totals = [total + balance for total, balance in zip(totals, there.balances, strict=True)]
    return {kind: totals[kind] for kind in Kind}


class Liabilities(NamedTuple):
    """What an organisation owes its members in rewards, and what it has handed out, in a currency."""

    outstanding: Decimal
    """Of what was earned and is not redeemed yet."""
    requested: Decimal
    """The part of it that is held for open requests."""
    expected: Decimal
    """What it can become at most before there are new allowances: with all that is left to give or held back."""
    redeemed: Decimal
    currency: str


def liabilities(totals: dict[Kind, int], worth: MoneyAmount) -> Liabilities:
    """A trial balance in money, at what one karma is worth."""
    outstanding = totals[Kind.EARNED] + totals[Kind.ESCROW]
    to_come = totals[Kind.ALLOWANCE] + totals[Kind.BUDGET] + totals[Kind.OWED]
    return Liabilities(
        outstanding=outstanding * worth.amount,
        expected=(outstanding + to_come) * worth.amount,
        requested=totals[Kind.ESCROW] * worth.amount,
        redeemed=totals[Kind.REDEEMED] * worth.amount,
        currency=worth.currency,
    )

"""Accounts and postings: karma moves from one account to another, so the sum over all of them is always zero."""

from enum import IntEnum, StrEnum
from typing import NamedTuple

from schemas.words import Instant, MemberId, Position


class Kind(IntEnum):
    """What an account holds; the first four are a member's, the others the organisation's, kept by member."""

    ALLOWANCE = 0
    """To give away; ends with its period."""
    EARNED = 1
    """Received; can be redeemed."""
    ESCROW = 2
    """Held by open requests for rewards."""
    OWED = 3
    """Below zero: what was spent and then taken back."""
    ISSUANCE = 4
    """Below zero: what was brought into being."""
    REDEEMED = 5
    """What became rewards."""
    EXPIRED = 6
    """What nobody gave or redeemed in time."""
    BUDGET = 7
    """What rules gave and a budget holds back until its next window."""


NEVER_BELOW_ZERO = frozenset({Kind.ALLOWANCE, Kind.EARNED, Kind.ESCROW, Kind.BUDGET})
"""The accounts with a bound; of the others, what is owed is never above zero."""


class Account(NamedTuple):
    """An account; those of the organisation are kept by the member whom it concerned, and add up to the whole."""

    kind: Kind
    member: MemberId


class What(StrEnum):
    """What a posting is about."""

    ALLOWANCE_GRANTED = "ALLOWANCE_GRANTED"
    ALLOWANCE_EXPIRED = "ALLOWANCE_EXPIRED"
    EARNED_EXPIRED = "EARNED_EXPIRED"
    GIFT = "GIFT"
    BOOST = "BOOST"
    GIFT_WITHDRAWN = "GIFT_WITHDRAWN"
    GIFT_VOIDED = "GIFT_VOIDED"
    MINTED = "MINTED"
    MINTED_LATER = "MINTED_LATER"
    MINTED_BACK = "MINTED_BACK"
    REPAID = "REPAID"
    LINKED = "LINKED"
    REWARD_REQUESTED = "REWARD_REQUESTED"
    REWARD_REFUNDED = "REWARD_REFUNDED"
    REWARD_FULFILLED = "REWARD_FULFILLED"


class Posting(NamedTuple):
    """One movement of karma."""

    at: Instant
    what: What
    source: Account
    target: Account
    amount: int
    """Above zero."""
    because: Position
    """The record that caused it; of what time alone changes, the rulebook that says so."""

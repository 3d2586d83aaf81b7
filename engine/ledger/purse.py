"""A member's purse: the balances of the accounts that concern them, and what has to be remembered of the past."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from engine.ledger.accounts import NEVER_BELOW_ZERO, Kind
from engine.ledger.running import Meter, Reading, Readings
from schemas.words import Instant, MemberId, Position

NONE = Instant(0)
"""No moment."""

UNDATED = 0
"""The day of earned karma that does not expire."""


class Lot(NamedTuple):
    """Earned karma that was received on one local day."""

    day: int
    amount: int


class Coming(NamedTuple):
    """What a rule gave and a budget holds back."""

    at: Instant
    """When it is paid."""
    because: Position
    into: Kind
    amount: int


@dataclass(frozen=True, slots=True)
class Purse:
    """What is known of one member's karma up to a moment."""

    member: MemberId
    seen: Instant
    """Up to when everything that time alone changes is worked out."""
    until: Instant = NONE
    """When the allowance ends that is running; 0: none is."""
    is_here: bool = True
    balances: tuple[int, ...] = (0,) * len(Kind)
    lots: tuple[Lot, ...] = ()
    """Earned karma, oldest first; adds up to its balance."""
    readings: Readings = ()
    coming: tuple[Coming, ...] = ()
    """Adds up to the balance of the budget."""

    def __getitem__(self, kind: Kind) -> int:
        return self.balances[kind]

    @property
    def owed(self) -> int:
        """What the member owes."""
        return -self.balances[Kind.OWED]

    def oldest(self, amount: int) -> tuple[Lot, ...]:
        """The lots that so much earned karma would be taken from."""
        found: list[Lot] = []
        for lot in self.lots:
            taken = min(lot.amount, amount)
            amount -= taken
            found += [Lot(lot.day, taken)] if taken else []
        return tuple(found)

    def moved(self, kind: Kind, amount: int, lots: tuple[Lot, ...] = ()) -> Self:
        """With so much more in one account, or less; earned karma comes in lots, and the oldest goes first.

        Raises:
            AssertionError: the account would leave its bound, which whoever posts has to look at before.
        """
        balance = self.balances[kind] + amount
        if (balance < 0 and kind in NEVER_BELOW_ZERO) or (balance > 0 and kind is Kind.OWED):
            raise AssertionError(f"{kind.name} of {self.member} would be {balance}")
        balances = (*self.balances[:kind], balance, *self.balances[kind + 1 :])
        if kind is not Kind.EARNED:
            return replace(self, balances=balances)
        by_day = {lot.day: lot.amount for lot in self.lots}
        for lot in lots:
            by_day[lot.day] = by_day.get(lot.day, 0) + lot.amount
        for lot in self.oldest(max(0, -amount)):
            by_day[lot.day] -= lot.amount
        left = tuple(Lot(day, karma) for day, karma in sorted(by_day.items()) if karma)
        return replace(self, balances=balances, lots=left)

    def dump(self) -> list[Any]:
        """JSON data; `load` gives an equal purse."""
        readings = [[*each.meter, each.window, each.amount] for each in self.readings]
        return [self.seen, self.until, self.is_here, self.balances, self.lots, readings, self.coming]

    @classmethod
    def load(cls, member: MemberId, raw: list[Any]) -> Self:
        """The purse of `dump`."""
        seen, until, is_here, balances, lots, readings, coming = raw
        return cls(
            member,
            seen,
            until,
            is_here,
            tuple(balances),
            tuple(Lot(*lot) for lot in lots),
            tuple(Reading(Meter(what, per, other), window, amount) for what, per, other, window, amount in readings),
            tuple(Coming(at, because, Kind(into), amount) for at, because, into, amount in coming),
        )

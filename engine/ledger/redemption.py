"""A redemption: karma held for a reward that somebody requested, until it is handed out or given back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Self

from engine.ledger.accounts import Kind
from engine.ledger.purse import Lot
from schemas.words import Instant, MemberId, Position


class Stage(StrEnum):
    """What has become of a request for a reward; the first two are open, of the others each is the last."""

    WAITING = "WAITING"
    """For approval."""
    APPROVED = "APPROVED"
    FULFILLED = "FULFILLED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


OPEN = frozenset({Stage.WAITING, Stage.APPROVED})


class Worth(NamedTuple):
    """What a reward was worth when it was requested."""

    millionths: int
    currency: str


@dataclass(frozen=True, slots=True)
class Redemption:
    """One request for a reward."""

    reward: str
    sender: MemberId
    """Who pays."""
    receiver: MemberId
    """Who gets it."""
    price: int
    paid_from: Kind
    """The allowance, or what was earned."""
    until: Instant
    """When the allowance ended that it was taken from; 0 where that had no end."""
    at: Instant
    deadline: Instant
    """Until when it may be approved; 0: without an end."""
    not_before: Instant
    """When a budget has room for it."""
    lots: tuple[Lot, ...]
    """The earned karma that was taken, oldest first; it comes back as old as it was."""
    has_piece: bool
    """Whether it took a piece of a stock."""
    budgets: tuple[tuple[str, int], ...]
    """The budgets that count it, each with the window."""
    worth: Worth | None
    stage: Stage
    changed: Instant
    """When it came to this stage."""
    approved: Position
    """The record that approved it, or that requested it where nobody has to; 0: none has. Vouchers go by it."""

    def dump(self) -> list[Any]:
        """JSON data; `load` gives an equal redemption."""
        paid = [self.reward, self.sender, self.receiver, self.price, self.paid_from, self.until, self.lots]
        when = [self.at, self.deadline, self.not_before]
        return [*paid, *when, self.has_piece, self.budgets, self.worth, self.stage, self.changed, self.approved]

    @classmethod
    def load(cls, raw: list[Any]) -> Self:
        """The redemption of `dump`."""
        reward, sender, receiver, price, paid_from, until, lots, at, deadline, not_before, piece, *rest = raw
        budgets, worth, stage, changed, approved = rest
        return cls(
            reward=reward,
            sender=sender,
            receiver=receiver,
            price=price,
            paid_from=Kind(paid_from),
            until=until,
            lots=tuple(Lot(*lot) for lot in lots),
            at=at,
            deadline=deadline,
            not_before=not_before,
            has_piece=piece,
            budgets=tuple((name, window) for name, window in budgets),
            worth=None if worth is None else Worth(*worth),
            stage=Stage(stage),
            changed=changed,
            approved=approved,
        )

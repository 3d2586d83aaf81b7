"""What a member reads of their karma: every posting with its because, and the balance of the account after it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.ledger.accounts import Account, Kind, Posting, What
from schemas.words import Instant, MemberId, Position

MEMBERS_OWN = (Kind.ALLOWANCE, Kind.EARNED, Kind.ESCROW, Kind.OWED)
"""The accounts that a statement has."""

TITLES: dict[What, str] = {
    What.ALLOWANCE_GRANTED: "karma to give",
    What.ALLOWANCE_EXPIRED: "not given in time",
    What.EARNED_EXPIRED: "not redeemed in time",
    What.GIFT: "gift",
    What.BOOST: "boost of a gift",
    What.GIFT_WITHDRAWN: "gift withdrawn",
    What.GIFT_VOIDED: "gift voided",
    What.MINTED: "earned by a rule",
    What.MINTED_LATER: "earned by a rule, after waiting for the budget",
    What.MINTED_BACK: "correction of what a rule gave",
    What.REPAID: "paid of what was owed",
    What.LINKED: "two accounts became one",
    What.REWARD_REQUESTED: "reward requested",
    What.REWARD_REFUNDED: "reward not handed out",
    What.REWARD_FULFILLED: "reward handed out",
}


class Line(NamedTuple):
    """One line of a statement; a posting between two accounts of one member is two lines."""

    at: Instant
    what: What
    account: Kind
    other: Account
    """Where it came from, or went to."""
    amount: int
    """Below zero where it went out."""
    balance: int
    """Of the account, after it."""
    because: Position

    @property
    def title(self) -> str:
        """What it is, in words."""
        return TITLES[self.what]

    @property
    def from_or_to(self) -> str:
        """The other account, as the member reads it: `from ben`, `to escrow`."""
        is_members = self.other.kind in MEMBERS_OWN
        whose = self.other.kind.name.lower()
        if is_members and self.what in _BETWEEN_MEMBERS:
            whose = str(self.other.member)
        return f"{'to' if self.amount < 0 else 'from'} {whose}"


_BETWEEN_MEMBERS = frozenset({What.GIFT, What.BOOST, What.GIFT_WITHDRAWN, What.GIFT_VOIDED, What.LINKED})


def statement(member: MemberId, postings: Iterable[Posting]) -> Iterator[Line]:
    """The lines of a member; `postings` are all of those that concern them, in order."""
    balances = dict.fromkeys(Kind, 0)
    for at, what, source, target, amount, because in postings:
        for account, other, signed in ((source, target, -amount), (target, source, amount)):
            if account.member == member and account.kind in MEMBERS_OWN:
                balances[account.kind] += signed
                yield Line(at, what, account.kind, other, signed, balances[account.kind], because)

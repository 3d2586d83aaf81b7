"""A decision in the making: a request moves copies of purses, and is then accepted whole or leaves no trace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from engine.ledger.accounts import Account, Kind, Posting, What
from engine.ledger.budgets import Spent
from engine.ledger.gift import Gift
from engine.ledger.passing import passed, received_on
from engine.ledger.persons import Person, Presence, check_sender
from engine.ledger.policies import Policy, Timeline
from engine.ledger.purse import UNDATED, Lot, Purse
from engine.ledger.redemption import Redemption
from engine.ledger.refusals import Code, RefusedRequest
from schemas.rulebook import Karma
from schemas.rulebook_karma import KARMA_MAX
from schemas.rulebook_words import described
from schemas.words import Instant, MemberId, Position

_OFF = "there is no karma here: no rulebook in force has a `karma` section"


class Minted(NamedTuple):
    """What a rule has given to a member for one event."""

    karma: int
    into: Kind
    """The allowance, or what is earned: as it was said when it was first given."""


@dataclass(frozen=True, slots=True)
class State:
    """What requests are decided by; of each kind no more is needed than what `engine.ledger.needs` names."""

    people: Mapping[str, Person] = field(default_factory=dict[str, Person])
    """By id as it is written; an id that is not there is nobody's."""
    purses: Mapping[MemberId, Purse] = field(default_factory=dict[MemberId, Purse])
    gifts: Mapping[str, Gift] = field(default_factory=dict[str, Gift])
    """By the stored id of the record that gave it."""
    redemptions: Mapping[str, Redemption] = field(default_factory=dict[str, Redemption])
    """By the stored id of the record that requested it."""
    stocks: Mapping[str, int] = field(default_factory=dict[str, int])
    """By reward: the pieces restocked less those taken."""
    spent: Mapping[str, Spent] = field(default_factory=dict[str, Spent])
    """By budget."""
    minted: Mapping[str, Minted] = field(default_factory=dict[str, Minted])
    """By cause: the event and the rule."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the log has it."""

    ident: str
    """Its stored id, which names the gift or redemption that comes of it."""
    type: str
    sender: str
    """The subject of the record."""
    at: Instant
    """The log's time: the latest recorded time up to and with this record; it never goes back."""
    time: Instant
    """When it happened, as its sender says."""
    position: Position
    data: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a request changed: the postings, and the new value of everything that is another one now."""

    postings: tuple[Posting, ...]
    purses: Mapping[MemberId, Purse]
    gifts: Mapping[str, Gift]
    redemptions: Mapping[str, Redemption]
    stocks: Mapping[str, int]
    spent: Mapping[str, Spent]
    minted: Mapping[str, Minted]


NOTHING = Accepted((), {}, {}, {}, {}, {}, {})
"""What changes where nothing does."""


class Draft:
    """What one request would change."""

    def __init__(self, state: State, timeline: Timeline, asked: Asked) -> None:
        self.state = state
        self.timeline = timeline
        self.asked = asked
        self.at = asked.at
        self.postings: list[Posting] = []
        self.purses: dict[MemberId, Purse] = {}
        self.gifts: dict[str, Gift] = {}
        self.redemptions: dict[str, Redemption] = {}
        self.stocks: dict[str, int] = {}
        self.spent: dict[str, Spent] = {}
        self.minted: dict[str, Minted] = {}

    @property
    def policy(self) -> Policy:
        """The policy in force.

        Raises:
            RefusedRequest: there is none yet.
        """
        found = self.timeline.at(self.at)
        if found is None:
            raise RefusedRequest(Code.KARMA_OFF, _OFF)
        return found

    @property
    def karma(self) -> Karma:
        """The karma section in force.

        Raises:
            RefusedRequest: there is none.
        """
        if (found := self.policy.karma) is None:
            raise RefusedRequest(Code.KARMA_OFF, _OFF)
        return found

    def one(self, member: MemberId) -> MemberId:
        """The id that a member has now: another one, if they were linked since."""
        return self.person(member).ident

    def sender(self, what: str) -> Person:
        """Who asks; `what` is what only members may do while there is karma.

        Raises:
            RefusedRequest: there is no karma, or it is no member.
        """
        _ = self.karma
        found = self.person(self.asked.sender)
        check_sender(found, what)
        return found

    def person(self, said: str) -> Person:
        """Whom an id means."""
        return self.state.people.get(said) or Person(MemberId(said), Presence.UNKNOWN)

    def amount(self, name: str) -> int:
        """A whole number above zero of the request's data.

        Raises:
            RefusedRequest: something else stands there.
        """
        found = self.asked.data.get(name)
        if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= KARMA_MAX:
            expected = f"expected a whole number from 1 to {KARMA_MAX} as `{name}`"
            raise RefusedRequest(Code.NOT_AN_AMOUNT, f"{expected}, got {described(found)}")
        return found

    def text(self, name: str) -> str | None:
        """A text of the request's data; None where there is none."""
        found = self.asked.data.get(name)
        return found if isinstance(found, str) and found else None

    def purse(self, member: MemberId) -> Purse:
        """A member's purse as it is now; who has none yet gets one that begins when the organisation knew them."""
        found = self.purses.get(member)
        if found is None:
            kept = self.state.purses.get(member)
            found, due = passed(kept or self._first(member), self.timeline, self.at)
            self.purses[member] = found
            self.postings += due
        return found

    def _first(self, member: MemberId) -> Purse:
        """The purse of who has none yet: whoever left before there was karma is not here in it."""
        known = [each for each in self.state.people.values() if each.ident == member]
        is_here = all(each.presence is not Presence.FORMER for each in known)
        return Purse(member, min((each.since for each in known), default=self.at), is_here=is_here)

    def post(
        self, what: What, source: Account, target: Account, amount: int, lots: tuple[Lot, ...] | None = None
    ) -> None:
        """Moves karma; nothing is nothing. Earned karma is received today, or is of the lots that are said."""
        if amount:
            today = received_on(self.policy, self.at)
            dated = (Lot(UNDATED, amount),) if lots is None or today == UNDATED else lots
            received = tuple(Lot(lot.day or today, lot.amount) for lot in dated)
            self.purses[source.member] = self.purse(source.member).moved(source.kind, -amount)
            self.purses[target.member] = self.purse(target.member).moved(target.kind, amount, received)
            self.postings.append(Posting(self.at, what, source, target, amount, self.asked.position))

    def credit(
        self, what: What, source: Account, target: Account, amount: int, lots: tuple[Lot, ...] | None = None
    ) -> None:
        """Moves karma to a member, who first pays from it what they owe."""
        self.post(what, source, target, amount, lots)
        self.repay(target, amount)

    def repay(self, account: Account, amount: int) -> None:
        """Pays what a member owes from what came into one of their accounts."""
        if account.kind in {Kind.ALLOWANCE, Kind.EARNED}:
            repaid = min(amount, self.purse(account.member).owed)
            self.post(What.REPAID, account, Account(Kind.OWED, account.member), repaid)

    def take_back(self, what: What, source: Account, target: Account, amount: int) -> None:
        """Moves karma back from a member; what they spent is owed."""
        there = min(amount, self.purse(source.member)[source.kind])
        self.post(what, source, target, there)
        self.post(what, Account(Kind.OWED, source.member), target, amount - there)

    def returned_to(self, member: MemberId, until: Instant) -> Account:
        """Where karma of an allowance goes back to: to it while it runs, else it has expired as it would have."""
        purse = self.purse(member)
        runs_still = purse.is_here and purse.until == until
        return Account(Kind.ALLOWANCE if runs_still else Kind.EXPIRED, member)

    def accepted(self) -> Accepted:
        """The decision."""
        made = self.purses, self.gifts, self.redemptions, self.stocks, self.spent, self.minted
        return Accepted(tuple(self.postings), *made)

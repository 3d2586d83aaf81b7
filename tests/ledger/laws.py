"""What always holds of a ledger, wherever it is kept, beside the model."""

from collections.abc import Mapping

from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition

from engine.ledger.accounts import NEVER_BELOW_ZERO, Kind, Posting
from engine.ledger.gift import Gift
from engine.ledger.policies import Timeline
from engine.ledger.purse import Purse
from engine.ledger.redemption import OPEN, Redemption, Stage
from engine.ledger.statement import MEMBERS_OWN, statement
from engine.ledger.trial_balance import trial_balance
from schemas.words import Instant, MemberId
from tests.ledger.model import Model

_MARK = "hypothesis_stateful_invariant"

decided = precondition(lambda self: self.is_decided)
"""Only once all that was asked is decided."""


def as_in_the_model(posting: Posting) -> tuple[int, tuple[str, str], tuple[str, str], int]:
    """When, from where, to where, how much."""
    source, target = ((each.kind.name.lower(), str(each.member)) for each in (posting.source, posting.target))
    return posting.at, source, target, posting.amount


class Laws(RuleBasedStateMachine):
    """A ledger at a moment, the model of it, and what holds of both."""

    model: Model
    at: Instant
    is_decided = True

    @property
    def timeline(self) -> Timeline:
        """The policies."""
        raise NotImplementedError

    def purses(self) -> Mapping[str, Purse]:
        """Of every member of the model, as it is now."""
        raise NotImplementedError

    def postings_of(self, member: str) -> list[Posting]:
        """All that ever concerned a member, what time alone changed until now too."""
        raise NotImplementedError

    def gifts(self) -> Mapping[str, Gift]:
        """By the id of the request."""
        raise NotImplementedError

    def redemptions(self) -> Mapping[str, Redemption]:
        """By the id of the request."""
        raise NotImplementedError

    def stocks(self) -> Mapping[str, int]:
        """By reward: the pieces restocked less those taken."""
        raise NotImplementedError

    def check_all(self) -> None:
        """Holds the ledger to every law, as hypothesis does after a step."""
        laws = [name for name in dir(type(self)) if hasattr(getattr(type(self), name), _MARK)]
        assert len(laws) >= 9  # hypothesis has not changed its mark
        for name in laws if self.is_decided else ():
            getattr(self, name)()

    @decided
    @invariant()
    def every_balance_is_that_of_the_model(self) -> None:
        for name, purse in self.purses().items():
            found = {kind.name.lower(): purse[kind] for kind in Kind}
            assert found == {kind: self.model.balance(kind, name) for kind in found}, name

    @decided
    @invariant()
    def the_sum_is_zero_and_no_account_is_beyond_its_bound(self) -> None:
        purses = self.purses()
        totals = trial_balance(purses.values(), self.timeline, self.at)
        assert sum(totals.values()) == 0
        for purse in purses.values():
            assert all(purse[kind] >= 0 for kind in NEVER_BELOW_ZERO)
            assert purse[Kind.OWED] <= 0
            assert sum(lot.amount for lot in purse.lots) == purse[Kind.EARNED]
            assert sum(coming.amount for coming in purse.coming) == purse[Kind.BUDGET]

    @decided
    @invariant()
    def escrow_is_what_open_requests_hold(self) -> None:
        redemptions = self.redemptions().values()
        for name, purse in self.purses().items():
            held = [each for each in redemptions if self.model.one(each.sender) == name and each.stage in OPEN]
            assert purse[Kind.ESCROW] == sum(each.price for each in held)

    @decided
    @invariant()
    def no_piece_of_a_stock_is_lost_or_made(self) -> None:
        redemptions, stocks = self.redemptions().values(), self.stocks()
        for name in ("card", "cup"):
            first = self.timeline.first_stock(name, self.at)
            left = first + stocks.get(name, 0)
            out = [each for each in redemptions if each.reward == name and each.has_piece]
            kept = sum(each.stage in OPEN or each.stage is Stage.FULFILLED for each in out)
            assert left + kept == first + sum(n for reward, n in self.model.restocked if reward == name)
            assert left >= 0
            assert left == self.model.stock(name)

    @decided
    @invariant()
    def nobody_gave_to_themselves(self) -> None:
        assert all(gift.giver not in gift.receivers for gift in self.gifts().values())

    @decided
    @invariant()
    def gifts_and_requests_are_as_far_as_in_the_model(self) -> None:
        for found, expected in ((self.gifts(), self.model.gifts), (self.redemptions(), self.model.redemptions)):
            stages = {ident: each.stage.value for ident, each in found.items()}
            assert stages == {ident: each["stage"] for ident, each in expected.items()}

    @decided
    @invariant()
    def the_statement_is_the_account_and_has_the_postings_of_the_model(self) -> None:
        for name, purse in self.purses().items():
            postings = self.postings_of(name)
            last = {line.account: line.balance for line in statement(MemberId(name), postings)}
            assert last == {kind: purse[kind] for kind in MEMBERS_OWN if kind in last}
            assert all(purse[kind] == 0 for kind in MEMBERS_OWN if kind not in last)
            expected = sorted(each for each in self.model.postings if name in {each[1][1], each[2][1]})
            assert sorted(as_in_the_model(each) for each in postings) == expected
            assert [each.at for each in postings] == sorted(each.at for each in postings)

    @decided
    @invariant()
    def what_was_granted_was_given_is_left_or_has_expired(self) -> None:
        for name, purse in self.purses().items():
            account = ("allowance", name)
            came = sum(amount for _, _, target, amount in self.model.postings if target == account)
            gone = sum(amount for _, source, _, amount in self.model.postings if source == account)
            assert came == gone + purse[Kind.ALLOWANCE]

    @decided
    @invariant()
    def what_is_kept_comes_back_as_it_was(self) -> None:
        assert all(Purse.load(MemberId(name), purse.dump()) == purse for name, purse in self.purses().items())
        assert all(Gift.load(gift.dump()) == gift for gift in self.gifts().values())
        assert all(Redemption.load(each.dump()) == each for each in self.redemptions().values())

"""The ledger and its model side by side: what can happen, and what always holds."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.ledger.accounts import NEVER_BELOW_ZERO, Kind, Posting
from engine.ledger.draft import Accepted
from engine.ledger.gift import Gift
from engine.ledger.passing import passed
from engine.ledger.persons import Person, Presence
from engine.ledger.purse import Purse
from engine.ledger.redemption import OPEN, Redemption, Stage
from engine.ledger.statement import MEMBERS_OWN, statement
from engine.ledger.trial_balance import trial_balance
from schemas.words import Instant, MemberId
from tests.ledger.bench import Bench, moment, policy
from tests.ledger.lives import (
    ANYBODY,
    BLUE,
    FIRST,
    HOSTILE,
    LATER,
    MEMBERS,
    PEOPLE,
    REWARDS,
    SMALL,
    words_of,
)
from tests.ledger.model import DAY_MS, Model, day_of
from tests.ledger.model_requests import reasons

START = moment("2026-01-01 00:00")
PICK = st.integers(0, 999)


def as_in_the_model(posting: Posting) -> tuple[int, tuple[str, str], tuple[str, str], int]:
    """When, from where, to where, how much."""
    source, target = ((each.kind.name.lower(), str(each.member)) for each in (posting.source, posting.target))
    return posting.at, source, target, posting.amount


class Ledger(RuleBasedStateMachine):
    """The ledger, and beside it the model."""

    def __init__(self) -> None:
        super().__init__()
        self.org = Bench(at=START, people=())
        self.model = Model(START)
        for said, (member, presence, groups) in PEOPLE.items():
            self.know(said, member, presence, groups)
        for name in ("anna", "ben", "cleo", "zoe"):
            self.model.members[name] = {"until": None, "here": True, "lots": [], "coming": []}

    def know(
        self, said: str, member: str, presence: str, groups: tuple[tuple[str, str], ...] = (), since: int = 0
    ) -> None:
        self.org.know(said, Person(MemberId(member), Presence(presence), Instant(since), frozenset(groups)))
        self.model.people[said] = (member, presence, frozenset(groups))

    @initialize(book=FIRST)
    def begins(self, book: dict[str, Any]) -> None:
        self.publish(START, book)

    def publish(self, start: Instant, book: dict[str, Any]) -> None:
        self.org.timeline = self.org.timeline.extended(policy(start, 1 + len(self.model.versions), **book))
        self.model.versions.append((start, book))
        self.model.live_until(self.org.at)

    # What happens.

    @rule(hours=st.sampled_from([0, 1, 11, 24, 25, 24 * 3, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.org.at = Instant(self.org.at + hours * 3_600_000 + 60_000)
        self.model.live_until(self.org.at)

    @rule(book=LATER)
    def another_rulebook(self, book: dict[str, Any]) -> None:
        """In force from the next midnight on, which passes at once."""
        self.org.at = Instant((self.org.at // DAY_MS + 1) * DAY_MS)
        self.publish(self.org.at, book)

    @rule(sender=MEMBERS, to=MEMBERS, amount=SMALL)
    def give(self, sender: str, to: str, amount: int) -> None:
        self.ask("karma.given", sender, to=[to], amount=amount, **words_of(self.model.karma))

    @rule(sender=MEMBERS, to=st.permutations(["anna", "ben", "cleo", "eve"]), amount=SMALL)
    def give_to_several(self, sender: str, to: list[str], amount: int) -> None:
        others = [each for each in to if each != sender][: 1 + amount % 3]
        self.ask("karma.given", sender, to=others, amount=amount, **words_of(self.model.karma))

    @rule(sender=ANYBODY, to=st.lists(ANYBODY, max_size=3), amount=st.one_of(SMALL, HOSTILE), words=st.booleans())
    def give_with_bad_intent(self, sender: str, to: list[str], amount: Any, words: bool) -> None:  # noqa: FBT001
        said = {"value": "help", "message": "a text"} if words else words_of(self.model.karma)
        self.ask("karma.given", sender, to=to, amount=amount, **said)

    @precondition(lambda self: self.model.gifts)
    @rule(sender=MEMBERS, amount=SMALL, pick=PICK)
    def boost(self, sender: str, amount: int, pick: int) -> None:
        self.ask("karma.boosted", sender, gift=self.one_of(self.model.gifts, pick), amount=amount)

    @precondition(lambda self: self.model.gifts)
    @rule(sender=ANYBODY, amount=HOSTILE, pick=PICK)
    def boost_with_bad_intent(self, sender: str, amount: Any, pick: int) -> None:
        self.ask("karma.boosted", sender, gift=self.one_of(self.model.gifts, pick), amount=amount)

    @precondition(lambda self: self.model.gifts)
    @rule(pick=PICK)
    def withdraw(self, pick: int) -> None:
        gift = self.one_of(self.model.gifts, pick)
        self.ask("karma.withdrawn", self.model.gifts.get(gift, {}).get("giver", "anna"), gift=gift)

    @precondition(lambda self: self.model.gifts)
    @rule(pick=PICK, sender=ANYBODY)
    def withdraw_with_bad_intent(self, pick: int, sender: str) -> None:
        self.ask("karma.withdrawn", sender, gift=self.one_of(self.model.gifts, pick))

    @precondition(lambda self: self.model.gifts)
    @rule(pick=PICK)
    def void(self, pick: int) -> None:
        self.ask("event.voided", "admin", id=self.one_of(self.model.gifts, pick))

    @rule(member=MEMBERS, cause=st.sampled_from("xyz"), karma=st.integers(-10, 50))
    def mint(self, member: str, cause: str, karma: int) -> None:
        self.ask("karma.minted", "karmalog", member=member, cause=f"{cause} {member}", karma=karma)

    @rule(member=ANYBODY, karma=st.one_of(SMALL, HOSTILE))
    def mint_for_anybody(self, member: str, karma: Any) -> None:
        self.ask("karma.minted", "karmalog", member=member, cause=f"w {self.model.who(member)[0]}", karma=karma)

    @rule(
        sender=MEMBERS,
        reward=st.sampled_from(["card", "card", "tea", "book", "cup"]),
        whom=st.one_of(st.none(), MEMBERS),
    )
    def request(self, sender: str, reward: str, whom: str | None) -> None:
        self.ask("reward.requested", sender, reward=reward, for_=whom)

    @rule(sender=ANYBODY, reward=REWARDS, whom=ANYBODY, pay=st.sampled_from([None, "allowance", "earned"]))
    def request_with_bad_intent(self, sender: str, reward: str, whom: str, pay: str | None) -> None:
        self.ask("reward.requested", sender, reward=reward, for_=whom, pay_from=pay)

    @precondition(lambda self: self.model.redemptions)
    @rule(kind=st.sampled_from(["approved", "approved", "declined", "fulfilled", "fulfilled", "expired"]), pick=PICK)
    def go_on(self, kind: str, pick: int) -> None:
        self.ask(f"reward.{kind}", "dan", request=self.one_of(self.model.redemptions, pick))

    @precondition(lambda self: self.model.redemptions)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        request = self.one_of(self.model.redemptions, pick)
        self.ask("reward.cancelled", self.model.redemptions.get(request, {}).get("sender", "anna"), request=request)

    @precondition(lambda self: self.model.redemptions)
    @rule(kind=st.sampled_from(["approved", "cancelled"]), sender=ANYBODY, pick=PICK)
    def go_on_with_bad_intent(self, kind: str, sender: str, pick: int) -> None:
        self.ask(f"reward.{kind}", sender, request=self.one_of(self.model.redemptions, pick))

    @rule(reward=REWARDS, pieces=st.one_of(st.integers(1, 3), HOSTILE))
    def restock(self, reward: str, pieces: Any) -> None:
        self.ask("reward.restocked", "office", reward=reward, pieces=pieces)

    @rule(days=st.integers(0, 40))
    def join(self, days: int) -> None:
        """Eve joins, or comes back; told some days late."""
        if "eve" not in self.model.members:
            self.model.members["eve"] = {"until": None, "here": False, "lots": [], "coming": []}
            self.know("eve", "eve", "HERE", (BLUE,), self.org.at)
        elif self.model.members["eve"]["here"]:
            return
        self.know("eve", "eve", "HERE", (BLUE,), self.org.state.people["eve"].since)
        joined = Instant(self.org.at - days * DAY_MS)
        self.ask("member.joined", "eve", time=joined, joined=day_of(joined))

    @rule()
    def leave(self) -> None:
        if self.model.members.get("eve", {}).get("here"):
            self.know("eve", "eve", "FORMER", (BLUE,), self.org.state.people["eve"].since)
            self.ask("member.left", "eve")

    @rule()
    def link(self) -> None:
        """Zoe is cleo."""
        self.ask("member.linked", "zoe", same_as="cleo")
        self.know("zoe", "cleo", "HERE", (BLUE,))

    def one_of(self, known: dict[str, Any], pick: int) -> str:
        """The id of something that was there, mostly a late one, or seldom of nothing."""
        ids = [*list(known)[-4:] * 3, *known, "e0"]
        return ids[pick % len(ids)]

    def ask(self, kind: str, sender: str, *, time: Instant | None = None, **data: Any) -> None:
        """Both decide; a refusal changes nothing, and names a reason that holds."""
        data = {
            name: value for name, value in data.items() if value is not None or name in {"amount", "karma", "pieces"}
        }
        before = self.org.state
        found = self.org.ask(kind, sender, time=time, **data)
        ident = f"e{self.org.position}"
        said = {name.rstrip("_"): value for name, value in data.items()}
        against = reasons(self.model, ident, kind, sender, said)
        if isinstance(found, Accepted):
            assert against == set(), (kind, sender, said, found)
        else:
            assert found.code in against, (kind, sender, said, found, against)
            assert self.org.state is before

    # What always holds, after every step.

    def purses(self) -> dict[str, Purse]:
        return {name: self.org.purse(name) for name in self.model.members}

    @invariant()
    def every_balance_is_that_of_the_model(self) -> None:
        for name, purse in self.purses().items():
            found = {kind.name.lower(): purse[kind] for kind in Kind}
            assert found == {kind: self.model.balance(kind, name) for kind in found}, name

    @invariant()
    def the_sum_is_zero_and_no_account_is_beyond_its_bound(self) -> None:
        purses = self.purses()
        totals = trial_balance(purses.values(), self.org.timeline, self.org.at)
        assert sum(totals.values()) == 0
        for purse in purses.values():
            assert all(purse[kind] >= 0 for kind in NEVER_BELOW_ZERO)
            assert purse[Kind.OWED] <= 0
            assert sum(lot.amount for lot in purse.lots) == purse[Kind.EARNED]
            assert sum(coming.amount for coming in purse.coming) == purse[Kind.BUDGET]

    @invariant()
    def escrow_is_what_open_requests_hold(self) -> None:
        for name, purse in self.purses().items():
            mine = [each for each in self.org.state.redemptions.values() if self.model.one(each.sender) == name]
            held = [each for each in mine if each.stage in OPEN]
            assert purse[Kind.ESCROW] == sum(each.price for each in held)

    @invariant()
    def no_piece_of_a_stock_is_lost_or_made(self) -> None:
        for name in ("card", "cup"):
            first = self.org.timeline.first_stock(name, self.org.at)
            left = first + self.org.state.stocks.get(name, 0)
            out = [each for each in self.org.state.redemptions.values() if each.reward == name and each.has_piece]
            kept = sum(each.stage in OPEN or each.stage is Stage.FULFILLED for each in out)
            assert left + kept == first + sum(n for reward, n in self.model.restocked if reward == name)
            assert left >= 0

    @invariant()
    def nobody_gave_to_themselves(self) -> None:
        assert all(gift.giver not in gift.receivers for gift in self.org.state.gifts.values())

    @invariant()
    def the_statement_is_the_account_and_has_the_postings_of_the_model(self) -> None:
        for name, purse in self.purses().items():
            kept = self.org.state.purses.get(MemberId(name)) or Purse(MemberId(name), self.org.state.people[name].since)
            due = passed(kept, self.org.timeline, self.org.at)[1]
            postings = [each for each in self.org.postings if name in {each.source.member, each.target.member}] + due
            last = {line.account: line.balance for line in statement(MemberId(name), postings)}
            assert last == {kind: purse[kind] for kind in MEMBERS_OWN if kind in last}
            assert all(purse[kind] == 0 for kind in MEMBERS_OWN if kind not in last)
            expected = sorted(each for each in self.model.postings if name in {each[1][1], each[2][1]})
            assert sorted(as_in_the_model(each) for each in postings) == expected

    @invariant()
    def what_was_granted_was_given_is_left_or_has_expired(self) -> None:
        for name, purse in self.purses().items():
            account = ("allowance", name)
            came = sum(amount for _, _, target, amount in self.model.postings if target == account)
            gone = sum(amount for _, source, _, amount in self.model.postings if source == account)
            assert came == gone + purse[Kind.ALLOWANCE]

    @invariant()
    def what_is_kept_comes_back_as_it_was(self) -> None:
        state = self.org.state
        assert all(Purse.load(name, purse.dump()) == purse for name, purse in state.purses.items())
        assert all(Gift.load(gift.dump()) == gift for gift in state.gifts.values())
        assert all(Redemption.load(each.dump()) == each for each in state.redemptions.values())

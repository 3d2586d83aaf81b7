"""What can happen to a ledger, wherever it is kept: rules that hypothesis draws, or a life calls, one after another."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from schemas.words import Instant
from tests.ledger.laws import Laws
from tests.ledger.lives import (
    ANYBODY,
    FIRST,
    HOSTILE,
    LATER,
    MEMBERS,
    REWARDS,
    SMALL,
    words_of,
)
from tests.ledger.model import DAY_MS

PICK = st.integers(0, 999)


class Happenings(Laws):
    """Rulebooks, requests and people, one after another."""

    @initialize(book=FIRST)
    def begins(self, book: dict[str, Any]) -> None:
        self.at = self.publish(self.at, book)
        self.model.live_until(self.at)

    def ask(self, kind: str, sender: str, *, time: Instant | None = None, **data: Any) -> None:
        """A request, to both."""
        always = {"amount", "karma", "pieces"}
        said = {name.rstrip("_"): value for name, value in data.items() if value is not None or name in always}
        self.decide(kind, sender, self.at if time is None else time, said)

    # What whoever keeps the ledger does with it.

    def publish(self, start: Instant, book: dict[str, Any]) -> Instant:
        """Another version of the rulebook; when it comes into force, at the earliest at a moment."""
        raise NotImplementedError

    def decide(self, kind: str, sender: str, time: Instant, said: dict[str, Any]) -> None:
        """A refusal changes nothing, and names a reason that holds in the model."""
        raise NotImplementedError

    def eve_joins(self, joined: Instant) -> None:
        """Eve joins, or comes back; of the time at which she joined is told later."""
        raise NotImplementedError

    def eve_leaves(self) -> None:
        """Eve leaves, if she is here."""
        raise NotImplementedError

    def zoe_is_cleo(self) -> None:
        """Two ids turn out to be one person's."""
        raise NotImplementedError

    def cause_of(self, letter: str, member: str) -> str:
        """The name of something for which a rule gives karma."""
        return f"{letter} {member}"

    # What happens.

    @rule(hours=st.sampled_from([0, 1, 11, 24, 25, 24 * 3, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.at = Instant(self.at + hours * 3_600_000 + 60_000)
        self.model.live_until(self.at)

    @rule(book=LATER)
    def another_rulebook(self, book: dict[str, Any]) -> None:
        """In force from the next midnight on, which passes at once."""
        self.at = self.publish(Instant((self.at // DAY_MS + 1) * DAY_MS), book)
        self.model.live_until(self.at)

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
        self.ask("karma.minted", "karmalog", member=member, cause=self.cause_of(cause, member), karma=karma)

    @rule(member=ANYBODY, karma=st.one_of(SMALL, HOSTILE))
    def mint_for_anybody(self, member: str, karma: Any) -> None:
        self.ask(
            "karma.minted", "karmalog", member=member, cause=self.cause_of("w", self.model.who(member)[0]), karma=karma
        )

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
        self.eve_joins(Instant(self.at - days * DAY_MS))

    @rule()
    def leave(self) -> None:
        self.eve_leaves()

    @rule()
    def link(self) -> None:
        self.zoe_is_cleo()

    def one_of(self, known: dict[str, Any], pick: int) -> str:
        """The id of something that was there, mostly a late one, or seldom of nothing."""
        ids = [*list(known)[-4:] * 3, *known, "e0"]
        return ids[pick % len(ids)]

"""Karma through the whole fold and a real store: requests, people and rulebooks in one log, in batches of any size."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from pydantic_core import from_json

from engine.ledger.vault import Drawer
from schemas.records import Record
from schemas.words import Instant, MemberId
from streams.answers import Answers
from streams.digesting import digest_of
from streams.karma_books import books_of, period_of
from streams.known import UnknownError
from tests.folding import Folding
from tests.strategies import published, record

DAY_MS = 86_400_000
START = 1_772_323_200_000  # 2026-03-01, 00:00 UTC
KARMA: dict[str, Any] = {"allowance": {"per": "month", "karma": 100}}
BATCHES = pytest.mark.parametrize("batch", [1, 3, 1_000])


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as made:
        yield made


class Life:
    """A log in the making; each record an hour after the one before."""

    def __init__(self, start: int = START, /, **sections: Any) -> None:
        self.start = self.now = start
        self.log: list[Record] = []
        self.rules(None, **{"karma": KARMA, **sections})

    def rules(self, since: str | None, **sections: Any) -> None:
        """A version of the rulebook."""
        said = {"apiVersion": "karmalog/v1", "kind": "Rulebook", "groups": {"team": {}}, **sections}
        self._add({**published(len(self.log) + 1, since, said, self.now), "recorded": Instant(self.now)})

    def say(self, kind: str, subject: str, /, **data: Any) -> str:
        """A record; its stored id."""
        named = {name.rstrip("_"): value for name, value in data.items()}
        return self._add(record(kind, subject, self.now, named, 100 + len(self.log)))

    def join(self, *members: str) -> None:
        for member in members:
            self.say("member.joined", member)

    def _add(self, said: Record) -> str:
        self.log.append({**said, "recorded": Instant(self.now)})
        self.now += 3_600_000
        return said["id"]

    def folded(self, client: "redis.Redis", batch: int) -> Answers:
        return Folding(client).fold(*self.log, batch=batch).answers

    def has(self, answers: Answers, member: str) -> tuple[int, int, int]:
        """What a member can give, has earned, and owes."""
        purse = answers.karma.purse(MemberId(member), now=Instant(self.now))
        return purse["to_give"], purse["earned"], purse["owed"]


@BATCHES
def test_a_gift_moves_karma_and_the_statement_says_so(client: "redis.Redis", batch: int) -> None:
    life = Life()
    life.join("ann", "bob")
    gift = life.say("karma.given", "ann", to=["bob"], amount=30)
    answers = life.folded(client, batch)
    assert [life.has(answers, each) for each in ("ann", "bob")] == [(70, 0, 0), (100, 30, 0)]
    lines = answers.karma.statement(MemberId("bob"), now=Instant(life.now))["lines"]
    assert [(line["account"], line["amount"], line["balance"], line["other"]) for line in lines] == [
        ("allowance", 100, 100, "from issuance"),
        ("earned", 30, 30, "from ann"),
    ]
    assert lines[-1]["request"] == f"karmalog:{gift}"
    outcome = answers.karma.outcome(gift)
    assert outcome["outcome"] == "accepted"
    assert outcome["gift"]["to"] == ["bob"]
    assert sum(books_of(answers.karma, now=Instant(life.now))["accounts"].values()) == 0


def digest_of_batches(client: "redis.Redis", life: Life) -> set[str]:
    """The digests of the log, folded in batches of several sizes."""
    return {digest_of(life.folded(client, batch))[0] for batch in (1, 2, 5, 1_000)}


def code(answers: Answers, ident: str) -> str:
    """The code of a refusal, or what else became of a request."""
    outcome = answers.karma.outcome(ident)
    return outcome.get("code", outcome["outcome"])


TOKEN: dict[str, Any] = {"boards": {"talks": {"score": {"count": "talk.presented"}}}}
SHOP: dict[str, Any] = {"shop": {"cup": {"price": 20, "stock": 1, "approval": "required", "expires": "2d"}}}


@BATCHES
def test_whom_an_id_means_is_told_by_the_log_up_to_the_request(client: "redis.Redis", batch: int) -> None:
    life = Life(people={"bots": ["robot"]})
    life.join("ann", "bob", "robot", "gone")
    life.say("group.joined", "ann", kind="team", group="red")
    life.say("group.joined", "bob", kind="team", group="blue")
    life.say("member.left", "gone")
    expected = {
        life.say("karma.given", "ann", to=[to], amount=1): why
        for to, why in {
            "ann": "TO_ONESELF", "ANN": "TO_ONESELF", "team:red": "TO_OWN_GROUP", "team:blue": "TO_GROUP",
            "team:none": "RECEIVER_UNKNOWN", "zoe": "RECEIVER_UNKNOWN", "robot": "RECEIVER_BOT",
            "gone": "RECEIVER_FORMER", "bob": "accepted",
        }.items()
    }  # fmt: skip
    expected[life.say("karma.given", "robot", to=["ann"], amount=1)] = "SENDER_BOT"
    expected[life.say("karma.given", "gone", to=["ann"], amount=1)] = "SENDER_FORMER"
    life.say("group.left", "ann", kind="team", group="red")
    expected[life.say("karma.given", "ann", to=["team:red"], amount=1)] = "RECEIVER_UNKNOWN"
    life.say("member.joined", "zoe")
    expected[life.say("karma.given", "ann", to=["zoe"], amount=1)] = "accepted"
    answers = life.folded(client, batch)
    assert {ident: code(answers, ident) for ident in expected} == expected
    assert life.has(answers, "ann") == (98, 0, 0)


@BATCHES
def test_who_did_something_that_counted_is_a_member_from_then_on(client: "redis.Redis", batch: int) -> None:
    life = Life(**TOKEN)
    life.join("ann")
    early = life.say("karma.given", "ann", to=["bob"], amount=1)
    life.say("talk.presented", "bob", topic="kafka")
    late = life.say("karma.given", "ann", to=["bob"], amount=2)
    answers = life.folded(client, batch)
    assert [code(answers, each) for each in (early, late)] == ["RECEIVER_UNKNOWN", "accepted"]
    assert life.has(answers, "bob") == (100, 2, 0)
    lines = answers.karma.statement(MemberId("bob"), now=Instant(life.now))["lines"]
    assert [(line["what"], line["at"]) for line in lines] == [
        ("ALLOWANCE_GRANTED", "2026-03-01T03:00:00Z"),  # when the talk was recorded
        ("GIFT", "2026-03-01T04:00:00Z"),
    ]


@BATCHES
def test_an_id_that_turns_out_to_be_another_members_is_one_person_from_then_on(
    client: "redis.Redis", batch: int
) -> None:
    life = Life()
    life.join("ann", "bob", "b.jones")
    life.say("karma.given", "ann", to=["b.jones"], amount=5)
    life.say("karma.given", "ann", to=["bob"], amount=7)
    life.say("member.linked", "b.jones", same_as="bob")
    to_oneself = life.say("karma.given", "b.jones", to=["bob"], amount=1)
    twice = life.say("karma.given", "ann", to=["bob", "b.jones"], amount=1)
    life.say("karma.given", "ann", to=["b.jones"], amount=1)
    nobody = life.say("member.linked", "ann", same_as="nobody")
    answers = life.folded(client, batch)
    assert [code(answers, each) for each in (to_oneself, twice)] == ["TO_ONESELF", "RECEIVER_TWICE"]
    assert life.has(answers, "bob") == life.has(answers, "b.jones") == (100, 13, 0)
    assert code(answers, nobody) == "RECEIVER_UNKNOWN"
    accounts = books_of(answers.karma, now=Instant(life.now))["accounts"]
    assert (sum(accounts.values()), accounts["expired"]) == (0, 100)


@BATCHES
def test_a_request_for_a_reward_goes_its_way_once(client: "redis.Redis", batch: int) -> None:
    life = Life(**SHOP)
    life.join("ann", "bob", "cat")
    for each in ("bob", "cat"):
        life.say("karma.given", "ann", to=[each], amount=25)
    first, second = (life.say("reward.requested", each, reward="cup") for each in ("bob", "cat"))
    own = life.say("reward.approved", "bob", request=first)
    answers = life.folded(client, batch)
    assert [code(answers, each) for each in (first, second, own)] == ["accepted", "OUT_OF_STOCK", "OWN_REQUEST"]
    assert [each["request"] for each in answers.karma.open_requests()["requests"]] == [f"karmalog:{first}"]
    assert answers.karma.shop(now=Instant(life.now))["rewards"][0]["left"] == 0
    approved = life.say("reward.approved", "ann", request=first)
    again = life.say("reward.approved", "ann", request=first)
    life.say("reward.fulfilled", "ann", request=first)
    life.say("reward.restocked", "ann", reward="cup", pieces=2)
    answers = life.folded(client, batch)
    assert [code(answers, each) for each in (approved, again)] == ["accepted", "ALREADY_APPROVED"]
    assert answers.karma.outcome(first)["redemption"]["stage"] == "fulfilled"
    assert answers.karma.open_requests()["requests"] == []
    assert answers.karma.shop(now=Instant(life.now))["rewards"][0]["left"] == 2
    assert books_of(answers.karma, now=Instant(life.now))["accounts"]["redeemed"] == 20


@BATCHES
def test_a_gift_is_voided_by_its_identity_and_an_activity_as_ever(client: "redis.Redis", batch: int) -> None:
    life = Life(**TOKEN)
    life.join("ann", "bob")
    talk = life.say("talk.presented", "bob", topic="kafka")
    gift = life.say("karma.given", "ann", to=["bob"], amount=9)
    life.say("event.voided", "admin", id=talk, reason="x")
    life.say("event.voided", "admin", id=gift, reason="x")
    again = life.say("event.voided", "admin", id=gift, reason="x")
    answers = life.folded(client, batch)
    assert answers.karma.outcome(gift)["gift"]["stage"] == "voided"
    assert code(answers, again) == "GIFT_OVER"
    assert [life.has(answers, each) for each in ("ann", "bob")] == [(100, 0, 0), (100, 0, 0)]


@BATCHES
def test_without_karma_every_request_is_refused_and_who_left_meanwhile_has_none_later(
    client: "redis.Redis", batch: int
) -> None:
    life = Life(karma=None)
    life.join("ann", "bob", "gone")
    life.say("member.left", "gone")
    off = life.say("karma.given", "ann", to=["bob"], amount=1)
    life.rules("2026-03-03", karma=KARMA)
    life.now += 3 * DAY_MS
    on = life.say("karma.given", "ann", to=["bob"], amount=1)
    answers = life.folded(client, batch)
    assert [code(answers, each) for each in (off, on)] == ["KARMA_OFF", "accepted"]
    assert [life.has(answers, each) for each in ("ann", "bob", "gone")] == [(99, 0, 0), (100, 1, 0), (0, 0, 0)]
    assert books_of(answers.karma, now=Instant(life.now))["accounts"]["issuance"] == -200


# What rules give.

TALKS: dict[str, Any] = {
    "rules": {"talk": {"event": "talk.presented", "award": {"points": 40, "karma": 25}, "limits": [
        {"per": "month", "times": 2}
    ]}},
}  # fmt: skip


def due(client: "redis.Redis", answers: Answers) -> dict[str, list[int]]:
    """What is due, by cause: how much it gives now, and how often the log has told so."""
    found = client.hgetall(answers.keys.karma(Drawer.DUE))
    return {cause.decode(): from_json(content) for cause, content in found.items()}


@BATCHES
def test_what_a_rule_gives_is_due_until_the_log_tells_it(client: "redis.Redis", batch: int) -> None:
    life = Life(**TALKS)
    life.join("ann")
    talks = [life.say("talk.presented", "ann", topic=topic) for topic in ("one", "two", "three")]
    answers = life.folded(client, batch)
    first, second = sorted(due(client, answers))
    assert due(client, answers) == {first: [25, 0], second: [25, 0]}  # the third is over the limit
    life.say("karma.minted", "karmalog", cause=first, member="ann", karma=25)
    life.say("karma.minted", "karmalog", cause=second, member="ann", karma=25)
    answers = life.folded(client, batch)
    assert (due(client, answers), life.has(answers, "ann")) == ({}, (150, 0, 0))
    life.say("event.voided", "admin", id=talks[0], reason="x")
    answers = life.folded(client, batch)
    third = f"4/{first.split('/', 1)[1]}"
    assert due(client, answers) == {first: [0, 1], third: [25, 0]}
    life.say("karma.minted", "karmalog", cause=first, member="ann", karma=0)
    life.say("karma.minted", "karmalog", cause=third, member="ann", karma=25)
    answers = life.folded(client, batch)
    assert (due(client, answers), life.has(answers, "ann")) == ({}, (150, 0, 0))


def test_the_books_of_a_period_open_where_the_one_before_closed(client: "redis.Redis") -> None:
    life = Life(**SHOP, karma={**KARMA, "worth": "0.10 EUR"})
    life.join("ann", "bob")
    life.say("karma.given", "ann", to=["bob"], amount=30)
    life.now += 32 * DAY_MS
    request = life.say("reward.requested", "bob", reward="cup")
    life.say("reward.approved", "ann", request=request)
    life.say("reward.fulfilled", "ann", request=request)
    answers = life.folded(client, 1_000)
    now = Instant(life.now)
    march, april = (period_of(answers.karma, name, now=now) for name in ("2026-03", "month"))
    assert march["moved"] == {"ALLOWANCE_GRANTED": 200, "GIFT": 30}
    assert april["moved"] == {
        "ALLOWANCE_EXPIRED": 170,
        "ALLOWANCE_GRANTED": 200,
        "REWARD_FULFILLED": 20,
        "REWARD_REQUESTED": 20,
    }
    assert set(march["opening"].values()) == {0}
    assert april["opening"] == march["closing"]
    found = books_of(answers.karma, now=now)
    assert april["closing"] == found["accounts"]
    assert [sum(each["closing"].values()) for each in (march, april)] == [0, 0]
    assert (found["outstanding"], found["redeemed"], found["expected"]) == ("1.00 EUR", "2.00 EUR", "21.00 EUR")
    with pytest.raises(UnknownError, match="names no period"):
        period_of(answers.karma, "all", now=now)

"""What the fold hands to the ledger is as it is at that place of the log, whatever batch the request came in."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from schemas.words import Instant, MemberId
from tests.folding import Folding
from tests.test_karma import BATCHES, DAY_MS, KARMA, TOKEN, Life, code


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as made:
        yield made


@BATCHES
def test_a_group_whose_last_member_left_is_none_from_that_record_on(client: "redis.Redis", batch: int) -> None:
    life = Life()
    life.join("ann", "bob")
    life.say("group.joined", "bob", kind="team", group="red")
    before = life.say("karma.given", "ann", to=["team:red"], amount=1)
    life.say("member.left", "bob")
    after = life.say("karma.given", "ann", to=["team:red"], amount=1)
    life.say("member.joined", "bob")
    again = life.say("karma.given", "ann", to=["team:red"], amount=1)
    answers = life.folded(client, batch)
    assert [code(answers, each) for each in (before, after, again)] == ["TO_GROUP", "RECEIVER_UNKNOWN", "TO_GROUP"]


@BATCHES
def test_who_joins_a_group_on_a_day_on_which_they_did_something_belongs_to_it_at_once(
    client: "redis.Redis", batch: int
) -> None:
    life = Life(**TOKEN)
    life.join("ann", "bob")
    life.say("group.joined", "bob", kind="team", group="red")
    life.say("talk.presented", "ann", topic="kafka")
    life.say("group.joined", "ann", kind="team", group="red")
    own = life.say("karma.given", "ann", to=["team:red"], amount=1)
    assert code(life.folded(client, batch), own) == "TO_OWN_GROUP"


@BATCHES
def test_a_budget_of_a_group_counts_for_who_comes_back_to_it(client: "redis.Redis", batch: int) -> None:
    budget = {"per": "month", "minted": 10, "by": "team"}
    life = Life(karma={**KARMA, "budgets": [budget]})
    life.join("ann", "bob")
    for each in ("ann", "bob"):
        life.say("group.joined", each, kind="team", group="red")
    life.say("karma.minted", "karmalog", cause="x", member="ann", karma=8)
    life.say("member.left", "bob")
    life.say("group.left", "ann", kind="team", group="red")  # ends the batch
    life.say("member.joined", "bob")
    over = life.say("karma.minted", "karmalog", cause="y", member="bob", karma=8)
    answers = life.folded(client, batch)
    assert code(answers, over) == "OVER_BUDGET"


@BATCHES
def test_who_is_known_by_what_was_recorded_earlier_has_no_allowance_of_periods_that_are_over(
    client: "redis.Redis", batch: int
) -> None:
    life = Life(**TOKEN)
    life.join("ann")
    life.now += 92 * DAY_MS
    life.join("ann")  # the log's time is in June
    life.now -= 60 * DAY_MS
    life.say("talk.presented", "bob", topic="kafka")
    life.now += 60 * DAY_MS
    answers = life.folded(client, batch)
    lines = answers.karma.statement(MemberId("bob"), now=Instant(life.now))["lines"]
    assert [(line["what"], line["at"]) for line in lines] == [("ALLOWANCE_GRANTED", "2026-06-01T02:00:00Z")]


@BATCHES
def test_who_is_known_once_something_is_confirmed_has_an_allowance_from_then_on(
    client: "redis.Redis", batch: int
) -> None:
    life = Life(boards={"pairs": {"score": {"count": "pairing.held"}}})
    life.join("ann")
    done = life.say("pairing.held", "bob", with_="ann")
    life.now += 40 * DAY_MS
    life.say("activity.confirmed", "ann", id=done)
    answers = life.folded(client, batch)
    lines = answers.karma.statement(MemberId("bob"), now=Instant(life.now))["lines"]
    assert [(line["what"], line["at"]) for line in lines] == [("ALLOWANCE_GRANTED", "2026-04-10T03:00:00Z")]


@BATCHES
def test_a_leaving_that_lies_before_a_joining_takes_no_allowance_though_it_is_told_later(
    client: "redis.Redis", batch: int
) -> None:
    life = Life()
    life.join("ann", "bob")
    life.say("member.left", "ann")
    life.log[-1]["time"] = Instant(life.log[-1]["time"] - 100 * DAY_MS)
    given = life.say("karma.given", "ann", to=["bob"], amount=30)
    answers = life.folded(client, batch)
    assert (code(answers, given), life.has(answers, "ann")) == ("accepted", (70, 0, 0))
    life.now += 40 * DAY_MS
    assert life.has(answers, "ann") == (100, 0, 0)


@BATCHES
def test_a_joining_that_lies_before_a_leaving_brings_no_allowance_though_it_is_told_later(
    client: "redis.Redis", batch: int
) -> None:
    life = Life()
    life.join("ann", "bob")
    life.say("member.left", "bob")
    life.say("member.joined", "bob")
    life.log[-1]["time"] = Instant(life.log[-1]["time"] - 100 * DAY_MS)
    answers = life.folded(client, batch)
    life.now += 40 * DAY_MS
    assert life.has(answers, "bob") == (0, 0, 0)


@BATCHES
def test_who_leaves_under_an_id_that_is_linked_stays_under_their_own(client: "redis.Redis", batch: int) -> None:
    life = Life()
    life.join("ann", "bob", "b.jones")
    life.say("member.linked", "b.jones", same_as="bob")
    life.say("member.left", "b.jones")
    life.say("karma.given", "bob", to=["ann"], amount=30)
    answers = life.folded(client, batch)
    assert [life.has(answers, each) for each in ("ann", "bob", "b.jones")] == [(100, 30, 0), (70, 0, 0), (70, 0, 0)]
    life.now += 40 * DAY_MS
    assert life.has(answers, "bob") == (100, 0, 0)


@BATCHES
def test_a_version_that_was_replaced_before_its_day_said_nothing_of_the_stock(
    client: "redis.Redis", batch: int
) -> None:
    life = Life()
    for stock in (2_000, 2):
        shop: dict[str, Any] = {"cup": {"price": 1, "stock": stock}}
        life.rules("2026-03-03", karma=KARMA, shop=shop)
    life.now += 3 * DAY_MS
    life.join("ann")
    answers = life.folded(client, batch)
    assert answers.karma.shop(now=Instant(life.now))["rewards"][0]["left"] == 2


@BATCHES
def test_a_boost_goes_to_the_member_whom_the_receiver_turned_out_to_be(client: "redis.Redis", batch: int) -> None:
    life = Life()
    life.join("ann", "bob", "cat", "b.jones")
    gift = life.say("karma.given", "ann", to=["b.jones"], amount=5)
    life.say("member.linked", "b.jones", same_as="bob")
    boost = life.say("karma.boosted", "cat", gift=gift, amount=7)
    answers = life.folded(client, batch)
    assert (code(answers, boost), life.has(answers, "bob")) == ("accepted", (100, 12, 0))


@BATCHES
def test_a_version_that_was_recorded_by_a_clock_behind_decides_from_when_the_log_had_it(
    client: "redis.Redis", batch: int
) -> None:
    life = Life(karma=None)
    life.join("ann", "bob")
    life.now += 10 * DAY_MS
    before = life.say("karma.given", "ann", to=["bob"], amount=1)
    life.now -= 9 * DAY_MS
    life.rules("2026-03-04", karma=KARMA)
    life.now += 9 * DAY_MS
    after = life.say("karma.given", "ann", to=["bob"], amount=1)
    folding = Folding(client).fold(*life.log, batch=batch)
    folding.restart()
    again = life.say("karma.given", "ann", to=["bob"], amount=1)
    answers = folding.fold(life.log[-1], batch=batch).answers
    assert [code(answers, each) for each in (before, after, again)] == ["KARMA_OFF", "accepted", "accepted"]
    lines = answers.karma.statement(MemberId("bob"), now=Instant(life.now))["lines"]
    assert [line["at"] for line in lines if line["what"] == "ALLOWANCE_GRANTED"] == ["2026-03-11T03:00:00.001Z"]

"""Requests for rewards: what is held, what comes back, what each stage allows, and every refusal with its text."""

# ruff: noqa: E501 - a refusal is one line

from typing import Any

import pytest

from engine.ledger.persons import Person, Presence
from engine.ledger.redemption import Redemption, Stage
from schemas.words import MemberId
from tests.ledger.bench import Bench, moment, policy

START = moment("2026-03-01 00:00")
DAY = 86_400_000
KARMA: dict[str, Any] = {
    "worth": "0.10 EUR",
    "allowance": {"per": "month", "karma": 1000},
    "redeem": {"limits": [{"per": "month", "worth": "50 EUR"}]},
}
SHOP: dict[str, Any] = {
    "card": {"price": 250, "stock": 2, "approval": "required", "expires": "14d"},
    "book": {"price": 120, "for": ["colleague"], "pay_from": ["allowance", "earned"]},
    "tea": {"price": 5, "pay_from": ["allowance", "earned"]},
    "desk": {"price": 10, "for": ["self"]},
}


def bench(shop: dict[str, Any] = SHOP, **karma: Any) -> Bench:
    """Ben has earned 600."""
    org = Bench(policy(START, 1, karma=KARMA | karma, shop=shop), at=START)
    org.done("karma.given", "anna", to=["ben"], amount=600)
    return org


@pytest.fixture
def org() -> Bench:
    return bench()


def test_a_request_holds_its_price_and_a_piece_and_fulfilling_redeems_it(org: Bench) -> None:
    card = org.done("reward.requested", "ben", reward="card")
    assert org.has("ben") == {"allowance": 1000, "earned": 350, "escrow": 250, "issuance": -1000}
    assert org.state.stocks == {"card": -1}
    org.done("reward.approved", "cleo", request=card)
    org.done("reward.fulfilled", "office", request=card)
    assert org.has("ben") == {"allowance": 1000, "earned": 350, "redeemed": 250, "issuance": -1000}
    assert org.state.redemptions[card].stage is Stage.FULFILLED


@pytest.mark.parametrize(
    ("kind", "sender", "stage"),
    [("reward.declined", "cleo", Stage.DECLINED), ("reward.cancelled", "ben", Stage.CANCELLED)],
)
def test_what_is_declined_or_cancelled_comes_back_whole(org: Bench, kind: str, sender: str, stage: Stage) -> None:
    before = org.purse("ben").balances
    card = org.done("reward.requested", "ben", reward="card")
    org.done(kind, sender, request=card)
    assert (org.purse("ben").balances, org.state.stocks, org.state.redemptions[card].stage) == (
        before,
        {"card": 0},
        stage,
    )
    for _ in range(2):  # neither for the stock nor for the limit by worth
        org.done("reward.requested", "ben", reward="card")


def test_an_approved_request_can_still_be_declined(org: Bench) -> None:
    card = org.done("reward.requested", "ben", reward="card")
    org.done("reward.approved", "cleo", request=card)
    org.done("reward.declined", "cleo", request=card)
    assert org.has("ben")["earned"] == 600


def test_a_request_that_nobody_approved_in_time_expires(org: Bench) -> None:
    card = org.done("reward.requested", "ben", reward="card")
    org.at += 14 * DAY - 1
    assert org.refused("reward.expired", "karmalog", request=card) == "NOT_DUE: the request is not past a deadline"
    org.at += 1
    text = "TOO_LATE_TO_APPROVE: the request has waited too long and expires"
    assert org.refused("reward.approved", "cleo", request=card) == text
    org.done("reward.expired", "karmalog", request=card)
    assert (org.has("ben")["earned"], org.state.stocks) == (600, {"card": 0})


def test_without_approval_a_reward_is_at_once_to_be_handed_out(org: Bench) -> None:
    desk = org.done("reward.requested", "ben", reward="desk")
    text = "TOO_LATE_TO_CANCEL: the request is approved already; ask for it to be declined"
    assert org.refused("reward.cancelled", "ben", request=desk) == text
    assert org.refused("reward.expired", "karmalog", request=desk) == "NOT_DUE: the request is not past a deadline"
    org.done("reward.fulfilled", "office", request=desk)


def test_a_present_is_paid_from_the_allowance_where_the_reward_says_so(org: Bench) -> None:
    book = org.done("reward.requested", "ben", reward="book", for_="cleo")
    assert org.has("ben") == {"allowance": 880, "earned": 600, "escrow": 120, "issuance": -1000}
    org.done("reward.declined", "anna", request=book)
    assert org.has("ben") == {"allowance": 1000, "earned": 600, "issuance": -1000}
    org.done("reward.requested", "ben", reward="book", for_="cleo", pay_from="earned")
    assert org.has("ben")["earned"] == 480


def test_an_allowance_that_comes_back_after_its_period_has_expired(org: Bench) -> None:
    book = org.done("reward.requested", "ben", reward="book", for_="cleo")
    org.at = moment("2026-04-01 00:00")
    org.done("reward.declined", "anna", request=book)
    assert org.has("ben") == {"allowance": 1000, "earned": 600, "issuance": -2000, "expired": 1000}


def test_for_oneself_a_reward_is_paid_from_what_was_earned_where_nothing_is_said(org: Bench) -> None:
    org.done("reward.requested", "ben", reward="tea")
    org.done("reward.requested", "ben", reward="tea", for_="cleo")
    assert (org.has("ben")["earned"], org.has("ben")["allowance"]) == (595, 995)


REFUSED = [
    ("nobody", {"reward": "card"}, "SENDER_UNKNOWN: nobody here is called nobody; only members request rewards"),
    ("gone", {"reward": "card"}, "SENDER_FORMER: gone has left; only members request rewards"),
    ("robot", {"reward": "card"}, "SENDER_BOT: robot is a bot; only members request rewards"),
    ("ben", {"reward": "crad"}, "REWARD_UNKNOWN: `crad` is not in the shop; did you mean `card`?"),
    ("ben", {"reward": "book"}, "NOT_FOR_ONESELF: it is a present for colleagues: name one in `for`"),
    ("ben", {"reward": "book", "for_": "b.miller"}, "NOT_FOR_ONESELF: it is a present for colleagues: name one in `for`"),
    ("ben", {"reward": "book", "for_": "Ben"}, "NOT_FOR_ONESELF: it is a present for colleagues: name one in `for`"),
    ("ben", {"reward": "desk", "for_": "cleo"}, "NOT_FOR_OTHERS: it can be requested for oneself alone: leave `for` out"),
    ("ben", {"reward": "card", "for_": "nobody"}, "RECEIVER_UNKNOWN: nobody here is called nobody"),
    ("ben", {"reward": "card", "for_": "gone"}, "RECEIVER_FORMER: gone has left"),
    ("ben", {"reward": "card", "for_": "robot"}, "RECEIVER_BOT: robot is a bot; karma is for people"),
    ("ben", {"reward": "tea", "pay_from": "allowance"}, "NOT_PAID_SO: an allowance is to be given away, never spent on oneself"),
    ("ben", {"reward": "card", "pay_from": "allowance", "for_": "cleo"}, "NOT_PAID_SO: it cannot be paid from `allowance`; expected earned"),
    ("cleo", {"reward": "card"}, "OVER_EARNED: this costs 250 karma, and you have 0 earned"),
    ("dan", {"reward": "book", "for_": "ben"}, "OVER_ALLOWANCE: this costs 120 karma, and you have 100 left to give"),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "said", "text"), REFUSED)
def test_a_reward_that_cannot_be_requested_is_refused_with_its_reason(
    org: Bench, sender: str, said: dict[str, str], text: str
) -> None:
    org.know("b.miller", org.state.people["ben"])
    org.know("gone", Person(MemberId("gone"), Presence.FORMER))
    org.know("robot", Person(MemberId("robot"), Presence.BOT))
    org.done("karma.given", "dan", to=["anna"], amount=900)
    assert org.refused("reward.requested", sender, **said) == text


def test_a_reward_that_is_paid_from_the_allowance_alone_is_for_others() -> None:
    org = bench({"pen": {"price": 5, "pay_from": ["allowance"]}})
    text = "NOT_PAID_SO: it is paid from the allowance, which is never spent on oneself"
    assert org.refused("reward.requested", "ben", reward="pen") == text


def test_karma_buys_only_for_others_where_the_rulebook_says_so() -> None:
    org = bench(redeem_for_self=False)
    text = "NOT_FOR_ONESELF: karma buys only for others here: name a colleague in `for`"
    assert org.refused("reward.requested", "ben", reward="card") == text
    org.done("reward.requested", "ben", reward="card", for_="cleo")


def test_nothing_is_requested_where_there_is_no_karma() -> None:
    text = "KARMA_OFF: there is no karma here: no rulebook in force has a `karma` section"
    org = Bench(policy(START, 1, shop=SHOP), at=START)
    assert org.refused("reward.requested", "ben", reward="card") == text


# --- stock -------------------------------------------------------------------------------------------------


def test_a_stock_is_requested_to_its_last_piece_and_restocked() -> None:
    org = bench({"cup": {"price": 5, "stock": 1}})
    assert org.refused("reward.restocked", "office", reward="cap", pieces=1).startswith("REWARD_UNKNOWN")
    org.done("reward.requested", "ben", reward="cup")
    assert org.refused("reward.requested", "ben", reward="cup") == "OUT_OF_STOCK: there is no piece of `cup` left"
    org.done("reward.restocked", "office", reward="cup", pieces=1)
    org.done("reward.requested", "ben", reward="cup")
    assert org.refused("reward.requested", "ben", reward="cup") == "OUT_OF_STOCK: there is no piece of `cup` left"


def test_a_stock_is_what_the_first_version_said_that_gave_it_one() -> None:
    def book(start: int, cup: dict[str, Any]) -> Any:
        return policy(moment(f"2026-03-{start:02} 00:00"), start, karma=KARMA, shop={"cup": {"price": 1} | cup})

    org = Bench(
        book(1, {}), book(2, {"stock": 2}), book(3, {"stock": 50}), book(4, {}), book(5, {"stock": 9}), at=START
    )
    org.done("karma.given", "anna", to=["ben"], amount=600)
    assert org.refused("reward.restocked", "office", reward="cup", pieces=1) == (
        "NOT_STOCKED: `cup` has no stock: there are as many as are requested"
    )
    for day in (1, 2, 3, 4):  # on the first and the fourth none is taken from a stock
        org.at = moment(f"2026-03-{day:02} 08:00")
        org.done("reward.requested", "ben", reward="cup")
    org.at = moment("2026-03-05 08:00")
    assert org.refused("reward.requested", "ben", reward="cup").startswith("OUT_OF_STOCK")


@pytest.mark.parametrize("pieces", [0, -1, 0.5, "5", True, None])
def test_only_a_whole_number_of_pieces_is_restocked(org: Bench, pieces: Any) -> None:
    said = "NOT_AN_AMOUNT: expected a whole number from 1 to 1000000 as `pieces`, got "
    assert org.refused("reward.restocked", "office", reward="card", pieces=pieces).startswith(said)


# --- stages ------------------------------------------------------------------------------------------------

ENDS = {
    Stage.FULFILLED: ("reward.fulfilled", "office"),
    Stage.DECLINED: ("reward.declined", "cleo"),
    Stage.CANCELLED: ("reward.cancelled", "ben"),
    Stage.EXPIRED: ("reward.expired", "karmalog"),
}
ALL = [*ENDS.values(), ("reward.approved", "cleo")]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("kind", "sender"), ALL)
def test_of_an_ended_request_nothing_more_becomes(org: Bench, end: Stage, kind: str, sender: str) -> None:
    card = org.done("reward.requested", "ben", reward="card")
    if end is Stage.FULFILLED:
        org.done("reward.approved", "cleo", request=card)
    if end is Stage.EXPIRED:
        org.at += 14 * DAY
    org.done(*ENDS[end], request=card)
    assert org.refused(kind, sender, request=card) == f"REQUEST_OVER: the request was {end.lower()} already"


@pytest.mark.parametrize(("kind", "sender"), ALL)
def test_a_request_that_nobody_made_is_unknown(org: Bench, kind: str, sender: str) -> None:
    assert org.refused(kind, sender, request="e0") == "REQUEST_UNKNOWN: there is no such request for a reward"


def test_a_stage_that_cannot_be_is_refused_with_its_reason(org: Bench) -> None:
    org.know("b.miller", org.state.people["ben"])
    card = org.done("reward.requested", "ben", reward="card", for_="cleo")
    own = "OWN_REQUEST: it is your own request: somebody else has to approve it"
    for sender in ("ben", "b.miller", "BEN", "cleo"):
        assert org.refused("reward.approved", sender, request=card) == own
    assert org.refused("reward.fulfilled", "office", request=card) == "NOT_APPROVED: the request waits for approval"
    text = "NOT_YOUR_REQUEST: it is somebody else's request; they can cancel it"
    assert org.refused("reward.cancelled", "cleo", request=card) == text
    org.done("reward.approved", "dan", request=card)
    assert org.refused("reward.approved", "dan", request=card) == "ALREADY_APPROVED: the request is approved already"


# --- limits by worth, and budgets --------------------------------------------------------------------------


def test_one_person_gets_rewards_up_to_a_worth_in_each_window_whoever_pays(org: Bench) -> None:
    org.done("reward.requested", "ben", reward="card")
    org.done("karma.given", "anna", to=["cleo"], amount=300)
    org.done("reward.requested", "cleo", reward="card", for_="ben")  # 50 of 50 EUR
    text = "OVER_BENEFIT_LIMIT: ben may get rewards worth 0.00 of 50 EUR more this month; this is worth 0.50"
    assert org.refused("reward.requested", "ben", reward="tea") == text
    org.done("reward.requested", "ben", reward="tea", for_="cleo")
    org.at = moment("2026-04-01 00:00")
    org.done("reward.requested", "ben", reward="tea")


def test_a_limit_by_worth_counts_what_a_reward_was_worth_when_it_was_requested() -> None:
    shop = {"tea": {"price": 300}}
    dear = KARMA | {"worth": "0.16 EUR"}
    org = Bench(
        policy(START, 1, karma=KARMA, shop=shop), policy(moment("2026-03-02 00:00"), 2, karma=dear, shop=shop), at=START
    )
    org.done("karma.given", "anna", to=["ben"], amount=600)
    org.done("reward.requested", "ben", reward="tea")
    org.at = moment("2026-03-02 00:00")
    text = "OVER_BENEFIT_LIMIT: ben may get rewards worth 20.00 of 50 EUR more this month; this is worth 48.00"
    assert org.refused("reward.requested", "ben", reward="tea") == text


def test_a_budget_of_what_is_redeemed_refuses_or_lets_wait() -> None:
    def org_with(at_ceiling: str) -> Bench:
        budget = {"per": "month", "redeemed": 300, "at_ceiling": at_ceiling}
        org = bench({"card": {"price": 250}}, redeem={}, budgets=[budget])
        org.done("reward.requested", "ben", reward="card")
        return org

    text = "OVER_BUDGET: the organisation has 50 of 300 karma left to be redeemed this month; this takes 250"
    assert org_with("refuse").refused("reward.requested", "ben", reward="card") == text
    org = org_with("queue")
    card = org.done("reward.requested", "ben", reward="card")
    text = "BUDGET_WAITS: the budget has room for it from 2026-04-01 on"
    assert org.refused("reward.fulfilled", "office", request=card) == text
    org.at = moment("2026-04-01 00:00")
    org.done("reward.fulfilled", "office", request=card)


def test_what_is_declined_leaves_its_budget() -> None:
    org = bench({"card": {"price": 250}}, redeem={}, budgets=[{"per": "month", "redeemed": 300}])
    for _ in range(3):
        card = org.done("reward.requested", "ben", reward="card")
        org.done("reward.declined", "cleo", request=card)


def test_a_redemption_comes_back_from_the_store_as_it_was(org: Bench) -> None:
    for said in ({"reward": "card"}, {"reward": "book", "for_": "cleo"}):
        ident = org.done("reward.requested", "ben", **said)
        kept = org.state.redemptions[ident]
        assert Redemption.load(kept.dump()) == kept

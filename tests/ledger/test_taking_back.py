"""Taking gifts back: withdrawn within a day, voided at any time, and what becomes of karma that was spent."""

import pytest

from tests.ledger.bench import Bench, moment, policy
from tests.ledger.test_gifts import HOUR, KARMA, NOON, START, bench, give, not_given


@pytest.fixture
def org() -> Bench:
    """A company with every limit."""
    return bench()


def test_a_gift_is_withdrawn_within_a_day_and_counts_for_no_limit_any_more(org: Bench) -> None:
    gift = give(org, "anna", ["ben", "cleo"], 45)
    org.at = NOON + 24 * HOUR
    org.done("karma.withdrawn", "anna", gift=gift)
    assert org.has("anna")["allowance"] == 100
    assert "earned" not in org.has("ben") | org.has("cleo")
    give(org, "anna", "ben", 50)  # neither for one receiver nor for what ben receives
    assert org.refused("karma.withdrawn", "anna", gift=gift) == "GIFT_OVER: the gift was withdrawn already"


def test_a_boost_is_withdrawn_like_a_gift_and_stays_when_the_gift_goes(org: Bench) -> None:
    gift = give(org, "anna", "ben", 10)
    boost = org.done("karma.boosted", "dan", gift=gift, amount=5)
    org.done("karma.withdrawn", "anna", gift=gift)
    assert org.has("ben")["earned"] == 5
    org.done("karma.withdrawn", "dan", gift=boost)
    assert "earned" not in org.has("ben")


def test_a_gift_that_cannot_be_withdrawn_is_refused_with_its_reason(org: Bench) -> None:
    gift = give(org, "anna", ["ben", "cleo"], 45)

    def refusal(sender: str = "anna", gift: str = gift) -> str:
        return org.refused("karma.withdrawn", sender, gift=gift)

    assert refusal("ben") == "NOT_YOUR_GIFT: it is somebody else's gift; its giver can withdraw it"
    assert refusal(gift="e0") == "GIFT_UNKNOWN: there is no such gift"
    assert refusal("nobody") == "SENDER_UNKNOWN: nobody here is called nobody; only members withdraw gifts"
    org.at = NOON + 24 * HOUR + 1
    assert refusal() == "TOO_LATE_TO_WITHDRAW: a gift can be withdrawn within 24 hours; ask an admin to void it"


def test_what_comes_back_after_its_period_has_expired_as_it_would_have(org: Bench) -> None:
    org.at = moment("2026-03-31 23:00")
    gift = give(org, "anna", "ben", 30)
    org.at = moment("2026-04-01 01:00")
    org.done("karma.withdrawn", "anna", gift=gift)
    assert org.has("anna") == {"allowance": 100, "issuance": -400, "expired": 300}


def spent() -> tuple[Bench, str]:
    """Ben has requested a reward with 30 of the 40 karma that anna gave."""
    shop = {"book": {"price": 30, "approval": "required"}}
    org = Bench(policy(START, 1, karma=KARMA, shop=shop), at=NOON)
    gift = give(org, "anna", "ben", 40)
    org.done("reward.requested", "ben", reward="book")
    return org, gift


def test_a_gift_that_was_spent_is_not_withdrawn() -> None:
    org, gift = spent()
    text = "GIFT_SPENT: ben has spent of it already; ask an admin to void it"
    assert org.refused("karma.withdrawn", "anna", gift=gift) == text


def test_a_voided_gift_comes_back_whole_and_what_was_spent_is_owed() -> None:
    org, gift = spent()
    org.at += 100 * HOUR
    org.done("event.voided", "admin", id=gift)
    assert org.has("anna")["allowance"] == 100
    assert {kind: org.has("ben").get(kind) for kind in ("earned", "escrow", "owed")} == {
        "earned": None,
        "escrow": 30,
        "owed": -30,
    }
    assert org.refused("event.voided", "admin", id=gift) == "GIFT_OVER: the gift was voided already"
    assert org.refused("event.voided", "admin", id="e0") == "GIFT_UNKNOWN: there is no such gift"


def test_what_comes_in_pays_first_what_is_owed() -> None:
    org, gift = spent()
    org.done("event.voided", "admin", id=gift)
    give(org, "cleo", "ben", 20)
    assert (org.has("ben")["owed"], org.has("ben").get("earned")) == (-10, None)
    give(org, "cleo", "ben", 25)
    assert (org.has("ben").get("owed"), org.has("ben")["earned"]) == (None, 15)


def test_what_comes_back_to_who_has_left_has_expired(org: Bench) -> None:
    gift = give(org, "anna", "ben", 30)
    org.done("member.left", "anna")
    org.done("event.voided", "admin", id=gift)
    assert org.has("anna") == {"issuance": -300, "expired": 300}


def test_what_a_limit_did_not_count_makes_no_room_in_it_when_it_is_withdrawn() -> None:
    with_limit = KARMA | {"gifts": {"limits": [{"per": "month", "karma": 60}]}}
    org = Bench(
        policy(START, 1, karma=KARMA | {"gifts": {}}),
        policy(moment("2026-03-11 00:00"), 2, karma=with_limit),
        at=NOON,
    )
    gift = give(org, "anna", "ben", 30, value=None)
    org.at = moment("2026-03-11 08:00")
    give(org, "anna", "ben", 60, value=None)
    org.done("karma.withdrawn", "anna", gift=gift)
    text = "OVER_GIVEN: you may give 0 of 60 karma more this month; this takes 1"
    assert not_given(org, "anna", ["ben"], 1, value=None) == text

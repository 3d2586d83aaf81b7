"""Two accounts of one person: what each had is one purse's, and what was done under the old id goes on."""

from typing import Any

from engine.ledger.persons import Person, Presence
from schemas.words import MemberId
from tests.ledger.bench import Bench, moment, policy

START = moment("2026-03-01 00:00")
KARMA: dict[str, Any] = {"allowance": {"per": "month", "karma": 100}}
SHOP = {"pen": {"price": 30, "approval": "required"}}


def bench(**gifts: Any) -> Bench:
    return Bench(policy(START, 1, karma=KARMA | {"gifts": gifts}, shop=SHOP), at=START)


def link(org: Bench, one: str, other: str) -> None:
    org.done("member.linked", one, same_as=other)
    org.know(one, Person(MemberId(other), Presence.HERE))


def test_what_an_account_had_is_the_others_and_its_allowance_expires() -> None:
    org = bench()
    org.done("karma.given", "anna", to=["cleo"], amount=50)
    org.done("reward.requested", "cleo", reward="pen")
    link(org, "cleo", "ben")
    assert org.has("ben") == {"allowance": 100, "earned": 20, "escrow": 30, "issuance": -100}
    assert org.purse("cleo").balances[:4] == (0, 0, 0, 0)
    org.at = moment("2026-05-01 00:00")
    assert org.has("cleo") == {"issuance": -100, "expired": 100}


def test_linked_accounts_give_each_other_nothing() -> None:
    org = bench()
    link(org, "cleo", "ben")
    text = "TO_ONESELF: ben is you: nobody gives karma to themselves"
    assert org.refused("karma.given", "cleo", to=["ben"], amount=5) == text


def test_what_was_done_under_the_old_id_goes_on() -> None:
    org = bench()
    gift = org.done("karma.given", "cleo", to=["anna"], amount=5)
    org.done("karma.given", "anna", to=["cleo"], amount=50)
    pen = org.done("reward.requested", "cleo", reward="pen")
    link(org, "cleo", "ben")
    own = "OWN_REQUEST: it is your own request: somebody else has to approve it"
    assert org.refused("reward.approved", "ben", request=pen) == own
    org.done("reward.cancelled", "ben", request=pen)
    assert org.has("ben")["earned"] == 50
    assert (
        org.refused("karma.boosted", "ben", gift=gift, amount=1) == "OWN_GIFT: it is your own gift: give again instead"
    )
    org.done("karma.withdrawn", "ben", gift=gift)
    assert org.has("ben")["allowance"] == 105  # both allowances had the same end


def test_a_gift_to_both_accounts_is_unspent_while_both_parts_are_there() -> None:
    org = bench()
    gift = org.done("karma.given", "anna", to=["ben", "cleo"], amount=20)
    link(org, "cleo", "ben")
    pen = org.done("reward.requested", "ben", reward="pen")
    text = "GIFT_SPENT: ben has spent of it already; ask an admin to void it"
    assert org.refused("karma.withdrawn", "anna", gift=gift) == text
    org.done("reward.cancelled", "ben", request=pen)
    org.done("karma.boosted", "dan", gift=gift, amount=1)
    assert org.has("ben")["earned"] == 41
    org.done("karma.withdrawn", "anna", gift=gift)
    assert org.has("anna")["allowance"] == 100


def test_limits_count_what_both_gave_and_got() -> None:
    org = bench(limits=[{"per": "month", "karma": 50}, {"per": "month", "karma": 60, "of": "receiver"}])
    org.done("karma.given", "cleo", to=["dan"], amount=30)
    org.done("karma.given", "dan", to=["cleo"], amount=40)
    link(org, "cleo", "ben")
    text = "OVER_GIVEN: you may give 20 of 50 karma more this month; this takes 21"
    assert org.refused("karma.given", "ben", to=["anna"], amount=21) == text
    text = "OVER_RECEIVED: ben may be given 20 of 60 karma more this month; this is 21"
    assert org.refused("karma.given", "anna", to=["ben"], amount=21) == text


def test_what_one_account_owed_is_paid_by_what_the_other_earned() -> None:
    org = bench()
    gift = org.done("karma.given", "anna", to=["cleo"], amount=30)
    org.done("reward.requested", "cleo", reward="pen")
    org.done("event.voided", "admin", id=gift)
    org.done("karma.given", "dan", to=["ben"], amount=50)
    link(org, "cleo", "ben")
    assert org.has("ben") == {"allowance": 100, "earned": 20, "escrow": 30, "issuance": -100}


def test_linking_what_is_linked_changes_nothing() -> None:
    org = bench()
    link(org, "cleo", "ben")
    before = org.state
    org.done("member.linked", "cleo", same_as="ben")
    assert org.state == before

"""Karma that rules give: where it goes, what a correction takes back, what a budget holds back."""

# ruff: noqa: E501 - a refusal is one line

from typing import Any

import pytest

from engine.ledger.persons import Person, Presence
from schemas.words import MemberId
from tests.ledger.bench import Bench, moment, policy

START = moment("2026-03-01 00:00")
MONTHLY: dict[str, Any] = {"allowance": {"per": "month", "karma": 100}}


def bench(**karma: Any) -> Bench:
    return Bench(policy(START, 1, karma=MONTHLY | karma, shop={"pen": {"price": 30}}), at=START)


def mint(org: Bench, member: str, karma: int, cause: str = "talk") -> None:
    org.done("karma.minted", "karmalog", member=member, karma=karma, cause=cause)


def not_minted(org: Bench, member: str, karma: Any, cause: str = "talk") -> str:
    return org.refused("karma.minted", "karmalog", member=member, karma=karma, cause=cause)


@pytest.mark.parametrize(("into", "before"), [("allowance", 100), ("earned", 0)])
def test_what_a_rule_gives_goes_where_the_rulebook_says(into: str, before: int) -> None:
    org = bench(earned_by_rule=into)
    mint(org, "anna", 25)
    assert org.has("anna")[into] == before + 25


def test_a_correction_posts_the_difference_and_told_twice_changes_nothing() -> None:
    org = bench()
    mint(org, "anna", 25)
    mint(org, "anna", 40)
    assert org.has("anna")["allowance"] == 140
    before = org.state
    mint(org, "anna", 40)
    assert org.state.purses == before.purses
    mint(org, "anna", 0)
    assert org.has("anna") == {"allowance": 100, "issuance": -100}


def test_a_correction_takes_from_where_it_was_given_whatever_the_rulebook_says_now() -> None:
    later = moment("2026-03-10 00:00")
    org = Bench(
        policy(START, 1, karma=MONTHLY | {"earned_by_rule": "earned"}), policy(later, 2, karma=MONTHLY), at=START
    )
    mint(org, "anna", 25)
    org.at = later
    mint(org, "anna", 15)
    assert (org.has("anna")["allowance"], org.has("anna")["earned"]) == (100, 15)


def test_what_was_spent_of_it_is_owed() -> None:
    org = bench()
    mint(org, "anna", 25)
    org.done("karma.given", "anna", to=["ben"], amount=110)
    mint(org, "anna", 0)
    assert org.has("anna") == {"owed": -10, "issuance": -100}
    assert org.has("ben")["earned"] == 110  # never taken from others
    mint(org, "anna", 12, cause="workshop")
    assert org.has("anna") == {"allowance": 2, "issuance": -112}


def test_a_penalty_takes_what_is_there_and_is_owed_beyond() -> None:
    org = bench()
    mint(org, "anna", -130)
    assert org.has("anna") == {"owed": -30, "issuance": 30}
    mint(org, "anna", 0)
    assert org.has("anna") == {"allowance": 100, "issuance": -100}


REFUSED = [
    ("nobody", 5, "RECEIVER_UNKNOWN: nobody here is called nobody"),
    ("gone", 5, "RECEIVER_FORMER: gone has left"),
    ("robot", 5, "RECEIVER_BOT: robot is a bot; karma is for people"),
    ("anna", 0.5, "NOT_AN_AMOUNT: expected a whole number of at most 1000000 in size as `karma`, got a number (0.5)"),
    ("anna", True, "NOT_AN_AMOUNT: expected a whole number of at most 1000000 in size as `karma`, got a truth value (true)"),
    ("anna", -1_000_001, "NOT_AN_AMOUNT: expected a whole number of at most 1000000 in size as `karma`, got a whole number (-1000001)"),
    ("anna", None, "NOT_AN_AMOUNT: expected a whole number of at most 1000000 in size as `karma`, got nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("member", "karma", "text"), REFUSED)
def test_what_cannot_be_minted_is_refused_with_its_reason(member: str, karma: Any, text: str) -> None:
    org = bench()
    org.know("gone", Person(MemberId("gone"), Presence.FORMER))
    org.know("robot", Person(MemberId("robot"), Presence.BOT))
    assert not_minted(org, member, karma) == text


def test_nothing_is_minted_without_karma_and_a_correction_is_possible_after_it() -> None:
    later = moment("2026-03-10 00:00")
    org = Bench(policy(START, 1, karma=MONTHLY), policy(later, 2), at=START)
    mint(org, "anna", 25)
    org.at = later
    text = "KARMA_OFF: there is no karma here: no rulebook in force has a `karma` section"
    assert not_minted(org, "anna", 5, cause="workshop") == text
    mint(org, "anna", 5)
    assert org.has("anna")["allowance"] == 105


# --- budgets -----------------------------------------------------------------------------------------------


def test_a_budget_that_refuses_is_a_ceiling_of_its_window() -> None:
    org = bench(budgets=[{"per": "month", "minted": 50}])
    mint(org, "anna", 30)
    text = "OVER_BUDGET: the organisation has 20 of 50 karma left to be minted this month; this takes 21"
    assert not_minted(org, "ben", 21, cause="b") == text
    mint(org, "ben", 20, cause="b")
    org.at = moment("2026-04-01 00:00")
    mint(org, "ben", 50, cause="c")


def test_a_refused_minting_is_no_debt_when_its_event_is_voided() -> None:
    org = bench(budgets=[{"per": "month", "minted": 50}])
    not_minted(org, "anna", 51)
    mint(org, "anna", 0)
    assert org.has("anna") == {"allowance": 100, "issuance": -100}


def test_every_group_has_the_budget_of_its_kind() -> None:
    org = bench(budgets=[{"per": "month", "minted": 50, "by": "team"}])
    org.be("anna", Presence.HERE, ("team", "red"), ("community", "go"))
    org.be("ben", Presence.HERE, ("team", "blue"))
    mint(org, "anna", 50)
    mint(org, "ben", 50, cause="b")
    mint(org, "cleo", 500, cause="c")  # belongs to no team
    text = "OVER_BUDGET: the team has 0 of 50 karma left to be minted this month; this takes 1"
    assert not_minted(org, "ben", 1, cause="d") == text


def test_a_budget_that_queues_pays_in_the_first_window_with_room() -> None:
    org = bench(earned_by_rule="earned", budgets=[{"per": "month", "minted": 50, "at_ceiling": "queue"}])
    for number, karma in enumerate((40, 30, 30, 10)):
        mint(org, "anna", karma, cause=str(number))
    # 40 and 10 in March, 30 in April, 30 in May
    assert (org.has("anna")["earned"], org.has("anna")["budget"]) == (50, 60)
    org.at = moment("2026-04-01 00:00")
    assert (org.has("anna")["earned"], org.has("anna")["budget"]) == (80, 30)
    org.at = moment("2026-05-01 00:00")
    assert (org.has("anna")["earned"], org.has("anna").get("budget")) == (110, None)
    text = "OVER_BUDGET: the organisation has 20 of 50 karma left to be minted this month; this takes 51"
    assert not_minted(org, "anna", 51, cause="f") == text  # never fits


def test_a_queue_goes_only_so_far() -> None:
    org = bench(budgets=[{"per": "month", "minted": 1, "at_ceiling": "queue"}])
    for number in range(24):
        mint(org, "anna", 1, cause=str(number))
    assert not_minted(org, "anna", 1) == "OVER_BUDGET: the budget has no room for 1 karma in the next 24 windows"


def test_a_correction_takes_first_what_the_budget_holds_back() -> None:
    org = bench(earned_by_rule="earned", budgets=[{"per": "month", "minted": 50, "at_ceiling": "queue"}])
    mint(org, "anna", 40, cause="a")
    mint(org, "anna", 30, cause="b")
    mint(org, "anna", 0, cause="b")
    assert org.has("anna") == {"allowance": 100, "earned": 40, "issuance": -140}
    org.at = moment("2026-06-01 00:00")
    assert org.has("anna")["earned"] == 40


def test_what_comes_later_pays_what_is_owed_too() -> None:
    org = bench(earned_by_rule="earned", budgets=[{"per": "month", "minted": 50, "at_ceiling": "queue"}])
    mint(org, "anna", 40, cause="a")
    org.done("reward.requested", "anna", reward="pen")
    mint(org, "anna", 30, cause="b")
    org.at = moment("2026-03-31 00:00")
    mint(org, "anna", 5, cause="a")
    # 30 of the 35 were held back by the budget still: the correction takes these first
    assert (org.has("anna").get("budget"), org.has("anna")["earned"]) == (None, 5)


def test_a_correction_takes_what_would_be_paid_last() -> None:
    org = bench(earned_by_rule="earned", budgets=[{"per": "month", "minted": 50, "at_ceiling": "queue"}])
    for cause, karma in (("a", 50), ("b", 30), ("c", 40)):
        mint(org, "anna", karma, cause=cause)  # in March, in April, in May
    mint(org, "anna", 10, cause="b")
    org.at = moment("2026-04-01 00:00")
    assert (org.has("anna")["earned"], org.has("anna")["budget"]) == (80, 20)


def test_what_a_budget_held_back_for_the_allowance_of_who_has_left_expires() -> None:
    org = bench(budgets=[{"per": "month", "minted": 50, "at_ceiling": "queue"}])
    mint(org, "anna", 50)
    mint(org, "anna", 80)
    org.done("member.left", "anna")
    org.at = moment("2026-04-01 00:00")
    assert org.has("anna") == {"issuance": -180, "expired": 180}

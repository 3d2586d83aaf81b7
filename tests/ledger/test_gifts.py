"""Giving and boosting: what each does to the accounts, and every refusal with its whole text."""

# ruff: noqa: E501 - a refusal is one line

from typing import Any

import pytest

from engine.ledger.persons import Person, Presence
from schemas.words import MemberId
from tests.ledger.bench import Bench, moment, policy

START = moment("2026-01-01 00:00")
NOON = moment("2026-03-10 12:00")
HOUR = 3_600_000
GIFTS: dict[str, Any] = {
    "suggest": [5, 10, 25],
    "values": ["help", "craft", "courage"],
    "message": "required",
    "limits": [
        {"per": "gift", "karma": 50},
        {"per": "day", "karma": 90},
        {"per": "month", "karma": 60, "same": "receiver"},
        {"per": "month", "karma": 70, "of": "receiver"},
    ],
}
KARMA: dict[str, Any] = {"allowance": {"per": "month", "karma": 100}, "gifts": GIFTS}


def bench(**changed: Any) -> Bench:
    return Bench(policy(START, 1, karma={**KARMA, **changed}), at=NOON)


@pytest.fixture
def org() -> Bench:
    """A company with every limit."""
    return bench()


@pytest.fixture
def free() -> Bench:
    """A company without limits, values or messages."""
    return bench(gifts={})


def give(org: Bench, sender: str, to: list[str] | str, amount: Any = 10, **said: Any) -> str:
    words = {"value": "help", "message": "a text"} | said
    return org.done("karma.given", sender, to=[to] if isinstance(to, str) else to, amount=amount, **words)


def not_given(org: Bench, sender: str, to: Any, amount: Any = 10, **said: Any) -> str:
    words = {"value": "help", "message": "a text"} | said
    return org.refused("karma.given", sender, to=to, amount=amount, **words)


# --- giving ------------------------------------------------------------------------------------------------


def test_a_gift_moves_karma_from_the_allowance_to_what_the_receiver_has_earned(org: Bench) -> None:
    give(org, "anna", "ben", 25)
    assert org.has("anna") == {"allowance": 75, "issuance": -300, "expired": 200}  # January and February were not given
    assert org.has("ben") == {"allowance": 100, "earned": 25, "issuance": -300, "expired": 200}


def test_a_gift_to_several_gives_the_amount_to_each(org: Bench) -> None:
    give(org, "anna", ["ben", "cleo"], 20)
    assert (org.has("anna")["allowance"], org.has("ben")["earned"], org.has("cleo")["earned"]) == (60, 20, 20)


def test_a_linked_account_is_the_same_member(org: Bench) -> None:
    org.know("b.miller", Person(MemberId("ben"), Presence.HERE))
    give(org, "anna", "b.miller", 5)
    assert org.has("ben")["earned"] == 5


REFUSED = [
    ("anna", ["anna"], {}, "TO_ONESELF: anna is you: nobody gives karma to themselves"),
    ("anna", ["ben", "anna"], {}, "TO_ONESELF: anna is you: nobody gives karma to themselves"),
    ("anna", ["a.smith"], {}, "TO_ONESELF: a.smith is you: nobody gives karma to themselves"),
    ("a.smith", ["anna"], {}, "TO_ONESELF: anna is you: nobody gives karma to themselves"),
    ("a.smith", ["A.Smith"], {}, "TO_ONESELF: A.Smith is you: nobody gives karma to themselves"),
    ("anna", ["ANNA"], {}, "TO_ONESELF: ANNA is you: nobody gives karma to themselves"),
    ("anna", ["ａｎｎａ"], {}, "TO_ONESELF: ａｎｎａ is you: nobody gives karma to themselves"),
    ("anna", ["team:red"], {}, "TO_OWN_GROUP: you belong to team:red: name its other members one by one"),
    ("anna", ["team:blue"], {}, "TO_GROUP: team:blue is a group: name its members one by one"),
    ("anna", ["nobody"], {}, "RECEIVER_UNKNOWN: nobody here is called nobody"),
    ("anna", ["gone"], {}, "RECEIVER_FORMER: gone has left"),
    ("anna", ["robot"], {}, "RECEIVER_BOT: robot is a bot; karma is for people"),
    ("anna", ["ben", "b.miller"], {}, "RECEIVER_TWICE: ben and b.miller are one member: name them once"),
    ("anna", [], {}, "NO_RECEIVER: nobody is named: write the members into `to`, as a list"),
    ("anna", "ben", {}, "NO_RECEIVER: nobody is named: write the members into `to`, as a list"),
    ("anna", ["ben", 5], {}, "NO_RECEIVER: nobody is named: write the members into `to`, as a list"),
    ("nobody", ["ben"], {}, "SENDER_UNKNOWN: nobody here is called nobody; only members give karma"),
    ("gone", ["ben"], {}, "SENDER_FORMER: gone has left; only members give karma"),
    ("robot", ["ben"], {}, "SENDER_BOT: robot is a bot; only members give karma"),
    ("anna", ["ben"], {"value": None}, "VALUE_MISSING: say what it is for: `value` is one of help, craft, courage"),
    ("anna", ["ben"], {"value": "krafts"}, "VALUE_UNKNOWN: `krafts` is no value here; did you mean `craft`?"),
    ("anna", ["ben"], {"message": None}, "MESSAGE_MISSING: write a `message`: what did they do?"),
    ("anna", ["ben"], {"amount": 51}, "OVER_GIFT: one gift is at most 50 karma, this one is 51"),
    ("anna", ["ben", "cleo", "dan"], {"amount": 31}, "OVER_GIVEN: you may give 90 of 90 karma more this day; this takes 93"),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "to", "said", "text"), REFUSED)
def test_a_gift_that_cannot_be_is_refused_with_its_reason(
    org: Bench, sender: str, to: Any, said: Any, text: str
) -> None:
    org.be("anna", Presence.HERE, ("team", "red"))
    org.know("a.smith", org.state.people["anna"])
    org.know("b.miller", org.state.people["ben"])
    org.know("gone", Person(MemberId("gone"), Presence.FORMER))
    org.know("robot", Person(MemberId("robot"), Presence.BOT))
    for team in ("red", "blue"):
        org.know(f"team:{team}", Person(MemberId(f"team:{team}"), Presence.GROUP, groups=frozenset({("team", team)})))
    assert not_given(org, sender, to, **said) == text


HOSTILE_IDS = {
    "": "RECEIVER_UNKNOWN",
    "an\0na": "RECEIVER_UNKNOWN",
    "an:na": "RECEIVER_UNKNOWN",
    "{anna}": "RECEIVER_UNKNOWN",
    "*": "RECEIVER_UNKNOWN",
    "anna\r\n": "RECEIVER_UNKNOWN",
    "\N{RIGHT-TO-LEFT OVERRIDE}anna": "RECEIVER_UNKNOWN",
    "an\N{ZERO WIDTH SPACE}na": "RECEIVER_UNKNOWN",
    "\N{CYRILLIC SMALL LETTER A}nna": "RECEIVER_UNKNOWN",
    "re\N{LATIN SMALL LETTER N WITH ACUTE}e": "TO_ONESELF",
    "ren\N{COMBINING ACUTE ACCENT}e": "TO_ONESELF",
    "RE\N{LATIN CAPITAL LETTER N WITH ACUTE}E": "TO_ONESELF",
}


@pytest.mark.parametrize(("said", "code"), HOSTILE_IDS.items(), ids=map(ascii, HOSTILE_IDS))
def test_no_spelling_of_an_id_leads_to_oneself(org: Bench, said: str, code: str) -> None:
    sender = "re\N{LATIN SMALL LETTER N WITH ACUTE}e"
    org.know(sender, Person(MemberId(sender), Presence.HERE))
    assert not_given(org, sender if code == "TO_ONESELF" else "anna", [said]).startswith(f"{code}: ")


AMOUNTS = [
    (0, "a whole number (0)"),
    (-1, "a whole number (-1)"),
    (0.5, "a number (0.5)"),
    (5.0, "a number (5.0)"),
    (1e3, "a number (1000.0)"),
    ("5", "a text (5)"),
    (2**53, "a whole number (9007199254740992)"),
    (2**63, "a whole number (9223372036854775808)"),
    (1_000_001, "a whole number (1000001)"),
    (True, "a truth value (true)"),
    (None, "nothing"),
    (float("nan"), "a number (nan)"),
    ([5], "a list"),
    ({"amount": 5}, "a mapping"),
]


@pytest.mark.parametrize(("amount", "shown"), AMOUNTS)
def test_only_a_whole_number_above_zero_is_an_amount(org: Bench, amount: Any, shown: str) -> None:
    said = f"NOT_AN_AMOUNT: expected a whole number from 1 to 1000000 as `amount`, got {shown}"
    assert not_given(org, "anna", ["ben"], amount) == said
    assert org.refused("karma.boosted", "anna", gift="e1", amount=amount) == said


def test_an_allowance_is_given_away_once(free: Bench) -> None:
    give(free, "anna", ["ben", "cleo"], 40, value=None)
    text = "OVER_ALLOWANCE: this takes 21 karma, and you have 20 left to give"
    assert not_given(free, "anna", ["ben"], 21, value=None) == text
    assert not_given(free, "anna", ["ben", "cleo", "dan"], 7, value=None) == text
    give(free, "anna", "ben", 20, value=None)


def test_what_was_received_cannot_be_given_on(free: Bench) -> None:
    give(free, "anna", "ben", 100, value=None)
    text = "OVER_ALLOWANCE: this takes 101 karma, and you have 100 left to give"
    assert not_given(free, "ben", ["cleo"], 101, value=None) == text


def test_a_value_that_nobody_declared_is_refused_where_there_are_none(free: Bench) -> None:
    text = "VALUE_UNKNOWN: `help` is no value here; none is declared yet: add it"
    assert not_given(free, "anna", ["ben"]) == text


def test_a_message_is_refused_where_there_is_none() -> None:
    org = bench(gifts={"message": "none"})
    text = "MESSAGE_UNWANTED: gifts have no message here: leave it out"
    assert not_given(org, "anna", ["ben"], value=None) == text
    give(org, "anna", "ben", value=None, message=None)


def test_nothing_is_given_where_there_is_no_karma() -> None:
    text = "KARMA_OFF: there is no karma here: no rulebook in force has a `karma` section"
    assert not_given(Bench(policy(START, 1), at=NOON), "anna", ["ben"]) == text
    assert not_given(Bench(at=NOON), "anna", ["ben"]) == text
    assert not_given(Bench(policy(NOON + 1, 1, karma=KARMA), at=NOON), "anna", ["ben"]) == text


def test_a_limit_counts_what_one_gives_to_one_receiver(org: Bench) -> None:
    give(org, "anna", "ben", 50)
    text = "OVER_SAME_RECEIVER: you may give ben 10 of 60 karma more this month; this is 11"
    assert not_given(org, "anna", ["cleo", "ben"], 11) == text
    give(org, "anna", ["cleo", "ben"], 10)


def test_a_limit_counts_what_one_receives_from_everybody(org: Bench) -> None:
    give(org, "anna", "ben", 50)
    text = "OVER_RECEIVED: ben may be given 20 of 70 karma more this month; this is 21"
    assert not_given(org, "cleo", ["ben"], 21) == text
    give(org, "cleo", "ben", 20)


def test_limits_begin_anew_with_their_windows(org: Bench) -> None:
    give(org, "anna", ["ben", "cleo"], 45)
    assert not_given(org, "anna", ["dan"], 1).startswith("OVER_GIVEN: you may give 0 of 90 karma more this day")
    org.at = moment("2026-03-11 00:00")
    give(org, "anna", "dan", 10)
    org.at = moment("2026-04-01 00:00")
    give(org, "anna", ["ben", "cleo"], 45)


def test_a_limit_that_is_taken_out_and_put_back_counts_from_nothing() -> None:
    with_limit, without = {"limits": [{"per": "month", "karma": 60}]}, {}
    org = Bench(
        policy(START, 1, karma=KARMA | {"gifts": with_limit}),
        policy(moment("2026-03-11 00:00"), 2, karma=KARMA | {"gifts": without}),
        policy(moment("2026-03-12 00:00"), 3, karma=KARMA | {"gifts": with_limit}),
        at=NOON,
    )
    give(org, "anna", "ben", 60, value=None)
    org.at = moment("2026-03-12 00:00")
    give(org, "anna", "ben", 40, value=None)


# --- boosting ----------------------------------------------------------------------------------------------


def test_a_boost_adds_to_what_every_receiver_of_a_gift_has_earned(org: Bench) -> None:
    gift = give(org, "anna", ["ben", "cleo"], 10)
    org.done("karma.boosted", "dan", gift=gift, amount=5)
    assert (org.has("ben")["earned"], org.has("cleo")["earned"], org.has("dan")["allowance"]) == (15, 15, 90)


def test_a_boost_that_cannot_be_is_refused_with_its_reason(org: Bench) -> None:
    gift = give(org, "anna", ["ben", "cleo"], 45)

    def refusal(sender: str, amount: int = 5, gift: str = gift) -> str:
        return org.refused("karma.boosted", sender, gift=gift, amount=amount)

    assert refusal("anna") == "OWN_GIFT: it is your own gift: give again instead"
    assert refusal("ben") == "TO_ONESELF: it is a gift to you: nobody gives karma to themselves"
    assert refusal("dan", gift="e0") == "GIFT_UNKNOWN: there is no such gift"
    assert refusal("dan", 51) == "OVER_GIFT: one gift is at most 50 karma, this one is 51"
    assert refusal("dan", 46) == "OVER_GIVEN: you may give 90 of 90 karma more this day; this takes 92"
    assert refusal("dan", 26) == "OVER_RECEIVED: ben may be given 25 of 70 karma more this month; this is 26"
    assert refusal("nobody") == "SENDER_UNKNOWN: nobody here is called nobody; only members give karma"
    org.be("cleo", Presence.FORMER)
    assert refusal("dan") == "RECEIVER_FORMER: cleo has left"
    org.done("event.voided", "admin", id=gift)
    assert refusal("dan") == "GIFT_OVER: the gift was voided already"

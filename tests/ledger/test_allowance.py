"""When allowances come and go: periods, joining and leaving, versions of the rulebook, and karma that expires."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ledger.accounts import Kind
from engine.ledger.passing import passed, share_of
from engine.ledger.persons import Person, Presence
from engine.ledger.policies import NO_END, Timeline
from engine.ledger.purse import Coming, Lot, Purse
from schemas.words import Instant, MemberId, Position
from tests.ledger.bench import Bench, moment, policy

START = moment("2026-01-01 00:00")
MONTHLY: dict[str, Any] = {"allowance": {"per": "month", "karma": 100}}
DAY = 86_400_000


def told(purse: Purse, timeline: Timeline, at: Instant) -> list[tuple[str, str, int]]:
    """What time alone posts: when, what, how much."""
    return [(day(each.at), each.what.value, each.amount) for each in passed(purse, timeline, at)[1]]


def day(at: int) -> str:
    return str(datetime.fromtimestamp(at / 1_000, UTC))[:16]


def newcomer(org: Bench, name: str, at: str, joined: str | None = None) -> None:
    org.at = moment(at)
    org.know(name, Person(MemberId(name), Presence.HERE, org.at))
    org.joins(name, moment(joined or at))


# --- periods -----------------------------------------------------------------------------------------------


def test_an_allowance_is_set_at_the_start_of_each_period_and_what_is_left_expires() -> None:
    timeline = Timeline(policy(START, 1, karma=MONTHLY))
    assert told(Purse(MemberId("anna"), START), timeline, moment("2026-03-15 00:00")) == [
        ("2026-01-01 00:00", "ALLOWANCE_GRANTED", 100),
        ("2026-02-01 00:00", "ALLOWANCE_EXPIRED", 100),
        ("2026-02-01 00:00", "ALLOWANCE_GRANTED", 100),
        ("2026-03-01 00:00", "ALLOWANCE_EXPIRED", 100),
        ("2026-03-01 00:00", "ALLOWANCE_GRANTED", 100),
    ]


def test_periods_begin_at_local_midnight() -> None:
    timeline = Timeline(policy(START, 1, timezone="Europe/Berlin", karma=MONTHLY))
    before, after = (
        told(Purse(MemberId("a"), START), timeline, moment(f"2026-03-31 {at}")) for at in ("21:59", "22:00")
    )
    assert after[len(before) :] == [
        ("2026-03-31 22:00", "ALLOWANCE_EXPIRED", 100),
        ("2026-03-31 22:00", "ALLOWANCE_GRANTED", 100),
    ]


def test_who_was_there_before_karma_has_the_whole_from_its_first_day_on() -> None:
    timeline = Timeline(policy(moment("2026-02-10 00:00"), 1, karma=MONTHLY))
    assert told(Purse(MemberId("a"), START), timeline, moment("2026-02-20 00:00")) == [
        ("2026-02-10 00:00", "ALLOWANCE_GRANTED", 100)
    ]


def test_another_allowance_begins_when_the_running_one_ends() -> None:
    timeline = Timeline(
        policy(START, 1, karma=MONTHLY),
        policy(moment("2026-01-10 00:00"), 2, karma={"allowance": {"per": "week", "karma": 30}}),
    )
    assert told(Purse(MemberId("a"), START), timeline, moment("2026-02-09 00:00")) == [
        ("2026-01-01 00:00", "ALLOWANCE_GRANTED", 100),
        ("2026-02-01 00:00", "ALLOWANCE_EXPIRED", 100),
        ("2026-02-01 00:00", "ALLOWANCE_GRANTED", 30),  # a Sunday: the whole of the week that it lies in
        ("2026-02-02 00:00", "ALLOWANCE_EXPIRED", 30),
        ("2026-02-02 00:00", "ALLOWANCE_GRANTED", 30),
        ("2026-02-09 00:00", "ALLOWANCE_EXPIRED", 30),
        ("2026-02-09 00:00", "ALLOWANCE_GRANTED", 30),
    ]


def test_without_an_allowance_the_running_one_ends_in_time_and_none_follows_until_there_is_one() -> None:
    timeline = Timeline(
        policy(START, 1, karma=MONTHLY),
        policy(moment("2026-01-10 00:00"), 2),
        policy(moment("2026-02-10 00:00"), 3, karma=MONTHLY),
    )
    assert told(Purse(MemberId("a"), START), timeline, moment("2026-02-20 00:00")) == [
        ("2026-01-01 00:00", "ALLOWANCE_GRANTED", 100),
        ("2026-02-01 00:00", "ALLOWANCE_EXPIRED", 100),
        ("2026-02-10 00:00", "ALLOWANCE_GRANTED", 100),
    ]


def test_what_time_alone_posts_names_the_rulebook_that_says_so() -> None:
    timeline = Timeline(policy(START, 7, karma=MONTHLY), policy(moment("2026-01-10 00:00"), 9, karma=MONTHLY))
    _, postings = passed(Purse(MemberId("a"), START), timeline, moment("2026-02-01 00:00"))
    assert [each.because for each in postings] == [7, 9, 9]


# --- joining and leaving -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("karma", "first", "after", "today", "share"),
    [
        (100, 0, 31, 0, 100),
        (100, 0, 31, 30, 3),  # 3.2
        (100, 0, 30, 15, 50),
        (1, 0, 30, 15, 0),  # a half goes to the even number
        (3, 0, 30, 15, 2),
        (100, 0, 28, 27, 4),  # 3.6
        (100, 10, 20, 3, 100),  # joined before the period
    ],
)
def test_a_share_goes_by_the_days_that_are_left(karma: int, first: int, after: int, today: int, share: int) -> None:
    assert share_of(karma, first, after, today) == share


@pytest.mark.parametrize(("on_joining", "karma"), [("share", 55), ("whole", 100), ("nothing", None)])
def test_who_joins_gets_a_share_the_whole_or_nothing_of_the_running_period(on_joining: str, karma: int | None) -> None:
    said = {"allowance": {"per": "month", "karma": 100, "on_joining": on_joining}}
    org = Bench(policy(START, 1, karma=said), at=START)
    newcomer(org, "eve", "2026-01-15 13:00")  # 17 of 31 days
    assert org.has("eve").get("allowance") == karma
    org.at = moment("2026-02-01 00:00")
    assert org.has("eve")["allowance"] == 100


def test_a_joining_that_is_told_late_counts_from_its_own_day() -> None:
    org = Bench(policy(START, 1, karma=MONTHLY), at=START)
    newcomer(org, "eve", "2026-02-15 13:00", joined="2026-02-08 09:00")
    newcomer(org, "finn", "2026-02-15 13:00", joined="2026-01-08 09:00")
    assert (org.has("eve")["allowance"], org.has("finn")["allowance"]) == (75, 100)  # 21 of 28 days, and all of them


def test_who_was_known_before_joins_nothing_new() -> None:
    org = Bench(policy(START, 1, karma=MONTHLY), at=moment("2026-01-20 00:00"))
    org.joins("anna", org.at)
    assert org.has("anna") == {"allowance": 100, "issuance": -100}
    org.joins("anna", org.at)
    assert org.has("anna") == {"allowance": 100, "issuance": -100}


def test_who_leaves_loses_what_is_left_and_keeps_what_was_earned() -> None:
    org = Bench(policy(START, 1, karma=MONTHLY), at=moment("2026-01-20 00:00"))
    org.done("karma.given", "anna", to=["ben"], amount=40)
    org.done("member.left", "ben")
    assert org.has("ben") == {"earned": 40, "issuance": -100, "expired": 100}
    org.at = moment("2026-03-20 00:00")
    assert org.has("ben") == {"earned": 40, "issuance": -100, "expired": 100}


def test_leaving_and_coming_back_brings_no_second_allowance_in_one_period() -> None:
    org = Bench(policy(START, 1, karma=MONTHLY), at=moment("2026-01-20 00:00"))
    org.done("karma.given", "anna", to=["ben"], amount=90)
    org.done("member.left", "anna")
    org.joins("anna", org.at)
    assert org.has("anna") == {"issuance": -100, "expired": 10}
    org.at = moment("2026-02-01 00:00")
    assert org.has("anna")["allowance"] == 100


def test_who_comes_back_later_gets_a_share() -> None:
    org = Bench(policy(START, 1, karma=MONTHLY), at=moment("2026-01-20 00:00"))
    org.done("member.left", "anna")
    org.at = moment("2026-04-16 08:00")
    org.joins("anna", org.at)
    assert org.has("anna") == {"allowance": 50, "issuance": -150, "expired": 100}


# --- earned karma that expires -----------------------------------------------------------------------------


def test_earned_karma_expires_oldest_first_so_many_days_after_the_one_on_which_it_was_received() -> None:
    org = Bench(policy(START, 1, karma=MONTHLY | {"earned_expires": "10d"}, shop={"pen": {"price": 30}}), at=START)
    org.done("karma.given", "anna", to=["ben"], amount=20)
    org.at = moment("2026-01-03 18:00")
    org.done("karma.given", "anna", to=["ben"], amount=25)
    org.done("reward.requested", "ben", reward="pen")  # all of the first day, and 10 of the other
    assert org.purse("ben").lots == (Lot(org.timeline.at(START).calendar.day(org.at), 15),)  # type: ignore[union-attr]
    org.at = moment("2026-01-13 23:59")
    assert org.has("ben")["earned"] == 15
    org.at = moment("2026-01-14 00:00")
    assert "earned" not in org.has("ben")


def test_what_is_refunded_is_as_old_as_it_was() -> None:
    shop = {"pen": {"price": 30, "approval": "required"}}
    org = Bench(policy(START, 1, karma=MONTHLY | {"earned_expires": "10d"}, shop=shop), at=START)
    org.done("karma.given", "anna", to=["ben"], amount=30)
    pen = org.done("reward.requested", "ben", reward="pen")
    org.at = moment("2026-01-09 00:00")
    org.done("reward.cancelled", "ben", request=pen)
    assert org.has("ben")["earned"] == 30
    org.at = moment("2026-01-12 00:00")
    assert "earned" not in org.has("ben")


def test_karma_that_was_there_when_expiry_was_introduced_is_as_old_as_the_rule() -> None:
    org = Bench(
        policy(START, 1, karma=MONTHLY),
        policy(moment("2026-01-20 00:00"), 2, karma=MONTHLY | {"earned_expires": "36h"}),
        policy(moment("2026-01-22 00:00"), 3, karma=MONTHLY),
        at=START,
    )
    org.done("karma.given", "anna", to=["ben"], amount=30)
    org.at = moment("2026-01-22 00:00")
    assert org.has("ben")["earned"] == 30  # and the rule was gone before its first day of loss, the 23rd
    org.at = moment("2026-12-31 00:00")
    assert org.has("ben")["earned"] == 30


# --- reading changes nothing -------------------------------------------------------------------------------

PERIODS = st.sampled_from(["week", "month", "quarter", "year"])
SECTIONS = st.fixed_dictionaries(
    {},
    optional={
        "allowance": st.fixed_dictionaries({"per": PERIODS, "karma": st.integers(1, 50)}),
        "earned_expires": st.sampled_from(["3d", "36h", "60d"]),
        "gifts": st.just({"limits": [{"per": "month", "karma": 5}]}),
    },
)
STARTS = st.lists(st.integers(0, 200), min_size=1, max_size=4).map(sorted)


@settings(max_examples=100)
@given(st.data())
def test_what_time_does_is_the_same_however_often_a_purse_is_read_on_the_way(data: st.DataObject) -> None:
    starts = data.draw(STARTS)
    zone = data.draw(st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]))
    timeline = Timeline(
        *(policy(Instant(START + each * DAY), 1 + n, zone, karma=data.draw(SECTIONS)) for n, each in enumerate(starts))
    )
    lots = (Lot(0, data.draw(st.integers(1, 40))),)
    coming = (Coming(Instant(START + 50 * DAY), Position(1), Kind.EARNED, 5),)
    purse = Purse(MemberId("a"), START, coming=coming, lots=lots).moved(Kind.BUDGET, 5)
    purse = purse.moved(Kind.EARNED, lots[0].amount)
    stops = sorted(data.draw(st.lists(st.integers(0, 300 * DAY), min_size=1, max_size=5)))
    end = Instant(START + stops[-1])
    stepwise, postings = purse, list[Any]()
    for stop in stops:
        stepwise, more = passed(stepwise, timeline, Instant(START + stop))
        stepwise = Purse.load(MemberId("a"), stepwise.dump())
        postings += more
    assert (stepwise, postings) == passed(purse, timeline, end)


def test_nothing_happens_to_a_purse_before_its_own_time() -> None:
    purse = Purse(MemberId("a"), START)
    later, _ = passed(purse, Timeline(policy(START, 1, karma=MONTHLY)), moment("2026-02-01 00:00"))
    assert passed(later, Timeline(policy(START, 1, karma=MONTHLY)), START) == (later, [])


def test_policies_do_not_go_back_in_time() -> None:
    with pytest.raises(ValueError, match="a policy starts before the one before it"):
        Timeline(policy(NO_END, 1), policy(START, 2))

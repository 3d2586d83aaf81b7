"""Who gets what a rule gives, when, how soon again and times how much, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, boarded, points, ruled

THANKS = "thanks.given"


def thanking(**rule: Any) -> Story:
    """A story whose rule gives 2 points for thanks to those who are thanked."""
    return Story(
        groups={"team": {"one_at_a_time": True}},
        people={"smallest_group": 1},
        rules={"time": {"event": THANKS, "award": 2, "to": "data.to", **rule}},
        boards={"board": boarded({"points": ["time"]}, by=["member", "team"])},
        badges={"thanked": {"score": {"points": ["time"]}, "at": 4}},
    )


def test_each_member_that_to_names_gets_it_once() -> None:
    story = thanking()
    story.event(THANKS, "ann", data={"to": ["bob", "cid", "bob"]})
    assert [points(story, name) for name in ("ann", "bob", "cid")] == [0, 2, 2]
    assert story.rows() == [(1, "bob", 2), (1, "cid", 2)]
    assert story.verdicts() == ["APPLIED"]


def test_to_may_name_one_member_or_the_subject() -> None:
    story = thanking(to="subject")
    story.event(THANKS, "ann", data={"to": ["bob"]})
    assert (points(story), points(story, "bob")) == (2, 0)


@pytest.mark.parametrize(
    ("to", "verdict"),
    [
        ("['bob']", "APPLIED"),
        ("[]", "NO_RULE"),
        ("['bob', '']", "NO_RULE"),  # not all of them are member ids: the rule fails
        ("['bob', 1]", "NO_RULE"),
        ("data.absent", "NO_RULE"),
        ("1", "NO_RULE"),
        ("[['bob']]", "NO_RULE"),
    ],
)
def test_to_that_names_nobody_or_anything_else_gives_nothing(to: str, verdict: str) -> None:
    story = thanking(to=to)
    story.event(THANKS, "ann", data={"to": ["bob"]})
    assert story.verdicts() == [verdict]
    assert points(story, "bob") == (2 if verdict == "APPLIED" else 0)


def test_limits_cool_down_badges_and_groups_are_those_of_who_gets_it() -> None:
    story = thanking(limits=[{"per": "day", "times": 2}], cooldown="10m")
    story.joined("red", ["bob"])
    story.joined("blue", ["cid"])
    for minute, to in ((0, ["bob"]), (5, ["bob", "cid"]), (10, ["bob"]), (20, ["bob"])):
        story.event(THANKS, "ann", f"2024-03-04T12:{minute:02}Z", {"to": to})
    # bob: 12:00 and 12:10; 12:05 is too soon, 12:20 is the third of the day. cid: 12:05.
    assert (points(story, "bob"), points(story, "cid")) == (4, 2)
    assert story.rows(by="team") == [(1, "red", 4, 1), (2, "blue", 2, 1)]
    assert [(badge.badge, badge.at) for badge in story.badges("bob")] == [("thanked", story.records[-2]["time"])]
    assert story.badges("cid") == []


def test_an_event_that_does_not_count_gives_to_nobody() -> None:
    story = thanking()
    story.event(THANKS, "ann", data={"to": ["ann", "bob"]})
    assert story.verdicts() == ["DOES_NOT_COUNT"]
    assert points(story, "bob") == 0


def test_of_two_rules_each_member_gets_what_is_theirs_and_a_count_is_the_credited_members() -> None:
    story = Story(
        rules={
            "giver": {"event": THANKS, "award": 1},
            "taker": {"event": THANKS, "award": 10, "to": "data.to"},
            "all": {"event": THANKS, "award": 100, "to": "['ann', 'bob']"},
        },
        boards={"points": boarded({"points": ["giver", "taker", "all"]}), "count": boarded({"count": THANKS})},
    )
    story.event(THANKS, "ann", data={"to": ["bob"]})
    assert story.rows("points") == [(1, "bob", 110), (2, "ann", 101)]
    assert story.rows("count") == [(1, "ann", 1)]


SEASONS: dict[str, Any] = {
    "spring": {"from": "2024-03-05", "to": "2024-03-06"},
    "summer": {"from": "2024-03-06", "to": "2024-03-07"},
}


@pytest.mark.parametrize(
    ("season", "expected"),
    [
        ("spring", {"05", "06"}),  # both ends included
        (["spring", "summer"], {"05", "06", "07"}),
        ([], {"04", "05", "06", "07", "08"}),
    ],
)
def test_a_rule_with_seasons_gives_on_their_local_days_only(season: Any, expected: set[str]) -> None:
    story = Story(**ruled(award=1, season=season), seasons=SEASONS, calendar={"timezone": "Europe/Berlin"})
    for day in ("04", "05", "06", "07", "08"):
        story.spent(f"first of {day}", 1, f"2024-03-{int(day) - 1:02}T23:00Z")
        story.spent(f"last of {day}", 1, f"2024-03-{day}T22:59:59.999Z")
    assert {row[1] for row in story.rows()} == {f"{which} of {day}" for which in ("first", "last") for day in expected}
    assert story.verdicts().count("NO_RULE") == 2 * (5 - len(expected))


def test_seasons_are_those_of_the_events_version() -> None:
    story = Story(**ruled(award=1, season="spring"), seasons=SEASONS)
    later = {"spring": {"from": "2024-03-06", "to": "2024-03-31"}}
    story.publish("2024-03-06", MONDAY, **ruled(award=10, season="spring"), seasons=later)
    for day in ("04", "05", "06", "20"):
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    assert points(story) == 1 + 10 + 10


def test_a_rule_with_days_gives_on_these_days_of_the_week_only() -> None:
    story = Story(**ruled(award=1, days=["mon", "sun"]))
    for number, day in enumerate(("04", "05", "08", "09", "10", "11")):  # from a Monday on
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
        assert points(story) == (1, 1, 1, 1, 2, 3)[number]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((0, 29), 1),
        ((0, 30), 1 + 2),  # exactly as long as the cool-down
        ((0, 29, 31), 1 + 4),  # 31 minutes after the last one that passed
        ((0, 30, 59, 60), 1 + 2 + 8),
        ((0, 0), 1),
    ],
)
def test_an_event_passes_if_the_last_one_that_passed_is_long_enough_ago(
    minutes: tuple[int, ...], expected: int
) -> None:
    story = Story(**ruled(cooldown="30m"))
    for number, minute in enumerate(minutes):
        story.spent("ann", 2**number, f"2024-03-04T{12 + minute // 60}:{minute % 60:02}Z")
    assert points(story) == expected
    assert set(story.verdicts()) == {"APPLIED"}  # verdicts say nothing of it


def test_a_cool_down_that_is_one_millisecond_short() -> None:
    story = Story(**ruled(cooldown="30m"))
    story.spent("ann", 1, "2024-03-04T12:00Z")
    story.spent("ann", 2, "2024-03-04T12:29:59.999Z")
    assert points(story) == 1


def test_a_cool_down_ends_with_the_local_day() -> None:
    story = Story(**ruled(cooldown="24h"), calendar={"timezone": "Europe/Berlin"})
    for number, time in enumerate(("2024-03-04T21:00Z", "2024-03-04T22:59Z", "2024-03-04T23:00Z", "2024-03-05T22:59Z")):
        story.spent("ann", 2**number, time)
    assert points(story) == 1 + 4


def test_a_cool_down_is_greedy_in_canonical_order_whatever_came_first() -> None:
    story = Story(**ruled(cooldown="30m"))
    story.spent("ann", 1, "2024-03-04T12:20Z")
    assert points(story) == 1
    story.spent("ann", 2, "2024-03-04T12:00Z")  # now 12:20 is too soon
    assert points(story) == 2
    story.spent("ann", 4, "2024-03-04T12:40Z")
    assert points(story) == 2 + 4


def test_what_does_not_pass_counts_for_no_limit_and_what_a_times_limit_cuts_has_passed() -> None:
    story = Story(**ruled({"per": "day", "times": 2}, cooldown="30m"))
    for number, minute in enumerate((0, 10, 40)):
        story.spent("ann", 2**number, f"2024-03-04T12:{minute:02}Z")
    assert points(story) == 1 + 4
    cut = Story(**ruled({"per": "day", "times": 1}, cooldown="30m"))
    cut.spent("ann", 1, "2024-03-04T12:00Z")
    cut.spent("ann", 2, "2024-03-04T12:30Z")  # passes, and is the second of the day
    assert points(cut) == 1


def test_a_cool_down_is_of_one_rule_and_one_member() -> None:
    story = Story(
        rules={name: {"event": SPENT, "award": award, "cooldown": "1h"} for name, award in (("time", 1), ("more", 10))}
    )
    for member in ("ann", "bob", "ann"):
        story.spent(member, 1)
    assert [story.member(name)["points"] for name in ("ann", "bob")] == [{"time": 1, "more": 10}] * 2


MULTIPLY = [{"season": "spring", "by": 1.5}, {"season": "summer", "by": 2}]


@pytest.mark.parametrize(
    ("day", "minutes", "expected"),
    [
        ("04", 3, 3),  # no season
        ("05", 3, 4),  # 4.5, half to even
        ("05", 5, 8),  # 7.5
        ("05", 2, 3),
        ("05", -3, -4),
        ("06", 3, 6),  # both: the greatest
        ("07", 3, 6),
    ],
)
def test_an_amount_is_multiplied_in_a_season_and_rounded_half_even(day: str, minutes: int, expected: int) -> None:
    story = Story(**ruled(multiply=MULTIPLY), seasons=SEASONS)
    story.spent("ann", minutes, f"2024-03-{day}T12:00Z")
    assert points(story) == expected


def test_a_multiplier_is_exact_and_may_take_everything() -> None:
    by = {"tenth": 0.1, "hundredths": 1.15}
    for season, minutes, expected in (
        ("tenth", 15, 2),
        ("tenth", 25, 2),
        ("hundredths", 10, 12),
        ("hundredths", 30, 34),
    ):
        # 1.5 -> 2, 2.5 -> 2, 11.5 -> 12, 34.5 -> 34: as doubles 1.15 * 10 is a little less than 11.5
        multiply = [{"season": "spring", "by": by[season]}]
        story = Story(**ruled(multiply=multiply), seasons=SEASONS)
        story.spent("ann", minutes, "2024-03-05T12:00Z")
        assert points(story) == expected
    nothing = Story(**ruled(multiply=[{"season": "spring", "by": 0}]), seasons=SEASONS)
    nothing.spent("ann", 9, "2024-03-05T12:00Z")
    assert (points(nothing), nothing.verdicts()) == (0, ["APPLIED"])


def test_a_points_limit_cuts_what_was_multiplied() -> None:
    story = Story(**ruled({"per": "day", "points": 7}, multiply=MULTIPLY), seasons=SEASONS)
    for minutes in (2, 3):
        story.spent("ann", minutes, "2024-03-06T12:00Z")  # 4, and 6 of which 3 are left
    assert points(story) == 4 + 3


def test_an_amount_is_a_million_at_most_before_it_is_multiplied() -> None:
    story = Story(**ruled(multiply=MULTIPLY), seasons=SEASONS)
    story.spent("ann", 10**6, "2024-03-06T12:00Z")
    assert points(story) == 2 * 10**6

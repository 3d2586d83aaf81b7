"""Points of a member, and levels of a score: badges and ladders, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, at, reached, ruled


def badged(score: dict[str, Any], **badge: Any) -> Story:
    return Story(badges={"badge": {"score": score, **badge}})


def test_points_are_by_rule_without_zeros() -> None:
    story = Story(
        rules={
            "time": {"event": SPENT, "award": "data.minutes"},
            "twice": {"event": SPENT, "award": "2 * data.minutes", "when": "data.minutes > 0"},
        }
    )
    story.spent("ann", 3)
    story.spent("ann", -3)
    assert story.member("ann")["points"] == {"twice": 6}


@pytest.mark.parametrize(
    ("score", "minutes", "hours"),
    [
        ({"count": SPENT}, (1, 1, 1, 1), {"low": 2, "high": 4}),
        ({"sum": "data.minutes", "event": SPENT}, (2, -2, 2, 4), {"low": 1, "high": 4}),
        ({"sum": "data.minutes", "event": SPENT}, (9, -2, 2, 4), {"high": 1, "low": 1}),
        ({"distinct": "data.minutes", "event": SPENT}, (1, 1, 5, 1), {"low": 3}),
        ({"best": "data.minutes", "event": SPENT}, (1, 1, 2, 4), {"low": 3, "high": 4}),
    ],
)
def test_a_level_is_reached_at_the_first_event_at_which_the_score_is_that_high(
    score: dict[str, Any], minutes: tuple[int, ...], hours: dict[str, int]
) -> None:
    story = badged(score, levels={"low": 2, "high": 4})
    for hour, value in reversed(list(enumerate(minutes, start=1))):  # what counts is when it happened
        story.spent("ann", value, f"2024-03-04T0{hour}:00Z")
    assert story.badges() == [reached("badge", level, f"2024-03-04T0{hour}:00Z") for level, hour in hours.items()]


def test_what_was_reached_stays_reached_and_a_badge_with_at_has_no_level() -> None:
    story = badged({"sum": "data.minutes", "event": SPENT}, at=5)
    story.spent("ann", 5, "2024-03-04T01:00Z")
    story.spent("ann", -5, "2024-03-04T02:00Z")
    assert story.badges() == [reached("badge", None, "2024-03-04T01:00Z")]


def test_a_badge_of_points_hangs_on_what_was_awarded_after_limits() -> None:
    story = Story(**ruled({"per": "day", "points": 3}), badges={"badge": {"score": {"points": ["time"]}, "at": 5}})
    for time in ("2024-03-04T01:00Z", "2024-03-04T02:00Z", "2024-03-05T01:00Z"):
        story.spent("ann", 3, time)
    assert story.badges() == [reached("badge", None, "2024-03-05T01:00Z")]


def test_thresholds_are_in_the_scores_own_unit() -> None:
    story = badged({"sum": "data.hours", "event": "course.completed"}, at=2.5)
    for hour, hours in ((1, 1.5), (2, 0.99), (3, 0.01)):
        story.event("course.completed", "ann", f"2024-03-04T0{hour}:00Z", {"course": str(hour), "hours": hours})
    assert story.badges() == [reached("badge", None, "2024-03-04T03:00Z")]


def test_a_ladder_has_the_steps_that_were_reached_each_with_its_time() -> None:
    story = Story(
        **ruled(),
        levels={"career": {"score": {"points": ["time"]}, "steps": {"novice": 1, "adept": 5, "master": 9}}},
    )
    story.spent("ann", 1, "2024-03-04T01:00Z")
    story.spent("ann", 5, "2024-03-04T03:00Z")
    story.spent("ann", -6, "2024-03-04T04:00Z")  # reached stays reached
    assert story.member("ann")["levels"] == {
        "career": [("novice", at("2024-03-04T01:00Z")), ("adept", at("2024-03-04T03:00Z"))]
    }
    assert story.badges() == []


def test_a_ladder_alone_makes_an_event_apply_and_none_reached_is_left_out() -> None:
    story = Story(levels={"career": {"score": {"count": SPENT}, "steps": {"novice": 2}}})
    story.spent("ann", 1)
    assert story.verdicts() == ["APPLIED"]
    assert story.answers().members == {}


@pytest.mark.parametrize(
    ("minutes", "three_at"),
    [
        ((0, 5, 10), 10),  # 10 - 0: exactly the time allowed
        ((0, 5, 11), None),
        ((0, 5, 11, 14), 14),  # the window slides: 5, 11 and 14
        ((0, 6, 12, 18, 24), None),  # any three of them take 12 minutes
        ((0, 0, 0), 0),
        ((0, 1, 2, 3), 2),  # the first time is the one that stays
    ],
)
def test_within_asks_for_so_many_of_the_last_events_in_so_long_a_time(
    minutes: tuple[int, ...], three_at: int | None
) -> None:
    story = badged({"count": SPENT}, levels={"one": 1, "three": 3}, within="10m")
    for minute in minutes:
        story.spent("ann", 1, f"2024-03-04T12:{minute:02}Z")
    assert story.badges()[0] == reached("badge", "one", "2024-03-04T12:00Z")
    three = [] if three_at is None else [reached("badge", "three", f"2024-03-04T12:{three_at:02}Z")]
    assert story.badges()[1:] == three


def test_within_looks_at_events_that_count_for_the_badge_alone() -> None:
    story = badged({"count": SPENT, "when": "data.minutes > 1"}, at=2, within="10m")
    for minute, value in ((0, 2), (5, 1), (10, 2)):
        story.spent("ann", value, f"2024-03-04T12:{minute:02}Z")
    assert story.badges() == [reached("badge", None, "2024-03-04T12:10Z")]


def held(score: dict[str, Any], *given: tuple[int, str], **badge: Any) -> Story:
    """A story of a badge that holds for ten days; what was given, and the day of March."""
    story = badged(score, valid="10d", **{"at": 2, **badge})
    for minutes, day in given:
        story.spent("ann", minutes, f"2024-03-{day}T12:00Z")
    return story


MINUTES: dict[str, Any] = {"sum": "data.minutes", "event": SPENT}


@pytest.mark.parametrize(
    ("score", "given", "first", "until"),
    [
        # Two events earn it; two more, on the 12th, again.
        ({"count": SPENT}, ((1, "01"), (1, "02")), "02", "12"),
        ({"count": SPENT}, ((1, "01"), (1, "02"), (1, "03")), "02", "12"),
        ({"count": SPENT}, ((1, "01"), (1, "02"), (1, "03"), (1, "12")), "02", "22"),  # just in time
        ({"count": SPENT}, ((1, "01"), (1, "02"), (1, "03"), (1, "20")), "02", "30"),  # after it had run out
        # The sum was 5 when it was earned: 6 is not 2 more, 7 is.
        (MINUTES, ((1, "01"), (4, "02"), (1, "03")), "02", "12"),
        (MINUTES, ((1, "01"), (4, "02"), (1, "03"), (1, "04")), "02", "14"),
        # Earned at 2, then 0, then 3: only 1 more than 2.
        (MINUTES, ((2, "01"), (-2, "02"), (3, "03")), "01", "11"),
        (MINUTES, ((2, "01"), (-2, "02"), (3, "03"), (1, "04")), "01", "14"),
        # A best is earned again by every event that is good enough, be it the best or not.
        ({"best": "data.minutes", "event": SPENT}, ((5, "01"), (1, "02"), (2, "03")), "01", "13"),
    ],
)
def test_valid_is_earned_again_whenever_the_score_has_grown_by_its_number(
    score: dict[str, Any], given: tuple[tuple[int, str], ...], first: str, until: str
) -> None:
    story = held(score, *given)
    assert story.badges() == [reached("badge", None, f"2024-03-{first}T12:00Z", until=f"2024-03-{until}T12:00Z")]


def test_each_level_is_earned_again_by_its_own_number() -> None:
    story = badged({"count": SPENT}, valid="10d", levels={"one": 1, "three": 3})
    for day in ("01", "02", "03", "04"):
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    assert story.badges() == [
        reached("badge", "one", "2024-03-01T12:00Z", until="2024-03-14T12:00Z"),
        reached("badge", "three", "2024-03-03T12:00Z", until="2024-03-13T12:00Z"),
    ]


def test_what_is_earned_again_within_a_time_is_earned_by_other_events() -> None:
    # 1st and 2nd earn it; 2nd and 3rd lie close enough, but the 2nd was used; 3rd and 5th do not, 5th and 6th do.
    story = held({"count": SPENT}, *((1, day) for day in ("01", "02", "03")), within="1d")
    assert story.badges() == [reached("badge", None, "2024-03-02T12:00Z", until="2024-03-12T12:00Z")]
    for day, until in (("05", "12"), ("06", "16")):
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
        assert story.badges() == [reached("badge", None, "2024-03-02T12:00Z", until=f"2024-03-{until}T12:00Z")]


def test_a_badge_with_each_is_one_for_every_value() -> None:
    story = Story(badges={"expert": {"score": {"count": "skill.applied"}, "each": "data.topic", "levels": {"two": 2}}})
    for hour, topic in enumerate(("go", "c", "go", "go", "c"), start=1):
        story.event("skill.applied", "ann", f"2024-03-04T0{hour}:00Z", {"topic": topic})
    assert story.badges() == [
        reached("expert", "two", "2024-03-04T03:00Z", value="go"),
        reached("expert", "two", "2024-03-04T05:00Z", value="c"),
    ]


def test_values_are_told_apart_as_those_of_distinct() -> None:
    story = Story(badges={"about": {"score": {"count": "skill.applied"}, "each": "data.about", "at": 2}})
    for hour, about in enumerate((1, True, "1", 1.0, True, "1"), start=1):
        story.event("skill.applied", "ann", f"2024-03-04T0{hour}:00Z", {"about": about})
    assert [(type(one.value), one.value, one.at) for one in story.badges()] == [
        (int, 1, at("2024-03-04T04:00Z")),
        (bool, True, at("2024-03-04T05:00Z")),
        (str, "1", at("2024-03-04T06:00Z")),
    ]


@pytest.mark.parametrize("each", ["data.absent", "1 / 0", "[data.topic]", "1.0 / 0.0"])
def test_an_event_without_such_a_value_gives_the_badge_nothing(each: str) -> None:
    story = Story(badges={"expert": {"score": {"count": "skill.applied"}, "each": each, "at": 1}})
    story.event("skill.applied", "ann", data={"topic": "go"})
    assert (story.badges(), story.verdicts()) == ([], ["NO_RULE"])


def test_each_with_valid_runs_out_for_each_value() -> None:
    story = badged({"count": SPENT}, each="data.minutes", at=1, valid="10d")
    for minutes, day in ((1, "01"), (2, "02"), (1, "03")):
        story.spent("ann", minutes, f"2024-03-{day}T12:00Z")
    assert story.badges() == [
        reached("badge", None, "2024-03-01T12:00Z", value=1, until="2024-03-13T12:00Z"),
        reached("badge", None, "2024-03-02T12:00Z", value=2, until="2024-03-12T12:00Z"),
    ]


def test_until_is_the_last_local_day_that_counts_for_a_badge() -> None:
    story = Story(
        calendar={"timezone": "Europe/Berlin"},
        badges={"badge": {"score": {"count": SPENT}, "levels": {"one": 1, "two": 2}, "until": "2024-03-04"}},
    )
    story.spent("ann", 1, "2024-03-04T22:59Z")
    story.spent("ann", 1, "2024-03-04T23:00Z")
    assert story.badges() == [reached("badge", "one", "2024-03-04T22:59Z")]
    assert story.verdicts() == ["APPLIED", "NO_RULE"]


def test_what_happens_while_a_badge_is_retired_counts_nothing_and_who_has_it_keeps_it() -> None:
    badge = {"score": {"count": SPENT}, "levels": {"one": 1, "three": 3}}
    story = Story(badges={"badge": badge})
    story.publish("2024-03-05", MONDAY, badges={"badge": {**badge, "retired": True}})
    story.publish("2024-03-06", MONDAY, badges={"badge": badge})
    for day in ("04", "05", "05", "06", "07"):
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    # The 4th, 6th and 7th count.
    assert story.badges() == [
        reached("badge", "one", "2024-03-04T12:00Z"),
        reached("badge", "three", "2024-03-07T12:00Z"),
    ]

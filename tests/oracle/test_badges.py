"""Points, badges and streaks of a member, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, at, ruled


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
    ("score", "minutes", "reached"),
    [
        ({"count": SPENT}, (1, 1, 1, 1), {"low": 2, "high": 4}),
        ({"sum": "data.minutes", "event": SPENT}, (2, -2, 2, 4), {"low": 1, "high": 4}),
        ({"sum": "data.minutes", "event": SPENT}, (9, -2, 2, 4), {"high": 1, "low": 1}),
        ({"distinct": "data.minutes", "event": SPENT}, (1, 1, 5, 1), {"low": 3}),
        ({"best": "data.minutes", "event": SPENT}, (1, 1, 2, 4), {"low": 3, "high": 4}),
    ],
)
def test_a_level_is_reached_at_the_first_event_at_which_the_score_is_that_high(
    score: dict[str, Any], minutes: tuple[int, ...], reached: dict[str, int]
) -> None:
    story = badged(score, levels={"low": 2, "high": 4})
    for hour, value in reversed(list(enumerate(minutes, start=1))):  # what counts is when it happened
        story.spent("ann", value, f"2024-03-04T0{hour}:00Z")
    expected = [("badge", level, at(f"2024-03-04T0{hour}:00Z")) for level, hour in reached.items()]
    assert story.member("ann")["badges"] == expected


def test_what_was_reached_stays_reached_and_a_badge_with_at_has_no_level() -> None:
    story = badged({"sum": "data.minutes", "event": SPENT}, at=5)
    story.spent("ann", 5, "2024-03-04T01:00Z")
    story.spent("ann", -5, "2024-03-04T02:00Z")
    assert story.member("ann")["badges"] == [("badge", None, at("2024-03-04T01:00Z"))]


def test_a_badge_of_points_hangs_on_what_was_awarded_after_limits() -> None:
    story = Story(**ruled({"per": "day", "points": 3}), badges={"badge": {"score": {"points": ["time"]}, "at": 5}})
    for time in ("2024-03-04T01:00Z", "2024-03-04T02:00Z", "2024-03-05T01:00Z"):
        story.spent("ann", 3, time)
    assert story.member("ann")["badges"] == [("badge", None, at("2024-03-05T01:00Z"))]


def test_thresholds_are_in_the_scores_own_unit() -> None:
    story = badged({"sum": "data.hours", "event": "course.completed"}, at=2.5)
    for hour, hours in ((1, 1.5), (2, 0.99), (3, 0.01)):
        story.event("course.completed", "ann", f"2024-03-04T0{hour}:00Z", {"course": str(hour), "hours": hours})
    assert story.member("ann")["badges"] == [("badge", None, at("2024-03-04T03:00Z"))]


def streaked(every: str = "week", at_least: float = 1, **score: Any) -> Story:
    return Story(
        badges={
            "steady": {
                "streak": {"every": every, "score": score or {"count": SPENT}, "at_least": at_least},
                "levels": {"two": 2, "three": 3},
            }
        }
    )


def test_a_run_is_a_row_of_consecutive_periods_and_its_levels_have_the_time_of_its_nth_period() -> None:
    story = streaked()
    # Weeks 9 and 10, then 12, 13 and 14.
    for day in ("03-24", "02-26", "03-04", "03-05", "03-18", "03-25", "04-07"):
        story.spent("ann", 1, f"2024-{day}T12:00Z")
    member = story.member("ann", "2024-04-14T12:00Z")
    assert member["badges"] == [
        ("steady", "two", at("2024-03-04T12:00Z")),
        ("steady", "three", at("2024-04-07T12:00Z")),
    ]
    assert member["streaks"] == {"steady": (3, 3)}
    assert story.member("ann", "2024-04-15T00:00Z")["streaks"] == {"steady": (0, 3)}


def test_an_event_completes_its_period_when_the_score_of_the_period_is_enough() -> None:
    story = streaked(at_least=3, sum="data.minutes", event=SPENT)
    for minutes, time in (
        (2, "2024-02-26T12:00Z"),
        (1, "2024-02-27T12:00Z"),
        (-3, "2024-02-28T12:00Z"),
        (2, "2024-03-03T12:00Z"),
        (3, "2024-03-04T13:00Z"),
        (2, "2024-03-04T12:00Z"),
    ):
        story.spent("ann", minutes, time)
    assert story.member("ann")["badges"] == [("steady", "two", at("2024-03-04T13:00Z"))]


def test_who_completed_no_period_has_no_streak() -> None:
    story = streaked(at_least=2)
    story.spent("ann", 1)
    story.spent("bob", 1)
    story.spent("bob", 1)
    assert story.member("ann")["streaks"] == {}
    assert story.member("bob")["streaks"] == {"steady": (1, 1)}


@pytest.mark.parametrize(
    ("every", "times", "expected"),
    [
        ("day", ("2024-02-29", "2024-03-01", "2024-03-03"), 2),
        ("week", ("2024-12-29", "2024-12-30", "2025-01-06"), 3),
        ("month", ("2023-12-31", "2024-01-01", "2024-02-29"), 3),
        ("quarter", ("2023-12-31", "2024-01-01", "2024-07-01"), 2),
        ("year", ("2023-12-31", "2024-01-01", "2026-01-01"), 2),
    ],
)
def test_periods_follow_each_other_across_the_year(every: str, times: tuple[str, ...], expected: int) -> None:
    story = streaked(every)
    for day in times:
        story.spent("ann", 1, f"{day}T12:00Z")
    assert story.member("ann", "2030-01-01T00:00Z")["streaks"] == {"steady": (0, expected)}


def test_a_streak_is_alive_by_the_clock_in_the_newest_calendar() -> None:
    story = streaked("day")
    story.publish("2024-03-10", MONDAY, calendar={"timezone": "Asia/Tokyo"})
    story.spent("ann", 1, "2024-03-08T12:00Z")
    assert story.member("ann", "2024-03-09T12:00Z")["streaks"] == {"steady": (1, 1)}
    assert story.member("ann", "2024-03-09T15:00Z")["streaks"] == {"steady": (0, 1)}

"""Points of a member, and levels of a score: badges and ladders, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import SPENT, Story, reached, ruled


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

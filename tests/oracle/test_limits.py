"""What limits leave of what a rule gives, in each window and from version to version, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, Story, points, ruled


@pytest.mark.parametrize(
    ("limits", "minutes", "expected"),
    [
        ([{"per": "day", "times": 2}], (1, 2, 4), 3),
        ([{"per": "day", "times": 2}], (0, -1, 4), -1),
        ([{"per": "day", "points": 5}], (3, 3, 3), 5),
        ([{"per": "day", "points": 5}], (3, -4, 3), 1),
        ([{"per": "day", "points": 5}, {"per": "week", "points": 4}], (3, 3, 3), 4),
        ([{"per": "day", "times": 2}, {"per": "day", "points": 5}], (4, 4, -9), 5),
        ([{"per": "day", "points": 3}, {"per": "day", "times": 2}], (3, 3, 3), 3),
        ([{"per": "day", "points": 0}], (3, -1), -1),
    ],
)
def test_limits_are_applied_one_event_after_another(
    limits: list[dict[str, Any]], minutes: tuple[int, ...], expected: int
) -> None:
    story = Story(**ruled(*limits))
    for second, value in enumerate(minutes):
        story.spent("ann", value, f"2024-03-04T12:00:0{second}Z")
    assert points(story) == expected


def test_limits_follow_canonical_order_and_not_the_log() -> None:
    story = Story(**ruled({"per": "day", "times": 1}))
    story.spent("ann", 5, "2024-03-04T12:00Z")
    story.spent("ann", 7, "2024-03-04T11:00Z")
    assert points(story) == 7


def test_an_event_that_was_cut_by_one_times_limit_counts_for_no_other() -> None:
    story = Story(**ruled({"per": "day", "times": 1}, {"per": "week", "times": 2}))
    for minutes, time in (
        (1, "2024-03-04T12:00Z"),
        (2, "2024-03-04T13:00Z"),
        (4, "2024-03-05T12:00Z"),
        (8, "2024-03-06T12:00Z"),
    ):
        story.spent("ann", minutes, time)
    assert points(story) == 1 + 4


def test_limits_are_for_each_credited_member() -> None:
    story = Story(**ruled({"per": "ever", "times": 1}))
    story.spent("ann", 1)
    story.spent("bob", 2)
    assert (points(story), points(story, "bob")) == (1, 2)


@pytest.mark.parametrize(
    ("per", "expected"),
    [("day", 63), ("week", 61), ("month", 57), ("quarter", 49), ("year", 33), ("ever", 1)],
)
def test_a_limit_begins_anew_in_each_of_its_windows(per: str, expected: int) -> None:
    story = Story(**ruled({"per": per, "times": 1}))
    # 1 on a Monday, 2 the day after, then 4 in another week, 8 month, 16 quarter, 32 year.
    days = ("2024-01-15", "2024-01-16", "2024-01-22", "2024-02-05", "2024-04-08", "2025-04-07")
    for number, day in enumerate(days):
        story.spent("ann", 2**number, f"{day}T12:00Z")
    assert points(story) == expected


@pytest.mark.parametrize(
    ("first", "second", "tuesday", "next_monday"),
    [
        # The week began on Monday under the first version: its limit holds until Sunday, with what was used of it.
        ([{"per": "week", "points": 5}], [{"per": "week", "points": 6}], 5 - 3, 6),
        ([{"per": "week", "points": 5}], [{"per": "week", "points": 2}], 5 - 3, 2),
        ([{"per": "week", "points": 5}], [], 5 - 3, 8),
        ([{"per": "week", "times": 1}], [{"per": "week", "times": 1}], 0, 8),
        # No limit per week when the week began, so none until the next one.
        ([], [{"per": "week", "times": 1}], 8, 8),
        ([{"per": "day", "times": 1}], [{"per": "week", "points": 2}], 8, 2),
        # March began without a limit per month; April is not in this test.
        ([{"per": "week", "points": 5}], [{"per": "month", "points": 1}], 5 - 3, 8),
        # A day begins with its version.
        ([{"per": "day", "points": 5}], [{"per": "day", "points": 4}], 4, 4),
        # `ever` has no next window: 6 or 2 at once, of which 3 were used.
        ([{"per": "ever", "points": 5}], [{"per": "ever", "points": 6}], 6 - 3, 0),
        ([{"per": "ever", "points": 5}], [{"per": "ever", "points": 2}], 0, 0),
        ([], [{"per": "ever", "points": 6}], 6, 0),
    ],
)
def test_a_limit_that_changes_on_a_tuesday_begins_with_its_next_window(
    first: list[dict[str, Any]], second: list[dict[str, Any]], tuesday: int, next_monday: int
) -> None:
    story = Story(**ruled(*first))
    story.publish("2024-03-05", MONDAY, **ruled(*second))
    story.spent("ann", 3, "2024-03-04T12:00Z")
    assert points(story) == 3
    story.spent("ann", 8, "2024-03-05T12:00Z")
    assert points(story) == 3 + tuesday
    story.spent("ann", 8, "2024-03-11T12:00Z")
    assert points(story) == 3 + tuesday + next_monday


def test_a_limit_begins_at_once_where_the_window_began_without_the_rule() -> None:
    story = Story()
    story.publish("2024-03-05", MONDAY, **ruled({"per": "week", "points": 5}))
    story.publish("2024-03-06", MONDAY, **ruled({"per": "week", "points": 7}))
    story.spent("ann", 3, "2024-03-04T12:00Z")  # no rule yet
    story.spent("ann", 9, "2024-03-05T12:00Z")
    assert points(story) == 5
    story.spent("ann", 9, "2024-03-06T12:00Z")  # the second version's own limit, of which 5 were used
    assert points(story) == 5 + 2


def test_the_version_of_the_windows_first_moment_decides_over_two_changes_in_one_week() -> None:
    story = Story(**ruled({"per": "week", "points": 5}))
    story.publish("2024-03-05", MONDAY, **ruled({"per": "week", "points": 50}))
    story.publish("2024-03-06", MONDAY, **ruled({"per": "week", "points": 500}))
    for day in ("04", "05", "06"):
        story.spent("ann", 3, f"2024-03-{day}T12:00Z")
    assert points(story) == 5


def test_what_was_used_does_not_run_on_over_a_version_without_the_rule() -> None:
    story = Story(**ruled({"per": "week", "points": 5}))
    story.publish("2024-03-05", MONDAY)
    story.publish("2024-03-06", MONDAY, **ruled({"per": "week", "points": 9}))
    story.spent("ann", 3, "2024-03-04T12:00Z")
    story.spent("ann", 8, "2024-03-06T12:00Z")
    assert points(story) == 3 + 5  # Monday's limit, and nothing used of it


def test_the_first_moment_of_a_window_is_local() -> None:
    # In Berlin the week begins on Sunday at 23:00 UTC, and a version of Monday is there from its first moment on.
    berlin = {"calendar": {"timezone": "Europe/Berlin"}}
    story = Story(**berlin, **ruled({"per": "week", "points": 5}))
    story.publish("2024-03-04", "2024-03-01T12:00Z", **berlin, **ruled({"per": "week", "points": 6}))
    story.spent("ann", 9, "2024-03-03T22:59Z")
    story.spent("ann", 9, "2024-03-03T23:00Z")
    assert points(story) == 5 + 6


def test_a_sunday_is_in_the_window_of_the_friday_before() -> None:
    story = Story(**ruled({"per": "workday", "points": 5}))
    for time in ("2024-03-08T12:00Z", "2024-03-09T12:00Z", "2024-03-10T12:00Z"):  # Friday, Saturday, Sunday
        story.spent("ann", 3, time)
    assert points(story) == 5
    story.spent("ann", 3, "2024-03-11T12:00Z")  # Monday
    assert points(story) == 5 + 3


def test_a_limit_per_workday_that_changes_on_a_sunday_begins_on_monday() -> None:
    story = Story(**ruled({"per": "workday", "points": 5}))
    story.publish("2024-03-10", MONDAY, **ruled({"per": "workday", "points": 6}))
    for time in ("2024-03-08T12:00Z", "2024-03-10T12:00Z", "2024-03-11T12:00Z"):
        story.spent("ann", 9, time)
    assert points(story) == 5 + 0 + 6


def test_a_holiday_is_no_workday_and_working_weeks_may_be_others() -> None:
    calendar = {"workdays": ["sun", "mon"], "holidays": ["2024-03-11"]}
    story = Story(**ruled({"per": "workday", "times": 1}), calendar=calendar)
    # Sunday the 10th is a workday, Monday the 11th a holiday; the next workday is Sunday the 17th.
    for number, day in enumerate(("10", "11", "16", "17")):
        story.spent("ann", 10**number, f"2024-03-{day}T12:00Z")
    assert points(story) == 1 + 1000


def test_a_version_that_was_replaced_before_it_began_does_not_break_a_limit() -> None:
    limited = ruled({"per": "week", "times": 1})
    story = Story(**limited)
    story.publish("2024-03-05", MONDAY, **ruled())
    story.publish("2024-03-05", MONDAY, **limited)
    story.spent("ann", 3, "2024-03-04T12:00Z")
    story.spent("ann", 4, "2024-03-05T12:00Z")
    assert points(story) == 3

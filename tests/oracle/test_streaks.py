"""Periods in a row, when they are completed and which run is alive, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle import Standing
from tests.oracle.story import MONDAY, SPENT, Story, reached


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
    assert story.badges() == [
        reached("steady", "two", "2024-03-04T12:00Z"),
        reached("steady", "three", "2024-04-07T12:00Z"),
    ]
    assert story.streak(now="2024-04-14T12:00Z") == Standing(3, 3, 0)
    assert story.streak(now="2024-04-15T00:00Z") == Standing(0, 3, 0)


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
    assert story.badges() == [reached("steady", "two", "2024-03-04T13:00Z")]


def test_who_completed_no_period_has_no_streak() -> None:
    story = streaked(at_least=2)
    story.spent("ann", 1)
    story.spent("bob", 1)
    story.spent("bob", 1)
    assert story.member("ann")["streaks"] == {}
    assert story.member("bob")["streaks"] == {"steady": Standing(1, 1, 0)}


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
    assert story.streak(now="2030-01-01T00:00Z") == Standing(0, expected, 0)


def test_a_streak_is_alive_by_the_clock_in_the_newest_calendar() -> None:
    story = streaked("day")
    story.publish("2024-03-10", MONDAY, calendar={"timezone": "Asia/Tokyo"})
    story.spent("ann", 1, "2024-03-08T12:00Z")
    assert story.streak(now="2024-03-09T12:00Z") == Standing(1, 1, 0)
    assert story.streak(now="2024-03-09T15:00Z") == Standing(0, 1, 0)

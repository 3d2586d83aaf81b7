"""Days without work, holidays and time off, which break no run of periods, line by line and by hand.

March 2024 begins on a Friday; the 4th, 11th and 18th are Mondays.
"""

import pytest

from tests.oracle import Standing
from tests.oracle.story import MONDAY, Story, away, done, reached, steady, streak


def longest(story: Story) -> int:
    return story.streak().longest


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("08", "11"), 2),  # from Friday to Monday
        (("08", "10", "11"), 2),  # Sunday counts for the Friday before
        (("10", "11"), 2),
        (("08", "12"), 1),
        (("09", "10"), 1),  # both count for Friday
        (("04", "05", "06", "07", "08", "11"), 6),
    ],
)
def test_workdays_follow_each_other_over_days_without_work(days: tuple[str, ...], expected: int) -> None:
    assert longest(done(steady("workday"), *days)) == expected


def test_what_is_done_on_a_sunday_completes_the_friday_before_at_its_own_time() -> None:
    story = done(steady("workday"), "07", "10")
    assert story.badges() == [reached("steady", "l2", "2024-03-10T12:00Z")]
    # On Tuesday Friday is not the period before the running one any more.
    assert story.streak(now="2024-03-11T23:59Z") == Standing(2, 2, 0)
    assert story.streak(now="2024-03-12T00:00Z") == Standing(0, 2, 0)


def test_a_holiday_is_as_if_it_were_not_there() -> None:
    calendar = {"holidays": ["2024-03-05", "2024-03-06"]}
    assert longest(done(steady("workday", calendar=calendar), "04", "07")) == 2
    assert longest(done(steady("day", calendar=calendar), "04", "07")) == 2
    assert longest(done(steady("day", calendar=calendar), "04", "08")) == 1
    # What is done on a holiday counts for the workday before it, and as a day it is a day like any other.
    assert longest(done(steady("workday", calendar=calendar), "04", "06", "07")) == 2
    assert longest(done(steady("day", calendar=calendar), "04", "06", "07")) == 3


def test_a_streak_of_days_misses_saturdays() -> None:
    assert longest(done(steady("day"), "08", "11")) == 1


@pytest.mark.parametrize(
    ("every", "holidays", "days", "expected"),
    [
        # The week of the 11th is off where its five workdays are; Saturday and Sunday do not matter.
        ("week", ("11", "12", "13", "14", "15"), ("04", "18"), 2),
        ("week", ("11", "12", "13", "14"), ("04", "18"), 1),
        ("week", ("11", "12", "13", "14", "16", "17"), ("04", "18"), 1),
    ],
)
def test_a_week_is_off_if_all_its_workdays_are(
    every: str, holidays: tuple[str, ...], days: tuple[str, ...], expected: int
) -> None:
    calendar = {"holidays": [f"2024-03-{day}" for day in holidays]}
    assert longest(done(steady(every, calendar=calendar), *days)) == expected


def test_holidays_and_time_off_together_make_a_week_off() -> None:
    story = done(steady("week", calendar={"holidays": ["2024-03-11"]}), "04", "18")
    assert longest(story) == 1
    away(story, "2024-03-12", "2024-03-13")
    assert longest(story) == 1
    away(story, "2024-03-13", "2024-03-15")
    assert longest(story) == 2


@pytest.mark.parametrize(
    ("every", "first", "last", "times", "expected"),
    [
        ("day", "2024-03-05", "2024-03-06", ("2024-03-04", "2024-03-07"), 2),  # both included
        ("day", "2024-03-05", "2024-03-05", ("2024-03-04", "2024-03-07"), 1),
        ("workday", "2024-03-05", "2024-03-06", ("2024-03-04", "2024-03-07"), 2),
        ("month", "2024-03-01", "2024-03-29", ("2024-02-04", "2024-04-04"), 2),  # the 30th is a Saturday
        ("month", "2024-03-01", "2024-03-28", ("2024-02-04", "2024-04-04"), 1),
        ("quarter", "2024-04-01", "2024-06-28", ("2024-03-04", "2024-07-04"), 2),
        ("year", "2024-01-01", "2024-12-31", ("2023-03-04", "2025-07-04"), 2),
        ("year", "2024-01-01", "2024-12-30", ("2023-03-04", "2025-07-04"), 1),
    ],
)
def test_time_off_is_as_if_it_were_not_there(
    every: str, first: str, last: str, times: tuple[str, str], expected: int
) -> None:
    story = steady(every)
    for day in times:
        story.spent("ann", 1, f"{day}T12:00Z")
    away(story, first, last)
    assert longest(story) == expected
    assert story.verdicts()[-1] == "APPLIED"


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [
        ("2024-03-05", "2024-03-05", "APPLIED"),
        ("2024-03-05", "2024-03-04", "REFUSED"),
        ("2024-01-01", "2024-12-31", "APPLIED"),  # 366 days
        ("2024-01-01", "2025-01-01", "REFUSED"),
        ("2023-02-29", "2023-03-01", "REFUSED"),
        ("2024-W10-1", "2024-W10-2", "REFUSED"),
        ("next week!", "2024-03-05", "REFUSED"),
    ],
)
def test_time_off_has_to_be_days_in_order_and_no_more_than_a_year(first: str, last: str, verdict: str) -> None:
    story = Story()
    away(story, first, last)
    assert story.verdicts() == [verdict]


def test_time_off_in_which_something_was_done_is_a_period_like_any_other() -> None:
    story = done(steady("day"), "04", "05", "06")
    away(story, "2024-03-05", "2024-03-05")
    assert longest(story) == 3


def test_holidays_are_those_of_the_version_of_the_event_that_completes_the_second_period() -> None:
    story = steady("day", calendar={"holidays": ["2024-03-06"]})
    story.publish("2024-03-07", MONDAY, badges=streak("day"))
    assert longest(done(story, "05", "07")) == 1
    story = steady("day")
    story.publish("2024-03-07", MONDAY, calendar={"holidays": ["2024-03-06"]}, badges=streak("day"))
    assert longest(done(story, "05", "07")) == 2


def test_for_the_running_run_the_newest_calendar_and_the_time_off_count() -> None:
    story = done(steady("day"), "04")
    assert story.streak(now="2024-03-07T12:00Z") == Standing(0, 1, 0)
    away(story, "2024-03-05", "2024-03-06")
    assert story.streak(now="2024-03-07T12:00Z") == Standing(1, 1, 0)
    assert story.streak(now="2024-03-08T12:00Z") == Standing(0, 1, 0)
    story.publish("2024-03-08", MONDAY, calendar={"holidays": ["2024-03-07"]}, badges=streak("day"))
    assert story.streak(now="2024-03-08T12:00Z") == Standing(1, 1, 0)

"""Tenure: how long a member has been here, line by line and by hand."""

import pytest

from tests.oracle.story import MONDAY, Story, reached


def tenured(every: str, levels: dict[str, int], zone: str = "UTC") -> Story:
    return Story(calendar={"timezone": zone}, badges={"here": {"tenure": every, "levels": levels}})


def came(story: Story, *times: str) -> Story:
    """The member joined, left, joined again, and so on."""
    for number, time in enumerate(times):
        story.event("member.left" if number % 2 else "member.joined", "ann", time)
    return story


@pytest.mark.parametrize(
    ("every", "joined", "number", "day"),
    [
        ("month", "2024-01-15", 1, "2024-02-15"),
        ("month", "2024-01-31", 1, "2024-02-29"),  # the month's last day
        ("month", "2023-01-31", 1, "2023-02-28"),
        ("month", "2024-01-31", 2, "2024-03-31"),
        ("month", "2023-11-30", 3, "2024-02-29"),
        ("month", "2023-12-15", 13, "2025-01-15"),
        ("year", "2024-02-29", 1, "2025-02-28"),
        ("year", "2024-02-29", 4, "2028-02-29"),
        ("year", "2023-03-01", 1, "2024-03-01"),
    ],
)
def test_tenure_is_the_day_so_many_months_or_years_later(every: str, joined: str, number: int, day: str) -> None:
    story = came(tenured(every, {"there": number}), f"{joined}T12:00Z")
    assert story.badges() == [reached("here", "there", f"{day}T00:00Z")]


@pytest.mark.parametrize(
    ("zone", "joined", "at"),
    [
        ("Europe/Berlin", "2024-01-30T23:00Z", "2024-02-28T23:00Z"),  # joined on the 31st
        ("Europe/Berlin", "2024-03-05T12:00Z", "2024-04-04T22:00Z"),  # in summer time
        ("America/Havana", "2024-02-10T12:00Z", "2024-03-10T05:00Z"),  # that day begins at one
        ("America/Havana", "2024-10-03T12:00Z", "2024-11-03T04:00Z"),  # its midnight comes twice, the first
        ("Pacific/Apia", "2011-11-30T12:00Z", "2011-12-30T10:00Z"),  # a day that was left out
        ("Africa/Monrovia", "1971-11-05T12:00Z", "1971-12-05T00:44:30Z"),
    ],
)
def test_it_is_the_first_moment_of_that_local_day(zone: str, joined: str, at: str) -> None:
    story = came(tenured("month", {"one": 1}, zone), joined)
    assert story.badges() == [reached("here", "one", at)]


def test_it_is_reached_once_the_clock_is_there() -> None:
    story = came(tenured("month", {"one": 1, "two": 2}), "2024-01-15T12:00Z")
    assert story.badges(now="2024-02-14T23:59:59.999Z") == []
    assert story.badges(now="2024-02-15T00:00Z") == [reached("here", "one", "2024-02-15T00:00Z")]


@pytest.mark.parametrize(
    ("times", "days"),
    [
        (("2024-01-15T12:00Z", "2024-02-14T23:00Z"), ()),
        (("2024-01-15T12:00Z", "2024-02-15T00:00Z"), ("2024-02-15",)),  # left at that very moment
        (("2024-01-15T12:00Z", "2024-02-20T12:00Z"), ("2024-02-15",)),  # a former member keeps it
        (("2024-01-15T12:00Z", "2024-01-20T12:00Z", "2024-01-25T12:00Z"), ("2024-02-25", "2024-03-25")),
    ],
)
def test_it_counts_from_the_last_time_the_member_came(times: tuple[str, ...], days: tuple[str, ...]) -> None:
    story = came(tenured("month", {"one": 1, "two": 2}), *times)
    assert [badge.at for badge in story.badges()] == [reached("", None, f"{day}T00:00Z").at for day in days]


def test_who_joins_again_without_having_left_has_been_here_all_the_time() -> None:
    story = tenured("month", {"one": 1})
    for time in ("2024-01-25T12:00Z", "2024-01-15T12:00Z"):
        story.event("member.joined", "ann", time)
    assert story.badges() == [reached("here", "one", "2024-02-15T00:00Z")]


def test_who_never_joined_has_no_tenure_and_no_year_is_too_far() -> None:
    story = tenured("year", {"one": 1, "never": 9_000})
    story.spent("ann", 1, "2020-01-01T00:00Z")
    assert story.badges() == []
    came(story, "2020-01-01T00:00Z")
    assert [badge.level for badge in story.badges()] == ["one"]


def test_the_newest_calendar_decides_about_tenure() -> None:
    story = came(tenured("month", {"one": 1}), "2024-01-15T12:00Z")
    badges = {"here": {"tenure": "month", "at": 1}}
    story.publish("2024-03-10", MONDAY, calendar={"timezone": "Asia/Tokyo"}, badges=badges)
    assert story.badges(now="2024-03-09T12:00Z") == [reached("here", "one", "2024-02-15T00:00Z")]
    assert story.badges(now="2024-03-10T12:00Z") == [reached("here", None, "2024-02-14T15:00Z")]


def test_what_is_retired_when_its_day_comes_is_not_reached() -> None:
    story = came(tenured("month", {"one": 1, "two": 2}), "2024-01-15T12:00Z")
    badge = {"tenure": "month", "levels": {"one": 1, "two": 2}, "retired": True}
    story.publish("2024-03-10", MONDAY, badges={"here": badge})
    assert [badge.level for badge in story.badges()] == ["one"]

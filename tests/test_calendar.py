"""What a day, a week and a year are: checked against calendars on walls, on either side of every border."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import ALL, DAY, KINDS, MONTH, QUARTER, WEEK, YEAR, Calendar, name_of, named, windows_of
from schemas.words import Day, Instant
from schemas.zones import zone

DATES = st.dates(date(1970, 1, 1), date(2199, 12, 31))
HOUR_MS = 3_600_000

BORDERS = (
    # (zone, local day, its first instant in UTC, hours it has)
    ("UTC", "2024-02-29", "2024-02-29T00:00:00Z", 24),
    ("UTC", "2024-03-01", "2024-03-01T00:00:00Z", 24),
    ("Europe/Berlin", "2024-03-31", "2024-03-30T23:00:00Z", 23),
    ("Europe/Berlin", "2024-04-01", "2024-03-31T22:00:00Z", 24),
    ("Europe/Berlin", "2024-10-27", "2024-10-26T22:00:00Z", 25),
    ("Europe/Berlin", "2024-10-28", "2024-10-27T23:00:00Z", 24),
    ("Asia/Kolkata", "2021-01-01", "2020-12-31T18:30:00Z", 24),
    # days that begin at one o'clock
    ("America/Havana", "2024-03-10", "2024-03-10T05:00:00Z", 23),
    ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z", 23),
    ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z", 23),
    ("America/Santiago", "2024-09-08", "2024-09-08T04:00:00Z", 23),
    # days in which midnight comes twice, at their beginning or at their end
    ("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", 25),
    ("Africa/Cairo", "2024-10-31", "2024-10-30T21:00:00Z", 25),
    ("Asia/Beirut", "2024-10-26", "2024-10-25T21:00:00Z", 25),
    ("America/Santiago", "2024-04-06", "2024-04-06T03:00:00Z", 25),
    # the day after one that was left out: 29 December was followed by the 31st
    ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24),
)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def day(text: str) -> Day:
    return Day(date.fromisoformat(text).toordinal())


def names(text: str) -> list[str]:
    """The windows of a local day."""
    return [name_of(kind, window) for kind, window in enumerate(windows_of(day(text)))]


@pytest.mark.parametrize(("where", "local", "start", "hours"), BORDERS)
def test_one_ms_decides_between_two_days(where: str, local: str, start: str, hours: int) -> None:
    calendar = Calendar(zone(where))
    first = at(start)
    assert calendar.midnight(day(local)) == first
    assert calendar.day(Instant(first)) == day(local)
    assert calendar.day(Instant(first - 1)) < day(local)
    end = first + hours * HOUR_MS
    assert calendar.day(Instant(end - 1)) == day(local)
    assert calendar.day(Instant(end)) > day(local)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2024-05-31", ["2024-05-31", "2024-W22", "2024-05", "2024-Q2", "2024", "all"]),
        ("2020-12-31", ["2020-12-31", "2020-W53", "2020-12", "2020-Q4", "2020", "all"]),
        ("2021-01-03", ["2021-01-03", "2020-W53", "2021-01", "2021-Q1", "2021", "all"]),
        ("2021-01-04", ["2021-01-04", "2021-W01", "2021-01", "2021-Q1", "2021", "all"]),
        ("2015-12-28", ["2015-12-28", "2015-W53", "2015-12", "2015-Q4", "2015", "all"]),
        ("2016-01-03", ["2016-01-03", "2015-W53", "2016-01", "2016-Q1", "2016", "all"]),
        ("2016-01-04", ["2016-01-04", "2016-W01", "2016-01", "2016-Q1", "2016", "all"]),
        ("2024-12-30", ["2024-12-30", "2025-W01", "2024-12", "2024-Q4", "2024", "all"]),
        ("2024-02-29", ["2024-02-29", "2024-W09", "2024-02", "2024-Q1", "2024", "all"]),
        ("1970-01-01", ["1970-01-01", "1970-W01", "1970-01", "1970-Q1", "1970", "all"]),
    ],
)
def test_a_day_lies_in_the_windows_of_the_calendar_on_the_wall(local: str, expected: list[str]) -> None:
    assert names(local) == expected


@given(DATES)
def test_a_window_is_as_datetime_and_iso_8601_name_it(when: date) -> None:
    week = when.strftime("%G-W%V")
    quarter = f"{when.year}-Q{-(-when.month // 3)}"
    assert names(when.isoformat()) == [
        when.isoformat(),
        week,
        when.isoformat()[:7],
        quarter,
        when.isoformat()[:4],
        "all",
    ]


@given(DATES, st.sampled_from((DAY, WEEK, MONTH, QUARTER, YEAR)))
def test_windows_are_consecutive_numbers(when: date, kind: int) -> None:
    today, tomorrow = windows_of(Day(when.toordinal())), windows_of(Day(when.toordinal() + 1))
    first = {
        DAY: True,
        WEEK: when.weekday() == 6,
        MONTH: (when + timedelta(1)).day == 1,
        QUARTER: (when + timedelta(1)).day == 1 and when.month % 3 == 0,
        YEAR: (when.month, when.day) == (12, 31),
    }
    assert tomorrow[kind] - today[kind] == first[kind]


@given(DATES, st.integers(DAY, ALL))
def test_the_name_of_a_window_names_it(when: date, kind: int) -> None:
    window = windows_of(Day(when.toordinal()))[kind]
    assert named(name_of(kind, window), Day(1)) == (kind, window)


@given(DATES, st.sampled_from(KINDS[:-1]))
def test_words_name_the_running_window_and_the_one_before_it(when: date, word: str) -> None:
    today = Day(when.toordinal())
    kind = KINDS.index(word)
    assert named(word, today) == (kind, windows_of(today)[kind])
    before = named(f"last-{word}", today)
    assert before == (kind, windows_of(today)[kind] - 1)


@pytest.mark.parametrize(
    "text",
    ["", "2024-13", "2024-00", "2023-02-29", "2021-W53", "2024-W00", "2024-Q5", "24", "2024-5", "W22", "week-1"],
)
def test_what_is_no_window_has_no_number(text: str) -> None:
    assert named(text, day("2024-05-31")) is None


def instants() -> Iterator[tuple[str, int]]:
    """Every half hour of the days on which the clocks of some zones were changed."""
    for where, _, start, _ in BORDERS:
        for step in range(-96, 96):
            yield where, at(start) + step * HOUR_MS // 2


def test_days_are_those_of_the_zone_on_every_half_hour_around_a_border() -> None:
    calendars: dict[str, Calendar] = {}
    for where, instant in instants():
        calendar = calendars.setdefault(where, Calendar(zone(where)))
        local = datetime.fromtimestamp(instant // 1000, tz=UTC).astimezone(zone(where)).date()
        assert calendar.day(Instant(instant)) == local.toordinal(), (where, instant)


@given(
    st.sampled_from(
        ("Europe/Berlin", "America/Havana", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "Asia/Kathmandu")
    ),
    DATES,
)
def test_a_day_begins_at_its_first_instant(where: str, when: date) -> None:
    calendar = Calendar(zone(where))
    today = Day(when.toordinal())
    start = calendar.midnight(today)
    assert calendar.day(start) == today
    assert calendar.day(Instant(start - 1)) == today - 1

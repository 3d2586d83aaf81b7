"""What a day, a week and a year are, on days drawn at random; `test_calendar_truths.py` lists known ones."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import ALL, DAY, KINDS, MONTH, QUARTER, WEEK, YEAR, Calendar, name_of, named, windows_of
from schemas.words import Day, Instant
from schemas.zones import time_zones, zone

DATES = st.dates(date(1970, 1, 1), date(2199, 12, 31))
MS_MAX = (date(2199, 12, 31) - date(1970, 1, 1)) // timedelta(milliseconds=1)


def day(text: str) -> Day:
    return Day(date.fromisoformat(text).toordinal())


def names(text: str) -> list[str]:
    """The windows of a local day."""
    return [name_of(kind, window) for kind, window in enumerate(windows_of(day(text)))]


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


@given(st.sampled_from(sorted(time_zones())), st.integers(0, MS_MAX))
def test_an_instant_lies_between_the_midnights_of_its_day_in_every_zone(where: str, instant: int) -> None:
    calendar = Calendar(zone(where))
    today = calendar.day(Instant(instant))
    assert calendar.midnight(today) <= instant < calendar.midnight(Day(today + 1))

"""Spans of the calendar: days, workdays, weeks, … each known by its first day; and the windows by their names."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from .days import EVER, ONE, Calendar


def first_day(day: date, every: str, calendar: Calendar) -> date:
    """The first day of the span that a day is in; a workday holds the days without work that follow it."""
    if every == "workday":
        return day if calendar.is_workday(day) else first_day(day - ONE, every, calendar)
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": date(day.year, day.month, 1),
        "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": date(day.year, 1, 1),
        "all": EVER,
    }[every]


@cache
def following(first: date, every: str, calendar: Calendar) -> date:
    """The first day of the span after the one that begins on a day."""
    day = first + ONE
    while first_day(day, every, calendar) <= first:
        day += ONE
    return day


def last_day(first: date, every: str, calendar: Calendar) -> date:
    """The last day of the span that begins on a day."""
    return following(first, every, calendar) - ONE


def between(earlier: date, later: date, every: str, calendar: Calendar) -> list[date]:
    """The spans that lie between two others, in order."""
    spans = []
    span = following(earlier, every, calendar)
    while span < later:
        spans.append(span)
        span = following(span, every, calendar)
    return spans


@cache
def windows(day: date) -> Mapping[str, str]:
    """The names of the six windows that a day is in, by their kind."""
    year, week, _ = day.isocalendar()
    return {
        "day": f"{day.year:04}-{day.month:02}-{day.day:02}",
        "week": f"{year:04}-W{week:02}",
        "month": f"{day.year:04}-{day.month:02}",
        "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
        "year": f"{day.year:04}",
        "all": "all",
    }

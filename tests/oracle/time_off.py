"""Time off and holidays: which periods are as if they were not there."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from pydantic import JsonValue

from .days import ONE, Calendar
from .periods import last_day

LONGEST = 366
"""The most days of one time off."""


def is_time_off(data: Mapping[str, JsonValue]) -> bool:
    """Whether a `member.away` names two days in order that are not too far apart."""
    first, last = day_named(data["first_day"]), day_named(data["last_day"])
    return first is not None and last is not None and timedelta(0) <= last - first < timedelta(days=LONGEST)


def day_named(text: JsonValue) -> date | None:
    """The day of a text such as 2024-05-31."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_off(first: date, every: str, calendar: Calendar, away: Sequence[tuple[date, date]]) -> bool:
    """Whether all days that count of the period that begins on a day are holidays or time off."""
    return all(
        day in calendar.holidays or any(begins <= day <= ends for begins, ends in away)
        for day in days_that_count(first, every, calendar)
    )


def days_that_count(first: date, every: str, calendar: Calendar) -> list[date]:
    """Of a day or workday itself, of a longer period the days of the week on which people work."""
    if every in {"day", "workday"}:
        return [first]
    days = [first + ONE * number for number in range((last_day(first, every, calendar) - first).days + 1)]
    return [day for day in days if day.weekday() in calendar.weekdays]

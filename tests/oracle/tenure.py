"""Tenure: how many months or years a member has been here without leaving."""

from calendar import monthrange
from datetime import date

from .days import Calendar
from .levels import Earned
from .people import Person
from .rulebook import Badge, Level


def levels_of_stay(defined: Badge, person: Person, calendar: Calendar, now: int) -> dict[Level, Earned]:
    """The levels that a member's last stay has reached, each at the first moment of its day."""
    came, left = person.stay
    if came is None:
        return {}
    end = now if left is None else min(now, left)
    months = {"month": 1, "year": 12}[defined.tenure]
    days = {level: later(calendar.day(came), months * int(number)) for level, number in defined.levels.items()}
    moments = {level: calendar.begins(day) for level, day in days.items() if day is not None}
    return {level: Earned(at) for level, at in moments.items() if at <= end}


def later(day: date, months: int) -> date | None:
    """The same day so many months later, or that month's last one; None after the last year of the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

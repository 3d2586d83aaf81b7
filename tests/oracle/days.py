"""Local days, and the windows and periods that they fall into."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

EVER = date.min
"""Before every day that an event can have."""


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name from the tzdata package, whatever the system has."""
    with files("tzdata").joinpath("zoneinfo", name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def local_day(instant: int, where: ZoneInfo) -> date:
    """The day of an instant (ms) on a calendar on the wall there."""
    return datetime.fromtimestamp(instant // 1000, tz=UTC).astimezone(where).date()


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


def period(day: date, every: str) -> int:
    """The number of the period that a day is in; the next period has the next number."""
    return {
        "day": day.toordinal(),
        "week": (day.toordinal() - 1) // 7,  # day 1 was a Monday
        "month": day.year * 12 + day.month,
        "quarter": day.year * 4 + (day.month + 2) // 3,
        "year": day.year,
    }[every]

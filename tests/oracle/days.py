"""Local days by a rulebook's calendar, and when they begin: every window and period is made of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

EVER = date.min
"""Before every day that an event can have."""

ONE = timedelta(days=1)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name from the tzdata package, whatever the system has."""
    with files("tzdata").joinpath("zoneinfo", name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def moment(instant: int) -> datetime:
    """The second in which an instant (ms) lies."""
    return datetime.fromtimestamp(instant // 1000, tz=UTC)


@dataclass(frozen=True)
class Calendar:
    """What a day is somewhere, and which days are worked; days of the week by their number, Monday is 0."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    holidays: frozenset[date]

    def day(self, instant: int) -> date:
        """The day of an instant (ms) on a calendar on the wall there, where a day that has begun is not taken back."""
        shown = moment(instant).astimezone(self.zone).date()
        return shown + ONE if self.begins(shown + ONE) <= instant else shown

    def begins(self, day: date) -> int:
        """The first moment (ms) of a day there; where a day is left out, that of the one after it."""
        return first_moment(day, self.zone)

    def is_workday(self, day: date) -> bool:
        """Whether people work on it."""
        return day.weekday() in self.weekdays and day not in self.holidays


@cache
def first_moment(day: date, where: ZoneInfo) -> int:
    """Looks at every minute from before the day begins anywhere, and then at every second of one minute."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    minutes = (start + timedelta(minutes=number) for number in range(48 * 60))
    minute = next(at for at in minutes if at.astimezone(where).date() >= day)
    seconds = (minute + timedelta(seconds=number) for number in range(-59, 1))
    second = next(at for at in seconds if at.astimezone(where).date() >= day)
    return round(second.timestamp()) * 1000

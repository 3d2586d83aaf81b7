"""Local days and the windows they lie in: how an instant becomes 2024-05-31, 2024-W22, 2024-05, 2024-Q2, 2024.

Windows are small integers inside the engine, consecutive where the windows are: a day is its ordinal, a week the
number of its Monday in weeks, a month `12 * year + month - 1`, a quarter `4 * year + quarter - 1`. They become
texts (ISO 8601) only where they leave it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from schemas.windows import window_named
from schemas.words import Day, Instant

DAY, WEEK, MONTH, QUARTER, YEAR, ALL, WORKDAY, SEASON = range(8)
KINDS = ("day", "week", "month", "quarter", "year", "all")
"""Kinds of window by their number; `ever`, as limits call it, is `all`. Workdays are for limits and streaks alone."""

NEVER = 1 << 24
"""A local day after every other."""

Windows = tuple[Day, int, int, int, int, int, int]
"""The windows that one local day lies in, by kind up to the workday; the first is the day itself."""

_MONDAY_TO_FRIDAY = frozenset(range(5))

_SLICE_MS = 900_000  # every zone's offsets since 1970 change on whole quarter hours of UTC
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def windows_of(day: Day) -> tuple[Day, int, int, int, int, int]:
    """The windows of every kind that contain a local day, but for the workday, which hangs on the calendar."""
    when = date.fromordinal(day)
    month = when.month - 1
    return (
        day,
        (day - 1) // 7,
        12 * when.year + month,
        4 * when.year + month // 3,
        when.year,
        0,
    )


class Calendar:
    """The local days of one time zone, and which of them are worked; answered from memory after the first time."""

    def __init__(
        self, zone: tzinfo, workdays: frozenset[int] = _MONDAY_TO_FRIDAY, holidays: frozenset[int] = frozenset()
    ) -> None:
        """Days of the week count from Monday, 0; holidays are local days."""
        self.zone = zone
        self.workdays = workdays
        self.holidays = holidays
        self._slices: dict[int, Windows] = {}
        self._windows: dict[Day, Windows] = {}

    def at(self, instant: Instant) -> Windows:
        """The windows that an instant lies in; the first is its local day."""
        part = instant // _SLICE_MS
        found = self._slices.get(part)
        if found is None:
            local = (_EPOCH + timedelta(milliseconds=instant)).astimezone(self.zone)
            found = self._slices[part] = self.windows(Day(local.toordinal()))
        return found

    def day(self, at: Instant) -> Day:
        """The local day of an instant."""
        return self.at(at)[0]

    def windows(self, day: Day) -> Windows:
        """`windows_of`, remembered."""
        found = self._windows.get(day)
        if found is None:
            found = self._windows[day] = (*windows_of(day), self._workday(day))
        return found

    def is_worked(self, day: int) -> bool:
        """Whether a day of the week is one of work, a holiday or not."""
        return (day - 1) % 7 in self.workdays

    def _workday(self, day: int) -> int:
        """The workday that a local day belongs to: itself, or the one before."""
        while not self.is_worked(day) or day in self.holidays:
            day -= 1
        return day

    def following(self, kind: int, window: int) -> int:
        """The window that comes next."""
        if kind != WORKDAY:
            return window + 1
        day = window + 1  # the window may be of another version's calendar, and no workday in this one
        while self._workday(day) != day:
            day += 1
        return day

    def days(self, kind: int, window: int) -> tuple[Day, Day]:
        """The first day of a window, and the first one after it."""
        return Day(first_day(kind, window)), Day(first_day(kind, self.following(kind, window)))

    def midnight(self, day: Day) -> Instant:
        """The first instant of a local day: where a zone skips midnight, the first moment that exists."""
        naive = datetime.combine(date.fromordinal(day), datetime.min.time())
        # A skipped midnight, read with fold=0, lies before the gap in UTC terms: round-trip to see it.
        start = naive.replace(tzinfo=self.zone).astimezone(UTC)
        at = round((start - _EPOCH) / timedelta(milliseconds=1))
        while self.day(Instant(at)) < day:
            at += _SLICE_MS
        while self.day(Instant(at - 1)) >= day:
            at -= _SLICE_MS
        return Instant(at)


def first_day(kind: int, window: int) -> int:
    """The local day with which a window of a board begins, but for a season; 0 for all time."""
    if kind == ALL:
        return 0
    if kind in {DAY, WORKDAY}:
        return window
    if kind == WEEK:
        return 7 * window + 1
    months = {MONTH: window, QUARTER: 3 * window, YEAR: 12 * window}[kind]
    return date(months // 12, months % 12 + 1, 1).toordinal()


def name_of(kind: int, window: int, names: Sequence[str] = ()) -> str:
    """A window's text: `2024-05-31`, `2024-W22`, `2024-05`, `2024-Q2`, `2024`, `all`; a season's is its id."""
    if kind == SEASON:
        return names[window].removeprefix("season:")
    if kind == DAY:
        return date.fromordinal(window).isoformat()
    if kind == WEEK:
        year, week, _ = date.fromordinal(window * 7 + 1).isocalendar()
        return f"{year:04}-W{week:02}"
    if kind == MONTH:
        return f"{window // 12:04}-{window % 12 + 1:02}"
    if kind == QUARTER:
        return f"{window // 4:04}-Q{window % 4 + 1}"
    return f"{window:04}" if kind == YEAR else "all"


def named(text: str, today: Day) -> tuple[int, int] | None:
    """The (kind, window) that a text names, `week` and `last-week` being seen from `today`; None if it is none."""
    if text == "all":
        return ALL, 0
    plain = text.removeprefix("last-")
    if plain in KINDS:
        kind = KINDS.index(plain)
        return kind, windows_of(today)[kind] - (plain != text)
    found = window_named(text)
    if found is None:
        return None
    kind = KINDS.index(found[0].value)
    return kind, windows_of(Day(found[1].toordinal()))[kind]

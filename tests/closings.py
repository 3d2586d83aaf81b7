"""Makes a log as it is written in reality: recorded in order, each day closed once it is over, some of it imported."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from schemas.records import Record
from tests.expression_strategies import one_in
from tests.strategies import hashed, local_midnight, record

SOURCE = "karmalog"


@st.composite
def as_written(draw: DrawFn, found: list[Record]) -> list[Record]:
    """The records in the same order, recorded in it: what says that it was recorded earlier is imported, or is late."""
    imports = draw(st.booleans())
    made: list[Record] = []
    clock = 0
    for each in found:
        if each["recorded"] >= clock:
            clock = each["recorded"]
            made.append(each)
        elif imports:
            made.append({**each, "run": "abcdef"})
        else:
            made.append({**each, "recorded": clock})
    return made


def in_time(found: list[Record], rulebook: Record) -> list[Record]:
    """With a rulebook among them, by when it was recorded."""
    later = (at for at, each in enumerate(found) if "run" not in each and each["recorded"] >= rulebook["recorded"])
    place = next(later, len(found))
    return [*found[:place], rulebook, *found[place:]]


@st.composite
def closed(draw: DrawFn, log: list[Record], where: ZoneInfo, now: int) -> list[Record]:
    """A log that was recorded in order, with the closing of every day since its first; the last ones may be missing.

    A day is closed at once when it is over; or, where nobody was there to do it, with others before the next record.
    """
    made: list[Record] = []
    today = local_day(log[0]["recorded"], where)
    for each in log:
        if "run" not in each:
            due = list(over(today, each["recorded"], where))
            if due and not draw(one_in(4)):
                at_once = draw(st.booleans())
                made += [closing(day, where, None if at_once else each["recorded"]) for day in due]
                today = due[-1] + timedelta(1)
                if draw(one_in(6)):
                    made.append({**made[-1], "recorded": each["recorded"]})  # another worker closed it as well
        made.append(each)
    due = list(over(today, now, where))
    made += [closing(day, where, None) for day in due[: draw(st.sampled_from((0, 2, 400)))]]
    return recorded_in_order(made)


def recorded_in_order(log: list[Record]) -> list[Record]:
    """The same, where what was closed late was recorded late."""
    clock, made = 0, list[Record]()
    for each in log:
        clock = clock if "run" in each else max(clock, each["recorded"])
        made.append({**each, "recorded": clock} if each["type"] == "day.closed" else each)
    return made


def local_day(instant: int, where: ZoneInfo) -> date:
    """The day of an instant."""
    return datetime.fromtimestamp(instant // 1000, tz=where).date()


def over(first: date, now: int, where: ZoneInfo) -> Iterator[date]:
    """The days from the first on that are over."""
    day = first
    while local_midnight(day + timedelta(1), where) <= now:
        yield day
        day += timedelta(1)


def closing(day: date, where: ZoneInfo, recorded: int | None) -> Record:
    """The record that a day is over; recorded at its end unless said."""
    end = local_midnight(day + timedelta(1), where)
    made = record("day.closed", SOURCE, end, {"day": day.isoformat()}, 0, SOURCE)
    return {
        **made,
        "id": hashed(f"day {day}", 32),
        "stamp": hashed(f"closed {day}", 16),
        "recorded": end if recorded is None else max(end, recorded),
    }

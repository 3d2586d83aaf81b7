"""Small worlds in which everything collides: few members, few instants on awkward days, tight limits, late events.

Left out, because docs/definitions.md leaves it open or the engine does not do it yet:
- Two versions with different time zones or kinds of group: which of them decides about a move.
- A second version published for a day that already has one, or within minutes of its beginning.
What is left out of rulebooks stands in `tests.rulebook_strategies`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from schemas.records import RECORD, Record
from schemas.zones import zone
from tests.expression_strategies import (
    COURSE,
    MADE,
    MENTORING,
    OWN,
    PLAYED,
    REVIEW,
    SHOWN,
    Json,
    maybe,
)
from tests.people_strategies import GROUPS, said_of_people, taking_part
from tests.rulebook_strategies import Frame, frames, rulebooks

MEMBERS = ("ann", "bob", "çem", "dee")
SOURCES = ("/b", "/a", "/ü")
HOUR_MS = 3_600_000
FUTURE_MS = 300_000

PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Europe/Berlin", ("2024-03-31", "2024-04-01", "2024-03-29")),  # 23 hours
    ("Europe/Berlin", ("2024-10-27", "2024-10-28", "2024-10-26")),  # 25 hours
    ("America/Havana", ("2024-03-10", "2024-03-11", "2024-03-09")),  # a day without a midnight
    ("America/Havana", ("2024-11-03", "2024-11-04", "2024-11-02")),  # a midnight that comes twice
    ("Asia/Kolkata", ("2020-12-31", "2021-01-03", "2021-01-04", "2020-12-27")),  # 2020-W53
    ("UTC", ("2015-12-31", "2016-01-01", "2016-01-03", "2016-01-04")),  # 2015-W53
    ("UTC", ("2024-02-29", "2024-03-01", "2024-02-28", "2024-03-02")),
    ("America/Havana", ("2023-12-31", "2024-01-01", "2024-01-02")),
)
"""A zone, and local days with a border of it between them."""


FAR = ((0, 0, 0, 7, 31, 370), (0, 1, 2, 3, 4, 5, 6, 7, 8), (0, 0, 0, 1, 2, 3, 31, 59))
"""How many days after these things happen."""


@dataclass(frozen=True)
class World:
    """A log that begins with a rulebook, and the clock at which it is asked for answers."""

    records: list[Record]
    now: int


@dataclass(frozen=True)
class Sizes:
    """How the engine goes through a log: the constants that decide when its deeper paths run."""

    segment: int
    tail: int
    segment_claims: int
    hot_ms: int


def sizes() -> SearchStrategy[Sizes]:
    """Mostly small ones, so that a few events fill chunks and segments."""
    return st.builds(
        Sizes,
        segment=st.sampled_from((2, 3, 64)),
        tail=st.sampled_from((2, 3, 5, 48)),
        segment_claims=st.sampled_from((3, 5, 32_768)),
        hot_ms=st.sampled_from((0, HOUR_MS, 36 * HOUR_MS, 35 * 24 * HOUR_MS, 10 * 366 * 24 * HOUR_MS)),
    )


def local_midnight(day: date, where: ZoneInfo) -> int:
    """The first instant of a local day, in ms, found by looking at every quarter of an hour around it."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    steps = (start + timedelta(minutes=15 * step) for step in range(200))
    return next(round(at.timestamp() * 1000) for at in steps if at.astimezone(where).date() >= day)


@st.composite
def instants(
    draw: DrawFn, where: ZoneInfo, days: tuple[str, ...], far: tuple[tuple[int, ...], ...] = FAR, *, is_life: bool
) -> list[int]:
    """A few instants, most of them within a ms of a border of a local day, and so many days after it."""
    starts = [local_midnight(date.fromisoformat(day), where) for day in days]
    later = draw(st.sampled_from(far))
    instant = st.builds(
        lambda start, by, after: start + by + after * 24 * HOUR_MS,
        st.sampled_from(starts),
        st.sampled_from((-1, 0, 1, HOUR_MS, 2 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS + 5)),
        st.sampled_from(later),
    )
    return draw(st.lists(instant, min_size=12 if is_life else 3, max_size=24 if is_life else 8, unique=True))


# Records.


def hashed(text: str, digits: int) -> str:
    """So many hex digits that look random and are the same for the same text."""
    return blake2b(text.encode(), digest_size=digits // 2).hexdigest()


def record(kind: str, subject: str, time: int, data: Json, number: int, source: str = SOURCES[0]) -> Record:
    """A record as intake leaves it, recorded when it happened."""
    return RECORD.validate_python(
        {
            "org": "acme",
            "id": hashed(f"id {number}", 32),
            "source": source,
            "type": kind,
            "subject": subject,
            "time": time,
            "recorded": time,
            "stamp": hashed(f"stamp {number}", 16),
            "data": data,
        }
    )


def published(version: int, since: str | None, book: Json, time: int) -> Record:
    """A rulebook, as a record."""
    data = {"version": version, "from": since, "rulebook": book}
    return record("rulebook.published", "admin", time, data, -version, "karmalog")


@st.composite
def own_data(draw: DrawFn, kind: str) -> Json:
    """Data of one of our own types; numbers are whole eighths, so that halves to be rounded are frequent."""
    numbers = st.integers(-4, 24).map(lambda eighths: eighths / 8)
    return {
        "n": draw(st.integers(-1, 3)),
        "x": draw(numbers),
        "v": draw(st.sampled_from((0.0, 1.0, 1.5))) if kind == SHOWN else draw(st.integers(0, 1)),
        "ok": draw(st.booleans()),
        "who": draw(st.sampled_from((*MEMBERS, *MEMBERS, "no\u200bbody"))),
        **draw(maybe("tag", st.sampled_from(("a", "ann", "bob")))),
    }


SAID = ("people", "people", "group", "group", "group", "away", "freeze", "hand")
KINDS = (*(MADE,) * 11, SHOWN, SHOWN, PLAYED, REVIEW, COURSE, MENTORING, *SAID)

LIFE = (*(MADE,) * 18, SHOWN, PLAYED, "people", "group", "group", "away", "freeze", "hand")


@st.composite
def contents(
    draw: DrawFn, members: tuple[str, ...], kinds: tuple[str, ...], frame: Frame, days: tuple[str, ...]
) -> tuple[str, Json]:
    """The type and data of an event."""
    kind = draw(st.sampled_from(kinds))
    if kind in OWN:
        return kind, draw(own_data(kind))
    if kind == REVIEW:
        optional = draw(maybe("change", st.sampled_from(("1", "2"))))
        return kind, {"author": draw(st.sampled_from(members)), **optional}
    if kind == MENTORING:
        return kind, {"mentor": draw(st.sampled_from(members)), "mentee": draw(st.sampled_from(members))}
    if kind == COURSE:
        return kind, {"course": draw(st.sampled_from(("go", "c")))}
    return draw(taking_part(frame) if kind == "challenge" else said_of_people(kind, frame, days))


DELAYS = (0,) * 12 + (HOUR_MS, HOUR_MS + 1, 36 * HOUR_MS, 36 * HOUR_MS + 1, -FUTURE_MS)
"""From when something happened to when it was recorded; some are exactly what `late` allows."""


@st.composite
def events(
    draw: DrawFn, times: list[int], members: tuple[str, ...], frame: Frame, days: tuple[str, ...], *, is_life: bool
) -> list[Record]:
    """Events with their repeats, in any order or nearly in that of time."""
    made: list[Record] = []
    kinds = LIFE if is_life else (*KINDS, *("challenge",) * 4) if frame.challenges else KINDS
    are_many = is_life or bool(frame.challenges)
    for number in range(draw(st.sampled_from((24, 32, 48) if are_many else (1, 2, 4, 8, 16, 32, 48)))):
        before = draw(st.sampled_from((*(None,) * 20, "repeat", "conflict", "confirm", "confirm")))
        if before == "confirm":
            made.append(draw(confirmations(made, times, members, number)))
            continue
        if made and before is not None:
            earlier = made[draw(st.integers(0, len(made) - 1))]
            made.append(earlier if before == "repeat" else draw(altered(earlier, times, number)))
            continue
        kind, data = draw(contents(members, kinds, frame, days))
        time, source = draw(st.sampled_from(times)), draw(st.sampled_from(SOURCES))
        fresh = record(kind, draw(st.sampled_from((members[0], *members))), time, data, number, source)
        fresh["recorded"] = time + draw(st.sampled_from(DELAYS))
        made.append(fresh)
    orders = ("nearly", "by time", "any") if frame.challenges else ("any", "backwards", "by time", "nearly")
    order = "nearly" if is_life else draw(st.sampled_from(orders))
    if order == "any":
        return made
    made.sort(key=lambda found: (found["time"], found["source"], found["id"]), reverse=order == "backwards")
    if order != "nearly":
        return made
    every, late = draw(st.integers(3, 12)), draw(st.integers(2, 20))
    places = sorted(range(len(made)), key=lambda at: at + (late if at % every == 0 else 0))
    return [made[at] for at in places]


@st.composite
def confirmations(draw: DrawFn, made: list[Record], times: list[int], members: tuple[str, ...], number: int) -> Record:
    """A member says that an event happened: one of those so far, one that comes later, or one that never does."""
    about = draw(st.integers(0, number + 3))
    by = draw(st.sampled_from(members))
    if about < len(made):
        data = made[about]["data"]
        by = str(draw(st.sampled_from((by, data.get("who", by), data.get("mentee", by)))))
    identity = made[about]["id"] if about < len(made) else hashed(f"id {about}", 32)
    time, data = draw(st.sampled_from(times)), {"source": SOURCES[0], "id": identity}
    return record("activity.confirmed", by, time, data, number, draw(st.sampled_from(SOURCES)))


@st.composite
def joined(draw: DrawFn, members: tuple[str, ...], time: int) -> list[Record]:
    """Some members are in a team from the beginning."""
    teams = draw(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=len(members)))
    return [
        record("group.joined", member, time, {"kind": "team", "group": group}, 1_000 + number)
        for number, (member, group) in enumerate(zip(members, teams, strict=False))
    ]


@st.composite
def altered(draw: DrawFn, earlier: Record, times: list[int], number: int) -> Record:
    """Another event under the identity of an earlier one."""
    other = RECORD.validate_python({**earlier, "stamp": hashed(f"other {number}", 16)})
    other["time"] = draw(st.sampled_from(times))
    other["recorded"] = max(other["time"], earlier["recorded"])
    return other


@st.composite
def worlds(draw: DrawFn, *, is_life: bool = False) -> World:
    """A rulebook, events, perhaps a second version from one of the days on, and a clock after all of it.

    `is_life`: hardly more than one member, of whom nearly everything counts and nearly everything comes in order.
    """
    where, days = draw(st.sampled_from(PLACES))
    times = draw(instants(zone(where), days, is_life=is_life))
    members = MEMBERS[: draw(st.integers(1, 2) if is_life else st.integers(2, 4))]
    frame = draw(frames(where, is_life=is_life))
    found = [
        *draw(joined(members, min(times) - 24 * HOUR_MS)),
        *draw(events(times, members, frame, days, is_life=is_life)),
    ]
    book = draw(rulebooks(frame, days, is_life=is_life, is_later=False))
    first = published(1, None, book, min(times) - 10 * 24 * HOUR_MS)
    log = [first, *found]
    if draw(st.booleans()):
        day = draw(st.sampled_from(days))
        since = local_midnight(date.fromisoformat(day), zone(where))
        later = draw(rulebooks(frame, days, is_life=is_life, is_later=True))
        second = published(2, day, later, since - 2 * HOUR_MS)
        log = [first, *_in_time(found, since, second, draw(st.integers(0, len(found))))]
    if draw(st.sampled_from((True, False, False, False))):
        log.append(first)
    latest = max(each["time"] for each in log)
    return World(log, latest + draw(st.sampled_from((0, 24 * HOUR_MS, 8 * 24 * HOUR_MS, 40 * 24 * HOUR_MS))))


def _in_time(found: list[Record], since: int, second: Record, place: int) -> list[Record]:
    """The events with a rulebook among them: in the log before anything that happens once it holds."""
    first_under_it = next((at for at, each in enumerate(found) if each["time"] >= since), len(found))
    at = min(place, first_under_it)
    return [*found[:at], second, *found[at:]]

"""Small worlds in which everything collides: few members, few instants on awkward days, tight limits, late events.

Left out:
- `best` boards by group: not evaluated, as docs/definitions.md says.
- What docs/definitions.md leaves open when a later version changes a score: its kind, its scale, the numbers of its
  levels, and windows or kinds of owner that the earlier version did not keep. Versions here differ in everything else.
- Two versions with different time zones or kinds of group: which of them decides about a move is open as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from schemas.records import RECORD, Record
from schemas.zones import zone

Json: TypeAlias = Any
"""JSON data; a rulebook is built from many pieces of it."""

MEMBERS = ("ann", "bob", "çem", "dee")
SOURCES = ("/b", "/a", "/ü")
GROUPS = ("red", "blue")
MADE, SHOWN, PLAYED, REVIEW, COURSE, MENTORING = (
    "acme.craft.made",
    "acme.craft.shown",
    "acme.craft.played",
    "code_review.given",
    "course.completed",
    "mentoring.held",
)
TYPES = (MADE, SHOWN, PLAYED, REVIEW, COURSE, MENTORING)
OWN = (MADE, SHOWN, PLAYED)
ASKED = ([MADE], [MADE], [MADE, SHOWN], [MADE, PLAYED], [MADE, REVIEW], [SHOWN], [MENTORING, MADE], [COURSE, MADE])
"""Types of one rule or score; mostly the most frequent one, so that what is counted collides."""
OWN_ASKED = tuple(types for types in ASKED if set(types) <= set(OWN))
HOUR_MS = 3_600_000
FUTURE_MS = 300_000
WINDOWS = ("day", "week", "month", "quarter", "year", "all")

DATA: dict[str, Json] = {
    kind: {
        "type": "object",
        "required": ["n", "x", "v", "ok", "who"],
        "properties": {
            "n": {"type": "integer"},
            "x": {"type": "number"},
            "v": {"type": "number" if kind == SHOWN else "integer"},
            "ok": {"type": "boolean"},
            "who": {"type": "string"},
            "tag": {"type": "string"},
        },
    }
    for kind in OWN
}
"""Types with fields of every kind; `v` is a whole number in some and not in others, `tag` may be absent."""

TRUTHS = (
    "data.ok",
    "!data.ok",
    "data.n > 1",
    "data.n % 2 == 0",
    "data.x >= 1.5",
    "data.n < data.x",
    "data.who != subject",
    "has(data.tag)",
    "has(data.tag) && data.tag == 'a'",
    "subject in ['ann', 'bob']",
    "6 / data.n > 1",  # fails where n is 0
)
WHOLES = (
    "data.n",
    "2 * data.n - 3",
    "data.ok ? 4 : -2",
    "int(data.x)",
    "size(data.who)",
    "6 / data.n",
    "data.n * 500000",  # out of range for some
)
NUMBERS = ("data.x", "data.x * 0.5", "data.n > 0 ? data.x : 2.25", "data.v", *WHOLES)
VALUES = ("data.who", "data.v", "data.n", "data.x", "data.ok", "has(data.tag) ? data.tag : ''", "subject")
CREDITS = ("data.who", "'bob'", "has(data.tag) ? data.tag : subject")
ONCE = ("data.n", "data.who", "data.tag", "data.v", "day", "subject")

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
    return next(
        round(at.timestamp() * 1000) for at in steps if at.astimezone(where).date() >= day
    )


@st.composite
def instants(draw: DrawFn, where: ZoneInfo, days: tuple[str, ...], *, is_life: bool) -> list[int]:
    """A few instants, most of them within a ms of a border of a local day."""
    starts = [local_midnight(date.fromisoformat(day), where) for day in days]
    far = (0, 0, 0, 7, 31, 370)
    instant = st.builds(
        lambda start, by, later: start + by + later * 24 * HOUR_MS,
        st.sampled_from(starts),
        st.sampled_from((-1, 0, 1, HOUR_MS, 2 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS + 5)),
        st.sampled_from(far),
    )
    return draw(st.lists(instant, min_size=12 if is_life else 3, max_size=24 if is_life else 8, unique=True))


# Rulebooks.


def some(values: tuple[str, ...]) -> SearchStrategy[list[str]]:
    """One or two of them, each at most once."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


def one_in(number: int) -> SearchStrategy[bool]:
    """True once in so many times."""
    return st.integers(1, number).map(lambda drawn: drawn == number)


@st.composite
def maybe(draw: DrawFn, name: str, value: SearchStrategy[Json], once_in: int = 2) -> dict[str, Json]:
    """A mapping with that field once in so many times, else an empty one."""
    return {name: draw(value)} if draw(one_in(once_in)) else {}


@st.composite
def limits(draw: DrawFn) -> list[Json]:
    """Several limits of any kind, tight."""
    pers = st.sampled_from(("day", "week", "month", "quarter", "year", "ever"))
    limit = st.one_of(
        st.builds(lambda per, times: {"per": per, "times": times}, pers, st.integers(1, 3)),
        st.builds(lambda per, points: {"per": per, "points": points}, pers, st.integers(1, 12)),
    )
    return draw(st.lists(limit, max_size=3))


@st.composite
def rules(draw: DrawFn, days: tuple[str, ...]) -> dict[str, Json]:
    """Rules `one` to `three`: their names are the same in every version."""
    made: dict[str, Json] = {}
    for name in ("one", "two", "three"):
        constant = draw(st.booleans())
        types = draw(st.sampled_from(ASKED if constant else OWN_ASKED))
        award = st.integers(-4, 7) if constant else st.sampled_from(WHOLES)
        made[name] = {
            "event": types,
            "award": draw(award),
            "limits": draw(limits()),
            **(draw(maybe("when", st.sampled_from(TRUTHS), 4)) if types in OWN_ASKED else {}),
            **draw(maybe("until", st.sampled_from(days), 6)),
        }
    return made


@st.composite
def scores(draw: DrawFn) -> dict[str, Json]:
    """A score of any kind, without its `when`."""
    kind = draw(st.sampled_from(("points", "count", "sum", "distinct", "best")))
    if kind == "points":
        return {"points": draw(some(("one", "two", "three")))}
    if kind == "count":
        return {"count": draw(st.sampled_from(ASKED))}
    if kind == "distinct":
        return {"distinct": draw(st.sampled_from(VALUES)), "event": draw(st.sampled_from(OWN_ASKED))}
    return {
        kind: draw(st.sampled_from(NUMBERS)),
        "event": draw(st.sampled_from(OWN_ASKED)),
        **draw(maybe("scale", st.sampled_from((0, 2, 3)))),
    }


def types_of(score: Mapping[str, Json], book: Mapping[str, Json]) -> set[str]:
    """The types from which a score gets anything."""
    if "points" in score:
        return {kind for rule in score["points"] for kind in book["rules"][rule]["event"]}
    return {*score.get("count", ()), *score.get("event", ())}


@st.composite
def scored(draw: DrawFn, score: dict[str, Json], book: Mapping[str, Json]) -> dict[str, Json]:
    """The score with a `when` that its types allow, perhaps."""
    if not types_of(score, book) <= set(OWN):
        return score
    return {**score, **draw(maybe("when", st.sampled_from(TRUTHS), 4))}


@dataclass(frozen=True)
class Frame:
    """What all versions of a rulebook have in common."""

    zone: str
    groups: dict[str, Json]
    boards: dict[str, Json]
    badges: dict[str, Json]


@st.composite
def frames(draw: DrawFn, where: str) -> Frame:
    """Boards and badges with everything but the conditions of their scores."""
    boards: dict[str, Json] = {}
    for name in draw(st.sampled_from((("b",), ("b", "c"), ("b", "c", "d")))):
        score = draw(scores())
        owners = (["member"], ["member", "team"], ["team"], ["member", "team", "guild"])
        boards[name] = {
            "score": score,
            "windows": draw(st.lists(st.sampled_from(WINDOWS), min_size=1, max_size=6, unique=True)),
            "by": ["member"] if "best" in score else draw(st.sampled_from(owners)),
        }
    badges: dict[str, Json] = {}
    for name in draw(st.sampled_from((("x",), ("x", "y"), ("x", "y", "z")))):
        score = draw(scores())
        reach = st.one_of(
            st.integers(1, 5).map(lambda number: {"at": number}),
            st.lists(st.integers(1, 6), min_size=2, max_size=3, unique=True).map(
                lambda numbers: {"levels": {f"l{number}": number for number in numbers}}
            ),
        )
        every = draw(st.sampled_from((None, "day", "week", "month", "quarter", "year")))
        if every is None:
            badges[name] = {"score": score, **draw(reach)}
        else:
            streak = {"every": every, "score": score, **draw(maybe("at_least", st.integers(1, 4)))}
            badges[name] = {"streak": streak, **draw(reach)}
    groups = {
        "team": draw(st.sampled_from(({}, {"one_at_a_time": True}))),
        "guild": draw(st.sampled_from(({}, {"one_at_a_time": True}))),
    }
    return Frame(where, groups, boards, badges)


@st.composite
def doubts(draw: DrawFn) -> dict[str, Json]:
    """Whether an activity is one, whose it is, and who has to say so."""
    return {
        **draw(maybe("counts", st.sampled_from(TRUTHS), 5)),
        **draw(maybe("credit", st.sampled_from(CREDITS), 4)),
        **draw(maybe("confirm", st.just("data.who"), 5)),
    }


@st.composite
def activities(draw: DrawFn, *, is_life: bool) -> dict[str, Json]:
    """Own types with all that says what one real instance is; a built-in one changed."""
    made: dict[str, Json] = {}
    for kind in OWN:
        once = st.one_of(some(ONCE), st.lists(st.sampled_from(ONCE), max_size=3))
        made[kind] = {
            "data": DATA[kind],
            **draw(maybe("once", once, 5 if is_life else 2)),
            **({} if is_life else draw(doubts())),
        }
    changed = draw(st.sampled_from(({}, {"once": []}, {"once": ["data.author", "day"]})))
    return {**made, REVIEW: changed} if changed else made


@st.composite
def rulebooks(draw: DrawFn, frame: Frame, days: tuple[str, ...], *, is_life: bool) -> dict[str, Json]:
    """A version of a rulebook, as JSON."""
    book: dict[str, Json] = {
        "apiVersion": "karmalog/v1",
        "kind": "Rulebook",
        "calendar": {"timezone": frame.zone},
        "late": draw(st.sampled_from(("400d", "400d", "36h", "1h"))),
        "people": {
            "visibility": draw(st.sampled_from(("listed", "hidden", "nickname"))),
            "smallest_group": draw(st.sampled_from((1, 1, 2))),
        },
        "groups": frame.groups,
        "activities": draw(activities(is_life=is_life)),
        "rules": draw(rules(days)),
    }
    book["boards"] = {
        name: {**board, "score": draw(scored(board["score"], book))}
        for name, board in frame.boards.items()
        if draw(st.sampled_from((True, True, True, False)))
    }
    book["badges"] = {
        name: {**badge, "score": draw(scored(badge["score"], book))}
        if "score" in badge
        else {**badge, "streak": {**badge["streak"], "score": draw(scored(badge["streak"]["score"], book))}}
        for name, badge in frame.badges.items()
        if draw(st.sampled_from((True, True, True, False)))
    }
    return book


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


KINDS = (*(MADE,) * 9, SHOWN, SHOWN, PLAYED, REVIEW, COURSE, MENTORING, "people", "people", "group", "group", "group")

LIFE = (*(MADE,) * 16, SHOWN, PLAYED, "people", "group", "group")


@st.composite
def contents(draw: DrawFn, members: tuple[str, ...], kinds: tuple[str, ...]) -> tuple[str, Json]:
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
    if kind == "group":
        data = {"kind": draw(st.sampled_from(("team", "team", "guild"))), "group": draw(st.sampled_from(GROUPS))}
        return draw(st.sampled_from(("group.joined", "group.joined", "group.left"))), data
    visibility = st.sampled_from(("hidden", "nickname", "listed"))
    people = st.sampled_from(("member.joined", "member.left", "member.visibility_changed"))
    kind = draw(people)
    if kind == "member.left":
        return kind, {}
    if kind == "member.joined":
        return kind, draw(maybe("visibility", visibility))
    return kind, {"visibility": draw(visibility)}


DELAYS = (0,) * 12 + (HOUR_MS, HOUR_MS + 1, 36 * HOUR_MS, 36 * HOUR_MS + 1, -FUTURE_MS)
"""From when something happened to when it was recorded; some are exactly what `late` allows."""


@st.composite
def events(draw: DrawFn, times: list[int], members: tuple[str, ...], *, is_life: bool) -> list[Record]:
    """Events with their repeats, in any order or nearly in that of time."""
    made: list[Record] = []
    kinds = LIFE if is_life else KINDS
    for number in range(draw(st.sampled_from((24, 32, 48) if is_life else (1, 2, 4, 8, 16, 32, 48)))):
        before = draw(st.sampled_from((*(None,) * 20, "repeat", "conflict", "confirm", "confirm")))
        if before == "confirm":
            made.append(draw(confirmations(made, times, members, number)))
            continue
        if made and before is not None:
            earlier = made[draw(st.integers(0, len(made) - 1))]
            made.append(earlier if before == "repeat" else draw(altered(earlier, times, number)))
            continue
        kind, data = draw(contents(members, kinds))
        time, source = draw(st.sampled_from(times)), draw(st.sampled_from(SOURCES))
        fresh = record(kind, draw(st.sampled_from((members[0], *members))), time, data, number, source)
        fresh["recorded"] = time + draw(st.sampled_from(DELAYS))
        made.append(fresh)
    order = "nearly" if is_life else draw(st.sampled_from(("any", "backwards", "by time", "nearly")))
    if order == "any":
        return made
    made.sort(
        key=lambda found: (found["time"], found["source"], found["id"]), reverse=order == "backwards"
    )
    if order != "nearly":
        return made
    every, late = draw(st.integers(3, 12)), draw(st.integers(2, 20))
    places = sorted(range(len(made)), key=lambda at: at + (late if at % every == 0 else 0))
    return [made[at] for at in places]


@st.composite
def confirmations(
    draw: DrawFn, made: list[Record], times: list[int], members: tuple[str, ...], number: int
) -> Record:
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
    teams = draw(st.lists(st.sampled_from(GROUPS), max_size=len(members)))
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
    frame = draw(frames(where))
    found = [*draw(joined(members, min(times) - 24 * HOUR_MS)), *draw(events(times, members, is_life=is_life))]
    first = published(1, None, draw(rulebooks(frame, days, is_life=is_life)), min(times) - 10 * 24 * HOUR_MS)
    log = [first, *found]
    if draw(st.booleans()):
        day = draw(st.sampled_from(days))
        since = local_midnight(date.fromisoformat(day), zone(where))
        second = published(2, day, draw(rulebooks(frame, days, is_life=is_life)), since - 2 * HOUR_MS)
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

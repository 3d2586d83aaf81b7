"""Small rulebooks that use every feature at once and tightly, so that what they say collides.

Left out, because docs/definitions.md leaves it open or the engine does not do it yet:
- `best` boards by group: not evaluated.
- What a later version changes of a score that has an earlier one's values: its kind, its scale, the numbers of its
  levels, and windows or kinds of owner that the earlier version did not keep. Versions differ in everything else.
- Expressions beyond the subset of CEL that the oracle knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Json: TypeAlias = Any
"""JSON data; a rulebook is built from many pieces of it."""

MADE, SHOWN, PLAYED, REVIEW, COURSE, MENTORING = (
    "acme.craft.made",
    "acme.craft.shown",
    "acme.craft.played",
    "code_review.given",
    "course.completed",
    "mentoring.held",
)
OWN = (MADE, SHOWN, PLAYED)
ASKED = ([MADE], [MADE], [MADE, SHOWN], [MADE, PLAYED], [MADE, REVIEW], [SHOWN], [MENTORING, MADE], [COURSE, MADE])
"""Types of one rule or score; mostly the most frequent one, so that what is counted collides."""
OWN_ASKED = tuple(types for types in ASKED if set(types) <= set(OWN))
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
def frames(draw: DrawFn, where: str, *, is_life: bool) -> Frame:
    """Boards and badges with everything but the conditions of their scores."""
    boards: dict[str, Json] = {}
    if is_life:  # what was met, and when, is the hardest to take back
        met = {"distinct": draw(st.sampled_from(("data.n", "data.who"))), "event": [MADE]}
        boards["met"] = {"score": met, "windows": list(WINDOWS), "by": ["member", "team"]}
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

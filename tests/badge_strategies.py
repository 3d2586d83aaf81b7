"""Random badges and ladders of every kind, with numbers so small and times so short that levels are reached.

What all versions of a rulebook say alike of a badge is drawn once (`badges`); the rest is drawn for each version
(`as_of`): the conditions of its scores, whether it can still be reached, and of what a collection is made.
"""

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.expression_strategies import (
    ASKED,
    EACH,
    MADE,
    NUMBERS,
    OWN,
    OWN_ASKED,
    VALUES,
    Json,
    maybe,
    one_in,
    some,
    truths,
)

RULES = ("one", "two", "three")

SET, SETS, HERE, GIFT, CAREER = "set", "sets", "here", "gift", "career"
"""A collection, one that may hold it, a tenure, a badge that is given by hand, a ladder."""


@st.composite
def scores(draw: DrawFn) -> dict[str, Json]:
    """A score of any kind, without its `when`."""
    kind = draw(st.sampled_from(("points", "count", "sum", "distinct", "best")))
    if kind == "points":
        return {"points": draw(some(RULES))}
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
        return {kind for rule in score["points"] if rule in book["rules"] for kind in book["rules"][rule]["event"]}
    return {*score.get("count", ()), *score.get("event", ())}


@st.composite
def scored(draw: DrawFn, score: dict[str, Json], book: Mapping[str, Json]) -> dict[str, Json]:
    """The score with a `when` that its types allow, perhaps; what challenges award is of no type."""
    if not types_of(score, book) <= set(OWN) or not set(RULES).issuperset(score.get("points", ())):
        return score
    return {**score, **draw(maybe("when", truths(book["groups"]), 4))}


def each(*scores: Mapping[str, Json]) -> SearchStrategy[str]:
    """What tells a badge of these scores apart; what the data says only where all types have these fields."""
    known = all("points" not in score and types_of(score, {}) <= set(OWN) for score in scores)
    return st.sampled_from(EACH if known else ("subject",))


def levels(most: int) -> SearchStrategy[dict[str, Json]]:
    """Some levels, named by their numbers."""
    return st.lists(st.integers(1, most), min_size=2, max_size=3, unique=True).map(
        lambda numbers: {f"l{number}": number for number in numbers}
    )


def reach(most: int = 6) -> SearchStrategy[dict[str, Json]]:
    """One number, or several levels."""
    return st.one_of(
        st.integers(1, most - 1).map(lambda number: {"at": number}), levels(most).map(lambda found: {"levels": found})
    )


@st.composite
def of_score(draw: DrawFn) -> dict[str, Json]:
    """By a score, perhaps within a time, or for a time."""
    score = draw(scores())
    spans = st.sampled_from(("1m", "1h", "12h", "1d", "3d"))
    return {
        "score": score,
        **draw(reach()),
        **(draw(maybe("within", spans)) if "count" in score else {}),
        **({} if "distinct" in score else draw(maybe("valid", st.sampled_from(("1h", "1d", "2d", "7d")), 3))),
        **draw(maybe("each", each(score), 4)),
    }


@st.composite
def of_streak(draw: DrawFn) -> dict[str, Json]:
    """By periods, which may be forgiven or frozen."""
    score = {"count": [MADE]} if draw(st.booleans()) else draw(scores())
    streak: dict[str, Json] = {
        "every": draw(st.sampled_from(("day", "day", "workday", "workday", "week", "month", "quarter", "year"))),
        "score": score,
        **draw(maybe("at_least", st.integers(1, 4), 4)),
    }
    if draw(one_in(6)):
        streak["in_a_row"] = False
    else:
        misses = draw(st.integers(1, 2))
        forgive = st.integers(misses + 1, 4).map(lambda of: {"misses": misses, "in": of})
        streak |= draw(maybe("forgive", forgive, 2))
        streak |= draw(maybe("freezes", freezes(), 2))
    return {"streak": streak, **draw(reach(5)), **draw(maybe("each", each(score), 5))}


@st.composite
def freezes(draw: DrawFn) -> dict[str, Json]:
    """Some that are earned, or only such as are given."""
    every = {} if draw(one_in(4)) else {"every": draw(st.integers(1, 3))}
    return {**every, **draw(maybe("most", st.integers(1, 2)))}


@st.composite
def of_chain(draw: DrawFn) -> dict[str, Json]:
    """Two or three steps."""
    steps = {
        name: {"score": draw(scores()), **draw(maybe("at", st.integers(1, 3)))}
        for name in draw(st.sampled_from((("s1", "s2"), ("s1", "s2", "s3"))))
    }
    return {"chain": steps, **draw(maybe("each", each(*(step["score"] for step in steps.values())), 4))}


TENURES: tuple[Json, ...] = (
    {"tenure": "month", "levels": {"m1": 1, "m2": 2, "m12": 12}},
    {"tenure": "month", "at": 1},
    {"tenure": "year", "at": 1},
)


@st.composite
def badges(draw: DrawFn) -> dict[str, Json]:
    """Some badges by what was done, and one of each other kind."""
    kinds = st.one_of(of_score(), of_streak(), of_streak(), of_chain())
    made: dict[str, Json] = {name: draw(kinds) for name in draw(st.sampled_from((("x",), ("x", "y"), ("x", "y", "z"))))}
    return {
        **made,
        **draw(maybe(HERE, st.sampled_from(TENURES))),
        **draw(maybe(GIFT, st.sampled_from(({}, {"levels": {"l1": 1, "l2": 2}})))),
    }


@st.composite
def ladders(draw: DrawFn) -> dict[str, Json]:
    """One ladder, perhaps."""
    score, steps = draw(scores()), draw(levels(6))
    return {CAREER: {"score": score, "steps": steps}} if draw(one_in(2)) else {}


@st.composite
def as_of(draw: DrawFn, badge: dict[str, Json], book: Mapping[str, Json]) -> dict[str, Json]:
    """A badge as one version has it."""
    made = dict(badge)
    if "score" in made:
        made["score"] = draw(scored(made["score"], book))
    if "streak" in made:
        made["streak"] = {**made["streak"], "score": draw(scored(made["streak"]["score"], book))}
    if "chain" in made:
        made["chain"] = {
            name: {**step, "score": draw(scored(step["score"], book))} for name, step in made["chain"].items()
        }
    return made


@st.composite
def ended(draw: DrawFn, badges: dict[str, Json], days: tuple[str, ...]) -> dict[str, Json]:
    """The badges of a version, of which one perhaps cannot be reached any more."""
    name = draw(st.sampled_from((None, None, *badges)))
    if name is None:
        return badges
    may_have_a_last_day = not badges[name].keys().isdisjoint({"score", "streak", "chain", "all_of", "any_of"})
    end = {"until": draw(st.sampled_from(days))} if may_have_a_last_day and draw(st.booleans()) else {"retired": True}
    return {**badges, name: {**badges[name], **end}}


def parts_of(badges: Mapping[str, Json]) -> list[str]:
    """What a collection may be made of: each badge alone, and each of its levels."""
    alone = list(badges)
    return alone + [f"{name}.{level}" for name, badge in badges.items() for level in levels_of(badge) if level]


def levels_of(badge: Mapping[str, Json]) -> list[str | None]:
    """The levels of a badge; None for the one of a badge without any."""
    return list(badge.get("levels") or badge.get("chain") or {None: 1})


@st.composite
def collections(draw: DrawFn, name: str, badges: Mapping[str, Json]) -> dict[str, Json]:
    """A collection of these badges under that name, perhaps; with `each` only where one of its parts has it."""
    if not badges or draw(one_in(3)):
        return {}
    parts = tuple(parts_of(badges))
    all_of = draw(st.lists(st.sampled_from(parts), max_size=2, unique=True))
    others = tuple(part for part in parts if part not in all_of)
    fewest = 0 if all_of else 1
    any_of = draw(st.lists(st.sampled_from(others), min_size=fewest, max_size=3, unique=True)) if others else []
    made: dict[str, Json] = {field: found for field, found in (("all_of", all_of), ("any_of", any_of)) if found}
    if any_of:
        made |= draw(maybe("need", st.integers(1, len(any_of))))
    if any("each" in badges[part.partition(".")[0]] for part in [*all_of, *any_of]):
        made |= draw(maybe("each", st.just("subject")))
    return {name: made}

"""Small rulebooks that use every feature at once and tightly, so that what they say collides.

Left out, because docs/definitions.md leaves it open or the engine does not do it yet:
- What a later version changes of a score that has an earlier one's values: its kind, its scale, the numbers of its
  levels, the periods of a streak and what it forgives, how long a badge holds, and windows or kinds of owner that the
  earlier version did not keep. Versions differ in everything else, also in the names of what is the same story.
- Two stories that become one.
- Expressions beyond the subset of CEL that the oracle knows.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.badge_strategies import (
    RULES,
    SET,
    SETS,
    as_of,
    badges,
    collections,
    ended,
    ladders,
    levels_of,
    scored,
    scores,
)
from tests.challenge_strategies import CHALLENGES, board_as_of, settled_sections
from tests.expression_strategies import (
    ASKED,
    CREDITS,
    DATA,
    MADE,
    ONCE,
    OWN,
    OWN_ASKED,
    RECEIVERS,
    REVIEW,
    TOPICS,
    WHOLES,
    Json,
    maybe,
    some,
    truths,
)
from tests.renaming import renamed

WINDOWS = ("day", "week", "month", "quarter", "year", "all")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEASONS = ("spring", "fall")
PEAKS = ("data.n - 1", "2 * data.n - 3", "data.x - 1.0", "1.0 - data.x")
"""Numbers on both sides of zero, some of which are often equal."""


def near(days: tuple[str, ...], most: int = 3) -> SearchStrategy[str]:
    """A day within a few days of one of these."""
    return st.builds(
        lambda day, by: str(date.fromisoformat(day) + timedelta(days=by)),
        st.sampled_from(days),
        st.integers(-most, most),
    )


@st.composite
def limits(draw: DrawFn) -> list[Json]:
    """Several limits of any kind, tight."""
    pers = st.sampled_from(("day", "workday", "week", "month", "quarter", "year", "ever"))
    limit = st.one_of(
        st.builds(lambda per, times: {"per": per, "times": times}, pers, st.integers(1, 3)),
        st.builds(lambda per, points: {"per": per, "points": points}, pers, st.integers(1, 12)),
    )
    return draw(st.lists(limit, max_size=3, unique_by=lambda found: (found["per"], "times" in found)))


MULTIPLIERS = st.lists(
    st.builds(
        lambda season, by: {"season": season, "by": by},
        st.sampled_from(SEASONS),
        st.sampled_from((0, 0.25, 0.5, 1.5, 2)),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda each: each["season"],
)


def extras(days: tuple[str, ...], groups: dict[str, Json], *, is_own: bool) -> SearchStrategy[dict[str, Json]]:
    """Some of what a rule may say beside its award; what asks for fields of the data only where all types have them."""
    fields: dict[str, SearchStrategy[Json]] = {
        "to": st.sampled_from(RECEIVERS if is_own else ("['ann', 'bob', 'ann']", "subject")),
        "season": some(SEASONS),
        "days": some(WEEKDAYS, 5),
        "cooldown": st.sampled_from(("1m", "1h", "2h", "12h", "24h")),
        "multiply": MULTIPLIERS,
        "until": st.sampled_from(days),
        **({"when": truths(groups)} if is_own else {}),
    }
    one = st.one_of([value.map(lambda drawn, name=name: (name, drawn)) for name, value in fields.items()])
    return st.lists(one, max_size=3).map(dict)


@st.composite
def rules(draw: DrawFn, days: tuple[str, ...], groups: dict[str, Json]) -> dict[str, Json]:
    """Rules `one` to `three`."""
    made: dict[str, Json] = {}
    for name in RULES:
        constant = draw(st.booleans())
        types = draw(st.sampled_from(ASKED if constant else OWN_ASKED))
        award = st.integers(-4, 7) if constant else st.sampled_from(WHOLES)
        made[name] = {
            "event": types,
            "award": draw(award),
            "limits": draw(limits()),
            **draw(extras(days, groups, is_own=types in OWN_ASKED)),
        }
    return made


@dataclass(frozen=True)
class Frame:
    """What all versions of a rulebook have in common."""

    zone: str
    workdays: list[str]
    groups: dict[str, Json]
    boards: dict[str, Json]
    badges: dict[str, Json]
    ladders: dict[str, Json]
    challenges: dict[str, Json]

    def to_join(self) -> list[str]:
        """Challenges that one can join, also by their later names, and some that one cannot."""
        known = [name for name, challenge in self.challenges.items() if "opt_in" in challenge]
        return [*known * 8, *(f"{name}-new" for name in known), *CHALLENGES]

    def to_give(self) -> list[tuple[str, str | None]]:
        """Badges and levels that may be given by hand, also by their later names, and some that may not."""
        without = {name: badge for name, badge in self.badges.items() if "each" not in badge}
        known = [(name, level) for name, badge in without.items() for level in levels_of(badge)]
        new = [(f"{name}-new", level) for name, level in known]
        return [*known * 4, *new, (SET, None), (SETS, None), ("x", None), ("x", "l9"), ("nothing", None)]

    def to_freeze(self) -> list[str]:
        """Badges for which a freeze may be given, and some for which none may be."""
        known = [name for name, badge in self.badges.items() if "freezes" in badge.get("streak", {})]
        return [*known * 8, *(f"{name}-new" for name in known), "x"]


@st.composite
def boards(draw: DrawFn, *, is_life: bool) -> dict[str, Json]:
    """Boards with everything but the conditions of their scores."""
    made: dict[str, Json] = {}
    if is_life:  # what was met, and when, is the hardest to take back
        met = {"distinct": draw(st.sampled_from(("data.n", "data.who"))), "event": [MADE]}
        made["met"] = {"score": met, "windows": list(WINDOWS), "by": ["member", "team"]}
    if is_life or draw(st.booleans()):  # of groups the greatest, which goes with one and may be another's as well
        peak = {"best": draw(st.sampled_from(PEAKS)), "event": [MADE]}
        made["peak"] = {"score": peak, "windows": list(WINDOWS), **draw(owned(peak, (["team"], ["team", "guild"])))}
    for name in draw(st.sampled_from((("b",), ("b", "c"), ("b", "c", "d")))):
        score = draw(scores())
        made[name] = {
            "score": score,
            "windows": draw(st.lists(st.sampled_from(WINDOWS), min_size=1, max_size=6, unique=True)),
            **draw(owned(score, (["member"], ["member", "team"], ["team"], ["member", "team", "guild"]))),
            **draw(maybe("seasons", some(SEASONS), 3)),
        }
    return made


@st.composite
def owned(draw: DrawFn, score: dict[str, Json], owners: tuple[list[str], ...]) -> dict[str, Json]:
    """For whom a board is, which of them come first, and whether groups stand there by their heads."""
    by = draw(st.sampled_from(owners))
    may_be_per_head = by != ["member"] and "best" not in score
    return {
        "by": by,
        **draw(maybe("order", st.just("lowest"), 4)),
        **(draw(maybe("per_head", st.just(value=True), 3)) if may_be_per_head else {}),
    }


@st.composite
def frames(draw: DrawFn, where: str, *, is_life: bool) -> Frame:
    """What every rulebook of a world has; nothing in it is settled."""
    kind_of_group = st.sampled_from(({}, {"one_at_a_time": True}))
    workdays = st.sampled_from((list(WEEKDAYS[:5]), list(WEEKDAYS), ["sun", "mon", "wed"], ["tue"]))
    return Frame(
        zone=where,
        workdays=draw(workdays),
        groups={"team": draw(kind_of_group), "guild": draw(kind_of_group)},
        boards=draw(boards(is_life=is_life)),
        badges=draw(badges()),
        ladders=draw(ladders()),
        challenges={},
    )


@st.composite
def doubts(draw: DrawFn, groups: dict[str, Json]) -> dict[str, Json]:
    """Whether an activity is one, whose it is, and who has to say so."""
    return {
        **draw(maybe("counts", truths(groups), 5)),
        **draw(maybe("credit", st.sampled_from(CREDITS), 4)),
        **draw(maybe("confirm", st.just("data.who"), 5)),
    }


@st.composite
def activities(draw: DrawFn, groups: dict[str, Json], *, is_life: bool) -> dict[str, Json]:
    """Own types with all that says what one real instance is; a built-in one changed."""
    made: dict[str, Json] = {}
    for kind in OWN:
        once = st.one_of(some(ONCE), st.lists(st.sampled_from(ONCE), max_size=3, unique=True))
        made[kind] = {
            "data": DATA[kind],
            **draw(maybe("once", once, 5 if is_life else 2)),
            **({} if is_life else draw(doubts(groups))),
        }
    changed = draw(st.sampled_from(({}, {"once": []}, {"once": ["data.author", "day"]})))
    return {**made, REVIEW: changed} if changed else made


@st.composite
def seasons(draw: DrawFn, days: tuple[str, ...]) -> dict[str, Json]:
    """Two seasons of a few days around the borders, which may be the same days."""
    made = {}
    for name in SEASONS:
        first, last = sorted((draw(near(days)), draw(near(days))))
        made[name] = {"from": first, "to": last}
    return made


@st.composite
def focus(draw: DrawFn, days: tuple[str, ...]) -> dict[str, Json]:
    """Topics of a window around one of the days, and of a season."""
    day = date.fromisoformat(draw(near(days)))
    year, week, _ = day.isocalendar()
    quarter = f"{day.year}-Q{(day.month + 2) // 3}"
    keys = (str(day), f"{year}-W{week:02}", f"{day:%Y-%m}", quarter, f"{day:%Y}", *SEASONS)
    return {key: {"topics": draw(some(TOPICS))} for key in draw(some(keys))}


@st.composite
def rulebooks(draw: DrawFn, frame: Frame, days: tuple[str, ...], *, is_life: bool, is_later: bool) -> dict[str, Json]:
    """A version of a rulebook, as JSON; a later one may call some things by another name."""
    holidays = draw(st.lists(near(days), max_size=3, unique=True))
    book: dict[str, Json] = {
        "apiVersion": "karmalog/v1",
        "kind": "Rulebook",
        "calendar": {"timezone": frame.zone, "workdays": frame.workdays, "holidays": holidays},
        "late": draw(st.sampled_from(("400d", "400d", "36h", "1h"))),
        "people": {
            "visibility": draw(st.sampled_from(("listed", "hidden", "nickname"))),
            "smallest_group": draw(st.sampled_from((1, 1, 2))),
        },
        "groups": frame.groups,
        "seasons": draw(seasons(days)),
        "focus": draw(focus(days)),
        "activities": draw(activities(frame.groups, is_life=is_life)),
        "rules": draw(rules(days, frame.groups)),
    }
    named = (*frame.boards, *frame.badges, *frame.ladders)
    gone = draw(st.lists(st.sampled_from(named), max_size=3))  # a version need not name what another one does
    book["boards"] = {
        name: {**draw(board_as_of(board)), "score": draw(scored(board["score"], book))}
        for name, board in frame.boards.items()
        if name not in gone
    }
    made = {
        name: draw(as_of(badge, book))
        for name, badge in frame.badges.items()
        if name not in gone and ("rank" not in badge or badge["rank"]["board"] in book["boards"])
    }
    made |= draw(collections(SET, made))
    made |= draw(collections(SETS, made))
    book["badges"] = draw(ended(made, days))
    book["levels"] = {
        name: {**ladder, "score": draw(scored(ladder["score"], book))}
        for name, ladder in frame.ladders.items()
        if name not in gone
    }
    if frame.challenges:
        book |= draw(settled_sections(frame.challenges, book))
    return draw(renamed(book)) if is_later else book

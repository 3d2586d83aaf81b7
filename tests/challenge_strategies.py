"""Random challenges, leagues, places and firsts: goals for a while, so short that they are over, and prizes."""

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.badge_strategies import levels, scored, scores
from tests.expression_strategies import MADE, Json, maybe, one_in, some

CHALLENGES = ("dare", "race", "drive")

SCORED = ("boards", "badges", "levels")
"""Where scores of points may name challenges."""

PLACE = "place"
"""A badge for a place on a board."""

TIERS = ["bronze", "silver", "gold"]


@st.composite
def challenges(draw: DrawFn, near: SearchStrategy[str]) -> dict[str, Json]:
    """Some challenges, with all that every version says alike of them."""
    made: dict[str, Json] = {}
    for name in draw(some(CHALLENGES, 3)):
        owner = draw(st.sampled_from(("member", "member", "team", "guild", "everyone")))
        any_score = scores().filter(lambda drawn, owner=owner: owner == "member" or "best" not in drawn)
        score = {"count": [MADE]} if draw(st.booleans()) else draw(any_score)
        made[name] = {
            "score": score,
            "for": owner,
            **draw(times(near)),
            **(draw(maybe("goal", st.integers(1, 4), 1 if owner == "everyone" else 2))),
            **draw(maybe("opt_in", st.just(value=True), 3)),
        }
    return made


@st.composite
def times(draw: DrawFn, near: SearchStrategy[str]) -> dict[str, Json]:
    """When it is: again and again, perhaps within bounds, or once."""
    first = draw(near)
    last = str(date.fromisoformat(first) + timedelta(days=draw(st.sampled_from((0, 1, 2, 6, 13)))))
    bounds = {"from": first, "to": last}
    if draw(st.booleans()):
        return bounds
    every = draw(st.sampled_from(("week", "week", "month", "quarter", "year")))
    bounded = some(("from", "to")).map(lambda named: {name: bounds[name] for name in named})
    return {"every": every, **(draw(bounded) if draw(one_in(3)) else {})}


@st.composite
def challenge_as_of(draw: DrawFn, challenge: dict[str, Json], book: Mapping[str, Json]) -> dict[str, Json]:
    """A challenge as one version has it, with what it is worth."""
    made = {**challenge, "score": draw(scored(challenge["score"], book))}
    points = st.integers(1, 4)
    if "goal" in challenge:
        made |= draw(maybe("reward", points.map(lambda number: {"points": number}), 1))
    if challenge["for"] != "everyone" and ("goal" not in challenge or draw(st.booleans())):
        made["by_rank"] = draw(st.lists(points, min_size=1, max_size=3))
    return made


@st.composite
def settled_sections(draw: DrawFn, known: Mapping[str, Json], book: Mapping[str, Json]) -> dict[str, Json]:
    """When a version settles, and its challenges; it may leave one out that no score of points names."""
    free = [name for name in known if name not in named_in({each: book[each] for each in SCORED})]
    gone = draw(st.sampled_from((None, None, None, *free)))
    made = {name: draw(challenge_as_of(challenge, book)) for name, challenge in known.items() if name != gone}
    return {"settle": draw(st.sampled_from((0, 0, 1, 2))), "challenges": made}


@st.composite
def leagued(draw: DrawFn, boards: dict[str, Json]) -> dict[str, Json]:
    """The boards, some of which have a league where they are kept by member and week."""
    made = dict(boards)
    for name, board in boards.items():
        if "week" in board["windows"] and "member" in board["by"] and draw(st.booleans()):
            made[name] = {**board, "league": {"tiers": TIERS, "size": 5, "promote": draw(st.integers(1, 2))}}
    return made


@st.composite
def board_as_of(draw: DrawFn, board: dict[str, Json]) -> dict[str, Json]:
    """A board as one version has it: tiers may be other ones, or in another order."""
    if "league" not in board:
        return board
    orders = (TIERS, TIERS, TIERS, TIERS[:2], [TIERS[0], TIERS[2]], TIERS[::-1])
    return {**board, "league": {**board["league"], "tiers": draw(st.sampled_from(orders))}}


@st.composite
def places(draw: DrawFn, boards: Mapping[str, Json]) -> dict[str, Json]:
    """A badge for a place on one of these boards, perhaps."""
    kept = tuple(
        (name, window)
        for name, board in boards.items()
        if "member" in board["by"]
        for window in board["windows"]
        if window != "all"
    )
    if not kept or draw(one_in(4)):
        return {}
    board, window = draw(st.sampled_from(kept))
    number = st.integers(1, 2).map(lambda worst: {"at": worst})
    reach = draw(st.one_of(number, levels(3).map(lambda found: {"levels": found})))
    return {PLACE: {"rank": {"board": board, "window": window}, **reach}}


@st.composite
def firsts(draw: DrawFn, badges: dict[str, Json]) -> dict[str, Json]:
    """The badges, some of which only the first get."""
    made = dict(badges)
    for name, badge in badges.items():
        is_measured = not badge.keys().isdisjoint({"score", "streak", "chain"})
        if is_measured and badge.keys().isdisjoint({"each", "valid"}) and draw(st.booleans()):
            made[name] = {**badge, "first": draw(st.integers(1, 2))}
    return made


@st.composite
def flowing(draw: DrawFn, found: Json, names: tuple[str, ...]) -> Json:
    """The same with challenges among the rules of some scores of points, but of none that is told apart by values."""
    if not isinstance(found, dict) or "each" in found:
        return found
    made = {field: draw(flowing(value, names)) for field, value in found.items()}
    if isinstance(made.get("points"), list) and names and draw(st.booleans()):
        made["points"] = [*made["points"], *draw(some(names))]
    return made


def named_in(found: Json) -> set[str]:
    """The rules and challenges that scores of points name in there."""
    if not isinstance(found, dict):
        return set()
    inside = {name for value in found.values() for name in named_in(value)}
    return inside | (set(found["points"]) if isinstance(found.get("points"), list) else set())

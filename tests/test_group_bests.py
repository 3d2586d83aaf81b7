"""Groups that are compared by a greatest value: what is taken back lays bare the value behind it, whoever reached it.

Each case goes through the fold over bytes and through a real store, in batches of several sizes, with a restart after
each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from schemas.records import Record
from schemas.words import Instant
from streams.boards import BoardQuery
from streams.digesting import digest_of
from tests.conftest import EXAMPLES
from tests.engine_driver import Engine
from tests.folding import Folding
from tests.hidden_worlds import DAYS, MEMBERS, SPENT, at, chose, day_of, joined, left, spent, worlds
from tests.hidden_worlds import World as Hiding
from tests.strategies import Sizes, World, hashed, published, record, sizes
from tests.test_fold_properties import constants, folded, shrink

__all__ = ["constants"]  # a fixture

NOW = at(DAYS)

Shown = Mapping[str, int]
"""Scores by group."""

Case = tuple[list[Record], dict[str, Shown], dict[str, Shown]]
"""A log, and by window what everyone is shown at its end, and what operators see where that is something else."""


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as made:
        yield made


def rulebook(value: str = "data.minutes", **of_board: Any) -> dict[str, Any]:
    """One board by team, for days, weeks and all time."""
    score = {"best": value, "event": SPENT}
    board = {"score": score, "by": ["member", "team"], "windows": ["day", "week", "all"], **of_board}
    return {
        "apiVersion": "karmalog/v1",
        "kind": "Rulebook",
        "people": {"smallest_group": 1},
        "groups": {"team": {"one_at_a_time": True}},
        "seasons": {"midweek": {"from": "2024-03-05", "to": "2024-03-07"}},
        "boards": {"peak": board},
    }


BOOK = published(1, None, rulebook(), at(-9))
BELOW_ZERO = published(1, None, rulebook("data.minutes - 10"), at(-9))
RED = [joined(member, "red", 0) for member in MEMBERS]


def void_of(event: Record, day: float) -> Record:
    return record("event.voided", "an admin", at(day), {"id": event["id"]}, -round(day * 1_000))


# The cases; where nothing else is said, m0 … m6 are in team red from the first day on.


def the_greatest_of_several() -> Case:
    did = [spent("m0", 3, 1), spent("m1", 8, 1.5), spent("m1", 2, 2), spent("m0", 5, 8)]
    shown = {"all": {"red": 8}, "2024-W10": {"red": 8}, "2024-W11": {"red": 5}, "2024-03-06": {"red": 2}}
    return [BOOK, *RED, *did], shown, {}


def a_late_event_that_is_greater() -> Case:
    did = [spent("m0", 3, 1), spent("m1", 4, 3), spent("m0", 9, 1.2), spent("m0", 1, 1.1)]
    return [BOOK, *RED, *did], {"all": {"red": 9}, "2024-03-05": {"red": 9}, "2024-03-07": {"red": 4}}, {}


def the_greatest_is_voided() -> Case:
    greatest = spent("m0", 9, 2)
    did = [spent("m0", 4, 1), greatest, spent("m0", 3, 3), spent("m1", 2, 2)]
    shown = {"all": {"red": 4}, "2024-03-05": {"red": 4}, "2024-03-06": {"red": 2}, "2024-03-07": {"red": 3}}
    return [BOOK, *RED, *did, void_of(greatest, 4)], shown, {}


def all_there_is_is_voided() -> Case:
    did = [spent("m0", 4, 1), spent("m1", 2, 1)]
    return [BOOK, *RED, *did, *(void_of(each, 2 + place) for place, each in enumerate(did))], {"all": {}}, {}


def the_greatest_came_last_and_is_voided_before_anything_is_written() -> Case:
    greatest = spent("m0", 9, 1.5)
    return [BOOK, *RED, spent("m0", 4, 1), greatest, void_of(greatest, 1.6)], {"all": {"red": 4}}, {}


def who_hides() -> Case:
    did = [spent("m0", 9, 1), spent("m1", 4, 1), spent("m0", 7, 2)]
    shown, seen = {"all": {"red": 4}, "2024-03-06": {}}, {"all": {"red": 9}, "2024-03-06": {"red": 7}}
    return [BOOK, *RED, *did, chose("m0", "hidden", 3)], shown, seen


def who_hides_and_shows_themselves_again() -> Case:
    log, _, seen = who_hides()
    return [*log, spent("m0", 1, 4), chose("m0", "nickname", 5)], {**seen, "2024-03-08": {"red": 1}}, {}


def who_hides_in_the_batch_in_which_the_greatest_is_voided() -> Case:
    greatest = spent("m0", 9, 2)
    log = [BOOK, *RED, greatest, spent("m0", 4, 1), spent("m1", 3, 1), void_of(greatest, 3), chose("m0", "hidden", 3)]
    return log, {"all": {"red": 3}, "2024-03-06": {}}, {"all": {"red": 4}}


def three_who_hide_are_covered() -> Case:
    hide = [chose(member, "hidden", 0) for member in MEMBERS[:3]]
    did = [spent("m0", 9, 1), spent("m5", 4, 1)]
    return [BOOK, *RED, *hide, *did], {"all": {"red": 9}, "2024-03-05": {"red": 9}}, {}


def two_who_hide_are_not_covered() -> Case:
    hide = [chose(member, "hidden", 0) for member in MEMBERS[:2]]
    did = [spent("m0", 9, 1), spent("m5", 4, 1)]
    return [BOOK, *RED, *hide, *did], {"all": {"red": 4}}, {"all": {"red": 9}}


def a_third_who_hides_is_covered_in_windows_that_begin_later() -> Case:
    hide = [chose("m0", "hidden", 0), chose("m1", "hidden", 0), chose("m2", "hidden", 4)]
    did = [spent("m0", 9, 1), spent("m5", 4, 1), spent("m0", 8, 5)]
    shown = {"all": {"red": 4}, "2024-03-05": {"red": 4}, "2024-03-09": {"red": 8}}
    return [BOOK, *RED, *hide, *did], shown, {"all": {"red": 9}, "2024-03-05": {"red": 9}}


def who_moves_leaves_their_best_behind() -> Case:
    did = [spent("m0", 9, 1), spent("m0", 5, 2), spent("m1", 4, 1)]
    shown = {"all": {"red": 9, "blue": 5}, "2024-W10": {"red": 9, "blue": 5}, "2024-03-06": {"blue": 5}}
    return [BOOK, *RED, *did[:1], joined("m0", "blue", 2), *did[1:]], shown, {}


def who_moved_earlier_than_was_known_takes_it_along() -> Case:
    did = [spent("m0", 3, 0.5), spent("m0", 9, 1), spent("m1", 4, 1), spent("m0", 2, 3)]
    shown = {"all": {"red": 4, "blue": 9}, "2024-03-05": {"red": 4, "blue": 9}, "2024-03-04": {"red": 3}}
    return [BOOK, *RED, *did, joined("m0", "blue", 1)], shown, {}


def who_moved_earlier_than_was_known_did_something_late_there() -> Case:
    late = [spent("m0", 9, 1), joined("m0", "blue", 0.5)]
    return [BOOK, *RED, spent("m0", 2, 3), *late], {"all": {"blue": 9}, "2024-03-05": {"blue": 9}}, {}


def what_came_late_for_another_month_than_that_of_a_move_stays() -> Case:
    late = [spent("m0", 9, -5), joined("m0", "blue", 0.5)]
    log = [BOOK, joined("m0", "red", -8), joined("m1", "red", -8), spent("m0", 3, 1), *late]
    return log, {"all": {"red": 9, "blue": 3}, "2024-W09": {"red": 9}, "2024-W10": {"blue": 3}}, {}


def who_comes_back_has_two_bests_in_one_group() -> Case:
    did = [spent("m0", 6, 1), spent("m0", 9, 2), spent("m0", 7, 3)]
    moves = [joined("m0", "blue", 2), joined("m0", "red", 3), joined("m1", "blue", 4)]
    return [BOOK, *RED, *did, *moves], {"all": {"red": 7, "blue": 9}}, {}


def who_leaves_stays_in_the_groups_score() -> Case:
    return [BOOK, *RED, spent("m0", 9, 1), spent("m1", 4, 1), left("m0", 2)], {"all": {"red": 9}}, {}


def who_was_hidden_when_they_left_is_not_covered_alone() -> Case:
    log = [BOOK, *RED, spent("m0", 9, 1), spent("m1", 4, 1), chose("m0", "hidden", 2), left("m0", 3)]
    return log, {"all": {"red": 4}}, {"all": {"red": 9}}


def a_greatest_below_zero() -> Case:
    did = [spent("m0", 3, 1), spent("m1", 8, 1), spent("m2", 1, 2)]
    return [BELOW_ZERO, *RED, *did], {"all": {"red": -2}, "2024-03-06": {"red": -9}}, {}


def a_greatest_of_zero_is_no_row() -> Case:
    did = [spent("m0", 10, 1), spent("m1", 8, 1), spent("m1", 7, 2)]
    return [BELOW_ZERO, *RED, *did], {"all": {}, "2024-03-05": {}, "2024-03-06": {"red": -3}}, {}


def a_zero_of_who_hides_beside_less_than_zero() -> Case:
    did = [spent("m0", 10, 1), spent("m1", 8, 1)]
    return [BELOW_ZERO, *RED, *did, chose("m0", "hidden", 2)], {"all": {"red": -2}}, {"all": {}}


def the_lowest_greatest_is_the_best() -> Case:
    book = published(1, None, rulebook("data.minutes - 10", order="lowest"), at(-9))
    did = [spent("m0", 3, 1), spent("m1", 5, 1), spent("m2", 17, 1)]
    return [book, *RED, joined("m2", "blue", 0.5), *did], {"all": {"red": -5, "blue": 7}}, {}


def versions_that_change_the_windows_and_the_score() -> Case:
    second = rulebook("data.minutes * 2", windows=["all"], seasons=["midweek"])
    third = rulebook("data.minutes", by=["member"])
    versions = [published(2, "2024-03-06", second, at(-8)), published(3, "2024-03-09", third, at(-8))]
    did = [spent("m0", 7, 1), spent("m1", 4, 3), spent("m1", 99, 6), spent("m0", 9, 1.1)]
    return [BOOK, *versions[:1], *RED, *did], {"all": {"red": 198}, "midweek": {"red": 8}}, {}


def a_renamed_board_goes_on() -> Case:
    book = rulebook()
    book["boards"] = {"heights": {**book["boards"].pop("peak"), "was": "peak"}}
    did = [spent("m0", 7, 1), spent("m1", 4, 4)]
    return [BOOK, published(2, "2024-03-07", book, at(-8)), *RED, *did], {"all": {"red": 7}, "2024-W10": {"red": 7}}, {}


def a_board_that_was_a_sum_before() -> Case:
    second = rulebook()
    first = rulebook(score={"sum": "data.minutes", "event": SPENT})
    did = [spent("m0", 7, 1), spent("m1", 7, 1), spent("m1", 4, 4), spent("m0", 5, 1.5)]
    books = [published(1, None, first, at(-9)), published(2, "2024-03-07", second, at(-8))]
    return [*books, *RED, *did], {"all": {"red": 4}, "2024-03-05": {}, "2024-03-08": {"red": 4}}, {}


CASES: list[Callable[[], Case]] = [
    the_greatest_of_several,
    a_late_event_that_is_greater,
    the_greatest_is_voided,
    all_there_is_is_voided,
    the_greatest_came_last_and_is_voided_before_anything_is_written,
    who_hides,
    who_hides_and_shows_themselves_again,
    who_hides_in_the_batch_in_which_the_greatest_is_voided,
    three_who_hide_are_covered,
    two_who_hide_are_not_covered,
    a_third_who_hides_is_covered_in_windows_that_begin_later,
    who_moves_leaves_their_best_behind,
    who_moved_earlier_than_was_known_takes_it_along,
    who_moved_earlier_than_was_known_did_something_late_there,
    what_came_late_for_another_month_than_that_of_a_move_stays,
    who_comes_back_has_two_bests_in_one_group,
    who_leaves_stays_in_the_groups_score,
    who_was_hidden_when_they_left_is_not_covered_alone,
    a_greatest_below_zero,
    a_greatest_of_zero_is_no_row,
    a_zero_of_who_hides_beside_less_than_zero,
    the_lowest_greatest_is_the_best,
    versions_that_change_the_windows_and_the_score,
    a_renamed_board_goes_on,
    a_board_that_was_a_sum_before,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("batch", [1, 2, 5, 1_000])
def test_a_groups_score_is_the_greatest_that_its_members_reached_for_it(
    client: "redis.Redis", case: Callable[[], Case], batch: int
) -> None:
    log, shown, operators = case()
    folding = Folding(client)
    for start in range(0, len(log), batch):
        folding.fold(*log[start : start + batch])
        folding.restart()
    (name,) = (each["board"] for each in folding.answers.boards()["boards"])
    engine = Engine(log, 0)
    while not engine.at_end:
        engine.batch(batch)
        engine.restart()
    _, groups, _ = engine.answers(NOW)
    for window, scores in shown.items():
        assert scores_of(folding, name, window, operator=False) == scores, window
    for window, scores in (shown | operators).items():
        assert scores_of(folding, name, window, operator=True) == scores, window
        assert groups.get((name, "team", window), {}) == scores, window


def scores_of(folding: Folding, board: str, window: str, *, operator: bool) -> dict[str, Any]:
    query = BoardQuery(board, window, "team", operator=operator)
    rows = folding.answers.board(query, now=Instant(NOW))["rows"]
    return {str(row.get("group")): row["score"] for row in rows}


def test_ranks_and_sizes_of_groups_are_those_of_any_score(client: "redis.Redis") -> None:
    moves = [joined("m1", "blue", 0.5), joined("m2", "blue", 0.5), joined("m3", "green", 0.5)]
    did = [spent("m0", 8, 1), spent("m1", 8, 1), spent("m2", 3, 1), spent("m3", 5, 1)]
    rows = Folding(client).fold(BOOK, *RED, *moves, *did).answers.board(BoardQuery("peak", by="team"), now=Instant(NOW))
    assert (rows["total"], rows["rows"]) == (
        3,
        [
            {"rank": 1, "group": "blue", "score": 8, "members": 2},
            {"rank": 1, "group": "red", "score": 8, "members": 4},
            {"rank": 3, "group": "green", "score": 5, "members": 1},
        ],
    )


def test_a_window_is_named_as_long_as_a_group_has_a_score_in_it(client: "redis.Redis") -> None:
    book = published(1, None, rulebook("data.minutes - 10", windows=["day"]), at(-9))
    did = [spent("m0", 8, 1), spent("m1", 10, 2), spent("m0", 7, 2.5), spent("m0", 9, 3)]
    folding = Folding(client).fold(book, *RED, *did[:3])

    def windows(*, operator: bool = False) -> list[str]:
        return folding.answers.windows("peak", now=Instant(NOW), operator=operator)["windows"]

    # m0 leaves, so that nothing but the groups' scores names windows: that of the 6th is zero.
    folding.fold(left("m0", 3))
    assert windows() == ["2024-03-05"]
    folding.fold(did[3])
    assert windows() == ["2024-03-05", "2024-03-07"]
    folding.fold(void_of(did[0], 4))
    assert windows() == ["2024-03-07"]
    folding.fold(chose("m0", "hidden", 5))
    assert windows() == []
    assert "2024-03-07" in windows(operator=True)


MONTHS = 150  # in days


@st.composite
def long_logs(draw: DrawFn) -> list[Record]:
    """Two members who do things over months, move, and of whose events some are voided, in any order."""
    times = st.builds(lambda day, hour: day + hour / 24, st.integers(0, MONTHS - 1), st.integers(0, 23))
    member = st.sampled_from(MEMBERS[:2])
    did = draw(st.lists(st.tuples(member, st.integers(1, 9), times), min_size=3, max_size=30))
    log = [spent(*each, number) for number, each in enumerate(did)]
    moves = draw(st.lists(st.tuples(member, st.sampled_from(("red", "blue")), times), max_size=5))
    log += [joined(*each, 100 + number) for number, each in enumerate(moves)]
    hidden = draw(st.lists(st.tuples(member, st.sampled_from(("hidden", "listed")), times), max_size=2))
    log += [chose(*each, 200 + number) for number, each in enumerate(hidden)]
    log = draw(st.permutations(log)) if draw(st.booleans()) else sorted(log, key=lambda each: each["time"])
    for number in draw(st.lists(st.integers(0, len(did) - 1), max_size=4, unique=True)):
        event = next(each for each in log if each["id"] == hashed(f"id {number}", 32))
        place = draw(st.integers(log.index(event) + 1, len(log)))
        log.insert(place, record("event.voided", "an admin", event["time"], {"id": event["id"]}, 300 + number))
    book = rulebook(windows=["week", "month", "quarter", "all"], seasons=["spring"])
    book["seasons"] = {"spring": {"from": "2024-03-20", "to": "2024-06-20"}}
    return [published(1, None, book, at(-9)), *log]


def naive(log: list[Record]) -> dict[tuple[str, str, str], dict[str, int]]:
    """Every score of a group, of the events that are left, each held against all the moves before its day's end."""
    voided = {each["data"]["id"] for each in log if each["type"] == "event.voided"}
    moves = sorted(
        (each for each in log if each["type"] == "group.joined"), key=lambda each: (each["time"], each["id"])
    )
    now = {each["subject"]: str(each["data"]["group"]) for each in moves}
    found: defaultdict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for each in log:
        if each["type"] != SPENT or each["id"] in voided:
            continue
        mine = [move for move in moves if move["subject"] == each["subject"] and day_of(move) <= day_of(each)]
        if not mine or mine[-1]["data"]["group"] not in now.values():
            continue
        minutes, group = int(str(each["data"]["minutes"])), str(mine[-1]["data"]["group"])
        day = datetime.fromtimestamp(each["time"] / 1_000, UTC).date()
        names = [f"{day:%G-W%V}", f"{day:%Y-%m}", f"{day:%Y}-Q{(day.month + 2) // 3}", "all"]
        names += ["spring"] if date(2024, 3, 20) <= day <= date(2024, 6, 20) else []
        for name in names:
            scores = found["peak", "team", name]
            scores[group] = max(minutes, scores.get(group, minutes))
    return dict(found)


@settings(max_examples=EXAMPLES)
@given(log=long_logs(), to=sizes(), data=st.data())
def test_over_months_the_greatest_of_what_is_left_is_shown(
    constants: pytest.MonkeyPatch, log: list[Record], to: Sizes, data: DataObject
) -> None:
    shrink(constants, to)
    _, groups, _ = folded(World(log, now=at(MONTHS)), to, data).answers(at(MONTHS))
    assert groups == naive(log)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds((0, 2, 3, 4)), data=st.data())
def test_what_is_stored_after_voids_in_any_batches_is_what_one_batch_without_them_stores(
    client: "redis.Redis", world: Hiding, data: DataObject
) -> None:
    did = [each for each in world.log if each["type"] == SPENT]
    some = st.sets(st.integers(0, len(did) - 1), max_size=4) if did else st.just(set[int]())
    log, voided = list(world.log), data.draw(some, "voided")
    for number in sorted(voided):
        event = did[number]
        place = data.draw(st.integers(log.index(event) + 1, len(log)), "where")
        log.insert(place, record("event.voided", "an admin", event["time"], {"id": event["id"]}, -1_000 - number))
    folding, place = Folding(client), 0
    while place < len(log):
        size = data.draw(st.integers(1, len(log)), "batch")
        folding.fold(*log[place : place + size])
        place += size
        if data.draw(st.booleans(), "restart"):
            folding.restart()
    digest, _ = digest_of(folding.answers)
    stored = _bests_in(client)
    gone = {did[number]["id"] for number in voided}
    left_over = Folding(client).fold(*(each for each in world.log if each["id"] not in gone))
    assert digest == digest_of(left_over.answers)[0]
    assert stored == _bests_in(client)


def _bests_in(client: "redis.Redis") -> dict[bytes, Any]:
    return {key: client.zrange(key, 0, -1, withscores=True) for key in client.scan_iter(match="*:t:*")}

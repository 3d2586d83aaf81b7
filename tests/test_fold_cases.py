"""Logs on which the fold once differed from the oracle, as small as they get; each in one batch and one by one."""

from typing import Any

import pytest

from engine.standing import Standing
from schemas.records import Record
from tests.engine_driver import Engine
from tests.oracle import answers
from tests.strategies import HOUR_MS, World, published, record

START = 1_710_000_000_000  # a Saturday, 16:00 UTC
DAY_MS = 24 * HOUR_MS
SPENT, TESTED = "learning_time.spent", "acme.craft.tested"
WHO = {"type": "object", "required": ["who"], "properties": {"who": {"type": "string"}, "key": {"type": "string"}}}


def book(**sections: Any) -> Record:
    """The first record of a log; sections are those of a rulebook."""
    head = {"apiVersion": "karmalog/v1", "kind": "Rulebook", "people": {"smallest_group": 1}}
    return published(1, None, {**head, **sections}, START - DAY_MS)


def spent(member: str, minutes: int, time: int, number: int) -> Record:
    return record(SPENT, member, time, {"minutes": minutes}, number)


def joined(member: str, group: str, time: int, number: int) -> Record:
    return record("group.joined", member, time, {"kind": "team", "group": group}, number)


COUNTED: dict[str, Any] = {"boards": {"b": {"score": {"count": SPENT}, "by": ["member", "team"], "windows": ["day"]}}}
TEAMS: dict[str, Any] = {"groups": {"team": {"one_at_a_time": True}}, **COUNTED}


def the_first_rulebook_again() -> list[Record]:
    first = book(**COUNTED)
    return [first, spent("ann", 1, START, 1), first]


def a_limit_used_up_by_a_late_event() -> list[Record]:
    rule = {"event": SPENT, "award": "data.minutes", "limits": [{"per": "month", "times": 1}]}
    board = {"score": {"points": ["r"]}, "windows": ["day", "month", "all"]}
    first = book(rules={"r": rule}, boards={"b": board})
    return [first, spent("ann", 7, START + DAY_MS, 1), spent("ann", 3, START, 2)]


def two_moves_into_the_past() -> list[Record]:
    moves = [joined("ann", "red", START, 2), joined("ann", "blue", START + 1, 3)]
    others = [joined("bob", "red", START, 4), spent("bob", 1, START + 1, 5)]
    return [book(**TEAMS), spent("ann", 1, START + DAY_MS, 1), *moves, *others]


def a_move_into_the_past_of_someone_who_leaves() -> list[Record]:
    left = record("member.left", "ann", START + 2 * DAY_MS, {}, 3)
    others = [joined("bob", "red", START, 4), spent("bob", 1, START + 1, 5)]
    return [book(**TEAMS), spent("ann", 1, START + DAY_MS, 1), joined("ann", "red", START, 2), left, *others]


def one_that_waits_beside_an_earlier_one_that_counts() -> list[Record]:
    activity = {"data": WHO, "once": ["data.key"], "confirm": "data.who"}
    first = book(activities={TESTED: activity}, boards={"b": {"score": {"count": TESTED}}})
    known = record(TESTED, "ann", START, {"who": "ann", "key": "k"}, 1)
    return [first, known, record(TESTED, "ann", START + 1, {"who": "dee", "key": "k"}, 2)]


def one_that_waits_and_comes_again() -> list[Record]:
    activity = {"data": WHO, "confirm": "data.who"}
    first = book(activities={TESTED: activity}, boards={"b": {"score": {"count": TESTED}}})
    waits = record(TESTED, "ann", START, {"who": "dee"}, 1)
    confirms = record(TESTED, "dee", START + 1, {"who": "ann"}, 2)
    return [first, waits, waits, confirms, {**waits, "stamp": "ff" * 8}, confirms]


def a_condition_about_points_that_nobody_gave() -> list[Record]:
    rule = {"event": SPENT, "award": 5, "when": "data.minutes > 9"}
    first = book(rules={"r": rule}, boards={"b": {"score": {"points": ["r"], "when": "data.minutes > 1"}}})
    return [first, spent("ann", 5, START, 1), spent("ann", 10, START + 1, 2)]


def a_type_that_nobody_declared_and_that_comes_too_late() -> list[Record]:
    unknown = record("acme.some.thing", "ann", START, {}, 1)
    late = record("acme.some.thing", "ann", START, {}, 2)
    late["recorded"] += 31 * DAY_MS
    return [book(**COUNTED), unknown, late]


def a_late_event_after_the_newest_window_of_its_board() -> list[Record]:
    boards = {name: {"score": {"count": kind}, "windows": ["day"]} for name, kind in (("b", SPENT), ("c", TESTED))}
    newest = record(TESTED, "ann", START + 2 * DAY_MS, {"who": "ann"}, 2)
    first = book(activities={TESTED: {"data": WHO}}, boards=boards)
    return [first, spent("ann", 1, START, 1), newest, spent("ann", 1, START + DAY_MS, 3)]


def a_streak_of_workdays_over_a_day_that_has_become_a_holiday() -> list[Record]:
    streak = {"every": "workday", "score": {"count": SPENT}}
    badges = {"b": {"streak": streak, "levels": {"two": 2}}}
    head = {"apiVersion": "karmalog/v1", "kind": "Rulebook", "people": {"smallest_group": 1}}
    first = published(1, None, {**head, "badges": badges}, START - DAY_MS)
    calendar = {"holidays": ["2024-03-08"]}  # the workday of the first event, by the calendar of the second one
    second = published(2, "2024-03-11", {**head, "calendar": calendar, "badges": badges}, START)
    return [first, spent("ann", 1, START, 1), second, spent("ann", 1, START + 2 * DAY_MS, 2)]


def clocks_set_back_into_the_day_that_had_ended() -> list[Record]:
    midnight = 1_162_089_000_000  # in St John's, on 2006-10-29; a minute later it is 23:01 once more
    rule = {"event": SPENT, "award": 1, "limits": [{"per": "day", "times": 1}]}
    boards = {"b": {"score": {"count": SPENT}, "windows": ["day"]}, "c": {"score": {"points": ["r"]}}}
    first = book(calendar={"timezone": "America/St_Johns"}, rules={"r": rule}, boards=boards)
    times = (midnight - 1, midnight, midnight + 60_000, midnight + HOUR_MS)
    return [first, *(spent("ann", 1, time, number) for number, time in enumerate(times))]


def numbers_to_reach_that_lie_between_two_scores() -> list[Record]:
    score = {"event": SPENT, "sum": "data.minutes"}
    challenge = {"score": score, "every": "week", "goal": 1.4, "reward": {"points": 3}}
    badge = {"score": score, "levels": {"some": 0.4, "more": 2.5}}
    streak = {"streak": {"every": "day", "score": score, "at_least": 0.4}, "at": 1}
    first = book(challenges={"c": challenge, "d": {**challenge, "goal": 0.4}}, badges={"b": badge, "s": streak})
    return [first, *(spent("ann", minutes, START + number, number) for number, minutes in enumerate((0, 1, 1, 1), 1))]


def badges_that_follow_from_others_in_a_version_that_is_to_come() -> list[Record]:
    badge = {"score": {"count": SPENT}, "at": 1}
    first = book(badges={"b": badge})
    invented = {
        "b": badge,
        "set": {"all_of": ["b"]},
        "sets": {"any_of": ["set"]},
        "stays": {"tenure": "month", "at": 1},
    }
    head = {"apiVersion": "karmalog/v1", "kind": "Rulebook", "people": {"smallest_group": 1}, "badges": invented}
    came = record("member.joined", "ann", START - 60 * DAY_MS, {}, 2)
    return [first, came, spent("ann", 1, START, 1), published(2, "2024-03-14", head, START + DAY_MS)]


def a_badge_given_by_hand_that_has_values_in_a_later_version() -> list[Record]:
    given = {"acme.craft.tested": {"data": WHO}}
    badge = {"score": {"count": TESTED}, "at": 1}
    first = book(activities=given, badges={"b": badge, "set": {"all_of": ["b"]}})
    head = {"apiVersion": "karmalog/v1", "kind": "Rulebook", "people": {"smallest_group": 1}, "activities": given}
    by_who = {**badge, "each": "data.who", "was": "b"}
    badges = {"c": by_who, "sets": {"all_of": ["c"], "each": "data.who", "was": "set"}}
    later = published(2, "2024-03-10", {**head, "badges": badges}, START - 2 * HOUR_MS)
    by_hand = [
        record("badge.granted", "ann", START, {"badge": name}, number) for number, name in ((1, "b"), (2, "set"))
    ]
    tested = record(TESTED, "ann", START + 2 * DAY_MS, {"who": "bob"}, 3)
    alone = [record("badge.granted", "eve", START, {"badge": "set"}, 4)]
    return [first, later, *by_hand, *alone, tested]


CASES = (
    a_badge_given_by_hand_that_has_values_in_a_later_version,
    badges_that_follow_from_others_in_a_version_that_is_to_come,
    numbers_to_reach_that_lie_between_two_scores,
    the_first_rulebook_again,
    a_limit_used_up_by_a_late_event,
    two_moves_into_the_past,
    a_move_into_the_past_of_someone_who_leaves,
    one_that_waits_beside_an_earlier_one_that_counts,
    one_that_waits_and_comes_again,
    a_condition_about_points_that_nobody_gave,
    a_type_that_nobody_declared_and_that_comes_too_late,
    a_late_event_after_the_newest_window_of_its_board,
    a_streak_of_workdays_over_a_day_that_has_become_a_holiday,
    clocks_set_back_into_the_day_that_had_ended,
)


@pytest.mark.parametrize("size", [1, 1_000])
@pytest.mark.parametrize("case", CASES)
def test_the_fold_agrees_with_the_oracle_on(case: Any, size: int) -> None:
    world = World(case(), START + 3 * DAY_MS)
    engine = Engine(world.records, hot_ms=0)
    while not engine.at_end:
        engine.batch(size)
    expected = answers(world.records, now=world.now)
    assert [str(verdict) for verdict in engine.verdicts] == expected.verdict_by_position
    of_members = {key: table for key, table in expected.boards.items() if key[1] == "member"}
    of_members |= {(name, "challenge", window): table for (name, window), table in expected.rounds.items()}
    assert engine.answers(world.now) == (of_members, expected.operators, expected.members)


@pytest.mark.parametrize("size", [1, 1_000])
def test_an_expression_that_fails_is_counted_once_however_often_its_event_comes(size: int) -> None:
    first = book(rules={"r": {"event": SPENT, "award": "10 / (data.minutes - 5)"}})
    fails = spent("ann", 5, START, 1)
    engine = Engine([first, fails, fails, {**fails, "stamp": "ff" * 8}, spent("bob", 6, START, 2)], hot_ms=0)
    while not engine.at_end:
        engine.batch(size)
    assert [str(verdict) for verdict in engine.verdicts][2:4] == ["REPEATED", "CONFLICT"]
    assert engine.org.failures.total() == 1


def test_who_has_left_and_is_said_to_leave_again_left_the_first_time() -> None:
    standing = Standing()
    for at, left in ((10, False), (20, True), (90, True)):
        standing.come_or_go(left=left, at=(at, "", ""))
    assert standing.stay == (10, 20)
    standing.come_or_go(left=False, at=(95, "", ""))
    assert standing.stay == (95, None)

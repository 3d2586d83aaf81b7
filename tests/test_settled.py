"""What is settled when a day is closed: places on a board, and badges that only the first get. It stays settled."""

from datetime import date, timedelta
from typing import Any

import pytest

from engine.badges import Badges
from engine.effects import changes_in
from engine.member import Kept, Member
from schemas.records import Record
from schemas.words import Instant
from tests.engine_driver import Engine
from tests.strategies import record
from tests.test_fold_cases import DAY_MS, SPENT, book, spent

MONDAY = date(2024, 3, 11)
SETTLED_WITH = date(2024, 3, 19)  # the week ends on the 17th, and two days more
AT = 1_710_720_000_000  # 2024-03-18, 00:00 UTC: the end of that week


def at(day: date, hour: int = 12) -> int:
    return int((day - date(1970, 1, 1)) / timedelta(milliseconds=1)) + hour * 3_600_000


def closed(day: date, number: int) -> Record:
    found = record("day.closed", "karmalog", at(day + timedelta(1), 0), {"day": day.isoformat()}, -100 - number)
    return {**found, "recorded": at(day + timedelta(1), 1)}


def closings(first: date, last: date) -> list[Record]:
    return [closed(first + timedelta(days), days) for days in range((last - first).days + 1)]


BOARD: dict[str, Any] = {"b": {"score": {"sum": "data.minutes", "event": SPENT}, "windows": ["week", "all"]}}
PLACES: dict[str, Any] = {"podium": {"rank": {"board": "b", "window": "week"}, "levels": {"winner": 1, "top": 2}}}
FIRST: dict[str, Any] = {"pioneer": {"score": {"count": SPENT}, "at": 1, "first": 2}}


def held(records: list[Record], batch: int) -> tuple[dict[str, dict[tuple[str, str], int]], Engine]:
    """The badges of each member, with what was told of them held against it."""
    engine = Engine(records, 30 * DAY_MS)
    while not engine.at_end:
        engine.batch(batch)
        engine.restart()
    org, found = engine.store.open(), {}
    for ident, shelf in engine.store.members.items():
        member = Member.load(ident, Kept(shelf.record, shelf.distinct, shelf.tallies), org.catalogue)
        times = Badges(org.plans, org.catalogue).held(member.totals, member.standing, member.settled, Instant(2**41))
        named = {(org.plans[0].badges[what.badge], what.level): when for what, when in times.items()}
        if named:
            found[str(ident)] = named
    return found, engine


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_places_are_settled_two_days_after_the_week_and_ties_share_them(batch: int) -> None:
    week = [spent("ann", 9, at(MONDAY), 1), spent("bob", 9, at(MONDAY), 2), spent("cat", 8, at(MONDAY), 3)]
    before = [book(late="90d", boards=BOARD, badges=PLACES), *week, *closings(MONDAY, SETTLED_WITH - timedelta(1))]
    assert held(before, batch)[0] == {}
    found, engine = held([*before, closed(SETTLED_WITH, 99)], batch)
    both = {("podium", "winner"): AT, ("podium", "top"): AT}
    assert found == {"ann": both, "bob": both}
    told = [
        (member, level, by, total)
        for _, member, told in engine.store.facts
        for _, level, by, total in changes_in(told)
        if level
    ]
    assert sorted(told) == [(member, level, 1, AT) for member in ("ann", "bob") for level in ("top", "winner")]


@pytest.mark.parametrize("batch", [1, 100])
def test_an_event_that_comes_after_the_settlement_moves_the_board_and_not_the_prize(batch: int) -> None:
    late = {**spent("cat", 50, at(MONDAY), 4), "recorded": at(SETTLED_WITH + timedelta(2))}
    in_time = {**spent("bob", 50, at(MONDAY), 5), "recorded": at(SETTLED_WITH)}
    start = [book(late="90d", boards=BOARD, badges=PLACES), spent("ann", 9, at(MONDAY), 1)]
    days = closings(MONDAY, SETTLED_WITH)
    found, engine = held([*start, *days[:-1], in_time, days[-1], late, *closings(SETTLED_WITH, SETTLED_WITH)], batch)
    assert set(found["bob"]) == {("podium", "winner"), ("podium", "top")}
    assert set(found["ann"]) == {("podium", "top")}
    assert "cat" not in found
    rows = engine.answers(at(SETTLED_WITH))[0]["b", "member", "2024-W11"].rows
    assert {row[1]: row[0] for row in rows} == {"bob": 1, "cat": 1, "ann": 3}


@pytest.mark.parametrize("batch", [1, 100])
def test_hidden_members_take_no_place(batch: int) -> None:
    hidden = record("member.visibility_changed", "ann", at(MONDAY), {"visibility": "hidden"}, 9)
    events = [spent("ann", 9, at(MONDAY), 1), hidden, spent("bob", 8, at(MONDAY), 2)]
    found, _ = held([book(boards=BOARD, badges=PLACES), *events, *closings(MONDAY, SETTLED_WITH)], batch)
    assert set(found) == {"bob"}
    assert set(found["bob"]) == {("podium", "winner"), ("podium", "top")}


@pytest.mark.parametrize("batch", [1, 100])
def test_only_the_first_get_it_by_when_they_did_it_not_by_when_it_came(batch: int) -> None:
    third = spent("cat", 1, at(MONDAY, 14), 1)
    second = spent("bob", 1, at(MONDAY, 13), 2)
    first = {**spent("ann", 1, at(MONDAY, 12), 3), "recorded": at(MONDAY + timedelta(1))}
    rulebook = book(late="90d", badges=FIRST)
    days = closings(MONDAY, MONDAY + timedelta(2))
    waiting, _ = held([rulebook, third, second, days[0], first, days[1]], batch)
    assert waiting == {}
    found, _ = held([rulebook, third, second, days[0], first, days[1], days[2]], batch)
    assert found == {"ann": {("pioneer", ""): at(MONDAY, 12)}, "bob": {("pioneer", ""): at(MONDAY, 13)}}
    too_late = {**spent("dee", 1, at(MONDAY, 1), 5), "recorded": at(MONDAY + timedelta(5))}
    after, _ = held(
        [rulebook, third, second, days[0], first, days[1], days[2], too_late, *closings(MONDAY, MONDAY + timedelta(9))],
        batch,
    )
    assert after == found


@pytest.mark.parametrize("batch", [1, 100])
def test_what_was_imported_from_before_is_not_settled(batch: int) -> None:
    imported = {**spent("ann", 9, at(MONDAY), 1), "run": "history"}
    later = MONDAY + timedelta(30)
    lived = spent("bob", 1, at(later), 2)
    found, _ = held([book(boards=BOARD, badges=PLACES), imported, lived, *closings(later, later + timedelta(4))], batch)
    assert found == {}

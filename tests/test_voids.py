"""A void takes an event out as if it had never been: the answers are those of a log without it."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from schemas.activities import INTERNAL, PEOPLE
from schemas.records import Record
from schemas.verdicts import Verdict
from tests.conftest import EXAMPLES
from tests.engine_driver import Engine
from tests.oracle import answers
from tests.strategies import Sizes, World, record, sizes, worlds
from tests.test_fold_cases import START, book, spent
from tests.test_fold_properties import constants, folded, shrink

__all__ = ["constants"]  # a fixture

ACTIVITY = "acme.lesson.given"
LESSON = {"type": "object", "required": ["lesson"], "properties": {"lesson": {"type": "string"}}}


def void_of(event: Record, at: int, number: int) -> Record:
    return record("event.voided", "an admin", at, {"id": event["id"]}, number)


@settings(max_examples=EXAMPLES // 2)
@given(world=worlds(), to=sizes(), data=st.data())
def test_the_answers_are_those_of_a_log_without_what_was_voided(
    constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject
) -> None:
    books = [str(each["data"]) for each in world.records if each["type"] == "rulebook.published"]
    assume(not any("confirm" in each for each in books))
    activities = [each for each in world.records if each["type"] not in PEOPLE.keys() | INTERNAL]
    assume(activities)
    chosen = data.draw(st.lists(st.sampled_from(activities), min_size=1, max_size=4), "voided")
    records = list(world.records)
    for number, event in enumerate(chosen):
        after = data.draw(st.integers(records.index(event) + 1, len(records)), "where")
        records.insert(after, void_of(event, event["time"], -1000 - number))
    shrink(constants, to)
    engine = folded(World(records, world.now), to, data)
    voids = [place for place, each in enumerate(records) if each["type"] == "event.voided"]
    assert {engine.verdicts[place] for place in voids} == {Verdict.APPLIED}
    gone = {event["id"] for event in chosen}
    left = [each for each in world.records if each["id"] not in gone]
    expected = answers(left, now=world.now)
    boards, groups, members = engine.answers(world.now)
    assert boards == {key: table for key, table in expected.boards.items() if key[1] == "member"}
    assert groups == expected.operators
    assert members == expected.members


LESSONS = book(
    activities={ACTIVITY: {"data": LESSON, "once": ["data.lesson"]}},
    boards={"given": {"score": {"count": ACTIVITY}}},
)


def lesson(name: str, time: int, number: int) -> Record:
    return record(ACTIVITY, "ann", time, {"lesson": name}, number)


@pytest.mark.parametrize("batch", [1, 100])
def test_of_one_instance_the_next_one_counts_and_then_the_one_after(batch: int) -> None:
    first, second, third = (lesson("knots", START + number, number) for number in (1, 2, 3))
    records = [LESSONS, second, third, first]
    for number, event in enumerate((first, second)):
        records.append(void_of(event, START + 9, 10 + number))
    records.append(lesson("knots", START + 4, 4))
    engine = Engine(records, 0)
    while not engine.at_end:
        engine.batch(batch)
    assert engine.verdicts == [
        Verdict.APPLIED,
        Verdict.APPLIED,
        Verdict.DOES_NOT_COUNT,
        Verdict.APPLIED,
        Verdict.APPLIED,
        Verdict.APPLIED,
        Verdict.DOES_NOT_COUNT,
    ]
    assert engine.answers(START)[0]["given", "member", "all"].rows == [(1, "ann", 1)]


@pytest.mark.parametrize("then", ["on", "restart"])
@pytest.mark.parametrize("batch", [1, 2, 100])
def test_an_event_that_counts_again_does_so_once_whatever_comes_before_it(batch: int, then: str) -> None:
    rulebook = book(
        groups={"team": {"one_at_a_time": True}},
        activities={ACTIVITY: {"data": LESSON, "once": ["data.lesson"]}},
        boards={"given": {"score": {"distinct": "data.lesson", "event": ACTIVITY}, "by": ["member", "team"]}},
    )
    joins = record("group.joined", "ann", START - 1, {"kind": "team", "group": "red"}, 9)
    later, earlier = lesson("knots", START + 5, 1), lesson("knots", START + 3, 2)
    late = lesson("bows", START + 1, 4)  # for it everything that ann did is read again
    engine = Engine([rulebook, joins, later, earlier, void_of(earlier, START + 9, 3), late], 0)
    while not engine.at_end:
        engine.batch(batch)
        if then == "restart":
            engine.restart()
    members, groups, _ = engine.answers(START)
    assert members["given", "member", "all"].rows == [(1, "ann", 2)]
    assert groups["given", "team", "all"] == {"red": 2}


@pytest.mark.parametrize("batch", [1, 100])
def test_once_all_of_an_instance_are_voided_another_one_counts(batch: int) -> None:
    only = lesson("knots", START + 1, 1)
    records = [LESSONS, only, void_of(only, START + 2, 2), lesson("knots", START + 3, 3)]
    engine = Engine(records, 0)
    while not engine.at_end:
        engine.batch(batch)
    assert engine.verdicts[-1] is Verdict.APPLIED
    assert engine.answers(START)[0]["given", "member", "all"].rows == [(1, "ann", 1)]


@pytest.mark.parametrize("batch", [1, 100])
def test_what_is_voided_stays_out_when_it_is_sent_or_voided_again_and_what_is_none_is_refused(batch: int) -> None:
    event, rulebook = spent("ann", 5, START, 1), book(boards={"b": {"score": {"count": "learning_time.spent"}}})
    unknown = spent("ann", 5, START, 9)
    records = [
        rulebook,
        event,
        void_of(event, START, 2),
        void_of(event, START, 3),
        event,
        void_of(unknown, START, 4),
        void_of(rulebook, START, 5),
        unknown,
    ]
    engine = Engine(records, 0)
    while not engine.at_end:
        engine.batch(batch)
    assert [str(verdict) for verdict in engine.verdicts[1:]] == [
        "APPLIED",
        "APPLIED",
        "APPLIED",
        "REPEATED",
        "REFUSED",
        "REFUSED",
        "APPLIED",
    ]
    assert engine.answers(START)[0]["b", "member", "all"].rows == [(1, "ann", 1)]


def test_a_pending_event_that_is_voided_counts_no_more_when_it_is_confirmed() -> None:
    who = {"type": "object", "required": ["who"], "properties": {"who": {"type": "string"}}}
    rulebook = book(
        activities={ACTIVITY: {"data": who, "confirm": "data.who"}}, boards={"b": {"score": {"count": ACTIVITY}}}
    )
    waiting = record(ACTIVITY, "ann", START, {"who": "bob"}, 1)
    confirmed = record("activity.confirmed", "bob", START + 2, {"id": waiting["id"]}, 3)
    engine = Engine([rulebook, waiting, void_of(waiting, START + 1, 2), confirmed], 0)
    while not engine.at_end:
        engine.batch(1)
    assert engine.answers(START)[0] == {}


def test_an_event_is_voided_whatever_its_rule_says_of_groups_by_then() -> None:
    rule = {"event": "learning_time.spent", "award": 5, "when": "team(subject) == 'red'"}
    rulebook = book(
        groups={"team": {"one_at_a_time": True}}, rules={"r": rule}, boards={"b": {"score": {"points": ["r"]}}}
    )
    event = spent("ann", 5, START, 1)
    joins, leaves = (
        record(f"group.{what}", "ann", START - 1, {"kind": "team", "group": "red"}, number)
        for what, number in (("joined", 2), ("left", 3))
    )
    for left in ([], [leaves]):
        engine = Engine([rulebook, joins, event, *left, void_of(event, START, 4)], 0)
        while not engine.at_end:
            engine.batch(1)
            engine.restart()  # nobody is in memory
        assert engine.verdicts[2] is Verdict.APPLIED
        assert engine.answers(START)[0] == {}


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_who_comes_after_the_voided_one_gives_what_its_groups_say_though_nobody_is_in_memory(batch: int) -> None:
    rule = {"event": ACTIVITY, "award": 5, "when": "team(subject) == 'red'"}
    rulebook = book(
        groups={"team": {"one_at_a_time": True}},
        activities={ACTIVITY: {"data": LESSON, "once": ["data.lesson"], "credit": "'bob'"}},
        rules={"r": rule},
        boards={"b": {"score": {"points": ["r"]}}},
    )
    joins = record("group.joined", "ann", START - 1, {"kind": "team", "group": "red"}, 9)
    of_bob = record(ACTIVITY, "bob", START, {"lesson": "bows"}, 8)
    later = lesson("knots", START + 5, 1)
    earlier = record(ACTIVITY, "dee", START + 3, {"lesson": "knots"}, 2)
    engine = Engine([rulebook, joins, of_bob, later, earlier, void_of(earlier, START + 9, 3)], 0)
    while not engine.at_end:
        engine.batch(batch)
        engine.restart()
    assert engine.answers(START)[0]["b", "member", "all"].rows == [(1, "bob", 5)]

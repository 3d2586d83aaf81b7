"""What is settled, however the fold goes through a log: challenges, leagues, places, firsts, and voids among them."""

from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from schemas.activities import INTERNAL, PEOPLE
from schemas.records import Record
from tests.conftest import EXAMPLES
from tests.engine_driver import Engine
from tests.oracle import Answers, answers
from tests.settled_worlds import settled_worlds
from tests.strategies import Sizes, World, sizes
from tests.test_fold_properties import constants, folded, shrink

__all__ = ["constants"]  # a fixture

FIXED = PEOPLE.keys() | INTERNAL
"""What keeps its place: closings, rulebooks, what is said of people, confirmations and voids."""


@given(world=settled_worlds(), to=sizes(), data=st.data())
def test_the_fold_settles_what_the_oracle_settles(
    constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject
) -> None:
    shrink(constants, to)
    engine = folded(world, to, data)
    assert not [misfit for version in engine.org.plans for misfit in version.misfits]
    expected = answers(world.records, now=world.now)
    assert [str(verdict) for verdict in engine.verdicts] == expected.verdict_by_position
    agree(engine, expected, world.now)


@settings(max_examples=EXAMPLES // 2)
@given(world=settled_worlds(), to=sizes(), data=st.data())
def test_what_is_settled_is_the_same_whatever_order_activities_came_in_between_closings(
    constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject
) -> None:
    shrink(constants, to)
    records = list({record["id"]: record for record in reversed(world.records)}.values())[::-1]  # each id once
    shuffled: list[Record] = []
    for is_activity, part in groupby(records, key=lambda record: record["type"] not in FIXED):
        those = list(part)
        shuffled += data.draw(st.permutations(those), "order") if is_activity else those
    engine = folded(World(shuffled, world.now), to, data)
    agree(engine, answers(records, now=world.now), world.now)


def agree(engine: Engine, expected: Answers, now: int) -> None:
    """Everything that can be asked has one answer."""
    boards, groups, members = engine.answers(now)
    rounds = {(name, window): table for (name, by, window), table in boards.items() if by == "challenge"}
    tables = {key: table for key, table in expected.boards.items() if key[1] == "member"}
    assert {key: table for key, table in boards.items() if key[1] == "member"} == tables
    assert rounds == expected.rounds
    assert groups == expected.operators
    assert engine.counters(now) == expected.counters
    assert members == expected.members

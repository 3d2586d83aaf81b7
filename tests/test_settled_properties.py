"""What is settled, however the fold goes through a log: challenges, leagues, places, firsts, and voids among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.oracle import answers
from tests.settled_worlds import settled_worlds
from tests.strategies import Sizes, World, sizes
from tests.test_fold_properties import constants, folded, shrink

__all__ = ["constants"]  # a fixture


@given(world=settled_worlds(), to=sizes(), data=st.data())
def test_the_fold_settles_what_the_oracle_settles(
    constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject
) -> None:
    shrink(constants, to)
    engine = folded(world, to, data)
    assert not [misfit for version in engine.org.plans for misfit in version.misfits]
    expected = answers(world.records, now=world.now)
    assert [str(verdict) for verdict in engine.verdicts] == expected.verdict_by_position
    boards, groups, members = engine.answers(world.now)
    rounds = {(name, window): table for (name, by, window), table in boards.items() if by == "challenge"}
    tables = {key: table for key, table in expected.boards.items() if key[1] == "member"}
    assert {key: table for key, table in boards.items() if key[1] == "member"} == tables
    assert rounds == expected.rounds
    assert groups == expected.operators
    assert engine.counters(world.now) == expected.counters
    assert members == expected.members

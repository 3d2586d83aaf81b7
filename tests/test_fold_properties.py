"""The fold, however it goes through a log, gives what the oracle says: the promise that everything else stands on."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from engine import claims, member
from tests.engine_driver import Engine
from tests.oracle import answers
from tests.strategies import Sizes, World, sizes, worlds

STEPS = ("on", "on", "on", "on", "forget", "forget one", "restart", "die")
"""What happens between two batches: nothing mostly; a small cache; a new process; a batch that is never written."""


@pytest.fixture(scope="module")
def constants():  # noqa: ANN201
    """Puts the engine's constants back."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def shrunk(patch: pytest.MonkeyPatch, to: Sizes) -> None:
    patch.setattr(member, "SEGMENT", to.segment)
    patch.setattr(member, "TAIL", to.tail)
    patch.setattr(claims, "SEGMENT_CLAIMS", to.segment_claims)


def folded(world: World, to: Sizes, data: DataObject) -> Engine:
    engine = Engine(world.records, to.hot_ms)
    largest = data.draw(st.sampled_from((1, 2, 4, 9, 1_000)), "batches up to")
    while not engine.at_end:
        step = data.draw(st.sampled_from(STEPS), "then")
        size = data.draw(st.integers(1, largest), "batch") if largest < 1_000 else largest
        if step == "die":
            engine.lost_batch(size)
        elif step == "restart":
            engine.restart()
        elif step != "on":
            engine.forget(0 if step == "forget" else 1)
        engine.batch(size)
    return engine


@given(world=worlds(), to=sizes(), data=st.data())
def test_the_fold_gives_the_answers_of_the_oracle(
    constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject
) -> None:
    shrunk(constants, to)
    engine = folded(world, to, data)
    assert not [misfit for plan in engine.org.plans for misfit in plan.misfits]
    expected = answers(world.records, now=world.now)
    assert [str(verdict) for verdict in engine.verdicts] == expected.verdict_by_position
    boards = {key: (table.rows, table.total) for key, table in expected.boards.items()}
    assert {key: (table.rows, table.total) for key, table in engine.boards(world.now).items()} == boards
    has = {name: tuple(found.values()) for name, found in expected.members.items()}
    assert {name: tuple(found) for name, found in engine.members(world.now).items()} == has

"""The fold, however it goes through a log, gives what the oracle says: the promise that everything else stands on."""

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from engine import claims, compiling, history, member
from engine.effects import changes_in
from engine.plan import Plan, name_at
from engine.values import value_of
from schemas.words import Instant
from tests.checked_once import remembering
from tests.conftest import EXAMPLES
from tests.engine_driver import Engine
from tests.oracle import Member as Has
from tests.oracle import answers
from tests.oracle.contributions import Scalar
from tests.strategies import Sizes, World, sizes, worlds

STEPS = ("on", "on", "on", "on", "forget", "forget one", "restart", "die")
"""What happens before a batch: nothing mostly; a small cache; a new process; a batch that is never written."""

ALL_AT_ONCE = 1_000


@pytest.fixture(scope="module")
def constants() -> Iterator[pytest.MonkeyPatch]:
    """Changes the engine's constants, and puts them back at the end.

    Expressions are checked once each: they are pure, and checking the built-in activities again and again, at every
    restart of every example, would be nearly all that these tests do.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "compile_expression", remembering())
        yield patch


def shrink(patch: pytest.MonkeyPatch, to: Sizes) -> None:
    """Makes the engine's segments and tails so small that few events fill them."""
    patch.setattr(history, "SEGMENT", to.segment)
    patch.setattr(member, "TAIL", to.tail)
    patch.setattr(claims, "SEGMENT_CLAIMS", to.segment_claims)
    for name, places in (("_SLOTS", 64), ("_MASK", 63), ("_PRIME", 61)):  # a filter so small that it errs
        patch.setattr(claims, name, places)


def folded(world: World, to: Sizes, data: DataObject) -> Engine:
    """An engine that went through a log in one of many ways."""
    engine = Engine(world.records, to.hot_ms)
    largest = data.draw(st.sampled_from((1, 2, 4, 9, ALL_AT_ONCE)), "batches up to")
    while not engine.at_end:
        size = data.draw(st.integers(1, largest), "batch") if largest < ALL_AT_ONCE else largest
        step = data.draw(st.sampled_from(STEPS), "before it")
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
    agree(constants, world, to, data)


@given(world=worlds(is_life=True), to=sizes(), data=st.data())
def test_a_late_event_in_a_long_life_changes_what_the_oracle_says_it_changes(
    constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject
) -> None:
    agree(constants, world, to, data)


def agree(constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject) -> None:
    """Everything that can be asked has one answer."""
    shrink(constants, to)
    engine = folded(world, to, data)
    assert not [misfit for version in engine.org.plans for misfit in version.misfits]
    expected = answers(world.records, now=world.now)
    assert [str(verdict) for verdict in engine.verdicts] == expected.verdict_by_position
    assert engine.org.outcomes == expected.verdicts
    boards, groups, members = engine.answers(world.now)
    assert boards == {key: table for key, table in expected.boards.items() if key[1] == "member"}
    assert groups == expected.operators
    assert members == expected.members


@settings(max_examples=EXAMPLES // 2)
@given(world=worlds(), to=sizes(), data=st.data())
def test_facts_add_up_to_the_points_and_levels_of_every_member(
    constants: pytest.MonkeyPatch, world: World, to: Sizes, data: DataObject
) -> None:
    shrink(constants, to)
    engine = folded(world, to, data)
    told: Counter[tuple[str, str]] = Counter()
    levels: dict[tuple[str, str, str | None, Scalar | None], int] = {}
    changes = [(ident, change) for _, ident, told in engine.store.facts for change in changes_in(told)]
    for ident, (number, level, by, total) in changes:
        name = name_at(engine.org.plans, number, Instant(world.now)).partition(":")[2]
        if level is None:
            told[ident, name] += by
            assert total == told[ident, name]
            continue
        step, _, value = level.partition("\0")
        reached = (ident, name, step or None, value_of(value) if value else None)
        assert (reached in levels) == (by <= 0)
        if by < 0:
            del levels[reached]
        else:
            levels[reached] = total
    _, _, members = engine.answers(world.now)
    assert {key: total for key, total in told.items() if total} == {
        (ident, rule): total for ident, has in members.items() for rule, total in has["points"].items()
    }
    untold = {name for plan in engine.org.plans for number, name in plan.badges.items() if is_untold(plan, number)}
    assert {key: at for key, at in levels.items() if key[1] not in untold} == {
        key: at for key, at in has_reached(members) if key[1] not in untold
    }


def is_untold(plan: Plan, badge: int) -> bool:
    """Whether a badge comes with time, or with a rulebook, rather than with what a member does."""
    return badge in plan.tenures or badge in plan.collections


def has_reached(members: Mapping[str, Has]) -> Iterator[tuple[tuple[str, str, str | None, Scalar | None], int]]:
    """Every badge and step of a ladder."""
    for ident, has in members.items():
        for each in has["badges"]:
            yield (ident, each.badge, each.level, each.value), each.at
        for ladder, steps in has["levels"].items():
            for step, at in steps:
                yield (ident, ladder, step, None), at

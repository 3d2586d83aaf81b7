"""The ledger as the fold asks it and a real store keeps it, against the model: any steps, any batches, any restarts.

A step costs a store's time, so there are fewer examples than in memory: 12 machines and 10 lives, in the long lane 200
and 100.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from engine import compiling
from streams.digesting import digest_of
from tests.checked_once import remembering
from tests.conftest import LONG
from tests.folding import Folding
from tests.ledger.life import StoredLife, ToldLife
from tests.ledger.lives import FIRST, LATER
from tests.ledger.stored import Stored, kept_by
from tests.ledger.told import Told

SEEDS, BOOKS = (
    st.integers(0, 2**32),
    st.tuples(st.lists(LATER, max_size=6), FIRST).map(lambda each: [*each[0], each[1]]),
)
"""The last one is the first version."""

BACK_AND_FORTH = st.tuples(FIRST, FIRST, FIRST).map(
    lambda books: [
        books[0],
        {"shop": books[0]["shop"]},
        books[1],
        {},
        {"karma": books[2]["karma"]},
        books[1],
        books[0],
    ]
)
"""Versions, the last one first; karma and shop are changed, dropped and added again, to the letter as they were."""


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def _checked_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "compile_expression", remembering())
        yield


def few(quick: int, long: int, **others: Any) -> settings:
    """So many examples in each lane; to look for a shorter one takes longer than to read the one that was found."""
    same_store = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    return settings(max_examples=long if LONG else quick, suppress_health_check=same_store, phases=phases, **others)


def test_the_fold_decides_and_the_store_holds_what_the_model_does(client: "redis.Redis") -> None:
    run_state_machine_as_test(lambda: Stored(client), settings=few(12, 200, stateful_step_count=50))


@few(10, 100)
@given(seed=SEEDS, books=BOOKS)
def test_a_long_life_in_a_store_adds_up(client: "redis.Redis", seed: int, books: list[dict[str, Any]]) -> None:
    ledger = Stored(client)
    StoredLife(seed, books, ledger).live(200)
    ledger.teardown()


@few(5, 40)
@given(seed=SEEDS, books=BOOKS)
def test_a_life_is_the_same_in_batches_of_any_size_and_with_a_restart_after_each(
    client: "redis.Redis", seed: int, books: list[dict[str, Any]]
) -> None:
    ledger = Told()
    ToldLife(seed, books, ledger).live(80)
    found = []
    for batch in (1, 2, 7, 1_000):
        for again in (False, True):
            folding = Folding(client)
            folding.append(*ledger.log)
            while folding.org.position < len(ledger.log):
                folding.fold_next(batch)
                if again:
                    folding.restart()
            found.append((digest_of(folding.answers), folding.org.outcomes, kept_by(folding, ledger.people.known)))
    assert all(each == found[0] for each in found)


@few(6, 60)
@given(seed=SEEDS, books=BACK_AND_FORTH)
def test_no_posting_differs_when_a_life_of_changing_rulebooks_is_built_again(
    client: "redis.Redis", seed: int, books: list[dict[str, Any]]
) -> None:
    ledger = Stored(client)
    life = StoredLife(seed, [books[-1]], ledger)
    for book in reversed(books):
        before = ledger.kept.statements
        ledger.another_rulebook(book)
        life.live(25)
        ledger.fold_all(7, again=True)
        assert all(lines.items() <= ledger.kept.statements[name].items() for name, lines in before.items())
    ledger.fold_all(1_000, again=False)
    lived, digest = ledger.kept, digest_of(ledger.folding.answers)
    assert any(lived.statements.values())
    again = Folding(client).fold(*ledger.log)
    assert (kept_by(again, ledger.people.known), digest_of(again.answers)) == (lived, digest)

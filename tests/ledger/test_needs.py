"""Decided again: with no more at hand than what is asked for, and from the beginning when all versions are known."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ledger.deciding import applied, decide
from engine.ledger.draft import Accepted, Asked, State
from engine.ledger.needs import budgets, named, people, stocks
from engine.ledger.policies import Timeline
from tests.conftest import EXAMPLES
from tests.ledger.bench import Bench
from tests.ledger.life import Life
from tests.ledger.lives import FIRST
from tests.ledger.machine import Ledger

SEEDS, BOOKS = st.integers(0, 2**32), st.lists(FIRST, min_size=1, max_size=4)


def lived(seed: int, books: list[dict[str, Any]]) -> Bench:
    ledger = Ledger()
    Life(seed, books, ledger).live(60)
    return ledger.org


def only_what_is_asked_for(state: State, timeline: Timeline, asked: Asked) -> State:
    """The state that a reader would load, step by step."""
    first = named(asked)
    gifts = {name: gift for name, gift in state.gifts.items() if name in first.gifts}
    redemptions = {name: each for name, each in state.redemptions.items() if name in first.redemptions}
    persons = {said: state.people[said] for said in people(asked, gifts, redemptions) if said in state.people}
    policy = timeline.at(asked.at)
    names = budgets(asked, persons, redemptions, policy) if policy else frozenset[str]()
    members = {each.ident for each in persons.values()}
    return State(
        persons,
        {name: purse for name, purse in state.purses.items() if name in members},
        gifts,
        redemptions,
        {name: moved for name, moved in state.stocks.items() if name in first.stocks | stocks(redemptions)},
        {name: spent for name, spent in state.spent.items() if name in names},
        {name: each for name, each in state.minted.items() if name in first.causes},
    )


@settings(max_examples=EXAMPLES // 10)
@given(seed=SEEDS, books=BOOKS)
def test_a_request_needs_no_more_than_what_is_asked_for(seed: int, books: list[dict[str, Any]]) -> None:
    org = lived(seed, books)
    assert org.heard
    for state, asked, found in org.heard:
        part = only_what_is_asked_for(state, org.timeline, asked)
        assert decide(part, org.timeline, asked) == found


@settings(max_examples=EXAMPLES // 10)
@given(seed=SEEDS, books=BOOKS)
def test_no_posting_differs_when_all_is_decided_again_with_every_later_version_known(
    seed: int, books: list[dict[str, Any]]
) -> None:
    org = lived(seed, books)
    again = State()
    for state, asked, found in org.heard:
        again = replace(again, people=state.people)
        decision = decide(again, org.timeline, asked)
        assert decision == found
        again = applied(again, decision) if isinstance(decision, Accepted) else again
    assert again.purses == org.state.purses

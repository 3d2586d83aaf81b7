"""Two kinds of life: any steps in any order, and long ones of people who mean well; all against the model."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import EXAMPLES
from tests.ledger.life import Life
from tests.ledger.lives import FIRST
from tests.ledger.machine import Ledger

TestTheLedgerDecidesAndPostsWhatTheModelDoes = Ledger.TestCase
TestTheLedgerDecidesAndPostsWhatTheModelDoes.settings = settings(max_examples=EXAMPLES // 4, stateful_step_count=40)


@settings(max_examples=EXAMPLES // 10)
@given(seed=st.integers(0, 2**32), books=st.lists(FIRST, min_size=1, max_size=6))
def test_a_long_life_adds_up(seed: int, books: list[dict[str, Any]]) -> None:
    Life(seed, books, Ledger()).live(150)

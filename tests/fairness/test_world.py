"""What the watch finds in made-up organisations of a thousand members, and whom it names who did nothing.

The thresholds were chosen on other seeds; `python -m benchmarks --only fairness` looks at twenty more.
"""

import pytest

from benchmarks.fairness_line import Outcome, outcome
from benchmarks.fairness_world import world

SEEDS = (101, 102, 103, 104, 105)


@pytest.fixture(scope="module")
def planted() -> Outcome:
    """All kinds, in five organisations."""
    return outcome(world(seed) for seed in SEEDS)


def test_nine_of_ten_that_are_planted_are_found(planted: Outcome) -> None:
    assert planted.found_percent >= 90, planted.found


def test_some_of_each_kind_and_of_rings_of_each_size_are_planted_and_most_are_found(planted: Outcome) -> None:
    assert sorted(planted.planted) == ["DUMPING", "PAIR", "RECEIVER", "RING of 3", "RING of 4", "RING of 5"]
    for kind, count in planted.planted.items():
        assert planted.found[kind] >= 0.7 * count, kind


def test_one_of_a_hundred_members_is_falsely_named_at_most(planted: Outcome) -> None:
    assert planted.falsely_percent <= 1, planted.named


def test_where_nothing_is_planted_one_of_a_hundred_is_named_at_most() -> None:
    innocent = outcome(world(seed, planted=False) for seed in SEEDS)
    assert innocent.planted.total() == 0
    assert innocent.falsely_percent <= 1, innocent.named


def test_a_world_is_the_same_each_time_and_another_one_with_another_seed() -> None:
    assert world(101) == world(101)
    assert world(101).gifts != world(102).gifts

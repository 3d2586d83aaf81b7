"""Random worlds are made of rulebooks that can be published, and the oracle has an answer for each of them."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rulebook_text import read
from tests.oracle import answers
from tests.settled_worlds import settled_worlds
from tests.strategies import World, worlds


@settings(max_examples=12)
@given(world=st.one_of(worlds(), worlds(is_life=True), settled_worlds()))
def test_every_rulebook_of_a_world_is_without_fault_and_its_log_has_answers(world: World) -> None:
    for record in world.records:
        if record["type"] == "rulebook.published":
            assert faults(record["data"]["rulebook"]) == []
    assert len(answers(world.records, now=world.now).verdict_by_position) == len(world.records)


@settings(max_examples=12)
@given(world=settled_worlds())
def test_the_days_of_a_world_are_closed_one_after_another_once_they_are_over(world: World) -> None:
    closings = [record for record in world.records if record["type"] == "day.closed"]
    days = list(dict.fromkeys(str(record["data"]["day"]) for record in closings))
    assert days == sorted(days)
    assert all(record["time"] <= record["recorded"] <= world.now for record in closings)
    living = [record["recorded"] for record in world.records if "run" not in record]
    assert living == sorted(living)


def faults(book: Any) -> list[str]:
    """What is wrong with a rulebook, as the one who wrote it would be told."""
    return [fault.message for fault in read(json.dumps(book), "rulebook.yaml")[1]]

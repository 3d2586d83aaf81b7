"""The fairness watch in a rulebook: off where nothing is said, what may be said, and what an admin reads who mistook."""

# ruff: noqa: E501 - a fault is one line

import pytest

from engine.fairness.alerts import Kind, kinds
from engine.rulebook_check import check
from schemas.rulebook import Rulebook
from schemas.rulebook_fairness import Fairness

HEAD = "apiVersion: karmalog/v1\nkind: Rulebook\n"


def read(karma: str) -> Rulebook:
    """A rulebook without a fault, as it comes back from the log."""
    checked = check(f"{HEAD}karma: {karma}\n", "r")
    assert checked.wrong == []
    assert checked.rulebook is not None
    stored = Rulebook.model_validate(checked.rulebook.stored())
    assert stored == checked.rulebook
    return stored


def fairness(karma: str) -> Fairness | None:
    """What its karma section says of fairness."""
    section = read(karma).karma
    assert section is not None
    return section.fairness


def test_nothing_is_watched_where_nothing_is_said() -> None:
    assert kinds(fairness("{redeem_for_self: true}")) == frozenset()
    assert kinds(fairness("{fairness: {watch: false}}")) == frozenset()


@pytest.mark.parametrize(
    ("watch", "found"),
    [
        ("true", set(Kind)),
        ("[pairs]", {Kind.PAIR}),
        ("[rings, dumping]", {Kind.RING, Kind.DUMPING}),
        ("[dumping, receivers, rings, pairs]", set(Kind)),
    ],
)
def test_all_of_it_is_watched_or_what_is_named(watch: str, found: set[Kind]) -> None:
    assert kinds(fairness(f"{{fairness: {{watch: {watch}}}}}")) == found


def test_redemptions_are_held_only_where_it_is_said() -> None:
    quiet, holding = fairness("{fairness: {watch: true}}"), fairness("{fairness: {watch: true, hold: true}}")
    assert quiet is not None
    assert holding is not None
    assert (quiet.hold, holding.hold) == (False, True)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("{hold: true}", "3:9: fault: `watch` is missing; add it [karma.fairness.watch]"),
        ("{watch: 1}", "3:27: fault: expected true, or a list such as [pairs, rings], got a whole number (1) [karma.fairness.watch]"),
        ("{watch: pairs}", "3:27: fault: expected true, or a list such as [pairs, rings], got a text (pairs) [karma.fairness.watch]"),
        ("{watch: [rings, pair]}", "3:35: fault: expected pairs, rings, receivers or dumping, got a text (pair); did you mean `pairs`? [karma.fairness.watch[1]]"),
        ("{watch: [pairs, pairs]}", "3:9: fault: an entry of `watch` stands twice; keep one [karma.fairness]"),
        ("{watch: true, hold: yes}", "3:39: fault: expected true or false, got a text (yes) [karma.fairness.hold]"),
        ("{watch: false, hold: true}", "3:9: fault: nothing is watched, so nothing can be held: set `watch: true`, or leave `hold` out [karma.fairness]"),
        ("{watch: true, holds: true}", "3:33: fault: `holds` is not known here; did you mean `hold`? [karma.fairness.holds]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_what_to_do(section: str, said: str) -> None:
    assert [str(fault) for fault in check(f"{HEAD}karma: {{fairness: {section}}}\n", "r").wrong] == [f"r:{said}"]

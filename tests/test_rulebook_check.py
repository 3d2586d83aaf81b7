"""A rulebook is checked to its end whatever is wrong with it: all faults at once, and never a traceback."""

import re
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from engine.compiling import compile_plan
from engine.rulebook_check import check
from schemas.rulebook_text import study
from tests.conftest import LONG

DATA = Path(__file__).parent / "data"
WHOLE = (DATA / "contract-rulebook.yaml", DATA / "rich-rulebook.yaml")
HEAD = "apiVersion: karmalog/v1\nkind: Rulebook\n"


def codes(text: str) -> list[str]:
    """What is wrong, in the order of the text."""
    return [fault.code for fault in check(HEAD + text, "rulebook.yaml").wrong]


def test_a_type_that_there_is_not_is_a_fault_beside_those_of_expressions() -> None:
    counted = "boards:\n  a: {score: {count: code_review.givn}}\n"
    summed = "  b: {score: {sum: data.nope, event: code_review.given}}\n"
    assert codes(counted + summed) == ["UNKNOWN_TYPE", "BAD_EXPRESSION"]


def test_what_hangs_on_a_rule_that_is_at_fault_is_not_looked_at() -> None:
    rules = "rules: {x: {event: code_review.givn, award: 5}}\n"
    assert codes(rules + "boards: {a: {score: {points: [x]}}}\nbadges: {m: {all_of: [q]}}\n") == [
        "UNKNOWN_TYPE",
        "UNKNOWN_BADGE",
    ]


def test_an_expression_is_checked_wherever_it_stands() -> None:
    text = WHOLE[1].read_text(encoding="utf-8")
    scalars = [(start, said) for _, start, said in study(text, "r").source.values.values() if said is not None]
    expressions = [(start, said) for start, said in scalars if "data." in said]
    assert len(expressions) == 14
    for start, said in expressions:
        at = text.index(said, start)
        faults = check(text[:at] + said.replace("data.", "data!") + text[at + len(said) :], "r").wrong
        assert [(fault.line, fault.code) for fault in faults] == [(text.count("\n", 0, at) + 1, "BAD_EXPRESSION")], said


@pytest.mark.parametrize("whole", WHOLE, ids=lambda path: path.stem)
def test_what_is_without_a_fault_can_be_run_whole(whole: Path) -> None:
    checked = check(whole.read_text(encoding="utf-8"), "r")
    assert checked.rulebook is not None
    assert compile_plan(checked.rulebook, 1, None, Catalogue()).misfits == []


@pytest.mark.parametrize("whole", WHOLE, ids=lambda path: path.stem)
def test_any_word_may_be_wrong(whole: Path) -> None:
    text = re.sub(r" *#.*", "", whole.read_text(encoding="utf-8"))
    assert check(text, "rulebook.yaml").wrong == []
    words = list(re.finditer(r"[\w.]*\w", text))
    for word in words[:: 1 if LONG else 16]:
        wrong = text[: word.start()] + "nope" + text[word.end() :]
        checked = check(wrong, "rulebook.yaml")
        assert (checked.rulebook is None) <= bool(checked.wrong), word.group()

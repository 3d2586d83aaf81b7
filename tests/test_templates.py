"""What the rulebooks to begin with promise: nothing wrong with them, and a reason beside each rule."""

import re
from pathlib import Path

import pytest

from engine.rulebook_check import check

TEMPLATES = sorted((Path(__file__).parents[1] / "karmalog" / "templates").glob("*.yaml"))
LEARNING = next(template for template in TEMPLATES if template.stem == "learning")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.stem)
def test_a_template_has_neither_a_fault_nor_a_warning(template: Path) -> None:
    checked = check(template.read_text(encoding="utf-8"), template.name)
    assert [str(fault) for fault in checked.faults] == []
    assert checked.rulebook is not None


def test_every_rule_of_a_learning_culture_says_what_it_wants_and_how_it_could_be_gamed() -> None:
    text = LEARNING.read_text(encoding="utf-8")
    section = text.split("\nrules:\n")[1].split("\nboards:\n")[0]
    comments = {rule: comment for comment, rule in re.findall(r"((?:^  # .*\n)+)^  ([a-z-]+):", section, re.MULTILINE)}
    rulebook = check(text, LEARNING.name).rulebook
    assert rulebook is not None
    for rule in rulebook.rules:
        assert "Wants" in comments[rule], rule
        assert "Gamed by" in comments[rule], rule


def test_a_learning_culture_is_fair_by_its_numbers() -> None:
    rulebook = check(LEARNING.read_text(encoding="utf-8"), LEARNING.name).rulebook
    assert rulebook is not None
    for name, rule in rulebook.rules.items():
        assert rule.limits, f"{name} has no limit"
        assert not rule.allow_hours, f"{name} looks at the hour of the day"
        assert not (isinstance(rule.award.points, int) and rule.award.points < 0), f"{name} takes points away"
        assert all(each.by <= 1.5 for each in rule.multiply), f"{name} is worth too much in a season"
    for name, badge in rulebook.badges.items():
        if badge.streak is not None:
            assert badge.streak.every not in {"day", "workday"}, f"{name} punishes holidays"
    for name, board in rulebook.boards.items():
        assert board.per_head or board.by == ("member",), f"{name} compares teams by their size"


def test_whoever_works_three_days_reaches_every_weekly_limit() -> None:
    rulebook = check(LEARNING.read_text(encoding="utf-8"), LEARNING.name).rulebook
    assert rulebook is not None
    for name, rule in rulebook.rules.items():
        times = {limit.per.value: limit.times for limit in rule.limits if limit.times is not None}
        daily = times.get("day") or times.get("workday")
        if daily is not None and "week" in times:
            assert 3 * daily >= times["week"], f"{name} asks for more than three days a week"

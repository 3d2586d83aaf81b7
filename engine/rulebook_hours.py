"""What makes working hours visible: expressions that look at the time of day, which only a rule may allow itself."""

from collections.abc import Iterator

from engine.expression_hours import hours_at
from engine.rulebook_expressions import expressions_of, tree_of
from schemas.rulebook import Rulebook
from schemas.rulebook_faults import Finding


def findings_of_hours(rulebook: Rulebook) -> Iterator[Finding]:
    """Faults of expressions that look at the time of day, or warnings where their rule allows it."""
    looking: set[str] = set()
    for said in expressions_of(rulebook):
        tree = tree_of(said.text)
        offset = None if tree is None else hours_at(tree)
        if offset is None:
            continue
        section, name = str(said.path[0]), str(said.path[1])
        if section != "rules":
            yield Finding(said.path, "HOURS_VISIBLE", _ELSEWHERE, offset=offset)
        elif not rulebook.rules[name].allow_hours:
            yield Finding(said.path, "HOURS_VISIBLE", _NOT_ALLOWED, offset=offset)
        elif name not in looking:
            looking.add(name)
            yield Finding(("rules", name, "allow_hours"), "HOURS_VISIBLE", _ALLOWED, at_key=True, severity="warning")
    for name, rule in rulebook.rules.items():
        if rule.allow_hours and name not in looking:
            yield Finding(("rules", name, "allow_hours"), "UNUSED", _FOR_NOTHING, at_key=True, severity="warning")


_DAYS = "ask for the day alone, as `time.getDayOfWeek()` and `days: [mon, …]` do"
_NOT_ALLOWED = (
    f"this looks at the time of day, and shows who works when: {_DAYS}, or write `allow_hours: true` into the rule "
    "where those whom it concerns agreed to that"
)
_ELSEWHERE = f"this looks at the time of day, and shows who works when: {_DAYS}; only a rule with `allow_hours` may"
_ALLOWED = (
    "by this rule's points everyone can see who works at which time of day: make sure that those whom it concerns "
    "agreed, or let it ask for the day alone"
)
_FOR_NOTHING = "no expression of the rule looks at the time of day: take `allow_hours` out"

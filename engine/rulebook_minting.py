"""Karma that rules give and that buys products: each such rule needs a limit, and a second person."""

from collections.abc import Iterator, Mapping

from engine.rulebook_farming import has_second_person
from schemas.activities import Activity
from schemas.rulebook import Rule, Rulebook
from schemas.rulebook_faults import Finding
from schemas.source import Path


def findings_of_minting(rulebook: Rulebook, activities: Mapping[str, Activity]) -> Iterator[Finding]:
    """Faults of rules whose karma can be redeemed, at the karma of their award."""
    if rulebook.karma is None or rulebook.karma.earned_by_rule != "earned":
        return
    for name, rule in rulebook.rules.items():
        if rule.award.karma is not None:
            yield from _rule(("rules", name, "award", "karma"), rule, activities)


def _rule(at: Path, rule: Rule, activities: Mapping[str, Activity]) -> Iterator[Finding]:
    why = "what it gives buys products (`karma.earned_by_rule: earned`)"
    if all(limit.times is None for limit in rule.limits):
        message = f"{why}, so there has to be an end to it: add `limits: [{{per: month, times: N}}]`"
        yield Finding(at, "MINTED_ALONE", message)
    alone = [kind for kind in rule.event if kind in activities and not has_second_person(rule, activities[kind])]
    if alone:
        message = (
            f"{why}, and one person alone can bring it about: let somebody `confirm` the activity, or credit another "
            "person than the subject and write so in `counts`, such as `data.author != subject` "
            f"(for {', '.join(alone)})"
        )
        yield Finding(at, "MINTED_ALONE", message)

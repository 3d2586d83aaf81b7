"""How much a rule can give or take for one event: amounts without an end are faults, penalties are warnings."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Final, NamedTuple

from engine.expression_bounds import Range, range_of
from engine.expression_tree import binding
from engine.rulebook_expressions import tree_of, would_run
from schemas.activities import BUILT_IN, Activity
from schemas.rulebook import Rulebook
from schemas.rulebook_faults import Finding
from schemas.rulebook_words import AMOUNT_MAX
from schemas.source import Path

BUILT_IN_MAX: Final = 10_000
"""A built-in field with a higher `maximum` counts as one without: it keeps out nonsense, not a heap of points."""
_CHOICE: Final = 1  # how tightly `? :` binds
_EXAMPLE: Final = 100


class Amount(NamedTuple):
    """What a rule gives for an event of one type."""

    path: Path
    what: str
    """Points or karma."""
    said: int | str
    type: str
    is_built_in: bool
    """Whether the type's data are the built-in ones."""
    range: Range


def amounts_of(name: str, rulebook: Rulebook, activities: Mapping[str, Activity]) -> Iterator[Amount]:
    """What a rule can give, by type; types that nobody declared and expressions that would not run are left out."""
    rule = rulebook.rules[name]
    for what in ("points", "karma"):
        said: int | str | None = getattr(rule.award, what)
        for kind in rule.event:
            path: Path = ("rules", name, "award", what)
            if said is None or kind not in activities:
                continue
            data = activities[kind].data
            is_built_in = kind in BUILT_IN and data is BUILT_IN[kind].data
            if isinstance(said, int):
                yield Amount(path, what, said, kind, is_built_in, Range(said, said, is_whole=True))
            elif (tree := tree_of(said)) is not None and would_run(said, "int", activities[kind], rulebook):
                found = range_of(tree.root, data, ceiling=BUILT_IN_MAX if is_built_in else inf)
                yield Amount(path, what, said, kind, is_built_in, found)


def findings_of_amounts(rulebook: Rulebook, activities: Mapping[str, Activity]) -> Iterator[Finding]:
    """Faults of amounts that publishers may make as large as they like, and warnings of penalties."""
    for name, rule in rulebook.rules.items():
        amounts = list(amounts_of(name, rulebook, activities))
        endless = [amount for amount in amounts if amount.range.high == inf and not rule.limits]
        for what in dict.fromkeys(amount.what for amount in endless):
            yield _endless([amount for amount in endless if amount.what == what])
        if any(amount.range.low < 0 for amount in amounts):
            yield _penalty(name, amounts)


def _endless(amounts: list[Amount]) -> Finding:
    """A fault, for the types that have it."""
    path, what, said, *_ = amounts[0]
    tree = tree_of(str(said))
    bounded = f"({said})" if tree is None or binding(tree.root) <= _CHOICE else said
    ways = [
        f"write `{bounded} < {_EXAMPLE} ? {bounded} : {_EXAMPLE}`",
        f"add a limit, such as `limits: [{{per: day, points: {_EXAMPLE}}}]`",
    ]
    if not all(amount.is_built_in for amount in amounts):
        ways.insert(1, "give the field a `maximum` in its schema")
    message = f"whoever publishes the event says how many {what} it gives, without an upper bound: {', or '.join(ways)}"
    return Finding(path, "UNBOUNDED_AMOUNT", f"{message} (for {', '.join(amount.type for amount in amounts)})")


def _penalty(name: str, amounts: list[Amount]) -> Finding:
    """A warning about a rule that has an amount below zero."""
    lowest = min(amounts, key=lambda amount: amount.range.low)
    verb = "takes" if all(amount.range.high < 0 for amount in amounts) else "can take"
    size = f"up to {int(-lowest.range.low)}" if lowest.range.low >= -AMOUNT_MAX else "as many as is published"
    message = (
        f"`{name}` {verb} {lowest.what} away, {size} for one event; that is allowed, but losing hurts more than "
        "earning pleases, and people hide what costs them: better let it give nothing, by a `when`"
    )
    return Finding(("rules", name), "PENALTY", message, at_key=True, severity="warning")

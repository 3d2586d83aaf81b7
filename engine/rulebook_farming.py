"""What one person can earn alone and without limit, and what a day of it would yield in points and in money.

Publishers are systems, but behind each event stands somebody who clicked, wrote or claimed something. What holds
one person back is a limit or a cool-down of the rule, a second person who confirms, or a `once` whose values come
to an end: a day, a choice of words, or a thing that another person made.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from engine.expression_paths import schema_of
from engine.expression_tree import Node, Tree, unguarded, write
from engine.expression_types import Schema
from engine.rulebook_amounts import Amount, amounts_of
from engine.rulebook_expressions import tree_of
from schemas.activities import Activity
from schemas.rulebook import Rule, Rulebook
from schemas.rulebook_faults import Finding
from schemas.rulebook_words import AMOUNT_MAX

EVENTS_A_DAY: Final = 96
"""One each five minutes of a working day of eight hours."""
_TRUTHS: Final = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_&&_", "_||_", "!_", "@in", "matches"})
_DATES: Final = frozenset({"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"})


def findings_of_farming(rulebook: Rulebook, activities: Mapping[str, Activity]) -> Iterator[Finding]:
    """Warnings of rules that one person can trigger alone without limit, at the rule's id."""
    for name, rule in rulebook.rules.items():
        if rule.limits or rule.cooldown is not None:
            continue
        kinds = [kind for kind in rule.event if kind in activities and _is_open(rule, activities[kind])]
        amounts = [amount for amount in amounts_of(name, rulebook, activities) if amount.type in kinds]
        gains = _gains(amounts, rule, rulebook)
        if gains:
            sent = " or ".join(f"`{kind}`" for kind in kinds)
            message = (
                f"one person can send {sent} alone and without limit: {EVENTS_A_DAY} events a day give {gains}; add "
                "`limits: [{per: day, times: N}]`, let a second person `confirm` the activity, or write "
                "`# karmalog: accept farm-alone REASON` in the line above"
            )
            yield Finding(("rules", name), "FARM_ALONE", message, at_key=True, severity="warning")


def _gains(amounts: Iterable[Amount], rule: Rule, rulebook: Rulebook) -> str:
    """What a day yields, such as `480 points and 96 karma (9.60 EUR)`; empty where it yields nothing."""
    factor = max((Decimal(str(each.by)) for each in rule.multiply), default=Decimal(1))
    most: dict[str, int] = {"points": 0, "karma": 0}
    for amount in amounts:
        plain = Decimal(int(min(max(amount.range.high, 0), AMOUNT_MAX)))
        multiplied = (plain * max(factor, Decimal(1))).quantize(Decimal(1), ROUND_HALF_EVEN)
        most[amount.what] = max(most[amount.what], EVENTS_A_DAY * int(multiplied))
    found = [f"{number:,} {what}{_money(what, number, rulebook)}" for what, number in most.items() if number > 0]
    return " and ".join(found)


def _money(what: str, karma: int, rulebook: Rulebook) -> str:
    worth = None if rulebook.karma is None or what != "karma" else rulebook.karma.worth
    return "" if worth is None else f" ({karma * worth.amount:,.2f} {worth.currency})"


def has_second_person(rule: Rule, activity: Activity) -> bool:
    """Whether somebody else than who gets the award has to confirm the event, or to report it."""
    conditions = _conditions(rule, activity)
    if _is_confirmed(activity, conditions):
        return True
    who = rule.to or activity.credit
    tree = None if who is None else tree_of(who)
    others = {other for each in conditions for part in _met(each) for other in _others(part, activity.data)}
    return tree is not None and write(tree.root) in others


def _conditions(rule: Rule, activity: Activity) -> list[Node]:
    return [tree.root for text in (activity.counts, rule.when) if text and (tree := tree_of(text)) is not None]


def _is_open(rule: Rule, activity: Activity) -> bool:
    """Whether nothing in the activity holds one person back, and whoever gets the award is theirs to choose."""
    conditions = _conditions(rule, activity)
    if _is_confirmed(activity, conditions) or _comes_to_an_end(activity, conditions):
        return False
    return _is_chosen(rule.to or activity.credit)


def _is_confirmed(activity: Activity, conditions: Iterable[Node]) -> bool:
    """Whether somebody else has to confirm it, wherever these conditions are true."""
    tree = None if activity.confirm is None else tree_of(activity.confirm)
    met = {write(part) for condition in conditions for part in _met(condition)}
    return tree is not None and not _may_be_subject(tree.root, met)


def _met(condition: Node) -> Iterator[Node]:
    """The parts of a condition that are true wherever it is."""
    yield condition
    if condition.kind == "call" and condition.name == "_&&_":
        for part in condition.parts:
            yield from _met(part)


def _may_be_subject(who: Node, met: Container[str]) -> bool:
    if who.kind == "call" and who.name == "_?_:_":
        condition, yes, no = who.parts
        return _may_be_subject(yes, met) or (write(condition) not in met and _may_be_subject(no, met))
    return who.kind == "name" and who.name == "subject"


def _is_chosen(who: str | None) -> bool:
    """Whether an event may give to its subject, or to whom it names."""
    tree = None if who is None else tree_of(who)
    return tree is None or any(node.kind == "name" and node.name in {"subject", "data"} for node in tree.root.walk())


def _comes_to_an_end(activity: Activity, conditions: Iterable[Node]) -> bool:
    """Whether `once` lets one person through only so many times a day, or once for each thing of somebody else's."""
    parts = [tree_of(part) for part in activity.once or () if part != "day"]
    if activity.once is None or not all(part is not None and _is_always_there(part, activity.data) for part in parts):
        return False
    named = [part.root for part in parts if part is not None and not _is_of_few(part.root, activity.data)]
    if not named:
        return True
    others = {other for condition in conditions for part in _met(condition) for other in _others(part, activity.data)}
    return bool(others) and any(write(node) not in others for node in named)


def _is_always_there(part: Tree, data: Schema) -> bool:
    """Whether an event always has the value: without one there is no key, and the event counts."""
    required = data.get("required")
    names: list[object] = [*required] if isinstance(required, list) else []
    return not unguarded(part, lambda _, field: field not in names)


def _is_of_few(node: Node, data: Schema) -> bool:
    """Whether a value of one sender is one of few, so that a key made of it is used up."""
    kind = schema_of(node, data)
    if node.kind in {"constant", "has"} or kind.get("type") == "boolean" or "enum" in kind or "const" in kind:
        return True
    if node.kind == "name":
        return node.name == "subject"
    if node.kind != "call":
        return False
    if node.name == "_?_:_":
        return all(_is_of_few(part, data) for part in node.parts[1:])
    return node.name in _TRUTHS | _DATES or all(_is_of_few(part, data) for part in node.parts)


def _others(condition: Node, data: Schema) -> Iterator[str]:
    """The fields that hold somebody else than the subject where a condition is true that compares them."""
    if condition.kind != "call":
        return
    differ = condition.name == "_!=_"
    compared = condition if differ or condition.name != "!_" else condition.parts[0]
    if differ or (condition.name == "!_" and compared.name == "_==_"):
        is_subject = [part.kind == "name" and part.name == "subject" for part in compared.parts]
        texts = [write(part) for part in compared.parts if schema_of(part, data).get("type") == "string"]
        yield from texts if any(is_subject) else ()

"""Every expression of a rulebook where it stands, what it has to give, and of which types it is asked."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from pydantic import JsonValue

from engine.expression_check import check
from engine.expression_faults import ExpressionFault, misspelt
from engine.expression_tree import Tree, read
from engine.expression_types import Expected, Kinds, Schema, program_of, properties_of
from schemas.activities import Activity, declared
from schemas.rulebook import Badge, Rule, Rulebook, Score
from schemas.rulebook_faults import Finding
from schemas.source import Path

_DAY = "day"  # in a `once`: the local day, and no expression


class Said(NamedTuple):
    """An expression of a rulebook."""

    path: Path
    text: str
    expected: Expected
    types: tuple[str, ...]
    """Of the events that it is asked of."""
    may_be_absent: bool = False
    """Whether an optional field that is absent is an answer: no key, or no badge."""


@lru_cache(maxsize=1_024)
def tree_of(text: str) -> Tree | None:
    """The tree of an expression without its types; None where the text is no CEL."""
    try:
        return read(program_of(text).serialize())
    except RuntimeError:
        return None


def expressions_of(rulebook: Rulebook) -> Iterator[Said]:
    """Every expression, in the order of the sections."""
    known = declared(rulebook)
    for kind in rulebook.activities.keys() & known.keys():
        yield from _of_activity(kind, known[kind])
    for name, rule in rulebook.rules.items():
        yield from _of_rule(("rules", name), rule)
    for path, score in _scores(rulebook):
        yield from _of_score(path, score, rulebook)
    for name, badge in rulebook.badges.items():
        if badge.each is not None:
            types = [kind for score in _counted(badge) for kind in types_of(score, rulebook)]
            yield Said(("badges", name, "each"), badge.each, "value", tuple(dict.fromkeys(types)), may_be_absent=True)


def types_of(score: Score, rulebook: Rulebook) -> tuple[str, ...]:
    """The types of the events that a score is made of."""
    rules = (rulebook.rules[rule] for rule in score.rules if rule in rulebook.rules)
    return score.events or tuple(dict.fromkeys(kind for rule in rules for kind in rule.event))


def expression_faults(rulebook: Rulebook) -> Iterator[Finding]:
    """Faults of expressions, each once for all the types that have it."""
    activities = declared(rulebook)
    groups = _groups(rulebook)
    for said in expressions_of(rulebook):
        found: dict[tuple[str, int], list[str]] = {}
        for fault, kind in _faults(said, activities, groups):
            found.setdefault((fault.message, fault.column), []).append(kind)
        for (message, column), kinds in found.items():
            asked = f" (for {', '.join(kinds)})" if said.types else ""
            whole = f"{message}{asked}{_built_in(said.path, rulebook)}"
            yield Finding(said.path, "BAD_EXPRESSION", whole, offset=column - 1)


def would_run(text: str, expected: Expected, activity: Activity, rulebook: Rulebook) -> bool:
    """Whether an expression has no other fault than that a field may be absent."""
    said = Said((), text, expected, (activity.type,), may_be_absent=True)
    return _fault(said, activity, _groups(rulebook)) is None


def _groups(rulebook: Rulebook) -> Kinds:
    return tuple(sorted((kind, said.one_at_a_time) for kind, said in rulebook.groups.items()))


def _built_in(path: Path, rulebook: Rulebook) -> str:
    """What to do about an expression that stands in no file."""
    section, kind, field = map(str, path[:3])
    if section != "activities" or getattr(rulebook.activities[kind], field) is not None:
        return ""
    return f"; this `{field}` is built in for the type: write one that fits your `data`"


def _faults(said: Said, activities: Mapping[str, Activity], groups: Kinds) -> Iterator[tuple[ExpressionFault, str]]:
    """What is wrong, by type; where no type is known, whether it is CEL at all."""
    for kind in said.types:
        if kind in activities and (fault := _fault(said, activities[kind], groups)) is not None:
            yield fault, kind
    if not said.types:
        try:
            program_of(said.text)
        except RuntimeError as error:
            yield misspelt(said.text, error), ""


def _fault(said: Said, activity: Activity, groups: Kinds) -> ExpressionFault | None:
    try:
        check(said.text, _all_present(activity.data) if said.may_be_absent else activity.data, said.expected, groups)
    except ExpressionFault as fault:
        return fault
    return None


def _all_present(schema: Schema) -> Mapping[str, JsonValue]:
    required: list[JsonValue] = [*properties_of(schema)]
    return {**schema, "required": required}


def _of_activity(kind: str, activity: Activity) -> Iterator[Said]:
    """What the rulebook says, and what is built in where it says nothing: its `data` may be another one."""
    at: Path = ("activities", kind)
    yield from _one((*at, "counts"), activity.counts, "bool", (kind,))
    yield from _one((*at, "credit"), activity.credit, "text", (kind,))
    for index, part in enumerate(activity.once or ()):
        if part != _DAY:
            yield Said((*at, "once", index), part, "value", (kind,), may_be_absent=True)
    yield from _one((*at, "confirm"), activity.confirm, "text", (kind,))


def _of_rule(at: Path, rule: Rule) -> Iterator[Said]:
    yield from _one((*at, "when"), rule.when, "bool", rule.event)
    yield from _one((*at, "award", "points"), rule.award.points, "int", rule.event)
    yield from _one((*at, "award", "karma"), rule.award.karma, "int", rule.event)
    yield from _one((*at, "to"), rule.to, "members", rule.event)


def _of_score(at: Path, score: Score, rulebook: Rulebook) -> Iterator[Said]:
    types = types_of(score, rulebook)
    yield from _one((*at, "when"), score.when, "bool", types)
    yield from _one((*at, score.kind), score.value, "value" if score.kind == "distinct" else "number", types)


def _one(path: Path, text: str | int | None, expected: Expected, types: tuple[str, ...]) -> Iterator[Said]:
    if isinstance(text, str):
        yield Said(path, text, expected, types)


def _scores(rulebook: Rulebook) -> Iterator[tuple[Path, Score]]:
    for name, board in rulebook.boards.items():
        yield ("boards", name, "score"), board.score
    for name, badge in rulebook.badges.items():
        if badge.score is not None:
            yield ("badges", name, "score"), badge.score
        if badge.streak is not None:
            yield ("badges", name, "streak", "score"), badge.streak.score
        for step, said in (badge.chain or {}).items():
            yield ("badges", name, "chain", step, "score"), said.score
    for name, ladder in rulebook.levels.items():
        yield ("levels", name, "score"), ladder.score


def _counted(badge: Badge) -> Iterable[Score]:
    """The scores of a badge."""
    alone = (badge.score, None if badge.streak is None else badge.streak.score)
    return [*filter(None, alone), *(step.score for step in (badge.chain or {}).values())]

"""What the parts of a rulebook say about each other: names that must be known, and what is kept for later.

Works on what of a rulebook is sound, so that one broken rule hides no fault of another; the names that count
as known are all that the file declares.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemas.activities import BUILT_IN, INTERNAL, PEOPLE
from schemas.nearest import instead, nearest
from schemas.rulebook import ActivityRules, Badge, Limit, Per, Rulebook, Score
from schemas.rulebook_faults import Finding
from schemas.shapes import RefusedSchema, compile_shape
from schemas.source import Path, dotted
from schemas.windows import window_named

_PREFIXED = 2  # dots in a type of one's own


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that the file declares, whether what stands under it is sound or not."""

    types: frozenset[str]
    rules: frozenset[str]
    groups: frozenset[str]
    seasons: frozenset[str]
    boards: frozenset[str]
    levels: Mapping[str, frozenset[str]]
    """Badge to its levels."""


def broken_references(rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    """Faults: names that nobody declared, names that say two things, types and schemas that cannot be."""
    for kind, rules in rulebook.activities.items():
        yield from _activity(kind, rules)
    if "member" in rulebook.groups:
        yield Finding(("groups", "member"), "BAD_ID", "`member` is no kind of group; `by: member` means members")
    yield from _rules(rulebook, names)
    for board_id, board in rulebook.boards.items():
        at: Path = ("boards", board_id)
        yield from _score(board.score, (*at, "score"), names)
        yield from _repeated(board.windows, (*at, "windows"))
        yield from _repeated(board.by, (*at, "by"))
        known = names.groups | {"member"}
        yield from _unknown(board.by, known, (*at, "by"), "UNKNOWN_GROUP", "is no kind of group")
        yield from _seasons(board.seasons, (*at, "seasons"), names)
    for badge_id, badge in rulebook.badges.items():
        yield from _badge(badge_id, badge, names)
    for ladder_id, ladder in rulebook.levels.items():
        yield from _score(ladder.score, ("levels", ladder_id, "score"), names)
    yield from _focus(rulebook, names)


def not_worked_out(rulebook: Rulebook) -> Iterator[Finding]:
    """Warnings: what is accepted and kept, but not worked out by this version of karmalog."""
    for path, said in _kept(rulebook):
        if said:
            message = f"`{dotted(path)}` is accepted and kept, but this version does not work it out yet"
            yield Finding(path, "NOT_YET", message)


def _kept(rulebook: Rulebook) -> Iterator[tuple[Path, object]]:
    yield ("challenges",), rulebook.challenges
    yield ("karma",), rulebook.karma is not None
    yield ("shop",), rulebook.shop is not None
    for rule_id, rule in rulebook.rules.items():
        yield ("rules", rule_id, "award", "karma"), rule.award.karma is not None


def _activity(kind: str, rules: ActivityRules) -> Iterator[Finding]:
    at: Path = ("activities", kind)
    if kind in PEOPLE or kind in INTERNAL:
        yield Finding(at, "RESERVED_TYPE", f"`{kind}` is no activity; its rules are fixed: take it out")
        return
    if kind not in BUILT_IN:
        near = nearest(kind, BUILT_IN)
        hint = f"; did you mean `{near}`?" if near else ""
        if kind.count(".") < _PREFIXED:
            own = f"a type of one's own begins with a prefix, three words or more, such as acme.{kind}"
            yield Finding(at, "UNKNOWN_TYPE", f"`{kind}` is not built in, and {own}{hint}")
        elif rules.data is None:
            needs = "add `data`, the JSON Schema of its fields"
            yield Finding(at, "MISSING_FIELD", f"`{kind}` is a type of one's own: {needs}{hint}")
    if rules.data is not None:
        try:
            compile_shape(rules.data)
        except RefusedSchema as refused:
            for path, detail in refused.faults:
                yield Finding((*at, "data", *path), "BAD_SCHEMA", detail)


def _rules(rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    renamed: dict[str, str] = {}
    for rule_id, rule in rulebook.rules.items():
        at: Path = ("rules", rule_id)
        yield from _types(rule.event, (*at, "event"), names)
        yield from _limits(rule.limits, (*at, "limits"))
        yield from _seasons(rule.season, (*at, "season"), names)
        for index, each in enumerate(rule.multiply):
            yield from _seasons((each.season,), (*at, "multiply", index), names, "season")
        yield from _repeated(rule.days, (*at, "days"))
        for index, old in enumerate(rule.was):
            path: Path = (*at, "was", index)
            if old in names.rules:
                yield Finding(path, "DUPLICATE", f"`{old}` is still a rule; take it out here, or there")
            elif old in renamed:
                yield Finding(path, "DUPLICATE", f"`{old}` became `{renamed[old]}` already; one rule can follow it")
            renamed.setdefault(old, rule_id)


def _seasons(said: tuple[str, ...], at: Path, names: Names, field: str | None = None) -> Iterator[Finding]:
    for found in _unknown(said, names.seasons, at, "UNKNOWN_SEASON", "is no season"):
        yield found if field is None else Finding((*at, field), found.code, found.message)
    yield from _repeated(said, at)


def _focus(rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    for key in rulebook.focus:
        if key not in names.seasons and window_named(key) is None:
            near = nearest(key, names.seasons)
            hint = f"; did you mean the season `{near}`?" if near else ""
            message = f"`{key}` is neither a window such as 2026, 2026-Q4, 2026-10 or 2026-W40, nor a season{hint}"
            yield Finding(("focus", key), "UNKNOWN_SEASON", message, at_key=True)


def _limits(limits: tuple[Limit, ...], at: Path) -> Iterator[Finding]:
    seen: set[tuple[Per, bool]] = set()
    for index, limit in enumerate(limits):
        key = (limit.per, limit.times is None)
        if key in seen:
            what = "points" if limit.times is None else "times"
            message = f"a second limit of {what} per {limit.per.value}; keep the lower one"
            yield Finding((*at, index), "DUPLICATE", message)
        seen.add(key)


def _badge(badge_id: str, badge: Badge, names: Names) -> Iterator[Finding]:
    at: Path = ("badges", badge_id)
    if badge.score is not None:
        yield from _score(badge.score, (*at, "score"), names)
    if badge.streak is not None:
        yield from _score(badge.streak.score, (*at, "streak", "score"), names)
    for step, said in (badge.chain or {}).items():
        yield from _score(said.score, (*at, "chain", step, "score"), names)
    if badge.rank is not None and badge.rank.board not in names.boards:
        known = instead(badge.rank.board, names.boards)
        yield Finding((*at, "rank", "board"), "UNKNOWN_BOARD", f"there is no board `{badge.rank.board}`; {known}")
    for name, members in (("all_of", badge.all_of), ("any_of", badge.any_of)):
        for index, member in enumerate(members):
            path: Path = (*at, name, index)
            other, dot, level = member.partition(".")
            if other == badge_id:
                yield Finding(path, "CYCLE", f"`{badge_id}` asks for itself; name other badges")
            elif other not in names.levels:
                message = f"there is no badge `{other}`; {instead(other, names.levels)}"
                yield Finding(path, "UNKNOWN_BADGE", message)
            elif dot and level not in names.levels[other]:
                message = f"`{other}` has no level `{level}`; {instead(level, names.levels[other])}"
                yield Finding(path, "UNKNOWN_LEVEL", message)


def _score(score: Score, at: Path, names: Names) -> Iterator[Finding]:
    yield from _types(score.events, (*at, "count" if score.kind == "count" else "event"), names)
    yield from _unknown(score.rules, names.rules, (*at, "points"), "UNKNOWN_RULE", "is no rule")
    yield from _repeated(score.rules, (*at, "points"))


def _types(types: tuple[str, ...], at: Path, names: Names) -> Iterator[Finding]:
    others = frozenset(PEOPLE) | INTERNAL
    yield from _unknown([kind for kind in types if kind not in others], names.types, at, *_NO_TYPE, whole=types)
    for index, kind in enumerate(types):
        if kind in others:
            message = f"`{kind}` is no activity: nothing can be given for it"
            yield Finding((*at, index), "UNKNOWN_TYPE", message)
    yield from _repeated(types, at)


_NO_TYPE = ("UNKNOWN_TYPE", "is no activity: neither built in nor under `activities`")


def _unknown(
    said: Iterable[str],
    known: frozenset[str],
    at: Path,
    code: str,
    what: str,
    *,
    whole: tuple[str, ...] | None = None,
) -> Iterator[Finding]:
    """One finding for each word that is not known; `whole` is the list in which to find its index."""
    words = tuple(said)
    index: Callable[[str], int] = (whole or words).index
    for word in dict.fromkeys(words):
        if word not in known:
            yield Finding((*at, index(word)), code, f"`{word}` {what}; {instead(word, known)}")


def _repeated(words: tuple[str, ...], at: Path) -> Iterator[Finding]:
    for index, word in enumerate(words):
        if word in words[:index]:
            yield Finding((*at, index), "DUPLICATE", f"`{word}` stands twice; keep one of them")

"""Names that would mean two things: ids that are taken, words of CEL, names of windows, and what stands twice."""

from collections.abc import Container, Iterable, Iterator, Mapping

from schemas.rulebook import Badge, Board, Challenge, Ladder, Limit, Per, Rule, Rulebook
from schemas.rulebook_challenges import EVERYONE, MEMBER
from schemas.rulebook_faults import Finding
from schemas.rulebook_names import Names
from schemas.rulebook_words import WindowKind
from schemas.source import Path
from schemas.windows import window_named

_EXPRESSION_WORDS = frozenset({
    "subject", "data", "time", "focus",
    "has", "all", "exists", "exists_one", "filter", "map", "size", "contains", "matches",
    "int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration", "type", "dyn", "list",
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
    "let", "loop", "package", "namespace", "return", "var", "void", "while",
})  # fmt: skip
"""What CEL or an event calls by that name; a kind of group is a function of expressions as well."""

_OWNERS = {MEMBER: "`by: member` means members", EVERYONE: "`for: everyone` means all members together"}
"""What boards and challenges call by that name."""

Named = Rule | Board | Badge | Ladder | Challenge


def colliding_names(rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    """Faults: ids and names of the rulebook that would mean two things."""
    for kind in rulebook.groups:
        yield from _kind_of_group(kind)
    for season in rulebook.seasons:
        yield from _season(season)
    for badge in names.badges.keys() & names.ladders:
        message = f"`{badge}` is a badge already, and messages name both alike: give the ladder another id"
        yield Finding(("levels", badge), "DUPLICATE", message, at_key=True)
    for name in sorted(names.rules & names.challenges):
        message = f"`{name}` is a rule already, and `points` names both alike: give the challenge another id"
        yield Finding(("challenges", name), "DUPLICATE", message, at_key=True)
    yield from _renamed("rules", "rule", rulebook.rules, names.rules)
    yield from _renamed("boards", "board", rulebook.boards, names.boards)
    yield from _renamed("badges", "badge", rulebook.badges, names.badges)
    yield from _renamed("levels", "ladder", rulebook.levels, names.ladders)
    yield from _renamed("challenges", "challenge", rulebook.challenges, names.challenges)


def repeated(words: Iterable[object], at: Path) -> Iterator[Finding]:
    """Faults: what stands twice in a list."""
    seen: set[object] = set()
    for index, word in enumerate(words):
        if word in seen:
            yield Finding((*at, index), "DUPLICATE", f"`{word}` stands twice; keep one of them")
        seen.add(word)


def repeated_limits(limits: tuple[Limit, ...], at: Path) -> Iterator[Finding]:
    """Faults: limits of one rule of which the lower one would be the only one that counts."""
    seen: set[tuple[Per, bool]] = set()
    for index, limit in enumerate(limits):
        key = (limit.per, limit.times is None)
        if key in seen:
            what = "points" if limit.times is None else "times"
            message = f"a second limit of {what} per {limit.per.value}; keep the lower one"
            yield Finding((*at, index), "DUPLICATE", message)
        seen.add(key)


def _kind_of_group(kind: str) -> Iterator[Finding]:
    at: Path = ("groups", kind)
    if kind in _OWNERS:
        message = f"`{kind}` is no kind of group, as {_OWNERS[kind]}: give it another name"
        yield Finding(at, "BAD_ID", message, at_key=True)
    elif kind in _EXPRESSION_WORDS:
        message = f"`{kind}` is a word of expressions, where `{kind}(subject)` would ask for the group: "
        yield Finding(at, "BAD_ID", f"{message}give it another name, such as `{kind}_group`", at_key=True)


def _season(season: str) -> Iterator[Finding]:
    if season in {*WindowKind} or window_named(season) is not None:
        message = f"`{season}` names a window of the calendar: give the season another id, such as `season-{season}`"
        yield Finding(("seasons", season), "BAD_ID", message, at_key=True)


def _renamed(section: str, what: str, named: Mapping[str, Named], there: Container[str]) -> Iterator[Finding]:
    """An id that something had before is nobody's now, and one follows it."""
    followed: dict[str, str] = {}
    for name, said in named.items():
        yield from repeated(said.was, (section, name, "was"))
        for index, old in enumerate(dict.fromkeys(said.was)):
            path: Path = (section, name, "was", index)
            if old == name:
                yield Finding(path, "DUPLICATE", f"`{old}` is its id still; `was` names the ids it had before")
            elif old in there:
                yield Finding(path, "DUPLICATE", f"`{old}` is still a {what}; take it out here, or there")
            elif old in followed:
                message = f"`{old}` became `{followed[old]}` already; one {what} can follow it"
                yield Finding(path, "DUPLICATE", message)
            followed.setdefault(old, name)

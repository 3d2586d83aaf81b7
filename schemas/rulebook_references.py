"""What the parts of a rulebook say about each other: names that must be known, types and schemas that can be.

Works on what of a rulebook is sound, so that one broken rule hides no fault of another; the names that count
as known are all that the file declares.
"""

from collections.abc import Iterable, Iterator, Mapping

from schemas.activities import BUILT_IN, INTERNAL, PEOPLE
from schemas.nearest import instead, nearest
from schemas.rulebook import ActivityRules, Badge, Board, Challenge, Rule, Rulebook, Score
from schemas.rulebook_badges import Rank
from schemas.rulebook_challenges import EVERYONE, MEMBER
from schemas.rulebook_collections import broken_collections
from schemas.rulebook_collisions import colliding_names, repeated, repeated_limits
from schemas.rulebook_currency import broken_currency
from schemas.rulebook_faults import Finding
from schemas.rulebook_names import Names
from schemas.shapes import RefusedSchema, compile_shape
from schemas.source import Code, Path
from schemas.windows import window_named

_PREFIXED = 2  # dots in a type of one's own


def broken_references(rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    """Faults: names that nobody declared, names that say two things, types and schemas that cannot be."""
    yield from repeated(rulebook.calendar.workdays, ("calendar", "workdays"))
    yield from repeated(rulebook.calendar.holidays, ("calendar", "holidays"))
    for kind, activity in rulebook.activities.items():
        yield from _activity(kind, activity)
    yield from _focus(rulebook, names)
    for rule_id, rule in rulebook.rules.items():
        yield from _rule(("rules", rule_id), rule, names)
    for board_id, board in rulebook.boards.items():
        yield from _board(("boards", board_id), board, names)
    for badge_id, badge in rulebook.badges.items():
        yield from _badge(("badges", badge_id), badge, rulebook, names)
    for ladder_id, ladder in rulebook.levels.items():
        yield from _score(ladder.score, ("levels", ladder_id, "score"), names)
    for challenge_id, challenge in rulebook.challenges.items():
        yield from _challenge(("challenges", challenge_id), challenge, names)
    sound = {name: badge for name, badge in rulebook.badges.items() if ("badges", name) not in names.shaky}
    yield from broken_collections(sound, names)
    yield from broken_currency(rulebook, names)
    yield from colliding_names(rulebook, names)


def _activity(kind: str, activity: ActivityRules) -> Iterator[Finding]:
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
        elif activity.data is None:
            needs = "add `data`, the JSON Schema of its fields"
            yield Finding(at, "MISSING_FIELD", f"`{kind}` is a type of one's own: {needs}{hint}")
    yield from repeated(activity.once or (), (*at, "once"))
    if activity.data is not None:
        try:
            compile_shape(activity.data)
        except RefusedSchema as refused:
            for path, detail in refused.faults:
                yield Finding((*at, "data", *path), "BAD_SCHEMA", detail)


def _focus(rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    for key, focus in rulebook.focus.items():
        yield from repeated(focus.topics, ("focus", key, "topics"))
        if key not in names.seasons and window_named(key) is None:
            near = nearest(key, names.seasons)
            known = "write a window such as 2026, 2026-Q4, 2026-10 or 2026-W40, or the id of a season"
            hint = f"did you mean the season `{near}`?" if near else known
            message = f"`{key}` is neither a window nor a season; {hint}"
            yield Finding(("focus", key), "UNKNOWN_SEASON", message, at_key=True)


def _rule(at: Path, rule: Rule, names: Names) -> Iterator[Finding]:
    yield from _types(rule.event, (*at, "event"), names)
    yield from repeated_limits(rule.limits, (*at, "limits"))
    yield from _seasons(rule.season, (*at, "season"), names)
    yield from repeated(rule.days, (*at, "days"))
    multiplied = [each.season for each in rule.multiply]
    for found in _seasons(tuple(multiplied), (*at, "multiply"), names):
        yield found._replace(path=(*found.path, "season"))


def _board(at: Path, board: Board, names: Names) -> Iterator[Finding]:
    yield from _score(board.score, (*at, "score"), names)
    yield from repeated(board.windows, (*at, "windows"))
    yield from repeated(board.by, (*at, "by"))
    known = names.groups | {"member"}
    yield from _unknown(board.by, known, (*at, "by"), "UNKNOWN_GROUP", "kind of group")
    yield from _seasons(board.seasons, (*at, "seasons"), names)
    if board.league is not None and at not in names.shaky:
        yield from _league(at, board)
    if board.per_head and set(board.by) == {"member"} and at not in names.shaky:
        message = "`per_head` compares groups, and this board has none: add a kind of group to `by`, or take it out"
        yield Finding((*at, "per_head"), "BAD_VALUE", message)
    elif board.per_head and board.score.kind == "best" and at not in names.shaky:
        message = "`per_head` divides what all of a group did, and a `best` is what one member reached: take it out"
        yield Finding((*at, "per_head"), "BAD_VALUE", message)


def _badge(at: Path, badge: Badge, rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    if badge.score is not None:
        yield from _score(badge.score, (*at, "score"), names)
    if badge.streak is not None:
        yield from _score(badge.streak.score, (*at, "streak", "score"), names)
    for step, said in (badge.chain or {}).items():
        yield from _score(said.score, (*at, "chain", step, "score"), names)
    if badge.rank is not None:
        yield from _rank(badge.rank, (*at, "rank"), rulebook.boards, names)


def _challenge(at: Path, challenge: Challenge, names: Names) -> Iterator[Finding]:
    yield from _score(challenge.score, (*at, "score"), names)
    for index, rule in enumerate(challenge.score.rules):
        if rule in names.challenges and rule not in names.rules:
            message = f"`{rule}` is a challenge, and none counts what another one gives: name rules"
            yield Finding((*at, "score", "points", index), "UNKNOWN_RULE", message)
    whose = names.groups | {MEMBER, EVERYONE}
    if challenge.whose not in whose:
        message = f"`{challenge.whose}` is no kind of group; {instead(challenge.whose, whose)}"
        yield Finding((*at, "for"), "UNKNOWN_GROUP", message)


def _league(at: Path, board: Board) -> Iterator[Finding]:
    for name, there in (("windows", "week" in board.windows), ("by", MEMBER in board.by)):
        if not there:
            what = "week" if name == "windows" else MEMBER
            message = f"a league is played by members, week by week: add `{what}` to the board's `{name}`"
            yield Finding((*at, "league"), "BAD_VALUE", message, at_key=True)


def _rank(rank: Rank, at: Path, boards: Mapping[str, Board], names: Names) -> Iterator[Finding]:
    if rank.board not in names.boards:
        message = f"there is no board `{rank.board}`; {instead(rank.board, names.boards)}"
        yield Finding((*at, "board"), "UNKNOWN_BOARD", message)
    board = boards.get(rank.board)
    if board is None or ("boards", rank.board) in names.shaky:
        return
    if rank.window not in board.windows:
        message = f"`{rank.board}` is not kept for `{rank.window}`; {instead(rank.window, board.windows)}"
        yield Finding((*at, "window"), "UNKNOWN_WINDOW", f"{message}, or add it to the board's `windows`")
    if "member" not in board.by:
        message = f"`{rank.board}` has groups alone, and a badge is a member's: add `member` to its `by`"
        yield Finding((*at, "board"), "UNKNOWN_BOARD", message)


def _score(score: Score, at: Path, names: Names) -> Iterator[Finding]:
    yield from _types(score.events, (*at, "count" if score.kind == "count" else "event"), names)
    yield from _unknown(score.rules, names.rules | names.challenges, (*at, "points"), "UNKNOWN_RULE", "rule")
    if score.when is not None and not names.challenges.isdisjoint(score.rules):
        message = "`points` names a challenge, which is no event that `when` could look at: take one of the two out"
        yield Finding((*at, "when"), "BAD_VALUE", message, at_key=True)
    yield from repeated(score.rules, (*at, "points"))


def _seasons(said: tuple[str, ...], at: Path, names: Names) -> Iterator[Finding]:
    yield from _unknown(said, names.seasons, at, "UNKNOWN_SEASON", "season")
    yield from repeated(said, at)


def _types(types: tuple[str, ...], at: Path, names: Names) -> Iterator[Finding]:
    for index, kind in enumerate(types):
        if kind in types[:index]:
            continue
        if kind in PEOPLE or kind in INTERNAL:
            message = f"`{kind}` is no activity, so nothing can be given for it; name what people did"
            yield Finding((*at, index), "UNKNOWN_TYPE", message)
        elif kind not in names.types:
            message = f"`{kind}` is no activity: neither built in nor under `activities`; {_type_instead(kind, names)}"
            yield Finding((*at, index), "UNKNOWN_TYPE", message)
    yield from repeated(types, at)


def _type_instead(kind: str, names: Names) -> str:
    if kind.count(".") >= _PREFIXED and nearest(kind, names.types) is None:
        return "declare it there, with its `data`"
    return instead(kind, names.types)


def _unknown(words: Iterable[str], known: frozenset[str], at: Path, code: Code, what: str) -> Iterator[Finding]:
    """One finding for each word that is not known; `what` says what it should be."""
    told: set[str] = set()
    for index, word in enumerate(words):
        if word not in known and word not in told:
            yield Finding((*at, index), code, f"`{word}` is no {what}; {instead(word, known)}")
        told.add(word)

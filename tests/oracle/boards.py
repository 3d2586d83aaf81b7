"""Boards: the scores of members and of groups in each window, and who has which rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from .contributions import Value
from .covering import covers
from .people import People
from .scores import total
from .shares import TableKey, Window
from .withholding import shown

Row: TypeAlias = tuple[int | None, str, int] | tuple[int | None, str, int, int]
"""(rank, None if hidden; member or group; score in units of its scale), for groups also how many belong."""


class Table(NamedTuple):
    """A board in a window: the best first; `total` of the rows have a rank."""

    rows: list[Row]
    total: int


@dataclass(frozen=True)
class Boards:
    """Every board in every window in which it has rows, and of groups the scores that operators see."""

    tables: dict[TableKey, Table]
    operators: dict[TableKey, dict[str, int]]


def boards_of(found: Mapping[TableKey, Window], people: People) -> Boards:
    """The tables of all windows in which anybody got anything."""
    by_member = {key: members_ranked(window, people) for key, window in found.items() if window.by == "member"}
    of_groups = {key: window for key, window in found.items() if window.by != "member"}
    by_group = {key: groups_ranked(window, people) for key, window in of_groups.items()}
    seen = {key: group_scores(window, people, public=False) for key, window in of_groups.items()}
    return Boards(
        tables={key: table for key, table in {**by_member, **by_group}.items() if table.rows},
        operators={key: scores for key, scores in seen.items() if scores},
    )


def members_ranked(window: Window, people: People) -> Table:
    """Former members left out, hidden ones without a rank."""
    scores = {member: combined(window, got) for member, got in window.got.items() if not people.of(member).former}
    scores = {member: score for member, score in scores.items() if score != 0}
    listed = [score for member, score in scores.items() if people.of(member).listed]
    rows: list[Row] = [
        (rank(score, listed, window) if people.of(member).listed else None, member, score)
        for member, score in in_order(scores, window)
    ]
    return Table(rows, len(listed))


def groups_ranked(window: Window, people: People) -> Table:
    """By what everyone may see of a group; small groups left out."""
    scores = group_scores(window, people, public=True)
    rows: list[Row] = [
        (rank(score, list(scores.values()), window), group, score, len(people.belonging(window.by, group)))
        for group, score in in_order(scores, window)
    ]
    return Table(rows, len(rows))


def group_scores(window: Window, people: People, *, public: bool) -> dict[str, int]:
    """The scores of the groups that are large enough to be shown."""
    scores = {}
    for group, got in window.got.items():
        is_counted = not public or covers(window.by, group, window.days[0], people)
        score = combined(window, {member: got[member] for member in got if is_counted or people.of(member).listed})
        if window.defined.per_head:
            score = per_head(score, people.heads(window.by, group, window.days[0], min(window.days[1], people.today)))
        if score != 0 and may_be_seen(window.by, group, people, public=public):
            scores[group] = score
    return scores


def may_be_seen(kind: str, group: str, people: People, *, public: bool) -> bool:
    """Whether a group is large enough, and not withheld from everyone but operators."""
    if public:
        return (kind, group) in shown(people)
    return len(people.belonging(kind, group)) >= people.newest.smallest_group


def combined(window: Window, of_member: Mapping[str, Sequence[Value]]) -> int:
    """The sum of what each member got, of `best` the greatest value of all; the score of a member is of one alone."""
    kind = window.defined.score.kind
    scores = [total(kind, values) for values in of_member.values()]
    return max(scores, default=0) if kind == "best" else sum(scores)


def per_head(score: int, heads: Sequence[int]) -> int:
    """A score by the mean of the heads on each day, rounded half-even to two places more; nothing without heads."""
    return round(Fraction(score * 100 * len(heads), sum(heads))) if sum(heads) else 0


def rank(score: int, listed: Sequence[int], window: Window) -> int:
    """One more than how many are better."""
    return 1 + sum(other < score if window.defined.lowest_first else other > score for other in listed)


def in_order(scores: Mapping[str, int], window: Window) -> list[tuple[str, int]]:
    """The best first, ties by the bytes of their ids."""
    sign = 1 if window.defined.lowest_first else -1
    return sorted(scores.items(), key=lambda row: (sign * row[1], row[0].encode()))

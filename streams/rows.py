"""Rows of boards, from replies of the store: ranks among those who are shown, scores in their own unit, names."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.answers import GroupRow, MemberRow

Rows = Sequence[bytes]
"""Members, or groups, and their negated scores by turns, from the best on, ties by id."""

Names = Sequence[bytes | None]
"""The names of the members of rows; empty where nobody has one."""

_AHEAD = 2  # rows ahead of a member


class Row(NamedTuple):
    """A member's row; the score is negated, so that the best comes first, and there is no rank for the hidden."""

    score: int
    member: bytes
    name: bytes | None
    rank: int | None


def first_rows(shelves: Sequence[tuple[Rows, Names]], shown: int, top: int) -> list[Row]:
    """The first rows of some shelves together, of which the first `shown` are listed; the hidden have no rank."""
    merged = [
        (score, member, name, index < shown)
        for index, (rows, names) in enumerate(shelves)
        for score, member, name in _named(rows, names)
    ]
    if sum(1 for rows, _ in shelves if rows) > 1:
        merged.sort(key=lambda row: row[:2])
    made: list[Row] = []
    listed, rank, last = 0, 0, None
    for score, member, name, is_listed in merged[:top]:
        if is_listed:
            listed += 1
            if score != last:
                rank, last = listed, score
        made.append(Row(score, member, name, rank if is_listed else None))
    return made


def rows_around(ahead: tuple[Rows, Sequence[int | None], Names], above: list[Row]) -> list[Row]:
    """The rows above with a member's own, and with the two listed members ahead of it, each where it belongs."""
    rows, better, names = ahead
    me, *nearest = [
        Row(*row, None if count is None else 1 + count) for row, count in zip(_named(rows, names), better, strict=True)
    ]
    there = {row.member for row in above}
    if me.member in there:
        return above
    more = [row for row in (*sorted(nearest, key=_place)[-_AHEAD:], me) if row.member not in there]
    return sorted([*above, *more], key=_place)


def _place(row: Row) -> tuple[int, bytes]:
    return row.score, row.member


def member_rows(rows: Iterable[Row], scale: int, sign: int) -> list[MemberRow]:
    """Rows as an answer has them; `sign` is -1 where the lowest score is the best: it was negated once more."""
    return [_member_row(row, scale, sign) for row in rows]


def group_scores(
    shelves: Sequence[Rows], shown: int, covering: Collection[str] | None, *, greatest: bool = False
) -> dict[str, int]:
    """The scores of groups, from what the members on each shelf added, or (`greatest`) what the best of them reached.

    Args:
        shelves: with groups and negated scores.
        shown: so many of the first shelves are of members who are shown.
        covering: the groups that count their hidden members as well; None: all.
        greatest: a group's score is the greatest of its shelves, not their sum.
    """
    scores: dict[str, int] = {}
    for index, rows in enumerate(shelves):
        for name, score in zip(rows[::2], rows[1::2], strict=True):
            group, more = name.decode(), -int(score)
            if index < shown or covering is None or group in covering:
                scores[group] = max(scores.get(group, more), more) if greatest else scores.get(group, 0) + more
    return scores


def group_rows(
    scores: Mapping[str, int], sizes: Mapping[str, int], scale: int, top: int, sign: int
) -> tuple[int, list[GroupRow]]:
    """How many groups are ranked, and the first of them.

    Args:
        scores: of groups.
        sizes: how many belong to each group that is shown.
        scale: of the scores.
        top: so many rows.
        sign: -1 where the lowest score is the best, else 1.
    """
    shown = [(group, score) for group, score in scores.items() if score and group in sizes]
    ranked = sorted((-score * sign, group.encode()) for group, score in shown)
    made: list[GroupRow] = []
    rank, last = 0, None
    for place, (score, name) in enumerate(ranked[:top], 1):
        if score != last:
            rank, last = place, score
        group = name.decode()
        made.append({"rank": rank, "group": group, "score": in_unit(-score * sign, scale), "members": sizes[group]})
    return len(ranked), made


def _named(rows: Rows, names: Names) -> Iterator[tuple[int, bytes, bytes | None]]:
    members = rows[::2]
    return zip(map(int, rows[1::2]), members, names or [None] * len(members), strict=True)


def _member_row(row: Row, scale: int, sign: int) -> MemberRow:
    made: MemberRow = {"rank": row.rank, "member": row.member.decode(), "score": in_unit(-row.score * sign, scale)}
    if row.name is not None:
        made["name"] = row.name.decode()
    return made


def in_unit(score: int, scale: int) -> int | float:
    """A score in its own unit; whole numbers stay whole."""
    if scale == 0:
        return score
    unit: int = 10**scale
    whole, rest = divmod(score, unit)
    return whole if rest == 0 else score / unit

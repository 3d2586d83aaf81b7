"""Rows of boards, from replies of the store: ranks among the listed, scores in their own unit, names."""

from collections.abc import Iterator, Mapping, Sequence

from schemas.answers import GroupRow, MemberRow

Rows = Sequence[bytes]
"""Members, or groups, and their negated scores by turns, from the best on, ties by id."""

Names = Sequence[bytes | None]
"""The names of the members of rows; empty where nobody has one."""

_AHEAD = 2  # rows ahead of a member


def member_rows(shelves: Sequence[tuple[Rows, Names]], shown: int, scale: int, top: int) -> list[MemberRow]:
    """The first rows of some shelves together, of which the first `shown` are listed; the hidden have no rank."""
    merged = [
        (score, member, name, index < shown)
        for index, (rows, names) in enumerate(shelves)
        for score, member, name in _named(rows, names)
    ]
    if sum(1 for rows, _ in shelves if rows) > 1:
        merged.sort(key=lambda row: row[:2])
    made: list[MemberRow] = []
    listed, rank, last = 0, 0, None
    for score, member, name, is_listed in merged[:top]:
        if is_listed:
            listed += 1
            if score != last:
                rank, last = listed, score
        made.append(_row(rank if is_listed else None, member, score, scale, name))
    return made


def rows_around(ahead: tuple[Rows, Sequence[int], Names], above: Sequence[MemberRow], scale: int) -> list[MemberRow]:
    """The two listed members ahead of one, and their own row, as far as they do not stand in the rows above."""
    rows, better, names = ahead
    me, *nearest = [
        (score, member, name, 1 + count)
        for (score, member, name), count in zip(_named(rows, names), better, strict=True)
    ]
    there = {row["member"] for row in above}
    if me[1].decode() in there:
        return []
    nearest = sorted(nearest, key=lambda row: row[:2])[-_AHEAD:]
    made = [_row(rank, member, score, scale, name) for score, member, name, rank in (*nearest, me)]
    return [row for row in made if row["member"] not in there]


def group_rows(
    rows: Rows, roster: Mapping[str, int], smallest: int, scale: int, top: int
) -> tuple[int, list[GroupRow]]:
    """How many groups are ranked, and the first of them; those that are too small are not."""
    made: list[GroupRow] = []
    total, rank, last = 0, 0, None
    for raw, group_name in zip(rows[1::2], rows[::2], strict=True):
        group = group_name.decode()
        members = roster.get(group, 0)
        if members < smallest:
            continue
        total += 1
        if total <= top:
            score = int(raw)
            if score != last:
                rank, last = total, score
            made.append({"rank": rank, "group": group, "score": in_unit(-score, scale), "members": members})
    return total, made


def _named(rows: Rows, names: Names) -> Iterator[tuple[int, bytes, bytes | None]]:
    members = rows[::2]
    return zip(map(int, rows[1::2]), members, names or [None] * len(members), strict=True)


def _row(rank: int | None, member: bytes, score: int, scale: int, name: bytes | None) -> MemberRow:
    row: MemberRow = {"rank": rank, "member": member.decode(), "score": in_unit(-score, scale)}
    if name is not None:
        row["name"] = name.decode()
    return row


def in_unit(score: int, scale: int) -> int | float:
    """A score in its own unit; whole numbers stay whole."""
    if scale == 0:
        return score
    unit: int = 10**scale
    whole, rest = divmod(score, unit)
    return whole if rest == 0 else score / unit

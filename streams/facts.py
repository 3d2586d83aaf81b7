"""Facts on their way out: packed into the outbox with the batch that made them, unpacked by who publishes them."""

import zlib
from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter
from typing import cast

from pydantic_core import from_json, to_json

from engine.effects import FactRow
from engine.organisation import Organisation
from engine.plan import name_at
from engine.values import value_of
from schemas.facts import Fact, FactType
from schemas.times import format_instant
from schemas.words import Instant

PER_BLOB = 1_024
"""Facts in one entry of the outbox: one by one they would cost more than the fold."""


def blobs(org: Organisation, rows: list[FactRow]) -> Iterator[bytes]:
    """The facts of a batch, packed column by column, with the names that their numbers mean and the first one's number.

    Facts are numbered within their record, by its position; a blob may begin in the middle of a record's.
    """
    ordered = sorted(rows, key=_POSITION)
    names: dict[int, str] = {}
    for start in range(0, len(ordered), PER_BLOB):
        part = ordered[start : start + PER_BLOB]
        columns = list(zip(*part, strict=True))
        first = start - bisect_left(ordered, part[0][0], key=_POSITION)
        numbers = set(columns[1])
        names |= {number: name_at(org.plans, number, org.clock) for number in numbers - names.keys()}
        meant = {number: names[number] for number in numbers}
        yield zlib.compress(to_json([org.id, meant, first, columns]), 1)


def unpack(blob: bytes) -> list[Fact]:
    """The facts of one entry of the outbox."""
    org, names, index, columns = from_json(zlib.decompress(blob))
    part: list[FactRow] = list(zip(*columns, strict=True))
    found: list[Fact] = []
    for before, row in zip([None, *part], part, strict=False):
        index = 0 if before is not None and before[0] != row[0] else index + (before is not None)
        found.append(_fact(org, names[str(row[1])], index, row))
    return found


_POSITION = itemgetter(0)


def _fact(org: str, name: str, index: int, row: FactRow) -> Fact:
    position, _, member, level, by, total = row
    kind, _, said = name.partition(":")
    ident = f"{org}/{position}/{index}"
    if level is None:
        return {
            "id": ident,
            "org": org,
            "type": "points.changed",
            "member": member,
            "rule": said,
            "by": by,
            "total": total,
            "because": position,
        }
    level, _, value = level.partition("\0")
    what = "reached" if by > 0 else "moved" if by == 0 else "lost"
    fact: Fact = {
        "id": ident,
        "org": org,
        "type": cast("FactType", f"{kind}.{what}"),
        "member": member,
        "level": level or None,
        "at": format_instant(Instant(total)),
        "because": position,
    }
    if kind == "tier":
        fact["board"] = said
    else:
        fact["ladder" if kind == "level" else "badge"] = said
    if value:
        fact["value"] = value_of(value)
    return fact

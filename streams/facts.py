"""Facts on their way out: packed into the outbox with the batch that made them, unpacked by who publishes them."""

import zlib
from collections import Counter
from collections.abc import Iterator
from operator import itemgetter

from pydantic_core import from_json, to_json

from engine.organisation import Organisation
from engine.totals import FactRow
from schemas.facts import Fact
from schemas.times import format_instant
from schemas.words import Instant

PER_BLOB = 256
"""Facts in one entry of the outbox: one by one they would cost more than the fold."""


def blobs(org: Organisation, rows: list[FactRow]) -> Iterator[bytes]:
    """The facts of a batch, packed: numbered within their record, with the names that their numbers mean."""
    said: Counter[int] = Counter()
    numbered: list[tuple[int, FactRow]] = []
    for row in sorted(rows, key=_POSITION):
        numbered.append((said[row[0]], row))
        said[row[0]] += 1
    for start in range(0, len(numbered), PER_BLOB):
        part = numbered[start : start + PER_BLOB]
        names = {row[1]: org.catalogue.names[row[1]] for _, row in part}
        yield zlib.compress(to_json([org.id, names, part]), 1)


def unpack(blob: bytes) -> list[Fact]:
    """The facts of one entry of the outbox."""
    org, names, part = from_json(zlib.decompress(blob))
    return [_fact(org, names[str(row[1])].split(":", 1)[1], index, row) for index, row in part]


_POSITION = itemgetter(0)


def _fact(org: str, name: str, index: int, row: FactRow) -> Fact:
    position, _, member, level, by, total = row
    ident = f"{org}/{position}/{index}"
    if level is None:
        return {
            "id": ident,
            "org": org,
            "type": "points.changed",
            "member": member,
            "rule": name,
            "by": by,
            "total": total,
            "because": position,
        }
    return {
        "id": ident,
        "org": org,
        "type": "badge.reached" if by > 0 else "badge.moved" if by == 0 else "badge.lost",
        "member": member,
        "badge": name,
        "level": level or None,
        "at": format_instant(Instant(total)),
        "because": position,
    }

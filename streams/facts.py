"""Facts on their way out: packed into the outbox with the batch that made them, unpacked by who publishes them."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

from engine.changes import FactRow
from engine.organisation import Organisation
from schemas.facts import FACTS, Fact
from schemas.times import format_instant
from schemas.words import Instant

PER_BLOB = 256
"""Facts in one entry of the outbox: one by one they would cost more than the fold."""


def blobs(org: Organisation, rows: list[FactRow]) -> Iterator[bytes]:
    """The facts of a batch, packed."""
    facts = list(_facts(org, rows))
    for start in range(0, len(facts), PER_BLOB):
        yield zlib.compress(FACTS.dump_json(facts[start : start + PER_BLOB]), 1)


def unpack(blob: bytes) -> list[Fact]:
    """The facts of one entry of the outbox."""
    return FACTS.validate_json(zlib.decompress(blob))


def _facts(org: Organisation, rows: list[FactRow]) -> Iterable[Fact]:
    names = org.catalogue.names
    said: Counter[int] = Counter()
    for position, number, member, level, by, total in sorted(rows, key=lambda row: row.position):
        ident = f"{org.id}/{position}/{said[position]}"
        said[position] += 1
        name = names[number].split(":", 1)[1]
        if level is None:
            yield {
                "id": ident,
                "org": org.id,
                "type": "points.changed",
                "member": member,
                "rule": name,
                "by": by,
                "total": total,
                "because": position,
            }
            continue
        yield {
            "id": ident,
            "org": org.id,
            "type": "badge.reached" if by > 0 else "badge.moved" if by == 0 else "badge.lost",
            "member": member,
            "badge": name,
            "level": level or None,
            "at": format_instant(Instant(total)),
            "because": position,
        }

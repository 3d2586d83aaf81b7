"""Facts on their way out: packed into the outbox with the batch that made them, unpacked by who publishes them."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain
from operator import itemgetter
from typing import cast

import orjson
import zstandard
from pydantic_core import from_json

from engine.effects import Change, FactRow, changes_in, numbers_in
from engine.organisation import Organisation
from engine.plan import name_at
from engine.values import value_of
from schemas.facts import Fact, FactType
from schemas.failures import Unavailable
from schemas.times import format_instant
from schemas.words import Instant

PER_BLOB = 1_024
"""Facts in one entry of the outbox, about: one by one they would cost more than the fold."""


class UnavailableFacts(Unavailable):
    """What the outbox holds was written by another version of the engine."""


def blobs(org: Organisation, rows: list[FactRow]) -> Iterator[bytes]:
    """The facts of a batch, packed column by column, with the names that their numbers mean and the first one's number.

    Facts are numbered within their record, by its position; a blob may begin between the rows of a record. Whoever
    sends one compresses it (`squeeze`): that can be done while the next batch is folded.
    """
    ordered = sorted(rows, key=_POSITION)
    names: dict[int, str] = {}
    for start, end in _cuts(ordered):
        part = ordered[start:end]
        begun = bisect_left(ordered, part[0][0], key=_POSITION)
        first = sum(len(numbers_in(told)) for _, _, told in ordered[begun:start])
        numbers = set(chain.from_iterable(numbers_in(told) for _, _, told in part))
        names |= {number: name_at(org.plans, number, org.clock) for number in numbers - names.keys()}
        meant = {str(number): names[number] for number in numbers}
        yield orjson.dumps([org.id, meant, first, list(zip(*part, strict=True))])


def _cuts(rows: list[FactRow]) -> Iterator[tuple[int, int]]:
    """Where blobs begin and end: a row is in one of them."""
    start = held = 0
    for place, (_, _, told) in enumerate(rows, 1):
        held += len(numbers_in(told))
        if held >= PER_BLOB:
            yield start, place
            start, held = place, 0
    if held:
        yield start, len(rows)


def squeeze(blob: bytes) -> bytes:
    """A blob as it is stored; other threads run while it is made."""
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(blob)


def unpack(squeezed: bytes) -> list[Fact]:
    """The facts of one entry of the outbox.

    Raises:
        UnavailableFacts: it is of another version of the engine.
    """
    if not squeezed.startswith(zstandard.FRAME_HEADER):
        raise UnavailableFacts(f"the outbox {_OF_ANOTHER_VERSION}")
    org, names, index, columns = from_json(zstandard.decompress(squeezed))
    if len(columns) != _COLUMNS:
        raise UnavailableFacts(f"the outbox of {org!r} {_OF_ANOTHER_VERSION}")
    rows: list[FactRow] = list(zip(*columns, strict=True))
    found: list[Fact] = []
    for before, (position, member, told) in zip([None, *rows], rows, strict=False):
        if before is not None and before[0] != position:
            index = 0
        for change in changes_in(told):
            found.append(_fact(f"{org}/{position}/{index}", org, position, member, names[str(change[0])], change))
            index += 1
    return found


_POSITION = itemgetter(0)
_COLUMNS = 3
_OF_ANOTHER_VERSION = (
    "holds facts that another version of the engine wrote: start that version, or empty this Redis and it is built "
    "again from the log"
)


def _fact(ident: str, org: str, position: int, member: str, name: str, change: Change) -> Fact:
    _, level, by, total = change
    kind, _, said = name.partition(":")
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

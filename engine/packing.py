"""Lists of the events that counted, packed: some 12 bytes an event, read only when an old day is touched.

A member's list is a row of chunks in the order of arrival; each holds its events sorted, column by column, so that
equal and slowly growing numbers shrink, and says when its last one was, so that most need not be opened.
The ids' first digits are kept beside: they are random and do not shrink.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TypeVar

import orjson
import zstandard
from pydantic_core import from_json

from engine.catalogue import Catalogue
from engine.evaluation import Entry
from engine.values import Awards, Values

_HEAD = struct.Struct(">Hq")  # events in the chunk, time of the last in ms


def pack(entries: Sequence[Entry], catalogue: Catalogue) -> bytes:
    """One chunk of a few dozen entries."""
    times, sources, ids, positions, awards, values = zip(*sorted(entries), strict=True)
    columns = [
        _steps(times),
        _steps(positions),
        *_named([catalogue.source(source) for source in sources]),
        *_named(awards),
        *_named(values),
    ]
    body = zstandard.ZstdCompressor(write_checksum=True).compress(orjson.dumps(columns)[1:-1])
    return _HEAD.pack(len(times), times[-1]) + bytes.fromhex("".join(ids)) + body


def unpack(chunk: bytes, catalogue: Catalogue, since: int = -1) -> Iterator[Entry]:
    """The entries of a chunk in canonical order; one that lies wholly before `since` (ms) stays closed."""
    count, last = _HEAD.unpack_from(chunk)
    if last >= since:
        yield from _open(chunk[_HEAD.size :], count, catalogue)


def events_in(chunk: bytes) -> int:
    """How many entries a chunk holds."""
    count, _ = _HEAD.unpack_from(chunk)
    return int(count)


def dump_entries(entries: Sequence[Entry], catalogue: Catalogue) -> bytes:
    """Entries that are not yet packed as JSON without its brackets, so that more can be put behind a comma."""
    source_of = catalogue.source
    rows = [
        (time, source_of(source), ident, position, awards, values)
        for time, source, ident, position, awards, values in entries
    ]
    return orjson.dumps(rows)[1:-1]


def load_entries(text: bytes, catalogue: Catalogue) -> list[Entry]:
    """The entries of texts of `dump_entries` with commas between them."""
    return [
        Entry(time, _source(catalogue, source), ident, position, _pairs(awards), _value_pairs(values))
        for time, source, ident, position, awards, values in from_json(b"[" + text + b"]")
    ]


def _open(chunk: bytes, count: int, catalogue: Catalogue) -> Iterator[Entry]:
    times, positions, sources, of_source, awards, of_awards, values, of_values = from_json(
        b"[" + zstandard.decompress(chunk[4 * count :]) + b"]"
    )
    ids = chunk[: 4 * count].hex()
    yield from map(
        Entry,
        accumulate(times),
        _meant([_source(catalogue, number) for number in sources], of_source, count),
        (ids[place : place + 8] for place in range(0, len(ids), 8)),
        accumulate(positions),
        _meant([_pairs(rows) for rows in awards], of_awards, count),
        _meant([_value_pairs(rows) for rows in values], of_values, count),
    )


def _steps(numbers: Sequence[int]) -> list[int]:
    """The first number and then the differences; `accumulate` gives them back."""
    return [*numbers[:1], *(after - before for before, after in pairwise(numbers))]


T = TypeVar("T")


def _named(things: Sequence[T]) -> tuple[list[T], list[int]]:
    """The different things, and for each of all which one it is; the latter is empty where there is only one."""
    found: dict[T, int] = {}
    which = [found.setdefault(thing, len(found)) for thing in things]
    return list(found), which if len(found) > 1 else []


def _meant(found: Sequence[T], which: Sequence[int], count: int) -> Iterator[T]:
    """The things of `_named`."""
    for place in range(count):
        yield found[which[place] if which else 0]


def _source(catalogue: Catalogue, number: int) -> str:
    return catalogue.names[number].removeprefix("source:")


def _pairs(rows: list[list[int]]) -> Awards:
    return tuple((number, amount) for number, amount in rows)


def _value_pairs(rows: list[tuple[int, int | str]]) -> Values:
    return tuple((number, value) for number, value in rows)

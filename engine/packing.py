"""Lists of the events that counted, packed: some 12 bytes an event, read only when an old day is touched.

A member's list is a row of chunks in the order of arrival; each holds its events sorted, column by column, so that
equal and slowly growing numbers shrink, and says when its last one was, so that most need not be opened.
The ids' first digits are kept beside: they are random and do not shrink.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from pydantic_core import from_json, to_json

from engine.catalogue import Catalogue
from engine.evaluation import Entry
from engine.values import Awards, Values

_HEAD = struct.Struct(">Hq")  # events in the chunk, time of the last in ms


def pack(entries: Sequence[Entry], catalogue: Catalogue) -> bytes:
    """One chunk of a few dozen entries."""
    rows = sorted(entries)
    patterns: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    words: dict[int | str, int] = {}
    kinds: list[int] = []
    refs: list[int] = []
    for entry in rows:
        pattern = (tuple(number for number, _ in entry.awards), tuple(number for number, _ in entry.values))
        kinds.append(patterns.setdefault(pattern, len(patterns)))
        refs.extend(words.setdefault(amount, len(words)) for _, amount in entry.awards)
        refs.extend(words.setdefault(value, len(words)) for _, value in entry.values)
    sources = [catalogue.source(entry.source) for entry in rows]
    columns = [
        _steps([entry.time for entry in rows]),
        _steps([entry.position for entry in rows]),
        sources if len(set(sources)) > 1 else sources[:1],
        list(patterns),
        kinds if len(patterns) > 1 else [],
        list(words),
        refs if len(words) > 1 else [],
    ]
    body = zlib.compress(to_json(columns)[1:-1], 6)
    ids = bytes.fromhex("".join(entry.id for entry in rows))
    return _HEAD.pack(len(rows), rows[-1].time) + ids + body


def unpack(chunk: bytes, catalogue: Catalogue, since: int = -1) -> Iterator[Entry]:
    """The entries of a chunk in canonical order; one that lies wholly before `since` (ms) stays closed."""
    count, last = _HEAD.unpack_from(chunk)
    if last >= since:
        yield from _open(chunk[_HEAD.size :], count, catalogue)


def events_in(chunk: bytes) -> int:
    """How many entries a chunk holds."""
    count, _ = _HEAD.unpack_from(chunk)
    return int(count)


def dump_entry(entry: Entry, catalogue: Catalogue) -> bytes:
    """One entry as a line of JSON, for the newest events, which are not yet packed."""
    source = catalogue.source(entry.source)
    return to_json([entry.time, source, entry.id, entry.position, entry.awards, entry.values])


def load_entry(line: bytes, catalogue: Catalogue) -> Entry:
    """The entry of `dump_entry`."""
    time, source, ident, position, awards, values = from_json(line)
    return Entry(time, _source(catalogue, source), ident, position, _pairs(awards), _value_pairs(values))


def _open(chunk: bytes, count: int, catalogue: Catalogue) -> Iterator[Entry]:
    times, positions, sources, patterns, kinds, words, refs = from_json(
        b"[" + zlib.decompress(chunk[4 * count :]) + b"]"
    )
    ids = chunk[: 4 * count].hex()
    names = [_source(catalogue, number) for number in sources]
    place = 0
    for row, (time, position) in enumerate(zip(_sums(times), _sums(positions), strict=True)):
        rules, scores = patterns[kinds[row] if kinds else 0]
        end = place + len(rules) + len(scores)
        found = [words[ref] for ref in refs[place:end]] if refs else words[:1] * (end - place)
        place = end
        yield Entry(
            time,
            names[row if len(names) > 1 else 0],
            ids[8 * row : 8 * row + 8],
            position,
            tuple(zip(rules, found, strict=False)),
            tuple(zip(scores, found[len(rules) :], strict=True)),
        )


def _steps(numbers: list[int]) -> list[int]:
    """The first number and then the differences."""
    return numbers[:1] + [after - before for before, after in pairwise(numbers)]


def _sums(steps: list[int]) -> Iterator[int]:
    """The numbers of `_steps`."""
    return accumulate(steps)


def _source(catalogue: Catalogue, number: int) -> str:
    return catalogue.names[number].removeprefix("source:")


def _pairs(rows: list[list[int]]) -> Awards:
    return tuple((number, amount) for number, amount in rows)


def _value_pairs(rows: list[tuple[int, int | str]]) -> Values:
    return tuple((number, value) for number, value in rows)

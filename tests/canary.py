"""Events with a person's words in every place where a publisher may put them, and searches for those words.

A word is searched for in raw bytes and in what those hold compressed. A searcher that finds nothing proves nothing, so
each search is also asked for a word that has to be there.
"""

import contextlib
import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import redis
import zstandard

TEXTS = ("canarymessage", "canarytitle", "canarytext", "canarynote")
"""In fields that the schemas mark as text."""

NOWHERE = (
    "canaryeventid",
    "canaryconfirmedid",
    "canaryconfirmedsource",
    "canarykey",
    "canaryfieldname",
    "canaryfield",
    "canarynested",
    "canaryattribute",
    "canaryschema",
    "canaryheader",
)
"""Foreign ids, and what no schema names."""

HELD = ("canary.mail", "canaryunknown", "canarymisfit", "canarybroken")
"""In events that could not be taken: these stay in quarantine, as they came."""

WORDS = (*TEXTS, *NOWHERE, *HELD)

THERE = "harbourmaster"
"""A declared value, which log and store do hold."""

MEMBER = "dockhand"
"""A member, who is in the log and in facts."""

TYPE = "acme.note.written"
LATER = "acme.later.declared"

RULEBOOK = f"""\
apiVersion: karmalog/v1
kind: Rulebook
title: Notes
calendar: {{timezone: UTC}}
late: 10000d
activities:
  {TYPE}:
    title: Note written
    data:
      type: object
      required: [topic]
      properties:
        topic: {{type: string}}
        note: {{type: string, text: true}}
        place:
          type: object
          properties:
            room: {{type: string}}
rules:
  note: {{title: A note, event: {TYPE}, award: 5}}
  thanks: {{title: Thanks, event: thanks.given, award: 1}}
boards:
  topics: {{title: Topics, score: {{distinct: data.topic, event: {TYPE}}}, windows: [week, all]}}
  all-of-it:
    title: All of it
    score: {{count: [{TYPE}, thanks.given, article.published, learning.shared, mentoring.held]}}
    windows: [month, all]
badges:
  noted: {{title: Noted, score: {{count: {TYPE}}}, levels: {{bronze: 1, silver: 20}}}}
"""


def event(number: int, kind: str, data: Any, **more: Any) -> dict[str, Any]:
    """An event whose id holds a name."""
    return {
        "specversion": "1.0",
        "id": f"canaryeventid/{number}",
        "source": "/notes",
        "type": kind,
        "subject": MEMBER,
        "time": f"2026-03-{1 + number % 28:02}T09:{number % 60:02}:00Z",
        "dataschema": "https://example.com/canaryschema",
        "reportedby": "canaryattribute",
        "data": data,
    } | more


def told(count: int) -> Iterator[dict[str, Any]]:
    """Events that are taken: of `count` rounds, each with every kind of word."""
    undeclared = {"canaryfieldname": 1, "remark": "canaryfield", "more": [{"deep": "canaryfield"}]}
    for start in range(0, 6 * count, 6):
        data = {"topic": f"{THERE} {start}", "note": "canarynote", "place": {"room": "a", "who": "canarynested"}}
        yield event(start, TYPE, data | undeclared)
        yield event(start + 1, "thanks.given", {"to": ["ben"], "message": "canarymessage", **undeclared})
        yield event(start + 2, "article.published", {"ref": f"r{start}", "title": "canarytitle", **undeclared})
        yield event(start + 3, "learning.shared", {"text": "canarytext", **undeclared})
        meeting = {"mentor": MEMBER, "mentee": "ben", "minutes": 45}
        yield event(start + 4, "mentoring.held", meeting | undeclared, id=f"canaryconfirmedid/{start}")
        named = {"source": "canaryconfirmedsource", "id": f"canaryconfirmedid/{start}"}
        yield event(start + 5, "activity.confirmed", named | undeclared, subject="ben")


def held() -> list[dict[str, Any]]:
    """Events that cannot be taken."""
    return [
        event(1, TYPE, {"topic": "t"}, subject="canary.mail@example.com", id="held/1"),
        event(2, "canaryunknown.happened", {"note": "canaryunknown"}, id="held/2"),
        event(3, TYPE, {"topic": ["canarymisfit"]}, id="held/3"),
        event(4, TYPE, {"topic": "t"}, id="held/4", time="canarybroken"),
    ]


def in_binary(said: dict[str, Any]) -> tuple[bytes, dict[str, str | bytes | None]]:
    """Body and headers of an event in binary mode, and a header of somebody else's."""
    headers: dict[str, str | bytes | None] = {f"ce_{name}": value for name, value in said.items() if name != "data"}
    return json.dumps(said["data"]).encode(), headers | {"x-forwarded-for": b"canaryheader"}


# Searching.


def inflated(raw: bytes) -> bytes:
    """Bytes, and behind them whatever they hold compressed (zlib, zstd)."""
    found = [raw]
    view = memoryview(raw)
    for at in _places(raw, zstandard.FRAME_HEADER):
        with contextlib.suppress(zstandard.ZstdError):
            found.append(zstandard.ZstdDecompressor().decompressobj().decompress(view[at:]))
    for at in _places(raw, b"\x78"):
        if raw[at + 1 : at + 2] in {b"\x01", b"\x5e", b"\x9c", b"\xda"}:
            with contextlib.suppress(zlib.error):
                found.append(zlib.decompressobj().decompress(view[at:]))
    return b"\n".join(found)


def _places(raw: bytes, mark: bytes) -> Iterator[int]:
    """Where a mark stands."""
    at = raw.find(mark)
    while at >= 0:
        yield at
        at = raw.find(mark, at + 1)


def words_in(raw: bytes, words: Iterable[str] = WORDS) -> set[str]:
    """Which of the words stand in bytes, plainly, compressed, or in base64 at any of its three offsets."""
    whole = inflated(raw).lower()
    plain = {word for word in words if word.encode() in whole}
    return plain | {word for word in words if any(form.lower() in whole for form in _base64_forms(word))}


def _base64_forms(word: str) -> Iterator[bytes]:
    for offset in range(3):
        # What a neighbour takes part in is cut off.
        first, last = (offset * 8 + 5) // 6, (offset + len(word)) * 8 // 6
        yield b64encode(bytes(offset) + word.encode())[first:last]


def files_in(folder: Path, pattern: str = "**/*") -> bytes:
    """All bytes of the files of a folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.glob(pattern)) if path.is_file())


def values_of(client: "redis.Redis") -> bytes:
    """Every key of a Redis and everything that it holds, uncompressed."""
    pieces: list[bytes] = []
    for key in client.scan_iter(count=1_000):
        name = cast("bytes", key)
        pieces += [name, *_flat(_value(client, name))]
    return b"\n".join(inflated(piece) for piece in pieces)


def _value(client: "redis.Redis", key: bytes) -> Any:
    match client.type(key):
        case b"string":
            return client.get(key)
        case b"hash":
            return client.hgetall(key)
        case b"set":
            return client.smembers(key)
        case b"zset":
            return client.zrange(key, 0, -1)
        case b"list":
            return client.lrange(key, 0, -1)
        case b"stream":
            return client.xrange(key)
        case kind:
            raise AssertionError(f"{key!r} is a {kind!r}, which no search looks into")


def _flat(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _flat(pair)
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from _flat(each)
    else:
        yield str(value).encode()

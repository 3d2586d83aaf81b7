"""The events of the benchmarks: made from a seed, the same each time, as publishers send them and as logs hold them.

Six types in the proportions below, members drawn evenly, one event in a hundred a repeat of an earlier one.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path

from pydantic import JsonValue

from schemas.records import RECORD, Record
from schemas.rulebook import Rulebook
from schemas.rulebook_text import read
from schemas.times import format_instant
from schemas.words import Instant, OrgId
from streams.hashing import Hasher
from streams.rulebooks import published

ORG = OrgId("bench")
HASHED_WITH = "a secret for benchmarks alone"
RULEBOOK = Path(__file__).with_name("rulebook.yaml")

_START = Instant(1_735_689_600_000)  # 2025-01-01
_YEAR_MS = 365 * 86_400_000
_STEP_MS = 4_000  # between events, on average: a thousand members with some twenty a day
_REPEATS = 100  # one event in so many is a repeat
_RECENT = 1_000  # of one of so many events before it
_SOURCE = "/benchmarks"
_WEIGHTS = {
    "code_review.given": 40,
    "microlearning.completed": 20,
    "course.completed": 12,
    "question.answered": 12,
    "skill.applied": 10,
    "article.published": 6,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as its publisher makes it."""

    id: str
    type: str
    subject: str
    time: Instant
    data: dict[str, JsonValue]

    def cloudevent(self) -> bytes:
        """CloudEvents 1.0, structured."""
        return json.dumps(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": _SOURCE,
                "type": self.type,
                "subject": self.subject,
                "time": format_instant(self.time),
                "org": ORG,
                "data": self.data,
            },
            separators=(",", ":"),
        ).encode()

    def record(self, hasher: Hasher) -> Record:
        """What intake would put into the log."""
        return {
            "org": ORG,
            "id": hasher.identity(_SOURCE, self.id),
            "source": _SOURCE,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "recorded": self.time,
            "stamp": hasher.stamp(self.type, self.subject, self.time, self.data),
            "data": self.data,
        }


def hasher() -> Hasher:
    """Hashes under the benchmarks' secret."""
    return Hasher(HASHED_WITH.encode())


def rulebook(text: str | None = None) -> Rulebook:
    """The rulebook of the speed lines, or that of a text."""
    found, faults = read(RULEBOOK.read_text() if text is None else text, RULEBOOK.name)
    if found is None:
        raise ValueError("\n".join(str(fault) for fault in faults))
    return found


def published_record(book: Rulebook) -> bytes:
    """The record that begins the log: nothing is folded without a rulebook."""
    return RECORD.dump_json(published(book, ORG, version=1, now=_START, hasher=hasher(), since=None))


def sent(
    count: int, members: int, *, seed: int = 1, everyone_first: bool = False, years: float | None = None
) -> Iterator[Sent]:
    """`count` events of so many members.

    Args:
        count: Repeats among them.
        members: Each is as busy as the others.
        seed: Another one makes other events.
        everyone_first: Whether the first ones are about one member each, in turn.
        years: The time that they are spread over, up to 2025; by default some 4 s lie between them, from then on.
    """
    draw = random.Random(seed)
    recent: list[Sent] = []
    step = _STEP_MS if years is None else max(1, int(years * _YEAR_MS / count))
    time = _START if years is None else Instant(_START - int(years * _YEAR_MS))
    turns = chain(range(members) if everyone_first else (), repeat(-1))
    types, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    for number, turn in zip(range(count), turns, strict=False):
        time = Instant(time + draw.randrange(2 * step))
        if turn < 0 and recent and draw.randrange(_REPEATS) == 0:
            yield draw.choice(recent)
            continue
        member = _name(draw.randrange(members) if turn < 0 else turn)
        kind = draw.choices(types, weights)[0]
        event = Sent(f"bench-{seed}-{number}", kind, member, time, _data(kind, number, members, draw))
        if len(recent) < _RECENT:
            recent.append(event)
        else:
            recent[number % _RECENT] = event
        yield event


def log_values(events: Iterator[Sent], book: Rulebook) -> Iterator[bytes]:
    """A whole log: the rulebook, then the events' records."""
    keyed = hasher()
    yield published_record(book)
    for event in events:
        yield RECORD.dump_json(event.record(keyed))


def chunks(values: Iterator[bytes], size: int) -> Iterator[list[bytes]]:
    """Values in lists of at most `size`."""
    while found := list(islice(values, size)):
        yield found


def _name(number: int) -> str:
    return f"m{number:06d}"


def _data(kind: str, number: int, members: int, draw: random.Random) -> dict[str, JsonValue]:
    match kind:
        case "code_review.given":
            return {
                "author": _name(draw.randrange(members)),
                "repository": f"repo-{draw.randrange(40)}",
                "change": f"{number:x}",
                "lines_changed": int(draw.expovariate(0.01)),
                "files_changed": 1 + int(draw.expovariate(0.5)),
            }
        case "microlearning.completed":
            return {"module": f"module-{draw.randrange(500)}", "minutes": draw.randrange(5, 30)}
        case "course.completed":
            return {"course": f"course-{number}", "hours": draw.randrange(2, 80) / 2, "provider": "academy"}
        case "question.answered":
            return {"question": f"q-{number}", "accepted": draw.random() < 0.3}  # noqa: PLR2004  three in ten are
        case "skill.applied":
            return {"topic": f"topic-{draw.randrange(60)}"}
        case _:
            return {"ref": f"article-{number}", "space": f"space-{draw.randrange(20)}"}

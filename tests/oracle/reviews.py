"""The review events as records, and their rulebook, by nothing but JSON and YAML: no intake, no schemas."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from schemas.records import RECORD, Record

from . import Answers
from .story import at

FOLDER = Path(__file__).parents[1] / "data" / "reviews"
RULEBOOKS = Path(__file__).parents[2] / "examples" / "reviews"

FIELDS = {
    "code_review.given": {"author", "repository", "change", "lines_changed", "files_changed"},
    "git.change.tested": {"author", "repository", "change", "lines_changed", "files_changed"},
    "article.published": {"ref", "title", "space"},
}
"""What the schema of each type names; the rest is dropped before the log."""


FIRST = "1970-01-01T00:00:00Z"
"""When the rulebook was published."""


def rulebook(name: str = "rulebook.yaml") -> dict[str, Any]:
    """A rulebook of the example, as JSON."""
    yaml = YAML(typ="safe").load(RULEBOOKS / name)
    book: dict[str, Any] = json.loads(json.dumps(yaml, default=str))
    return book


def published(book: dict[str, Any]) -> Record:
    """The rulebook as the first record of a log."""
    event = {
        "source": "karmalog",
        "id": "rulebook 1",
        "type": "rulebook.published",
        "subject": "admin",
        "time": FIRST,
    }
    return record(event, {"version": 1, "from": None, "rulebook": book}, "0" * 16, FIRST)


def records(lines: Iterable[str], times: Iterable[str] | None = None) -> Iterator[Record]:
    """CloudEvents, one a line, as records; each was recorded at its time of `times`, or when it happened."""
    for line, recorded in zip_longest(lines, times or ()):
        event = json.loads(line)
        data = {name: value for name, value in event["data"].items() if name in FIELDS[event["type"]]}
        yield record(event, data, digest(line, 8), (recorded or event["time"]).strip())


def record(event: Mapping[str, Any], data: Mapping[str, Any], stamp: str, recorded: str) -> Record:
    return RECORD.validate_python(
        {
            "org": "reviews",
            "id": digest(f"{event['source']}\n{event['id']}", 16),
            "source": event["source"],
            "type": event["type"],
            "subject": event["subject"],
            "time": at(event["time"]),
            "recorded": at(recorded),
            "stamp": stamp,
            "data": data,
        }
    )


def digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.strip().encode(), digest_size=size).hexdigest()


def rows(answers: Answers, board: str, window: str) -> list[dict[str, Any]]:
    """The rows of a board by member, as the contract's JSON has them."""
    table = answers.boards.get((board, "member", window))
    return [dict(zip(("rank", "member", "score"), row, strict=True)) for row in (table.rows if table else [])]


def member(answers: Answers, name: str) -> dict[str, Any]:
    """What a member has, as the contract's JSON has it; times are whole seconds here."""
    has = answers.members[name]
    return {
        "member": name,
        "points": has["points"],
        "badges": [
            {
                "badge": reached.badge,
                "level": reached.level,
                "at": datetime.fromtimestamp(reached.at // 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            for reached in has["badges"]
        ],
        "streaks": {
            badge: {"current": standing.current, "longest": standing.longest}
            for badge, standing in has["streaks"].items()
        },
    }

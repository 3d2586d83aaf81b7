"""Holds a split karmalog that was hurt against what its log says: every answer, every outcome, every fact.

The log itself is held against what was published, so what intake had lost would show as well. What the answers have
to be comes from the oracle, which shares no code with the engine.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.error import HTTPError

from confluent_kafka import Consumer, TopicPartition

from engine.digest import Item, digest
from schemas.envelope import structured
from schemas.records import RECORD, Record
from schemas.times import format_instant
from schemas.words import Instant
from streams.digesting import digest_of
from streams.hashing import Hasher
from tests import oracle
from tests.split import NOW, ROOT, SECRET, SOON_S, Service, Split, reviews, until

OURS = {"rulebook.published", "day.closed"}
"""What karmalog writes into the log by itself."""

Fact = Mapping[str, Any]


def events(count: int) -> list[bytes]:
    """The first real reviews: of the small file where it has enough, else of the example's."""
    if count <= 5_000:
        return reviews(count)
    with gzip.open(ROOT / "examples" / "reviews" / "reviews.jsonl.gz") as lines:
        return lines.read().splitlines()[:count]


def waves(published: Sequence[bytes], count: int) -> Iterator[Sequence[bytes]]:
    """The events in `count` parts of about the same size."""
    size = -(-len(published) // count)
    return (published[start : start + size] for start in range(0, len(published), size))


def counted(split: Split) -> int:
    """Events that were folded, each once; the rulebook is not among them."""
    outcomes = split.outcomes()
    return sum(outcomes.values()) - outcomes.get("REPEATED", 0) - 1


def until_counted(split: Split, events_: int, *, unless_ended: Service | None = None) -> None:
    """Waits until so many different events are folded, or a process has ended."""
    until(
        lambda: counted(split) >= events_ or (unless_ended is not None and not unless_ended.running),
        lambda: (
            f"{counted(split)} of {events_} events are folded: {split.outcomes()}\n"
            + "\n".join(f"{each} ({'runs' if each.running else 'ended'}): {each.tail(900)}" for each in split.started)
        ),
    )


def stopped(service: Service) -> bool:
    """Whether it has frozen itself (Linux)."""
    return Path(f"/proc/{service.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


class Whole(NamedTuple):
    """What a check has seen, for the report of a test."""

    records: int
    repeated: int
    facts: int
    messages: int
    digest: str


def check_whole(split: Split, published: Sequence[bytes]) -> Whole:
    """Fails unless log, answers, outcomes and facts are what `published` gives, each event once."""
    said = check_answers(split, published)
    until(lambda: all_sent(split), lambda: "\n".join(each.tail() for each in split.started))
    facts = split.facts()
    check_facts(facts, said)
    return Whole(
        len(said.verdict_by_position),
        said.verdicts.get("REPEATED", 0),
        len({fact["id"] for fact in facts}),
        len(facts),
        digest_of(split.answers())[0],
    )


def check_answers(split: Split, published: Sequence[bytes]) -> oracle.Answers:
    """Fails unless the log holds every event, and the store what the oracle makes of the log; what that is."""
    until_counted(split, len(published))
    until(lambda: taken(split), lambda: "\n".join(each.tail() for each in split.started))
    records = log_of(split)
    until(lambda: position(split) >= len(records), lambda: f"{split.outcomes()} of {len(records)} records")
    assert {record["id"] for record in records if record["type"] not in OURS} == identities(published)
    said = oracle.answers(records, now=NOW)
    assert split.outcomes() == said.verdicts
    assert sum(split.outcomes().values()) == len(records)
    assert digest_of(split.answers())[0] == digest_by(said), "some answer is not the oracle's"
    return said


def log_of(split: Split) -> list[Record]:
    """The records of the log, in order; all are of one organisation, and so of one partition."""
    messages = sorted(split.everything("log"), key=lambda message: message.offset() or 0)
    assert len({message.partition() for message in messages}) <= 1
    return [RECORD.validate_json(message.value() or b"") for message in messages]


def taken(split: Split) -> bool:
    """Whether intake has committed everything that was published: it appends nothing any more, not even again."""
    name = f"{split.prefix}events"
    reader = Consumer({"bootstrap.servers": split.kafka, "group.id": f"{split.prefix}intake"})
    try:
        places = [TopicPartition(name, part) for part in reader.list_topics(name, SOON_S).topics[name].partitions]
        committed = sum(max(0, place.offset) for place in reader.committed(places, SOON_S))
        return committed == sum(reader.get_watermark_offsets(place)[1] for place in places)
    finally:
        reader.close()


def position(split: Split) -> int:
    """How far the store is."""
    return int(cast("bytes | None", split.redis.hget(split.answers().keys.checkpoint, "position")) or 0)


def identities(published: Iterable[bytes]) -> set[str]:
    """Under which ids the log has to have these events."""
    hasher = Hasher(SECRET.encode())
    return {hasher.identity(event["source"], event["id"]) for event in map(structured, published)}


def digest_by(said: oracle.Answers) -> str:
    """The digest of the oracle's answers."""
    return digest(_items(said))


def _items(said: oracle.Answers) -> Iterator[Item]:
    for (board, by, window), table in said.boards.items():
        for row in table.rows:
            yield ("board", board, window, by, row[1], row[2])
    for member, has in said.members.items():
        for rule, points in has["points"].items():
            yield ("points", member, rule, points)
        for reached in has["badges"]:
            yield ("badge", member, reached.badge, reached.level, reached.at)
        for badge, standing in has["streaks"].items():
            yield ("streak", member, badge, standing.longest)


def all_sent(split: Split) -> bool:
    """Whether nothing waits in the outbox, and all of that is marked."""
    keys = split.answers().keys
    newest = cast("list[tuple[bytes, object]]", split.redis.xrevrange(keys.outbox, count=1))
    return bool(newest) and newest[0][0] == split.redis.get(f"{keys.tag}:outbox:sent")


def check_facts(facts: Sequence[Fact], said: oracle.Answers) -> None:
    """Fails unless each id says one thing, and all of them together are the points and badges of every member."""
    by_id: dict[str, Fact] = {}  # in the order in which they were said first
    for fact in facts:
        assert by_id.setdefault(fact["id"], fact) == fact, "one id, and two contents"
    points: dict[tuple[str, str], int] = {}
    badges: dict[tuple[str, str, str | None], str] = {}
    for fact in by_id.values():
        if fact["type"] == "points.changed":
            slot = fact["member"], fact["rule"]
            points[slot] = points.get(slot, 0) + fact["by"]
            assert fact["total"] == points[slot], f"{fact}: a fact before it is missing, or said twice"
        elif fact["type"] == "badge.lost":
            del badges[fact["member"], fact["badge"], fact["level"]]
        else:
            badges[fact["member"], fact["badge"], fact["level"]] = fact["at"]
    assert {slot: total for slot, total in points.items() if total} == {
        (member, rule): total for member, has in said.members.items() for rule, total in has["points"].items()
    }
    assert badges == {
        (member, reached.badge, reached.level): format_instant(Instant(reached.at))
        for member, has in said.members.items()
        for reached in has["badges"]
    }


def health(service: Service) -> dict[str, Any]:
    """What a process says of itself, also where that is trouble."""
    try:
        return service.health()
    except HTTPError as error:
        said: dict[str, Any] = json.loads(error.read())
        return said

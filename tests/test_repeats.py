"""The same source and id again: the same content is REPEATED, other content CONFLICT, and neither changes an answer."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import confluent_kafka
import pytest

from karmalog.embedded import embedded
from schemas.records import RECORD
from schemas.rulebook_text import study
from schemas.words import OrgId, Position
from streams.catalogue import Catalogue
from streams.digesting import digest_of
from streams.hashing import Hasher
from streams.importing import Line, import_lines, straight_to
from streams.judge import Judge, Taken, everything
from streams.quarantine import Message
from streams.rulebooks import published
from tests import oracle
from tests.crash_kit import digest_by, log_of, position
from tests.engine_driver import ORG, Engine
from tests.places import karmalog
from tests.split import NOW, RULEBOOK, SECRET, SOON_S, Split, until

FIRST: dict[str, Any] = {
    "specversion": "1.0",
    "id": "pr-812/review-3",
    "source": "/git/acme",
    "type": "code_review.given",
    "subject": "ann",
    "time": "2026-03-02T09:30:00Z",
    "data": {"author": "ben", "change": "812", "lines_changed": 40, "effort": 2.5},
}


class Again(NamedTuple):
    """What comes after the first one, and what becomes of it."""

    name: str
    verdict: str
    message: Message


def structured(event: dict[str, Any]) -> Message:
    return Message(json.dumps(event).encode())


def changed(**attributes: Any) -> Message:
    return structured(FIRST | attributes)


def data(**fields: Any) -> Message:
    return changed(data=FIRST["data"] | fields)


def binary(event: dict[str, Any]) -> Message:
    headers = [(f"ce_{name}", str(value).encode()) for name, value in event.items() if name != "data"]
    return Message(json.dumps(event["data"]).encode(), [*headers, ("content-type", b"application/json")])


def in_base64() -> Message:
    event = {name: value for name, value in FIRST.items() if name != "data"}
    return structured(event | {"data_base64": b64encode(json.dumps(FIRST["data"]).encode()).decode()})


def backwards(value: Any) -> Any:
    """The same object, its keys in another order."""
    if not isinstance(value, dict):
        return value
    return {name: backwards(each) for name, each in reversed(value.items())}


AGAIN = [
    Again("the very same bytes", "REPEATED", structured(FIRST)),
    Again("binary instead of structured", "REPEATED", binary(FIRST)),
    Again(
        "binary with its data's keys in another order", "REPEATED", binary(FIRST | {"data": backwards(FIRST["data"])})
    ),
    Again("keys in another order", "REPEATED", structured(backwards(FIRST))),
    Again("other white space", "REPEATED", Message(json.dumps(FIRST, indent=3).encode())),
    Again("letters escaped", "REPEATED", Message(json.dumps(FIRST).replace("ann", "\\u0061nn").encode())),
    Again("data in base64", "REPEATED", in_base64()),
    Again("numbers written otherwise", "REPEATED", Message(json.dumps(FIRST).replace("2.5", "25e-1").encode())),
    Again("the same instant by another clock", "REPEATED", changed(time="2026-03-02T10:30:00.000+01:00")),
    Again("an attribute of somebody else's", "REPEATED", changed(traceparent="00-1-2-3")),
    Again("the organisation named", "REPEATED", changed(org="default")),
    Again("another time", "CONFLICT", changed(time="2026-03-02T09:30:00.001Z")),
    Again("another member", "CONFLICT", changed(subject="eve")),
    Again("another type", "CONFLICT", changed(type="learning_time.spent", data={"minutes": 40})),
    Again("other data", "CONFLICT", data(lines_changed=41)),
    Again("other data, binary", "CONFLICT", binary(FIRST | {"data": FIRST["data"] | {"author": "eve"}})),
    Again("a field more that nobody declared", "CONFLICT", data(colour="red")),
    Again("a field less", "CONFLICT", changed(data={"author": "ben", "change": "812", "effort": 2.5})),
    Again("the first one after all those", "REPEATED", structured(FIRST)),
    Again("another source", "APPLIED", changed(source="/git/other", data=FIRST["data"] | {"change": "813"})),
    Again("another id", "APPLIED", changed(id="PR-812/review-3", data=FIRST["data"] | {"change": "814"})),
]

STRUCTURED = [each for each in AGAIN if not each.message.headers]
VERDICTS = [each.verdict for each in AGAIN]


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    await made.create_topics()
    await made.publish_rulebook()
    yield made
    made.close()


def counts(verdicts: list[str]) -> dict[str, int]:
    return {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}


@pytest.mark.parametrize("size", [1, 2, 100], ids=lambda size: f"batches-of-{size}")
def test_what_comes_again_gets_its_verdict_from_the_fold_alone(size: int) -> None:
    rulebook = study(RULEBOOK, "rulebook.yaml").rulebook
    assert rulebook is not None
    hasher = Hasher(SECRET.encode())
    judge = Judge(lambda _: Catalogue.of(rulebook), hasher, ORG)
    records = [published(rulebook, ORG, version=1, now=NOW, hasher=hasher)]
    for message in (structured(FIRST), *(each.message for each in AGAIN)):
        taken = judge.read(message, now=NOW)
        assert isinstance(taken, Taken)
        records.append({**taken.record, "org": ORG})
    engine = Engine(records, 86_400_000)
    while not engine.at_end:
        engine.batch(size)
    found = {each.name: str(verdict) for each, verdict in zip(AGAIN, engine.verdicts[2:], strict=True)}
    assert found == {each.name: each.verdict for each in AGAIN}
    once = [record for record, verdict in zip(records, engine.verdicts, strict=True) if verdict == "APPLIED"]
    boards, _, members = engine.answers(NOW)
    expected = oracle.answers(once, now=NOW)
    assert boards == expected.boards
    assert set(members) == set(expected.members) == {"ann"}


async def test_what_comes_again_over_kafka_gets_its_verdict_and_changes_nothing(split: Split) -> None:
    split.service("intake", KARMALOG_BATCH="4").spawn()
    split.service("worker", KARMALOG_BATCH="3").spawn()
    producer = confluent_kafka.Producer({"bootstrap.servers": split.kafka})
    for message in (structured(FIRST), *(each.message for each in AGAIN)):
        # One partition, so that they stand in the log in this order.
        producer.produce(f"{split.prefix}events", value=message.body, headers=list(message.headers), partition=2)
    assert producer.flush(SOON_S) == 0
    wanted = counts([*VERDICTS, "APPLIED", "APPLIED"])  # the rulebook and the first one
    until(lambda: split.outcomes() == wanted, lambda: f"{split.outcomes()} is not {wanted}: {split.started[0].tail()}")
    records = log_of(split)
    until(lambda: position(split) == len(records), split.started[1].tail)
    said = oracle.answers(records, now=NOW)
    assert said.verdict_by_position[2:] == VERDICTS
    once = [record for record, verdict in zip(records, said.verdict_by_position, strict=True) if verdict == "APPLIED"]
    assert digest_of(split.answers())[0] == digest_by(oracle.answers(once, now=NOW))


async def test_what_comes_again_by_import_gets_its_verdict_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    rulebook, first, again = tmp_path / "rulebook.yaml", tmp_path / "first.jsonl", tmp_path / "again.jsonl"
    rulebook.write_text(RULEBOOK)
    first.write_bytes(structured(FIRST).body)
    again.write_bytes(b"\n".join(each.message.body.replace(b"\n", b"") for each in STRUCTURED))
    karmalog("rules", "apply", "--yes", rulebook, data=folder)
    karmalog("import", first, data=folder)
    wanted = [each.verdict for each in STRUCTURED]
    said = json.loads(karmalog("import", again, "--json", data=folder, code=1))  # a conflict is a line refused
    assert said["outcomes"] == counts(wanted)
    assert (said["appended"], said["repeated"]) == (wanted.count("APPLIED"), wanted.count("REPEATED"))
    assert said["refused"] == wanted.count("CONFLICT")

    async with embedded(folder, OrgId("default")) as runtime:
        entries = await runtime.log.read(0, Position(0), max_records=1_000, max_wait_s=0)
        records = [RECORD.validate_json(entry.value) for entry in entries]
        said_by_log = oracle.answers(records, now=NOW)
        assert said_by_log.verdicts == {"APPLIED": 2 + wanted.count("APPLIED")}  # nothing else was appended
        digest = digest_of(runtime.answers)
        assert digest == (digest_by(said_by_log), len(records))
        publisher = runtime.publisher(allowed=everything, trust_recorded=True)
        once_more = await import_lines(
            [Line(each.name, each.message.body) for each in STRUCTURED], straight_to(publisher)
        )
        assert (once_more.appended, once_more.refused) == (0, wanted.count("CONFLICT"))
        assert digest_of(runtime.answers) == digest

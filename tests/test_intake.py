"""Intake on real Kafka: every event ends in the log or in quarantine with its reason, and the next one goes on."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import confluent_kafka
import pytest
from cloudevents.core.bindings.kafka import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from pydantic_core import to_json

from schemas.records import RECORD, Record
from schemas.rulebook_text import study
from schemas.verdicts import Verdict
from schemas.words import OrgId, Position
from streams import topics as kafka_topics
from streams.clock import SystemClock
from streams.hashing import Hasher
from streams.intake import NO_RULEBOOK, Intake
from streams.judge import from_sources
from streams.kafka_log import KafkaLog, open_kafka_log
from streams.kafka_shelf import KafkaQuarantine, KafkaShelf
from streams.quarantine import QUARANTINED, Quarantined
from streams.rulebook_topic import KnownRulebooks, RulebookTeller
from tests.hostile import ACCEPTED, cases

SOON_S = 60.0
BROKER_BYTES = 900_000  # a broker refuses longer messages by itself
PARTITIONS = 3
ORG = OrgId("default")
HASHER = Hasher(b"a secret of the test-suite alone")
HEAD = "apiVersion: karmalog/v1\nkind: Rulebook\n"
OWN_TYPE = "activities:\n  git.change.tested:\n    data: {type: object, properties: {change: {type: string}}}\n"


class Place:
    """Topics of a test's own, with intake in this process."""

    def __init__(self, kafka: str, prefix: str, log: KafkaLog) -> None:
        self.kafka, self.prefix, self.log = kafka, prefix, log
        self.texts = KafkaShelf(kafka, f"{prefix}private")
        self.quarantine = KafkaQuarantine(kafka, f"{prefix}quarantine")
        self.rulebooks = KafkaShelf(kafka, f"{prefix}rulebooks")
        self.followed: list[KafkaShelf] = []
        self.told = 0

    async def tell(self, text: str = HEAD, org: OrgId = ORG) -> None:
        """Publishes a rulebook as the worker would."""
        rulebook = study(text, "rulebook.yaml").rulebook
        assert rulebook is not None
        self.told += 1
        await RulebookTeller(self.rulebooks).tell({org: (self.told, to_json(rulebook.stored()))})

    def intake(self, sources: Sequence[str] = (), batch: int = 500) -> Intake:
        """One that is not started."""
        self.followed.append(KafkaShelf(self.kafka, f"{self.prefix}rulebooks"))
        return Intake(
            self.kafka,
            f"{self.prefix}events",
            f"{self.prefix}intake",
            log=self.log,
            texts=self.texts,
            quarantine=self.quarantine,
            rulebooks=KnownRulebooks(self.followed[-1]),
            hasher=HASHER,
            default_org=ORG,
            allowed=from_sources(sources),
            clock=SystemClock(),
            batch=batch,
            session_s=6.0,
        )

    @contextlib.asynccontextmanager
    async def running(self, *intakes: Intake) -> AsyncIterator[None]:
        """Runs intakes until left; what they raise is raised here."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for each in intakes:
                tasks.create_task(each.run(stopping))
            try:
                yield
            finally:
                stopping.set()

    def send(self, *messages: bytes | tuple[bytes, list[tuple[str, bytes]]], partition: int | None = None) -> None:
        """Sends events with the client's own partitioner; pairs have headers."""
        producer = confluent_kafka.Producer({"bootstrap.servers": self.kafka})
        where = {} if partition is None else {"partition": partition}
        for each in messages:
            body, headers = each if isinstance(each, tuple) else (each, [])
            producer.produce(f"{self.prefix}events", value=body, headers=list(headers), **where)
        assert producer.flush(SOON_S) == 0

    async def records(self) -> list[Record]:
        """The whole log."""
        found: list[Record] = []
        for partition in range(PARTITIONS):
            at, end = Position(0), await self.log.end(partition)
            while at < end:
                for entry in await self.log.read(partition, at, max_records=1000, max_wait_s=5):
                    found.append(RECORD.validate_json(entry.value))
                    at = Position(entry.position + 1)
        return found

    async def held(self) -> dict[str, Quarantined]:
        """What lies in quarantine, by key."""
        return {kept.key: QUARANTINED.validate_json(kept.value) async for kept in self.quarantine.scan()}


@pytest.fixture
async def place(kafka_address: str, topics: str) -> AsyncIterator[Place]:
    assert await kafka_topics.create(kafka_address, PARTITIONS, 1, topics) == []
    made = Place(kafka_address, topics, await open_kafka_log(kafka_address, f"{topics}log"))
    yield made
    for each in (made.texts, made.quarantine, made.rulebooks, made.log, *made.followed):
        await each.close()


async def soon(intake: Intake, read: int) -> None:
    """Waits until so many events were read."""
    async with asyncio.timeout(SOON_S):
        while intake.taking.read < read:  # noqa: ASYNC110 - nobody calls back
            await asyncio.sleep(0.05)


def event(ident: str, kind: str = "code_review.given", **changed: object) -> bytes:
    said = {
        "specversion": "1.0",
        "id": ident,
        "source": "/tests",
        "type": kind,
        "subject": "ann",
        "time": "2024-05-31T14:03:00Z",
        "data": {"author": "ben", "change": ident},
    }
    return json.dumps(said | changed).encode()


async def test_every_hostile_event_gets_its_verdict_and_place_and_the_next_one_goes_on(place: Place) -> None:
    await place.tell()
    sent: list[tuple[str, str, bytes | tuple[bytes, list[tuple[str, bytes]]]]] = []
    for case in cases():
        if len(case.body) < BROKER_BYTES:
            sent.append((case.verdict, case.code, case.body))
        if case.kafka_headers is not None and len(case.data) < BROKER_BYTES:
            sent.append((case.verdict, case.code, (case.data, list(case.kafka_headers))))
    place.send(*(message for _, _, message in sent), event("the-next-one"), partition=1)
    intake = place.intake()
    async with place.running(intake):
        await soon(intake, len(sent) + 1)
    held = await place.held()
    for offset, (verdict, code, _) in enumerate(sent):
        kept = held.get(f"{place.prefix}events/1/{offset}")
        found = (ACCEPTED, "") if kept is None else (kept["verdict"].value, kept["code"])
        assert found == (verdict, code), f"event {offset}"
    accepted = sum(verdict == ACCEPTED for verdict, _, _ in sent) + 1
    assert len(await place.records()) == accepted
    taking = intake.taking
    assert (taking.read, taking.taken) == (len(sent) + 1, accepted)
    assert taking.read == taking.taken + taking.dropped + sum(taking.quarantined.values())


_BAD_NAME = """
import asyncio, sys
from aiokafka import AIOKafkaProducer
class Name(str):
    def encode(self, *_):
        return b"\\xff\\xfe"
async def main():
    producer = AIOKafkaProducer(bootstrap_servers=sys.argv[1], linger_ms=200, compression_type=sys.argv[3] or None)
    await producer.start()
    bodies = sys.stdin.buffer.read().splitlines()
    sent = [await producer.send(sys.argv[2], body, partition=1, headers=[(Name("x"), b"1")] if at == 1 else [])
            for at, body in enumerate(bodies)]
    await asyncio.gather(*sent)
    await producer.stop()
asyncio.run(main())
"""


@pytest.mark.parametrize("compression", ["", "gzip"])
async def test_a_header_whose_name_is_not_utf8_stops_nobody(place: Place, compression: str) -> None:
    await place.tell()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _BAD_NAME, place.kafka, f"{place.prefix}events", compression),
        stdin=asyncio.subprocess.PIPE,
        env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"},  # the Python code asks the name for its bytes
    )
    await process.communicate(b"\n".join(event(name) for name in ("before", "with it", "in its batch")))
    assert process.returncode == 0
    place.send(event("after"), partition=1)
    intake = place.intake()
    async with place.running(intake):
        await soon(intake, 4)
    assert intake.taking.taken == 4
    assert len({record["id"] for record in await place.records()}) == 4


async def test_what_was_committed_is_not_read_again(place: Place) -> None:
    await place.tell()
    place.send(*(event(str(number)) for number in range(300)))
    first, second = place.intake(batch=50), place.intake()
    async with place.running(first):
        await soon(first, 300)
    place.send(event("one more"))
    async with place.running(second):
        await soon(second, 1)
    assert second.taking.read == 1
    assert len(await place.records()) == 301


async def test_without_a_rulebook_intake_waits_and_says_so(place: Place) -> None:
    place.send(event("early"))
    intake = place.intake()
    async with place.running(intake):
        async with asyncio.timeout(SOON_S):
            while intake.taking.waiting != NO_RULEBOOK:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert await place.records() == []
        await place.tell()
        await soon(intake, 1)
    assert intake.taking.waiting == ""
    assert len(await place.records()) == 1


async def test_an_organisation_without_a_rulebook_waits_and_stops_no_other_one(place: Place) -> None:
    await place.tell()
    place.send(event("theirs", org="nobody-knows"), event("ours"), partition=0)
    intake = place.intake()
    async with place.running(intake):
        await soon(intake, 2)
        assert intake.taking.quarantined == {Verdict.UNKNOWN_TYPE: 1}
        await place.tell(org=OrgId("nobody-knows"))
        async with asyncio.timeout(SOON_S):
            while not intake.taking.taken_later:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert sorted(record["org"] for record in await place.records()) == ["default", "nobody-knows"]
    assert await place.held() == {}


async def test_an_event_of_a_type_that_is_declared_later_is_taken_as_of_when_it_came(place: Place) -> None:
    await place.tell()
    place.send(event("early", "git.change.tested", data={"change": "c1"}))
    intake = place.intake()
    async with place.running(intake):
        await soon(intake, 1)
        async with asyncio.timeout(SOON_S):
            while not (held := await place.held()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        came = next(iter(held.values()))["at"]
        await place.tell(HEAD + OWN_TYPE)
        async with asyncio.timeout(SOON_S):
            while not intake.taking.taken_later:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    (record,) = await place.records()
    assert (record["type"], record["recorded"]) == ("git.change.tested", came)
    assert await place.held() == {}


async def test_where_a_rulebook_drops_undeclared_types_they_are_counted_and_not_kept(place: Place) -> None:
    await place.tell(HEAD + "undeclared: drop\n")
    place.send(event("a", "nobody.asked"), event("b"))
    intake = place.intake()
    async with place.running(intake):
        await soon(intake, 2)
    assert (intake.taking.dropped, intake.taking.taken) == (1, 1)
    assert await place.held() == {}


async def test_peoples_events_come_from_named_sources_alone(place: Place) -> None:
    await place.tell()
    joined = {"subject": "ann", "data": {}}
    place.send(event("1", "member.joined", **joined, source="/hr"), event("2", "member.joined", **joined))
    intake = place.intake(sources=["/hr"])
    async with place.running(intake):
        await soon(intake, 2)
    assert [record["source"] for record in await place.records()] == ["/hr"]
    (kept,) = (await place.held()).values()
    assert (kept["verdict"], kept["code"]) == (Verdict.NOT_ALLOWED, "RESERVED_TYPE")


async def test_texts_and_foreign_ids_stay_out_of_the_log(place: Place) -> None:
    await place.tell()
    data = {"title": "canary-title", "ref": "doc-7", "undeclared": "canary-field"}
    place.send(event("canary-id", "article.published", data=data))
    intake = place.intake()
    async with place.running(intake):
        await soon(intake, 1)
    (record,) = await place.records()
    assert b"canary" not in RECORD.dump_json(record)
    (text,) = (await place.texts.scan("text/")).values()
    assert json.loads(text) == {"title": "canary-title"}


async def test_two_intakes_share_the_partitions_and_lose_nothing_when_one_leaves(place: Place) -> None:
    await place.tell()
    one, two = place.intake(batch=100), place.intake(batch=100)
    async with place.running(one):
        async with place.running(two):
            async with asyncio.timeout(SOON_S):
                while not (one.joined and two.joined):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            place.send(*(event(f"a{number}") for number in range(1500)))
            async with asyncio.timeout(SOON_S):
                while one.taking.read + two.taking.read < 1500:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        place.send(*(event(f"b{number}") for number in range(1500)))
        async with asyncio.timeout(SOON_S):
            while one.taking.read + two.taking.read < 3000:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert len({record["id"] for record in await place.records()}) == 3000


async def test_the_cloudevents_sdk_is_understood_structured_and_binary(place: Place) -> None:
    await place.tell()
    attributes = {
        "specversion": "1.0",
        "id": "sdk",
        "source": "/sdk",
        "type": "code_review.given",
        "subject": "ann",
        "time": datetime(2024, 5, 31, 14, 3, tzinfo=UTC),
        "datacontenttype": "application/json",
    }
    made = CloudEvent(attributes, {"author": "ben", "change": "c1"})
    for message in (to_structured_event(made), to_binary_event(made)):
        place.send((message.value, list(message.headers.items())))
    intake = place.intake()
    async with place.running(intake):
        await soon(intake, 2)
    one, other = await place.records()
    # One event in two modes: the fold counts it once, since identity and stamp are the same.
    assert {**one, "recorded": 0} == {**other, "recorded": 0}

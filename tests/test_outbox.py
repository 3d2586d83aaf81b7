"""The outbox relay on real Redis and Kafka: every fact reaches the topic, with the id that it always has."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
import redis
from pydantic_core import to_json

from engine.effects import FactRow
from engine.organisation import Organisation
from schemas.facts import Fact
from schemas.rulebook import Rulebook
from schemas.words import Instant, MemberId, OrgId, Position
from streams import facts
from streams import topics as kafka_topics
from streams.kafka_appender import KafkaAppender
from streams.kafka_log import KafkaLog, open_kafka_log
from streams.keys import Keys
from streams.outbox import KEPT_POSITIONS, Relay, Source, fact_id
from streams.said import Said, Speech

PARTITIONS = 3
ORGS = [OrgId("acme"), OrgId("globex"), OrgId("initech")]
SOON_S = 60.0


class Cut(Exception):
    """The process ended at a named point."""


RULEBOOK = Rulebook.model_validate(
    {"apiVersion": "karmalog/v1", "kind": "Rulebook", "rules": {"review": {"event": "code_review.given", "award": 5}}}
)


class Place:
    """An outbox for each organisation, and the topic of facts."""

    def __init__(self, client: "redis.Redis", address: str, topic: str, reading: KafkaLog) -> None:
        self.client, self.address, self.topic, self.reading = client, address, topic, reading
        self.sending: list[KafkaAppender] = []
        self.committed: dict[int, Said] = {}
        self.written: dict[OrgId, int] = {}

    def relay(self, reached: Callable[[str], None] = lambda _: None) -> Relay:
        """One more, as another process would have it."""
        self.sending.append(KafkaAppender(self.address, self.topic, SOON_S, headers_of=fact_id))
        return Relay(self.client, self.sending[-1], reached)

    def speech(self, partition: int) -> Speech:
        """What was said of a partition; the worker's own tests hold it against Kafka."""

        async def fetch() -> Said:
            return self.committed.get(partition, Said())

        async def commit(said: Said) -> None:
            self.committed[partition] = Said.load(said.until, said.dump())

        return Speech(fetch, commit)

    def sources(self) -> dict[int, Source]:
        """The partitions as a worker that owns all of them has them."""
        found = {}
        for partition in {self.reading.partition_of(org) for org in self.written}:
            orgs = {org: at for org, at in self.written.items() if self.reading.partition_of(org) == partition}
            found[partition] = Source(max(orgs.values()), orgs, self.speech(partition))
        return found

    async def drain(self, relay: Relay) -> None:
        """Sends until nothing is left, as a process does that was just started."""
        for partition, source in self.sources().items():
            await source.speech.recall()
            while await relay.send(partition, source):
                pass

    def put(self, org: OrgId, first: int, count: int) -> list[str]:
        """Facts as the store puts them; their ids."""
        state = Organisation(org)
        number = state.publish(RULEBOOK, None, Instant(1), Position(0)).numbers["rule"]["review"]
        for position in range(first, first + count):
            row: FactRow = (position, MemberId(f"m{position % 7}"), [number, None, 5, 5 * position])
            for index, blob in enumerate(facts.blobs(state, [row])):
                batch = f"{position}-{position + 1}"
                self.client.xadd(
                    Keys(org).outbox, {"facts": facts.squeeze(blob), "batch": batch}, id=f"{position + 1}-{index}"
                )
        self.written[org] = first + count
        self.client.hset(Keys(org).checkpoint, "position", first + count)
        return [f"{org}/{position}/0" for position in range(first, first + count)]

    async def said(self) -> list[tuple[int, dict[str, object]]]:
        """Everything on the topic, with its partition."""
        found = []
        for partition in range(PARTITIONS):
            at, end = Position(0), await self.reading.end(partition)
            while at < end:
                for entry in await self.reading.read(partition, at, max_records=1000, max_wait_s=5):
                    found.append((partition, json.loads(entry.value)))
                    at = Position(entry.position + 1)
        return found


@pytest.fixture
async def place(kafka_address: str, topics: str, redis_url: str) -> AsyncIterator[Place]:
    assert await kafka_topics.create(kafka_address, PARTITIONS, 1, topics) == []
    client = redis.Redis.from_url(redis_url)
    reading = await open_kafka_log(kafka_address, f"{topics}facts")
    made = Place(client, kafka_address, f"{topics}facts", reading)
    yield made
    for each in made.sending:
        await each.close()
    await reading.close()
    client.close()


async def test_every_fact_is_said_once_in_the_partition_of_its_organisation(place: Place) -> None:
    ids = [ident for org in ORGS for ident in place.put(org, 1, 150)]
    await place.drain(place.relay())
    said = await place.said()
    assert sorted(str(fact["id"]) for _, fact in said) == sorted(ids)
    assert all(partition == place.reading.partition_of(OrgId(str(fact["org"]))) for partition, fact in said)
    ids += place.put(ORGS[0], 151, 10)
    await place.drain(place.relay())
    assert sorted(str(fact["id"]) for _, fact in await place.said()) == sorted(ids)


@pytest.mark.parametrize("point", ["outbox read", "facts sent"])
async def test_a_relay_that_ends_at_any_point_loses_no_fact_and_keeps_its_id(place: Place, point: str) -> None:
    ids = place.put(ORGS[0], 1, 100)

    def reached(name: str) -> None:
        if name == point:
            raise Cut

    with pytest.raises(Cut):
        await place.drain(place.relay(reached))
    await place.drain(place.relay())
    said = [json.dumps(fact, sort_keys=True) for _, fact in await place.said()]
    assert sorted(json.loads(fact)["id"] for fact in set(said)) == sorted(ids)


async def test_the_newest_facts_stay_for_who_asks_and_what_is_not_sent_is_never_trimmed(place: Place) -> None:
    outbox = Keys(ORGS[0]).outbox
    ids = place.put(ORGS[0], 1, 400)
    await place.drain(place.relay())
    assert place.client.xlen(outbox) == 400
    ids += place.put(ORGS[0], KEPT_POSITIONS + 500, 10)
    assert place.client.xlen(outbox) == 410
    await place.drain(place.relay())
    assert 10 <= place.client.xlen(outbox) < 210  # Redis trims whole nodes of a stream
    assert sorted(str(fact["id"]) for _, fact in await place.said()) == sorted(ids)


async def test_a_running_relay_follows_what_moves_and_sends_what_an_earlier_process_left(place: Place) -> None:
    ids = place.put(ORGS[0], 1, 20)
    stopping, sources = asyncio.Event(), place.sources()
    relay = place.relay()
    running = asyncio.create_task(relay.run(lambda: sources, stopping))
    async with asyncio.timeout(SOON_S):
        while relay.relayed.facts < 20:  # noqa: ASYNC110 - nobody calls back
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        ids += place.put(ORGS[0], 21, 10)
        ((partition, source),) = sources.items()
        sources[partition] = source._replace(written=31, orgs={ORGS[0]: 31})
        while relay.relayed.facts < 30:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    stopping.set()
    await running
    assert sorted(str(fact["id"]) for _, fact in await place.said()) == sorted(ids)


async def test_facts_that_redis_forgot_before_they_were_sent_are_not_said_to_be_sent(place: Place) -> None:
    place.put(ORGS[0], 1, 20)
    sources = place.sources()
    place.client.flushall()  # the projector has not noticed yet: what it knows is what it wrote
    for partition, source in sources.items():
        assert not await place.relay().send(partition, source)
    assert place.committed == {}
    ids = place.put(ORGS[0], 1, 20)
    await place.drain(place.relay())
    assert sorted(str(fact["id"]) for _, fact in await place.said()) == sorted(ids)


async def test_the_cuts_of_what_is_sent_are_committed_before_it_is_and_its_end_after(place: Place) -> None:
    place.put(ORGS[0], 1, 3)
    committed: list[Said] = []

    def reached(name: str) -> None:
        committed.extend(place.committed.values() if name == "outbox read" else ())

    relay, sources = place.relay(reached), place.sources()
    ((partition, source),) = sources.items()
    assert await relay.send(partition, source)
    assert committed == [Said(0, ((1, 2), (2, 3), (3, 4)))]
    assert not await relay.send(partition, source)
    assert place.committed == {partition: Said(4)}


async def test_what_an_older_copy_of_redis_holds_of_what_was_said_is_not_sent_again(place: Place) -> None:
    ids = place.put(ORGS[0], 1, 20)
    await place.drain(place.relay())
    place.client.flushall()
    place.put(ORGS[0], 1, 10)
    await place.drain(place.relay())
    assert [str(fact["id"]) for _, fact in await place.said()] == ids


def test_the_header_of_a_fact_is_its_id() -> None:
    said: Fact = {
        "id": "a-b.c_d/1/0",
        "org": "a-b.c_d",
        "type": "points.changed",
        "member": 'a"b',
        "rule": "review",
        "by": 5,
        "total": 5,
        "because": 1,
    }
    assert fact_id(b"ann", to_json(said)) == [("id", b"a-b.c_d/1/0")]

"""The worker on real Kafka and Redis: what stops one partition stops no other, and what must stop it does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.version import ENGINE_VERSION
from schemas.records import RECORD, Record
from schemas.rulebook_text import study
from schemas.words import Instant, OrgId, Position
from streams import topics as kafka_topics
from streams.clock import Clock
from streams.days import DayCloser
from streams.duties import Duties
from streams.hashing import Hasher
from streams.kafka_log import KafkaLog, open_kafka_log
from streams.kafka_shelf import KafkaShelf
from streams.karma_telling import KarmaTeller
from streams.log import UnavailableLog
from streams.projector import Tuning
from streams.rulebook_topic import KnownRulebooks, RulebookTeller
from streams.rulebooks import published
from streams.store import Identity, Store, UnavailableStoreError, connect, partition_key
from streams.worker import Worker
from tests.services import Redis

PARTITIONS = 2
SOON_S = 60.0
HASHER = Hasher(b"a secret of the test-suite alone")
START = Instant(int(datetime(2024, 3, 29, 12, tzinfo=UTC).timestamp() * 1000))
TEXT = """\
apiVersion: karmalog/v1
kind: Rulebook
calendar: {timezone: Europe/Berlin}
late: 10000d
rules:
  review: {event: code_review.given, award: 5}
"""


class Watch:
    """A clock that a test moves."""

    def __init__(self, at: Instant) -> None:
        self.at = at

    def now(self) -> Instant:
        """See `Clock`."""
        return self.at


class Place:
    """A log and a store, with workers in this process."""

    def __init__(self, kafka: str, prefix: str, redis_url: str, log: KafkaLog) -> None:
        self.kafka, self.prefix, self.redis_url, self.log = kafka, prefix, redis_url, log
        self.client = connect(redis_url)

    async def worker(
        self, *, secret: str = HASHER.fingerprint(), reached: Callable[[str], None] = lambda _: None
    ) -> Worker:
        """One that is not started."""
        identity = Identity(await self.log.identity(), secret, ENGINE_VERSION)
        return Worker(
            self.kafka,
            f"{self.prefix}log",
            f"{self.prefix}worker",
            self.log,
            self.client,
            identity,
            tuning=Tuning(),
            session_s=6.0,
            reached=reached,
        )

    @contextlib.asynccontextmanager
    async def running(self, worker: Worker) -> AsyncIterator[None]:
        """Runs it until left."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(stopping))
            try:
                yield
            finally:
                stopping.set()

    async def publish(self, org: OrgId, text: str = TEXT, version: int = 1, now: Instant = START) -> None:
        """Appends a rulebook."""
        rulebook = study(text, "rulebook.yaml").rulebook
        assert rulebook is not None
        await self.append(published(rulebook, org, version=version, now=now, hasher=HASHER))

    async def append(self, *records: Record) -> None:
        """Appends records of one organisation."""
        org = OrgId(records[0]["org"])
        rows = [(org.encode(), RECORD.dump_json(record)) for record in records]
        await self.log.append(self.log.partition_of(org), rows)

    def position(self, org: OrgId) -> int:
        """What the store holds of an organisation."""
        found = Store(self.client, Identity("", "", ""), "").position(org)
        return 0 if found is None else found.position

    async def until_written(self, org: OrgId) -> None:
        """Waits until the store holds the whole log of the organisation's partition."""
        partition = self.log.partition_of(org)
        end = await self.log.end(partition)
        await soon(
            lambda: int(self.client.hget(partition_key(partition), "position") or 0) >= end, f"{org} to reach {end}"
        )

    async def records(self, org: OrgId) -> list[Record]:
        """Everything of one organisation."""
        partition, found, at = self.log.partition_of(org), [], Position(0)
        while at < await self.log.end(partition):
            for entry in await self.log.read(partition, at, max_records=1000, max_wait_s=5):
                found.append(RECORD.validate_json(entry.value))
                at = Position(entry.position + 1)
        return [record for record in found if record["org"] == org]


@pytest.fixture
async def place(kafka_address: str, topics: str, redis_url: str) -> AsyncIterator[Place]:
    async with places(kafka_address, topics, redis_url) as made:
        yield made


@contextlib.asynccontextmanager
async def places(kafka: str, prefix: str, redis_url: str) -> AsyncIterator[Place]:
    assert await kafka_topics.create(kafka, PARTITIONS, 1, prefix) == []
    made = Place(kafka, prefix, redis_url, await open_kafka_log(kafka, f"{prefix}log"))
    yield made
    await made.log.close()
    made.client.close()


async def soon(what: Callable[[], bool], said: str) -> None:
    deadline = asyncio.get_running_loop().time() + SOON_S
    while not what():
        assert asyncio.get_running_loop().time() < deadline, said
        await asyncio.sleep(0.05)


def review(org: OrgId, number: int, at: Instant = START) -> Record:
    data = {"author": "ben", "change": str(number)}
    return {
        "org": org,
        "id": HASHER.identity("/git", str(number)),
        "source": "/git",
        "type": "code_review.given",
        "subject": "ann",
        "time": at,
        "recorded": at,
        "stamp": HASHER.stamp("code_review.given", "ann", at, data),
        "data": {**data},
    }


def in_two_partitions(log: KafkaLog) -> tuple[OrgId, OrgId]:
    orgs = [OrgId(f"org{number}") for number in range(20)]
    return tuple(next(org for org in orgs if log.partition_of(org) == part) for part in range(2))  # type: ignore[return-value]


async def test_a_partition_that_another_owner_has_stops_and_is_taken_back_and_the_other_one_goes_on(
    place: Place,
) -> None:
    one, two = in_two_partitions(place.log)
    await place.publish(one)
    await place.publish(two)
    worker = await place.worker()
    async with place.running(worker):
        await place.until_written(one)
        await place.until_written(two)
        # Another process takes `one` over, as one does after this one was frozen.
        Store(place.client, Identity(await place.log.identity(), HASHER.fingerprint(), ENGINE_VERSION), "other").open(
            one
        )
        await place.append(review(one, 1))
        await soon(lambda: place.log.partition_of(one) in worker.troubles, "the loss is noticed")
        assert "taken over" in worker.troubles[place.log.partition_of(one)]
        await place.append(review(two, 1))
        await place.until_written(two)
        await place.until_written(one)  # the group still gives it to this one: it is taken back


async def test_a_store_of_another_secret_stops_the_worker_with_a_message(place: Place) -> None:
    await place.publish(OrgId("acme"))
    async with place.running(await place.worker()):
        await place.until_written(OrgId("acme"))
    await place.append(review(OrgId("acme"), 1))
    before = place.position(OrgId("acme"))
    with pytest.raises(UnavailableStoreError, match="another KARMALOG_SECRET"):
        await (await place.worker(secret="0" * 16)).run(asyncio.Event())
    assert place.position(OrgId("acme")) == before


async def test_a_log_that_is_shorter_than_the_store_stops_the_worker_with_a_message(place: Place) -> None:
    place.client.hset(partition_key(1), "position", 1_000)
    with pytest.raises(UnavailableLog, match="shorter than the checkpoint"):
        await (await place.worker()).run(asyncio.Event())


async def test_a_worker_waits_for_redis_and_goes_on(kafka_address: str, topics: str, tmp_path: Path) -> None:
    acme = OrgId("acme")
    with Redis(tmp_path) as server:
        async with places(kafka_address, topics, server.url) as place:
            await place.publish(acme)
            worker = await place.worker()
            async with place.running(worker):
                await place.until_written(acme)
                server.kill()
                await place.append(*(review(acme, number) for number in range(50)))
                partition = place.log.partition_of(acme)
                await soon(lambda: "Redis" in worker.projectors[partition].progress.waiting, "it says why it waits")
                server.start()
                await place.until_written(acme)
                await soon(lambda: not worker.projectors[partition].progress.waiting, "it says that it goes on")


async def test_an_emptied_redis_is_noticed_and_made_whole(kafka_address: str, topics: str, tmp_path: Path) -> None:
    acme = OrgId("acme")
    with Redis(tmp_path) as server:
        async with places(kafka_address, topics, server.url) as place:
            await place.publish(acme)
            await place.append(*(review(acme, number) for number in range(50)))
            async with place.running(await place.worker()):
                await place.until_written(acme)
                server.empty()
                await place.until_written(acme)
                assert place.position(acme) == 51


@pytest.mark.parametrize("point", ["polled", "folded", "before apply", "applied"])
async def test_a_redis_that_is_emptied_at_any_step_of_a_batch_is_made_whole(
    kafka_address: str, topics: str, tmp_path: Path, point: str
) -> None:
    acme, left = OrgId("acme"), [point]
    with Redis(tmp_path) as server:
        async with places(kafka_address, topics, server.url) as place:
            await place.publish(acme)
            await place.append(*(review(acme, number) for number in range(50)))

            def reached(name: str) -> None:
                if name == point and left:
                    left.clear()
                    place.client.flushall()

            async with place.running(await place.worker(reached=reached)):
                await soon(lambda: place.position(acme) == 51, "the store holds all of it")


async def test_intake_is_told_the_newest_rulebook_that_was_folded(place: Place) -> None:
    acme = OrgId("acme")
    await place.publish(acme)
    told = KafkaShelf(place.kafka, f"{place.prefix}rulebooks")
    known = KnownRulebooks(KafkaShelf(place.kafka, f"{place.prefix}rulebooks"))
    worker = await place.worker()
    parts = place.log, place.client, HASHER, Watch(START)
    duties = Duties(place.client, DayCloser(*parts), KarmaTeller(*parts), RulebookTeller(told))
    stopping = asyncio.Event()
    async with place.running(worker):
        running = asyncio.create_task(duties.run(worker.folded, stopping))
        async with asyncio.timeout(SOON_S):
            while not known.newest:
                await known.refresh()
                await asyncio.sleep(0.05)
        assert known.of(acme).get("git.change.tested") is None
        more = TEXT + "activities:\n  git.change.tested: {data: {type: object}}\n"
        await place.publish(acme, more, version=2)
        async with asyncio.timeout(SOON_S):
            while known.newest[acme].version < 2:
                await known.refresh()
                await asyncio.sleep(0.05)
        assert known.of(acme).get("git.change.tested") is not None
        stopping.set()
        await running
    await told.close()
    await known.topic.close()


async def closed(place: Place, org: OrgId) -> list[str]:
    return [str(record["data"]["day"]) for record in await place.records(org) if record["type"] == "day.closed"]


async def test_every_local_day_is_closed_once_by_whoever_owns_the_partition(place: Place) -> None:
    acme, watch = OrgId("acme"), Watch(START)
    await place.publish(acme)

    def closer(clock: Clock) -> DayCloser:
        return DayCloser(place.log, place.client, HASHER, clock)

    async with place.running(await place.worker()):
        await place.until_written(acme)
        first = closer(watch)
        assert await first.close([acme, OrgId("nobody")]) == 0
        # 29 March to 1 April 2024; the clocks in Berlin go forward on the 31st.
        watch.at = Instant(int(datetime(2024, 3, 31, 21, 59, tzinfo=UTC).timestamp() * 1000))
        assert await first.close([acme]) == 2
        watch.at = Instant(int(datetime(2024, 3, 31, 22, 0, tzinfo=UTC).timestamp() * 1000))
        assert await first.close([acme]) == 1
        assert await first.close([acme]) == 0
        await place.until_written(acme)
        assert await closer(watch).close([acme]) == 0  # another process learns it from the store
    assert await closed(place, acme) == ["2024-03-29", "2024-03-30", "2024-03-31"]
    times = [record["time"] for record in await place.records(acme) if record["type"] == "day.closed"]
    assert times[-1] == int(datetime(2024, 3, 31, 22, 0, tzinfo=UTC).timestamp() * 1000)


async def test_imported_history_closes_no_day(place: Place) -> None:
    acme = OrgId("acme")
    await place.publish(acme)
    await place.append({**review(acme, 1, Instant(START - 40 * 86_400_000)), "run": "r1"})
    async with place.running(await place.worker()):
        await place.until_written(acme)
        day = Watch(Instant(START + 86_400_000))
        assert await DayCloser(place.log, place.client, HASHER, day).close([acme]) == 1
    assert await closed(place, acme) == ["2024-03-29"]

"""The log on Kafka keeps the log's contract, against a real broker, and through its faults."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import confluent_kafka
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from schemas.words import OrgId, Position
from streams import topics as kafka_topics
from streams.kafka_log import KafkaLog, open_kafka_log
from streams.kafka_reader import KafkaLogReader, log_consumer
from streams.log import Log, UnavailableLog, partition_of
from tests.log_contract import SOON_S, LogContract, Place, everything, records
from tests.services import Kafka

PARTITIONS = 3


async def make_topic(address: str, name: str, partitions: int = PARTITIONS, **changed: str) -> None:
    """A topic with the log's settings, but for what is changed (underscores are dots)."""
    (wanted,) = (topic for topic in kafka_topics.topics("", partitions) if topic.name == "log")
    settings = {**wanted.settings, **{key.replace("_", "."): value for key, value in changed.items()}}
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    made = await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=settings)])
    assert [error[1] for error in made.topic_errors] == [0]
    async with asyncio.timeout(SOON_S):
        while name not in await admin.list_topics():  # noqa: ASYNC110 - Kafka calls nobody back
            await asyncio.sleep(0.02)
    await admin.close()


class Topics(Place):
    """Logs in topics with a prefix."""

    def __init__(self, address: str, prefix: str) -> None:
        super().__init__()
        self.address = address
        self.prefix = prefix
        self.made: set[str] = set()

    async def connect(self, name: str) -> Log:
        """See `Place.connect`."""
        if name not in self.made:
            await make_topic(self.address, self.prefix + name)
            self.made.add(name)
        return await open_kafka_log(self.address, self.prefix + name)

    def argv(self, name: str) -> list[str]:
        """See `Place.argv`."""
        return ["kafka", self.address, self.prefix + name]


@pytest.fixture
def place(kafka_address: str, topics: str) -> Topics:
    return Topics(kafka_address, topics)


class TestKafkaLog(LogContract):
    """The contract, on Kafka."""

    kills = 2


@pytest.fixture
async def topic(kafka_address: str, topics: str) -> str:
    name = f"{topics}log"
    await make_topic(kafka_address, name)
    return name


@pytest.fixture
async def log(kafka_address: str, topic: str) -> AsyncIterator[KafkaLog]:
    opened = await open_kafka_log(kafka_address, topic, append_timeout_s=SOON_S)
    yield opened
    await opened.close()


async def test_partitions_are_separate_and_each_is_in_order(log: KafkaLog) -> None:
    assert log.partitions == PARTITIONS
    values = {part: [f"{part} {number}".encode() for number in range(500)] for part in range(PARTITIONS)}
    await asyncio.gather(*(log.append(part, records(*values[part])) for part in values))
    for part, wanted in values.items():
        assert [value for _, value in await everything(log, partition=part)] == wanted


def test_organisations_live_where_kafkas_own_partitioner_puts_them(kafka_address: str, topic: str) -> None:
    orgs = [f"org-{number}" for number in range(200)] + ["", "a", "ab", "abc", "Zürich", "学び", "x" * 255]
    placed: dict[str, int] = {}

    def sent(error: object, message: confluent_kafka.Message) -> None:
        key, partition = message.key(), message.partition()
        assert error is None
        assert key is not None
        assert partition is not None
        placed[key.decode()] = partition

    producer = confluent_kafka.Producer({"bootstrap.servers": kafka_address, "partitioner": "murmur2"})
    for org in orgs:
        producer.produce(topic, key=org, value=org, on_delivery=sent)
    assert producer.flush(SOON_S) == 0
    assert placed == {org: partition_of(OrgId(org), PARTITIONS) for org in orgs}


@pytest.mark.parametrize(
    ("key", "hashed"),  # from Kafka's own test of murmur2, org.apache.kafka.common.utils.UtilsTest
    [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536)],
)
def test_partitions_follow_the_published_values_of_murmur2(key: str, hashed: int) -> None:
    for partitions in (1, 7, 64, 1000):
        assert partition_of(OrgId(key), partitions) == (hashed & 0x7FFFFFFF) % partitions


async def test_deleted_records_are_told_and_never_skipped(kafka_address: str, topic: str, log: KafkaLog) -> None:
    await log.append(0, records(b"a", b"b", b"c"))
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_address)
    await admin.start()
    await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=2)})
    await admin.close()
    with pytest.raises(UnavailableLog, match=r"log/0 begins later .* position 1, but the log begins at 2"):
        await log.read(0, Position(1), max_records=10, max_wait_s=SOON_S)
    assert [value for _, value in await everything(log, 2)] == [b"c"]


async def test_what_a_transaction_left_uncommitted_is_never_read(kafka_address: str, topic: str, log: KafkaLog) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_address, transactional_id=topic)
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(topic, b"never", partition=0)
    await producer.abort_transaction()
    await producer.stop()
    (position,) = await log.append(0, records(b"ours"))
    assert await log.read(0, Position(0), max_records=10, max_wait_s=SOON_S) == [(position, b"ours")]


async def test_after_a_refusal_the_next_append_is_taken(kafka_address: str, topics: str) -> None:
    topic = f"{topics}log"
    await make_topic(kafka_address, topic, max_message_bytes="20000")
    log = await open_kafka_log(kafka_address, topic)
    for _ in range(2):
        with pytest.raises(UnavailableLog, match=r"log/0: .* refused 1 records \(MessageSizeTooLarge"):
            await log.append(0, records(b"x" * 30_000))
        await log.append(0, records(b"short"))
    assert [value for _, value in await everything(log)] == [b"short", b"short"]
    await log.close()


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker to be frozen."""
    with Kafka(tmp_path_factory.mktemp("own-kafka")) as cluster:
        yield cluster


async def test_an_append_that_a_hanging_broker_does_not_acknowledge_fails_in_time(own_kafka: Kafka) -> None:
    await make_topic(own_kafka.address, "first")
    log = await open_kafka_log(own_kafka.address, "first", append_timeout_s=SOON_S)
    await log.append(0, records(b"before"))
    log._appender._timeout_s = 1
    own_kafka.brokers[0].freeze()
    try:
        with pytest.raises(UnavailableLog, match=r"first/0: .* did not acknowledge 1 records within 1 s"):
            await log.append(0, records(b"during"))
    finally:
        own_kafka.brokers[0].thaw()
    log._appender._timeout_s = SOON_S
    await log.append(0, records(b"after"))
    assert [value for _, value in await everything(log)] == [b"before", b"during", b"after"]
    await log.close()


async def test_closing_does_not_wait_for_ever_for_a_hanging_broker(own_kafka: Kafka) -> None:
    await make_topic(own_kafka.address, "second")
    log = await open_kafka_log(own_kafka.address, "second", append_timeout_s=SOON_S)
    await log.append(0, records(b"before"))
    log._appender._timeout_s = 0.2
    own_kafka.brokers[0].freeze()
    try:
        with pytest.raises(UnavailableLog, match="did not acknowledge"):
            await log.append(0, records(b"during"))
        await asyncio.wait_for(log.close(), SOON_S)
    finally:
        own_kafka.brokers[0].thaw()


async def test_a_topic_that_is_not_there_is_told_and_not_made(kafka_address: str) -> None:
    with pytest.raises(UnavailableLog, match=r"has no topic nowhere\.log: type `karmalog topics create`"):
        await open_kafka_log(kafka_address, "nowhere.log")
    assert any("nowhere.log is missing" in said for said in await kafka_topics.check(kafka_address, "nowhere."))


async def test_a_kafka_that_does_not_answer_is_told() -> None:
    with pytest.raises(UnavailableLog, match=r"Kafka at 127\.0\.0\.1:1 cannot be used .* KARMALOG_KAFKA"):
        await open_kafka_log("127.0.0.1:1", "karmalog.log")


async def test_one_reader_follows_several_partitions_from_positions_of_its_own(
    kafka_address: str, topic: str, log: KafkaLog
) -> None:
    places = [TopicPartition(topic, part) for part in range(PARTITIONS)]
    for part in range(PARTITIONS):
        await log.append(part, records(*(f"{part} {number}".encode() for number in range(10))))
    consumer = log_consumer(kafka_address)
    await consumer.start()
    consumer.assign(places)
    reader = KafkaLogReader(consumer)
    for place in places:
        reader.seek(place, Position(4 + place.partition))
    found: dict[int, list[bytes]] = {part: [] for part in range(PARTITIONS)}
    while sum(map(len, found.values())) < 6 + 5 + 4:
        for place, came in (await reader.poll(max_records=4, max_wait_s=SOON_S)).items():
            found[place.partition] += [record.value for record in came]
    await consumer.stop()
    assert found == {
        part: [f"{part} {number}".encode() for number in range(4 + part, 10)] for part in range(PARTITIONS)
    }


async def test_topics_are_made_once_and_found_right_ever_after(kafka_address: str, topics: str) -> None:
    missing = await kafka_topics.check(kafka_address, topics)
    assert len(missing) == 6
    assert all("is missing: type `karmalog topics create`" in said for said in missing)
    assert await kafka_topics.create(kafka_address, 4, prefix=topics) == []
    assert await kafka_topics.create(kafka_address, 4, prefix=topics) == []
    assert await kafka_topics.check(kafka_address, topics) == []
    assert (await open_kafka_log(kafka_address, f"{topics}log")).partitions == 4


async def test_topics_that_differ_are_told_and_left_as_they_are(kafka_address: str, topics: str) -> None:
    await make_topic(kafka_address, f"{topics}log", 2, retention_ms="1000", max_message_bytes="5000000")
    count, kept = await kafka_topics.create(kafka_address, 4, prefix=topics)
    assert "log has 2 partitions, not 4: use --partitions 2" in count
    assert "log has retention.ms=1000, it needs -1: set it with" in kept
    assert await kafka_topics.create(kafka_address, 4, prefix=topics) == [count, kept]
    assert await kafka_topics.check(kafka_address, topics) == [kept]


async def test_more_copies_than_brokers_are_refused_with_what_to_do(kafka_address: str, topics: str) -> None:
    with pytest.raises(UnavailableLog, match=r"InvalidReplicationFactor.*check --replication"):
        await kafka_topics.create(kafka_address, 1, replication=5, prefix=topics)

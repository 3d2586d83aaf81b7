"""What every test may ask for: real Kafka and Redis, started when first asked for; and the two lanes."""

import os
import random
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from hypothesis import HealthCheck, settings
from redis import Redis as RedisClient

from tests.services import Kafka, Redis

LONG = os.environ.get("KARMALOG_LANE") == "long"
EXAMPLES = 2_000 if LONG else 200

# No deadline: a test that depends on the speed of the machine fails on the next one. The quick lane draws the same
# examples for the same code, so that a change is told of what it broke itself; the long lane draws anew.
settings.register_profile(
    "karmalog",
    max_examples=EXAMPLES,
    derandomize=not LONG,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("karmalog")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Draws the seed that hypothesis would draw in silence, so that the report can name it."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(2**32))


def pytest_report_header(config: pytest.Config) -> str:
    """The lane, and what repeats this very run."""
    lane = "long" if LONG else "quick"
    seed = config.option.hypothesis_seed
    return f"lane: {lane}, {EXAMPLES} examples a property; again with --hypothesis-seed={seed}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the long tests to `make test-long`."""
    if LONG:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One broker for the whole run. Leave it in peace: a test of faults starts one of its own."""
    with Kafka(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def kafka_address(request: pytest.FixtureRequest) -> str:
    """For `bootstrap.servers`: KARMALOG_TEST_KAFKA where it is set, else the run's own broker."""
    if given := os.environ.get("KARMALOG_TEST_KAFKA"):
        return given
    own: Kafka = request.getfixturevalue("kafka")
    return own.address


@pytest.fixture
async def topics(kafka_address: str) -> AsyncIterator[str]:
    """A prefix for this test's topics and groups; topics that begin with it are deleted after the test."""
    prefix = f"t{uuid.uuid4().hex[:8]}."
    yield prefix
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_address)
    await admin.start()
    try:
        mine = [name for name in await admin.list_topics() if name.startswith(prefix)]
        if mine:
            await admin.delete_topics(mine)
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A server for the whole run. Leave it in peace: a test of faults starts one of its own."""
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_address(request: pytest.FixtureRequest) -> str:
    """KARMALOG_TEST_REDIS where it is set (empty, since tests flush it), else the run's own server."""
    if given := os.environ.get("KARMALOG_TEST_REDIS"):
        with RedisClient.from_url(given) as client:
            assert client.dbsize() == 0, f"KARMALOG_TEST_REDIS={given} holds data, which tests would delete"
        return given
    own: Redis = request.getfixturevalue("redis_server")
    return own.url


@pytest.fixture
def redis_url(redis_address: str) -> Iterator[str]:
    """An empty database, emptied again after the test."""
    with RedisClient.from_url(redis_address) as client:
        client.flushdb()
        yield redis_address
        client.flushdb()

"""Working on Kafka and Redis directly: what operators' commands and the API stand on where no data folder is."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import redis

from karmalog.desk import RefusedCommandError
from karmalog.settings import Settings
from streams import topics
from streams.clock import SystemClock
from streams.hashing import Hasher, RefusedSecret
from streams.kafka_log import KafkaLog, open_kafka_log
from streams.kafka_shelf import KafkaQuarantine, KafkaShelf
from streams.runtime import Runtime
from streams.store import UnavailableStoreError, connect


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is, once the settings were found whole."""

    kafka: str
    redis: str
    hasher: Hasher
    prefix: str

    def topic(self, name: str) -> str:
        """A topic's whole name."""
        return f"{self.prefix}{name}"


def places_of(settings: Settings) -> Places:
    """What the settings name.

    Raises:
        RefusedCommandError: something is missing; it says what.
    """
    kafka = kafka_of(settings)
    if not settings.redis:
        raise RefusedCommandError("KARMALOG_REDIS is not set: give Redis's address, such as redis://127.0.0.1:6379/0")
    if not settings.secret:
        raise RefusedCommandError(
            "KARMALOG_SECRET is not set: with Kafka it has to be given, and the same for every process and for ever, "
            "since it keys all hashes in the log. Make one with `openssl rand -hex 32` and keep it"
        )
    try:
        hasher = Hasher(settings.secret.encode())
    except RefusedSecret as error:
        raise RefusedCommandError(str(error)) from error
    return Places(kafka, settings.redis, hasher, settings.topics)


def kafka_of(settings: Settings) -> str:
    """Kafka's addresses.

    Raises:
        RefusedCommandError: none is given.
    """
    if not settings.kafka:
        raise RefusedCommandError("KARMALOG_KAFKA is not set: give Kafka's addresses, such as 127.0.0.1:9092")
    return settings.kafka


async def check_topics(kafka: str, prefix: str) -> None:
    """Makes sure that the topics are there and set as they have to be.

    Raises:
        RefusedCommandError: some are not; it names each.
        UnavailableLog: Kafka does not answer.
    """
    wrong = await topics.check(kafka, prefix)
    if wrong:
        raise RefusedCommandError("the topics on Kafka are not what karmalog needs:\n" + "\n".join(wrong))


def connected(url: str) -> "redis.Redis":
    """A client of a Redis that answers.

    Raises:
        UnavailableStoreError: it does not.
    """
    shown = url.rpartition("@")[2]  # never a password
    try:
        client = connect(url)
        client.ping()
    except (redis.exceptions.RedisError, ValueError) as error:
        raise UnavailableStoreError(
            f"Redis at {shown} does not answer ({error}): check that it runs, and the address in KARMALOG_REDIS"
        ) from error
    return client


@contextlib.asynccontextmanager
async def on_kafka(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime without a projector: a worker folds what is published.

    Raises:
        RefusedCommandError: a setting or a topic is missing or wrong.
        UnavailableLog: Kafka does not answer.
        UnavailableStoreError: Redis does not answer.
    """
    places = places_of(settings)
    await check_topics(places.kafka, places.prefix)
    client = connected(places.redis)
    log: KafkaLog = await open_kafka_log(places.kafka, places.topic("log"))
    texts = KafkaShelf(places.kafka, places.topic("private"))
    quarantine = KafkaQuarantine(places.kafka, places.topic("quarantine"))
    try:
        yield Runtime(settings.org, log, texts, quarantine, client, places.hasher, SystemClock())
    finally:
        await quarantine.close()
        await texts.close()
        await log.close()
        client.close()

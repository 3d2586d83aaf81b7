"""The topics that karmalog needs, with the settings that its promises hang on, and what differs from them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streams.kafka_reader import unreachable
from streams.log import UnavailableLog

_DAY_MS = 86_400_000
_FOR_EVER = "-1"
_THIRTY_DAYS = str(30 * _DAY_MS)
_KEEP_ALL = {"cleanup.policy": "delete", "retention.ms": _FOR_EVER, "retention.bytes": _FOR_EVER}
# Without a limit a deleted text would stay until its segment is full, which may be never.
_KEEP_LAST = {"cleanup.policy": "compact", "max.compaction.lag.ms": str(_DAY_MS)}
_LONG_RECORDS = {"max.message.bytes": str(2 << 20)}

_AT_LEAST = frozenset({"retention.ms", "retention.bytes", "max.message.bytes", "min.insync.replicas"})
_AT_MOST = frozenset({"max.compaction.lag.ms"})
_REPLICAS_FOR_TWO = 3  # with as many copies, two have to acknowledge, and one may be away
_VISIBLE_WAIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as karmalog needs it."""

    name: str
    partitions: int | None  # None: as many as there are is right
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    partitions: int
    replicas: int
    settings: Mapping[str, str]


def topics(prefix: str, partitions: int | None) -> list[Topic]:
    """Every topic, its name after `prefix`; `partitions` of those that are shared out among processes."""
    return [
        # By arrival: a publisher that sends old times would else have its events deleted at once.
        Topic(
            f"{prefix}events",
            partitions,
            {
                "cleanup.policy": "delete",
                "retention.ms": _THIRTY_DAYS,
                "message.timestamp.type": "LogAppendTime",
            },
        ),
        Topic(
            f"{prefix}log",
            partitions,
            {**_KEEP_ALL, **_LONG_RECORDS, "unclean.leader.election.enable": "false"},
        ),
        Topic(f"{prefix}facts", partitions, {"cleanup.policy": "delete", "retention.ms": _THIRTY_DAYS}),
        Topic(f"{prefix}rulebooks", 1, {**_KEEP_LAST, **_LONG_RECORDS}),
        Topic(f"{prefix}quarantine", 1, {**_KEEP_LAST, **_LONG_RECORDS}),
        Topic(f"{prefix}private", 1, {**_KEEP_LAST, **_LONG_RECORDS}),
    ]


async def create(
    bootstrap: str, partitions: int = 64, replication: int | None = None, prefix: str = "karmalog."
) -> list[str]:
    """Make the topics that are missing; change none that is there. Safe to repeat.

    Args:
        bootstrap: Addresses of brokers, `host:port` separated by commas.
        partitions: Of the events, the log and the facts. The log's can never be changed.
        replication: Copies of each; 3, or the number of brokers where that is less, if None.
        prefix: What every name begins with.

    Returns:
        A sentence for each thing that is not as it has to be, with what to do; empty if all is well.

    Raises:
        UnavailableLog: Kafka does not answer or refuses to make a topic.
    """
    wanted = topics(prefix, partitions)
    admin = await _connected(bootstrap)
    try:
        found = await _describe(admin, wanted)
        missing = [topic for topic in wanted if topic.name not in found]
        if missing:
            copies = replication or min(_REPLICAS_FOR_TWO, len((await admin.describe_cluster())["brokers"]))
            await _make(admin, missing, copies, partitions)
            found = await _until_visible(admin, wanted)
    except KafkaError as error:
        raise unreachable(bootstrap, error) from error
    finally:
        await admin.close()
    return differences(wanted, found)


async def check(bootstrap: str, prefix: str = "karmalog.", partitions: int | None = None) -> list[str]:
    """What is missing or wrong, a sentence each, with what to do; empty if all is well.

    Args:
        bootstrap: Addresses of brokers, `host:port` separated by commas.
        prefix: What every topic's name begins with.
        partitions: What the events, the log and the facts have to have; any number if None.

    Raises:
        UnavailableLog: Kafka does not answer.
    """
    wanted = topics(prefix, partitions)
    admin = await _connected(bootstrap)
    try:
        found = await _describe(admin, wanted)
    except KafkaError as error:
        raise unreachable(bootstrap, error) from error
    finally:
        await admin.close()
    return differences(wanted, found)


def differences(wanted: Sequence[Topic], found: Mapping[str, "_Found"]) -> list[str]:
    """A sentence for each way in which the topics that were found are not those that are wanted."""
    sentences = []
    for topic in wanted:
        there = found.get(topic.name)
        if there is None:
            sentences.append(f"topic {topic.name} is missing: type `karmalog topics create`")
            continue
        if topic.partitions is not None and topic.partitions != there.partitions:
            sentences.append(_other_partitions(topic, there))
        for name, value in {**topic.settings, **_insync(there.replicas)}.items():
            if not _suffices(name, value, there.settings.get(name)):
                sentences.append(
                    f"topic {topic.name} has {name}={there.settings.get(name)}, it needs {value}: set it "
                    f"with `kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} "
                    f"--add-config {name}={value}`"
                )
    return sentences


def _other_partitions(topic: Topic, there: "_Found") -> str:
    said = f"topic {topic.name} has {there.partitions} partitions, not {topic.partitions}"
    if topic.partitions == 1:
        return f"{said}, and what it keeps needs one order: delete it, if it is empty, and create it again"
    return (
        f"{said}: use --partitions {there.partitions}, or another prefix; the place of every organisation "
        "hangs on that number, so it is never changed once there are records"
    )


def _insync(replicas: int) -> dict[str, str]:
    return {"min.insync.replicas": "2" if replicas >= _REPLICAS_FOR_TWO else "1"}


def _suffices(name: str, wanted: str, found: str | None) -> bool:
    if found is None or found == wanted:
        return found == wanted
    if name in _AT_MOST:
        return int(found) <= int(wanted)
    if name not in _AT_LEAST or wanted == _FOR_EVER:
        return False
    return found == _FOR_EVER or int(found) >= int(wanted)


async def _connected(bootstrap: str) -> AIOKafkaAdminClient:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
    except KafkaError as error:
        await admin.close()
        raise unreachable(bootstrap, error) from error
    return admin


async def _make(admin: AIOKafkaAdminClient, missing: Sequence[Topic], copies: int, partitions: int) -> None:
    new = [
        NewTopic(
            topic.name,
            topic.partitions or partitions,
            copies,
            topic_configs={**topic.settings, **_insync(copies)},
        )
        for topic in missing
    ]
    for name, code, *message in (await admin.create_topics(new)).topic_errors:
        # Another process may have been faster; then `differences` judges what it made.
        if code not in (0, TopicAlreadyExistsError.errno):
            said = " ".join(map(str, message))
            raise UnavailableLog(
                f"Kafka does not make topic {name} ({for_code(code).__name__}: {said}): check --replication "
                "against the number of brokers, and what this user may do"
            )


async def _until_visible(admin: AIOKafkaAdminClient, wanted: Sequence[Topic]) -> dict[str, _Found]:
    """Made topics show up a little later; a client that comes too early would call them unknown."""
    deadline = asyncio.get_running_loop().time() + _VISIBLE_WAIT_S
    while True:
        found = await _describe(admin, wanted)
        if len(found) == len(wanted) or asyncio.get_running_loop().time() > deadline:
            return found
        await asyncio.sleep(0.1)


async def _describe(admin: AIOKafkaAdminClient, wanted: Sequence[Topic]) -> dict[str, _Found]:
    names = {topic.name for topic in wanted}
    # All topics: to ask for one by name would make it, where brokers make topics by themselves.
    there = {
        topic["topic"]: topic["partitions"]
        for topic in await admin.describe_topics()
        if topic["topic"] in names and topic["partitions"] and all(part["leader"] >= 0 for part in topic["partitions"])
    }
    if not there:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in there])
    settings = {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for code, _, _, name, entries in answer.resources
        if code == 0
    }
    return {
        name: _Found(len(parts), min(len(part["replicas"]) for part in parts), settings[name])
        for name, parts in there.items()
        if name in settings
    }

"""A split karmalog of a test's own: topics and Redis, with intake and workers as the real commands, to be hurt."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import confluent_kafka
import redis

from schemas.records import RECORD
from schemas.rulebook_text import study
from schemas.words import Instant, OrgId
from streams import topics as kafka_topics
from streams.answers import Answers
from streams.boards import BoardQuery
from streams.clock import SystemClock
from streams.hashing import Hasher
from streams.kafka_log import open_kafka_log
from streams.rulebooks import published
from tests.services import Process, free_ports

ROOT = Path(__file__).parent.parent
REVIEWS = ROOT / "tests" / "data" / "reviews"
SECRET = "a secret of the test-suite alone"  # noqa: S105 - of the tests
SOON_S = 90.0  # longer than anything here may take, on a machine that does much else
SESSION_S = 6.0
NOW = Instant(1_900_000_000_000)

RULEBOOK = (ROOT / "examples" / "reviews" / "rulebook.yaml").read_text().replace("late: 600d", "late: 10000d")
"""That of the reviews, which happened long ago: whatever comes in by Kafka is recorded now."""


def reviews(count: int) -> list[bytes]:
    """The first real reviews, as structured events."""
    return (REVIEWS / "head5000.jsonl").read_bytes().splitlines()[:count]


def until(what: Callable[[], bool], why: Callable[[], str], timeout_s: float = SOON_S) -> None:
    """Waits until it is so; fails with a reason where it is not after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


class Service(Process):
    """One of karmalog's commands, until it is stopped."""

    def __init__(self, folder: Path, env: Mapping[str, str], command: str) -> None:
        (self.port,) = free_ports(1)
        super().__init__(
            folder, [sys.executable, "-m", "karmalog", command], env={**env, "KARMALOG_PORT": str(self.port)}
        )

    def health(self) -> dict[str, Any]:
        """What it says of itself."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                said: dict[str, Any] = json.loads(answer.read())
        except urllib.error.HTTPError as error:  # 503: something around it failed, and the body says what
            said = json.loads(error.read())
        return said

    def answers(self) -> bool:
        """Whether its port is open and nothing around it is missing."""
        return self.health()["status"] in {"ok", "waiting"}

    def lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


class Split:
    """Everything of one installation."""

    def __init__(self, folder: Path, kafka: str, redis_url: str, prefix: str) -> None:
        self.folder, self.kafka, self.redis_url, self.prefix = folder, kafka, redis_url, prefix
        self.env = {
            "KARMALOG_KAFKA": kafka,
            "KARMALOG_REDIS": redis_url,
            "KARMALOG_SECRET": SECRET,
            "KARMALOG_TOPICS": prefix,
            "KARMALOG_SESSION_S": f"{SESSION_S:g}",
            "KARMALOG_HOST": "127.0.0.1",
            "PYTHONPATH": str(ROOT),
        }
        self.started: list[Service] = []
        self.redis = redis.Redis.from_url(redis_url)

    async def create_topics(self, partitions: int = 4) -> None:
        """Makes the topics."""
        assert await kafka_topics.create(self.kafka, partitions, 1, self.prefix) == []

    async def publish_rulebook(self, *orgs: str, text: str = RULEBOOK) -> None:
        """Appends the first rulebook of organisations to the log."""
        rulebook = study(text, "rulebook.yaml").rulebook
        assert rulebook is not None
        log = await open_kafka_log(self.kafka, f"{self.prefix}log")
        now = SystemClock().now()
        for org in map(OrgId, orgs or ("default",)):
            record = published(rulebook, org, version=1, now=now, hasher=Hasher(SECRET.encode()))
            await log.append(log.partition_of(org), [(org.encode(), RECORD.dump_json(record))])
        await log.close()

    def service(self, command: str, **env: str) -> Service:
        """A command that was not started yet."""
        made = Service(self.folder / f"{command}{len(self.started)}", {**self.env, **env}, command)
        self.started.append(made)
        return made

    def command(self, *words: str, **env: str) -> Process:
        """Runs a command to its end."""
        folder = self.folder / f"command{len(list(self.folder.glob('command*')))}"
        process = Process(folder, [sys.executable, "-m", "karmalog", *words], env={**self.env, **env})
        process.spawn().wait(SOON_S)
        return process

    def publish(self, events: Iterable[bytes], headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Sends structured events as any system might, spread over partitions by the client's own partitioner."""
        producer = confluent_kafka.Producer({"bootstrap.servers": self.kafka, "linger.ms": 20})
        for number, event in enumerate(events):
            producer.produce(f"{self.prefix}events", value=event, key=str(number), headers=list(headers))
            if number % 1000 == 0:
                producer.poll(0)
        assert producer.flush(SOON_S) == 0

    def answers(self) -> Answers:
        """What the store says."""
        return Answers(self.redis, OrgId("default"))

    def outcomes(self) -> dict[str, int]:
        """Records by verdict."""
        state = self.redis.get(self.answers().keys.state)
        found: dict[str, int] = json.loads(state)["outcomes"] if state else {}
        return found

    def folded(self) -> int:
        """Records of the log that were folded, but for the closing of days."""
        return sum(self.outcomes().values())

    def until_folded(self, records: int) -> None:
        """Waits until so many records are folded (a rulebook is one)."""
        until(
            lambda: self.folded() >= records,
            lambda: (
                f"{self.folded()} of {records} folded; "
                + "\n".join(f"{each}: {each.tail(800)}" for each in self.started)
            ),
        )

    def everything(self, topic: str) -> list[confluent_kafka.Message]:
        """All messages of a topic, as they are now."""
        consumer = confluent_kafka.Consumer(
            {"bootstrap.servers": self.kafka, "group.id": f"{self.prefix}reading", "enable.auto.commit": False}
        )
        name = self.prefix + topic
        parts = list(consumer.list_topics(name, SOON_S).topics[name].partitions)
        ends = {part: consumer.get_watermark_offsets(confluent_kafka.TopicPartition(name, part)) for part in parts}
        found: list[confluent_kafka.Message] = []
        for part, (low, high) in ends.items():
            consumer.assign([confluent_kafka.TopicPartition(name, part, low)])
            at = low
            while at < high:
                for message in consumer.consume(5000, 1.0):
                    assert message.error() is None
                    found.append(message)
                    at = message.offset() + 1
        consumer.close()
        return found

    def facts(self) -> list[dict[str, Any]]:
        """What was said on the topic of facts."""
        return [json.loads(message.value()) for message in self.everything("facts")]

    def close(self) -> None:
        """Ends everything."""
        for each in self.started:
            each.kill()
        self.redis.close()


def listening(pid: int) -> set[int]:
    """The TCP ports that a process listens on (Linux)."""
    inodes = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    ports = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            cells = row.split()
            if cells[3] == "0A" and f"socket:[{cells[9]}]" in inodes:
                ports.add(int(cells[1].rpartition(":")[2], 16))
    return ports


def reviews_by_member(events: Iterable[bytes]) -> dict[str, int]:
    """How many reviews each member gave for others, counted plainly."""
    counts: dict[str, int] = {}
    for line in events:
        event = json.loads(line)
        if event["type"] == "code_review.given" and event["data"]["author"] != event["subject"]:
            counts[event["subject"]] = counts.get(event["subject"], 0) + 1
    return counts


def board_of(answers: Answers, board: str = "reviews", window: str = "all") -> dict[str, int]:
    """All scores of a board."""
    rows = answers.board(BoardQuery(board, window, top=1_000, operator=True), now=NOW)["rows"]
    return {str(row["member"]): int(row["score"]) for row in rows}  # type: ignore[typeddict-item]


def said_points(facts: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Points by member and rule as facts tell them, each id counted once."""
    points: dict[tuple[str, str], int] = {}
    for fact in {fact["id"]: fact for fact in facts}.values():
        if fact["type"] == "points.changed":
            slot = fact["member"], fact["rule"]
            points[slot] = points.get(slot, 0) + fact["by"]
    return {slot: by for slot, by in points.items() if by}

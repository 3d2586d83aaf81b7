"""What tests of faults rest on: a service is really killed, frozen, emptied, set back, and comes again."""

import fcntl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from redis import Redis as RedisClient

from tests.services import Kafka, Process, Redis, free_ports


def comes_true(condition: Callable[[], bool], within_s: float = 30) -> bool:
    """Waits for what other processes do, without a wish about how long it takes."""
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


async def send(address: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        await producer.send_and_wait(topic, value, partition=0)


async def create(address: str, topic: str, replicas: int = 1) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=replicas)])
    finally:
        await admin.close()


async def read(address: str, topic: str, count: int) -> list[bytes | None]:
    async with AIOKafkaConsumer(bootstrap_servers=address) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        return [(await consumer.getone()).value for _ in range(count)]


async def test_an_acknowledged_record_is_there_after_the_only_broker_was_killed(tmp_path: Path) -> None:
    with Kafka(tmp_path) as kafka:
        await create(kafka.address, "letters")
        await send(kafka.address, "letters", b"a")
        kafka.kill()
        assert not kafka.brokers[0].running
        kafka.start()
        await send(kafka.address, "letters", b"b")
        assert await read(kafka.address, "letters", 2) == [b"a", b"b"]


async def test_two_of_three_brokers_go_on_when_the_third_dies_and_take_it_back(tmp_path: Path) -> None:
    with Kafka(tmp_path, brokers=3) as kafka:
        await create(kafka.address, "letters", replicas=3)
        lost, *left = kafka.brokers
        lost.kill()
        assert comes_true(lambda: left[0].sees() == left[1].sees() and lost.port not in left[0].sees())
        await send(kafka.address, "letters", b"a")
        lost.start()
        assert sorted(lost.sees()) == sorted(broker.port for broker in kafka.brokers)


async def test_topics_of_one_test_are_gone_before_the_next(kafka_address: str, topics: str) -> None:
    await create(kafka_address, f"{topics}letters")
    await send(kafka_address, f"{topics}letters", b"a")
    assert await read(kafka_address, f"{topics}letters", 1) == [b"a"]


def test_a_frozen_server_keeps_its_connections_and_says_nothing_until_it_is_thawed(tmp_path: Path) -> None:
    with Redis(tmp_path) as server, RedisClient(port=server.port) as client:
        client.set("a", 1)
        server.freeze()
        assert server.running
        with pytest.raises(TimeoutError):
            server.answers()
        server.thaw()
        assert comes_true(server.answers)
        assert client.get("a") == b"1"


def test_a_killed_redis_comes_back_with_every_write_that_it_had_answered(tmp_path: Path) -> None:
    with Redis(tmp_path) as server, RedisClient(port=server.port) as client:
        client.set("a", 1)
        server.kill()
        server.start()
        assert client.get("a") == b"1"


def test_redis_can_be_set_back_to_an_older_copy_and_to_nothing(tmp_path: Path) -> None:
    with Redis(tmp_path / "redis") as server, RedisClient(port=server.port) as client:
        client.set("a", "old")
        older = server.copy(tmp_path / "copy")
        client.set("a", "new")
        server.set_back(to=older)
        assert client.get("a") == b"old"
        server.empty()
        assert client.dbsize() == 0
        client.set("a", "again")
        server.set_back(to=None)
        assert client.dbsize() == 0


def test_each_test_begins_with_an_empty_redis(redis_url: str) -> None:
    with RedisClient.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_each_test_begins_with_an_empty_redis_whatever_the_last_one_left(redis_url: str) -> None:
    test_each_test_begins_with_an_empty_redis(redis_url)


def test_a_program_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    program = Process(tmp_path, [sys.executable, "-c", "raise SystemExit('no more room')"])
    program.answers = lambda: False  # type: ignore[method-assign] # it never will
    with pytest.raises(RuntimeError, match=r"ended with 1(.|\n)*no more room"):
        program.start()


def test_children_and_their_children_die_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    # The lock is shared by child and grandchild, and free only when both are gone.
    child = """
import fcntl, subprocess, time
lock = open("lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
subprocess.Popen(["sleep", "600"], pass_fds=[lock.fileno()])
print("locked", flush=True)
time.sleep(600)
"""
    parent = f"""
import pathlib, sys, time
from tests.services import Process
Process(pathlib.Path({str(tmp_path)!r}), [sys.executable, "-c", {child!r}]).start()
time.sleep(600)
"""

    def is_free() -> bool:
        with (tmp_path / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    with subprocess.Popen([sys.executable, "-c", parent], cwd=Path(__file__).parents[1]) as killed:
        log = tmp_path / "log.txt"
        assert comes_true(lambda: log.exists() and log.read_text() == "locked\n")
        assert not is_free()
        killed.kill()
    assert comes_true(is_free)


def test_ports_are_different_and_out_of_the_range_of_outgoing_connections() -> None:
    ports = free_ports(50)
    assert len(set(ports)) == 50
    assert max(ports) < 32_768

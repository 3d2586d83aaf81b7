"""Where commands work in a test: on a data folder, or on Kafka and Redis with intake, worker and API as processes."""

import contextlib
import json
import os
import subprocess
import sys
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka.admin import AdminClient

from schemas.words import OrgId
from streams.answers import Answers
from tests.services import Redis
from tests.split import ROOT, SOON_S, Service, Split, until

COMMAND_S = 3_600
"""How long a command may take: an hour, since the slowest reads all reviews on a machine that does much else."""


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's, with no setting of karmalog's but these."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith("KARMALOG_")}
    return {**rest, "PYTHONPATH": str(ROOT), **settings}


def run(*words: str | Path, settings: Mapping[str, str], code: int = 0, stdin: bytes | None = None) -> tuple[str, str]:
    """What a command prints on standard output and on standard error; it must end with `code`."""
    done = subprocess.run(
        [sys.executable, "-m", "karmalog", *map(str, words)],
        env=environment(settings),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=COMMAND_S,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code, f"exit {done.returncode}, not {code}: {err[-2_000:]}"
    assert "Traceback" not in err
    return out, err


def karmalog(*words: str | Path, data: Path, code: int = 0, stdin: bytes | None = None) -> str:
    """What a command on a data folder prints on standard output; it must end with `code`."""
    return run(*words, settings={"KARMALOG_DATA": str(data)}, code=code, stdin=stdin)[0]


class Place(ABC):
    """One organisation, and the commands on it."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = dict(settings)
        self._asking: subprocess.Popen[str] | None = None

    def run(self, *words: str | Path, code: int = 0, stdin: bytes | None = None) -> tuple[str, str]:
        """Runs a command as a process of its own: what it prints on standard output, and on standard error."""
        return run(*words, settings=self.settings, code=code, stdin=stdin)

    def json(self, *words: str | Path, code: int = 0, stdin: bytes | None = None) -> Any:
        """The JSON that a command of its own process answers with."""
        return json.loads(self.run(*words, "--json", code=code, stdin=stdin)[0])

    def ask(self, *words: str) -> Any:
        """The JSON that a command answers with; for many questions, all of them in one process."""
        if self._asking is None:
            self._asking = subprocess.Popen(
                [sys.executable, "-m", "tests.command_process"],
                env=environment(self.asking()),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._asking.stdin
        assert self._asking.stdout
        self._asking.stdin.write(json.dumps([*words, "--json"]) + "\n")
        self._asking.stdin.flush()
        code, out, err = json.loads(self._asking.stdout.readline())
        assert code == 0, f"{words}: {err}"
        return json.loads(out)

    def asking(self) -> Mapping[str, str]:
        """The settings of the process that many questions are asked in."""
        return self.settings

    @abstractmethod
    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Publishes events as any system would, and waits until they are folded."""

    def close(self) -> None:
        """Ends what it started."""
        if self._asking is not None:
            self._asking.communicate()  # ends with its input
            self._asking = None


class Folder(Place):
    """A data folder. Many questions are asked through a server on it, which ends before a command needs the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__({"KARMALOG_DATA": str(folder)})
        self.folder = folder
        self.server = Service(folder.with_suffix(".server"), environment(self.settings), "serve")

    def run(self, *words: str | Path, code: int = 0, stdin: bytes | None = None) -> tuple[str, str]:
        """See `Place`."""
        self.close()
        return super().run(*words, code=code, stdin=stdin)

    def ask(self, *words: str) -> Any:
        """See `Place`."""
        self._served()
        return super().ask(*words)

    def asking(self) -> Mapping[str, str]:
        """See `Place`."""
        url, key = self._server()
        return {"KARMALOG_URL": url, "KARMALOG_KEY": key}

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Over HTTP."""
        self._served()
        url, key = self._server()
        answer = httpx.post(
            f"{url}/v1/events",
            json=list(events),
            headers={"content-type": "application/cloudevents-batch+json", "authorization": f"Bearer {key}"},
            timeout=SOON_S,
            trust_env=False,
        )
        said = answer.json()
        assert said["accepted"] == len(events)
        until(lambda: self.ask("boards")["position"] >= said["position"], self.server.tail)

    def close(self) -> None:
        """See `Place`."""
        super().close()
        if self.server.running:
            assert self.server.stop(SOON_S) == 0

    def _served(self) -> None:
        if not self.server.running:
            self.server.start(SOON_S)

    def _server(self) -> tuple[str, str]:
        """Address and key of the server, as it left them for commands."""
        said = json.loads((self.folder / "server.json").read_text())
        return said["url"], said["key"]


class Shown(Place):
    """What a server shows."""

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Nothing is published here."""
        raise NotImplementedError


class Shared(Place):
    """An organisation on Kafka and Redis, in an installation that others share. Commands go to these directly."""

    def __init__(self, split: Split, org: str) -> None:
        super().__init__({**split.env, "KARMALOG_ORG": org})
        self.split, self.org = split, org

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """On Kafka."""
        before = self._folded()
        self.split.publish(json.dumps({**event, "org": self.org}).encode() for event in events)
        until(lambda: self._folded() == before + len(events), lambda: "\n".join(map(str, self.split.started)))

    def shown(self) -> Place:
        """The same as an API process of its own shows it."""
        key = "the key of a test"
        api = self.split.service("api", KARMALOG_ORG=self.org, KARMALOG_KEY=key).start(SOON_S)
        return Shown({"KARMALOG_URL": f"http://127.0.0.1:{api.port}", "KARMALOG_KEY": key})

    def _folded(self) -> int:
        answers = Answers(self.split.redis, OrgId(self.org))
        state: Any = self.split.redis.get(answers.keys.state)
        return sum(json.loads(state)["outcomes"].values()) if state else 0


@contextlib.contextmanager
def installed(folder: Path, kafka: str) -> Iterator[Split]:
    """A split karmalog with a Redis of its own and new topics, worker and intake at work."""
    folder.mkdir(parents=True, exist_ok=True)
    prefix = f"t{uuid.uuid4().hex[:8]}."
    with Redis(folder / "redis") as server:
        split = Split(folder, kafka, server.url, prefix)
        split.env["KARMALOG_SESSION_S"] = "60"  # nothing is killed here, and the machine may be slow
        try:
            run("topics", "create", "--partitions", "4", "--replication", "1", settings=split.env)
            for command in ("worker", "intake"):
                split.service(command).start(SOON_S)
            yield split
        finally:
            split.close()
            admin = AdminClient({"bootstrap.servers": kafka})
            mine = [name for name in admin.list_topics(timeout=SOON_S).topics if name.startswith(prefix)]
            for deleted in admin.delete_topics(mine).values() if mine else ():
                deleted.result()

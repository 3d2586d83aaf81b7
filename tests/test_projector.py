"""While one batch is being written the next is folded, and it knows of what is being written."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from redis import Redis

from engine import claims
from schemas.records import RECORD, Record
from schemas.words import OrgId
from streams.projector import Projector
from streams.sqlite_log import SqliteLog
from streams.store import Identity, Moved, Store, connect
from streams.tuning import Tuning
from streams.writes import Call
from tests.answering import ORG, history

BATCH = 100
SEGMENT = 40
BATCHES = 7
PATIENCE_S = 60.0
Before = Callable[[Call], None]


class Held(Store):
    """A store, each of whose writes waits for something."""

    def __init__(self, client: Redis, before: Before) -> None:
        super().__init__(client, Identity("log", "secret", "engine"), "worker")
        self.before = before

    def apply(self, call: Call) -> Moved | None:
        """See `Store.apply`."""
        self.before(call)
        return super().apply(call)


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch seals some of the identities that it claimed."""
    monkeypatch.setattr(claims, "SEGMENT_CLAIMS", SEGMENT)


def repeating(back: int) -> list[Record]:
    """Batches of which one record in five repeats one of the batch so many before it."""
    book, *rest = history(BATCH * BATCHES)
    fresh = (each for each in rest if each["type"] == "learning_time.spent")
    made = [book]
    for place in range(1, BATCH * BATCHES):
        is_repeat = place >= back * BATCH and place % 5 == 0
        made.append(made[place - back * BATCH + 1] if is_repeat else next(fresh))
    return made


def project(
    folder: Path, url: str, log: Sequence[Record], before: Before, reached: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Folds a log in batches of as many records of each organisation; how many records each found to be a repeat."""
    return asyncio.run(_project(folder, url, log, before, reached))


async def _project(
    folder: Path, url: str, log: Sequence[Record], before: Before, reached: Callable[[str], None]
) -> dict[str, int]:
    kept, client = SqliteLog(folder / "log.sqlite"), connect(url)
    orgs = {each["org"] for each in log}
    try:
        await kept.append(0, [(each["org"].encode(), RECORD.dump_json(each)) for each in log])
        tuning = Tuning(batch=len(orgs) * BATCH)
        projector = Projector(kept, 0, Held(client, before), tuning=tuning, reached=reached)
        running = asyncio.create_task(projector.run())
        try:
            assert await projector.reach(len(log), 2 * PATIENCE_S), projector.progress
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            projector.close()
        return {org: projector.orgs[org].outcomes["REPEATED"] for org in orgs}
    finally:
        client.close()
        await kept.close()


def test_a_batch_is_folded_while_the_one_before_it_is_written_though_it_repeats_older_events(
    tmp_path: Path, redis_url: str
) -> None:
    """Each write waits until the batch after it is folded: if that waited for the write, neither would go on."""
    log = repeating(back=3)  # what is left of a batch is sealed with the next one
    folded, was_folded = threading.Semaphore(0), list[bool]()
    first = iter([True])

    def before(call: Call) -> None:
        was_folded.append(call.next_position == len(log) or folded.acquire(timeout=PATIENCE_S))

    def reached(step: str) -> None:
        if step == "folded" and not next(first, False):
            folded.release()

    repeated = project(tmp_path, redis_url, log, before, reached)
    assert repeated == {ORG: sum(place >= 3 * BATCH and place % 5 == 0 for place in range(1, len(log)))}
    assert all(was_folded), "a fold waited for the write before it"


@pytest.mark.parametrize("orgs", [(ORG,), (ORG, OrgId("beta"))])
def test_a_batch_that_repeats_what_is_being_written_knows_it(
    orgs: Sequence[OrgId], tmp_path: Path, redis_url: str
) -> None:
    log = repeating(back=1)
    of_all: list[Record] = [{**each, "org": org} for each in log for org in orgs]
    repeated = project(tmp_path, redis_url, of_all, lambda _: time.sleep(0.3))
    assert repeated == dict.fromkeys(orgs, sum(place >= BATCH and place % 5 == 0 for place in range(1, len(log))))

"""A projector on a log in a SQLite file, its memory looked at on the way and at the end; says what it saw, as JSON."""

import asyncio
import contextlib
import gc
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.footprint import deep_bytes, of_members, of_store
from benchmarks.lists import event_lists
from benchmarks.machine import rss_bytes
from benchmarks.workload import ORG, hasher
from engine.organisation import Organisation
from engine.remembering import Memory
from engine.version import ENGINE_VERSION
from streams.interpreter import calm
from streams.projector import Projector
from streams.sqlite_log import SqliteLog
from streams.store import Identity, Store, connect
from streams.tuning import Tuning

_PATIENCE_S = 7_200.0
_EVERY = 10  # batches between two looks


async def main(folder: str, redis_url: str, memory_bytes: str) -> None:
    """Folds everything, with a bound on the members in memory."""
    log = SqliteLog(Path(folder) / "log.sqlite")
    client = connect(redis_url)
    tuning = Tuning(memory_bytes=int(memory_bytes))
    batches = weight = members = 0

    def reached(step: str) -> None:
        nonlocal batches, weight, members
        if step == "before apply":
            batches += 1
            if batches < _EVERY or batches % _EVERY == 0:
                found = list(projector.orgs.values())
                weight = max(weight, sum(org.weight for org in found))
                members = max(members, sum(len(org.members) for org in found))

    identity = Identity(await log.identity(), hasher().fingerprint(), ENGINE_VERSION)
    projector = Projector(log, 0, Store(client, identity, "memory"), tuning=tuning, reached=reached)
    calm()
    empty, empty_store = rss_bytes(os.getpid()) or 0, int(client.info("memory")["used_memory"])
    running = asyncio.create_task(projector.run())
    await asyncio.wait(
        [running, asyncio.create_task(projector.reach(await log.end(0), _PATIENCE_S))],
        return_when=asyncio.FIRST_COMPLETED,
    )
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    used = int(client.info("memory")["used_memory"]) - empty_store
    said: dict[str, Any] = {
        "events": projector.progress.position,
        "rss_empty": empty,
        "rss": rss_bytes(os.getpid()) or 0,
        "weight_max": weight,
        "members_max": members,
        "store": used,
        "kinds": of_store(client, ORG),
        "lists": asdict(event_lists(client, ORG)),
        "worker": _worker(projector.orgs[ORG]),
    }
    projector.close()
    await log.close()
    client.close()
    sys.stdout.write(json.dumps(said) + "\n")


def _worker(org: Organisation) -> dict[str, Any]:
    sample, each, parts = of_members(org.members.values())
    return {
        "members": len(org.members),
        "sample": sample,
        "member_bytes": each,
        "parts": {name: size / max(1, sample) for name, size in parts.most_common() if size},
        "weight": org.weight / max(1, len(org.members)),
        "identities": _claims(org.identities),
        "instances": _claims(org.instances),
        "remembered": _remembered(),
    }


def _remembered() -> int:
    """What events said, kept so that questions are not asked again: by functions that have it to themselves."""
    seen: set[int] = set()
    return sum(deep_bytes(each.known, seen) for each in gc.get_objects() if isinstance(each, Memory))


def _claims(claims: Any) -> int:
    """The tail, some 170 bytes a claim (two numbers, entry of the table), and the filter."""
    filters = sum(sys.getsizeof(rows) for rows, _ in getattr(claims, "_filter", ()))
    return filters + 170 * len(claims.tail)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

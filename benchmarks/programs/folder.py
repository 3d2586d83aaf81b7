"""A log in a SQLite file folded into an empty private Redis; says at the end what it took and what it left, as JSON.

The folder is a data folder of karmalog afterwards: `karmalog serve` opens it.
"""

import asyncio
import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.lists import event_lists
from benchmarks.projection import project
from benchmarks.workload import ORG
from streams.private_server import PrivateServer
from streams.sqlite_log import SqliteLog
from streams.store import connect
from streams.tuning import Tuning


async def main(folder: str, memory_bytes: str) -> None:
    """Folds everything."""
    log = SqliteLog(Path(folder) / "log.sqlite")
    tuning = Tuning(memory_bytes=int(memory_bytes)) if int(memory_bytes) else Tuning()
    async with PrivateServer(Path(folder)) as server:
        client = connect(f"unix://{server.socket}")
        end = await log.end(0)
        done = await project(log, client, warm=1, end=end, tuning=tuning)
        found = asdict(done)
        found["lists"] = asdict(event_lists(client, ORG))
        found["redis_bytes"] = int(client.info("memory")["used_memory"])
        client.close()
    await log.close()
    found["rss_bytes_max"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""A process of its own that appends to a log, or follows it: what the contract's tests kill and compare with.

`write`: four tasks append numbered records and print `task number position` once each is acknowledged.
`follow COUNT`: reads COUNT records from the beginning and prints `position value` of each.
"""

import asyncio
import sys
from pathlib import Path

from schemas.words import Position
from streams.kafka_log import open_kafka_log
from streams.log import Log
from streams.sqlite_log import SqliteLog


async def opened(kind: str, address: str, name: str) -> Log:
    """The log of that kind: a SQLite file, or a topic of the Kafka at that address."""
    return SqliteLog(Path(address)) if kind == "sqlite" else await open_kafka_log(address, name)


async def _write(log: Log, task: int) -> None:
    number = 0
    while True:
        sizes = 1 + number % 3
        values = [(b"acme", f"{task} {number + index}".encode()) for index in range(sizes)]
        positions = await log.append(0, values)
        for index, position in enumerate(positions):
            print(task, number + index, position)  # noqa: T201 - the parent reads it
        sys.stdout.flush()
        number += sizes


async def _follow(log: Log, count: int) -> None:
    at = Position(0)
    while at < count:
        for position, value in await log.read(0, at, max_records=100, max_wait_s=5):
            print(position, value.decode())  # noqa: T201 - the parent reads it
            at = Position(position + 1)
        sys.stdout.flush()


async def main(kind: str, address: str, name: str, does: str, count: str = "0") -> None:
    """Does what the arguments say."""
    log = await opened(kind, address, name)
    if does == "write":
        await asyncio.gather(*(_write(log, task) for task in range(4)))
    else:
        await _follow(log, int(count))
    await log.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""Baseline: a plain Faust agent that adds every event's points to one board with a pipeline of ZINCRBYs.

Three windows a board, as karmalog keeps them; no repeats recognised, no limits, no facts, acknowledged as Faust does.
"""

import sys
from typing import Any, cast

import faust
from redis.asyncio import Redis

from benchmarks.programs.board import POINTS, keys_of

_TYPED = cast("Any", faust)  # Faust brings no types


def main(kafka: str, topic: str, group: str, redis_url: str) -> None:
    """Runs until it is ended."""
    app = _TYPED.App(
        group,
        broker=f"kafka://{kafka}",
        store="memory://",
        datadir="faust",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
    )
    events = app.topic(topic, value_serializer="json", key_serializer="raw")
    client = Redis.from_url(redis_url)

    async def count(stream: Any) -> None:
        async for event in stream:
            pipe = client.pipeline(transaction=False)
            for key in keys_of(event["time"]):
                pipe.zincrby(key, POINTS, event["subject"])
            await pipe.execute()

    app.agent(events)(count)
    _TYPED.Worker(app, loglevel="warning", quiet=True, override_logging=False).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])

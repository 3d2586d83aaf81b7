"""Baseline: a plain aiokafka loop that reads up to 500 events, writes them in one MULTI, and then commits.

Three windows a board, as karmalog keeps them; no repeats recognised, no limits, no facts.
"""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer
from redis.asyncio import Redis

from benchmarks.programs.board import POINTS, keys_of

BATCH = 500


async def main(kafka: str, topic: str, group: str, redis_url: str) -> None:
    """Runs until it is ended."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    client = Redis.from_url(redis_url)
    await consumer.start()
    while True:
        found = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        pipe = client.pipeline(transaction=True)
        for messages in found.values():
            for message in messages:
                event = json.loads(message.value)
                for key in keys_of(event["time"]):
                    pipe.zincrby(key, POINTS, event["subject"])
        if found:
            await pipe.execute()
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

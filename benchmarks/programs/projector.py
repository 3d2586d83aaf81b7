"""A projector alone, from a log on Kafka to Redis; says at the end what it took, as JSON."""

import asyncio
import json
import sys
from dataclasses import asdict

from benchmarks.projection import project
from streams.kafka_log import open_kafka_log
from streams.store import connect
from streams.tuning import Tuning


async def main(kafka: str, topic: str, redis_url: str, warm: str, end: str, memory_bytes: str) -> None:
    """Folds up to the position `end`, measured from `warm` on."""
    log = await open_kafka_log(kafka, topic)
    client = connect(redis_url)
    tuning = Tuning(memory_bytes=int(memory_bytes)) if int(memory_bytes) else Tuning()
    try:
        done = await project(log, client, warm=int(warm), end=int(end), tuning=tuning)
    finally:
        await log.close()
        client.close()
    sys.stdout.write(json.dumps(asdict(done)) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

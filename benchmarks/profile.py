"""`python -m benchmarks.profile`: where the fold's thread spends its time on the standard workload.

Two runs over a log in memory and a real Redis: one for CPU an event by phase, in µs and in steps of a small fixed
loop measured beside it (a measure that a busy machine leaves alone), one under cProfile for the functions.
"""

import argparse
import asyncio
import cProfile
import pstats
import sys
import tempfile
from pathlib import Path

from benchmarks.projection import MemoryLog, Projected, project
from benchmarks.workload import log_values, rulebook, sent
from streams.projector import Projector
from streams.store import connect
from streams.tuning import Tuning
from tests.services import Redis


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--members", type=int, default=1_000)
    parser.add_argument("--batch", type=int, default=Tuning().batch)
    parser.add_argument("--rounds", type=int, default=3, help="runs without the profiler")
    parser.add_argument("--lines", type=int, default=35, help="functions shown; 0 runs no profiler")
    said = parser.parse_args()
    warm = said.events // 4
    log = MemoryLog(list(log_values(sent(said.events + warm, said.members), rulebook())))
    tuning = Tuning(batch=said.batch)
    with tempfile.TemporaryDirectory(prefix="karmalog-") as folder, Redis(Path(folder)) as server:
        client = connect(server.url)
        for _ in range(said.rounds):
            client.flushall()
            print(table(asyncio.run(project(log, client, warm=warm, end=len(log.values), tuning=tuning))))
        if said.lines:
            client.flushall()
            profiler = cProfile.Profile()

            def begin(projector: Projector) -> None:
                projector._folding.submit(profiler.enable)  # noqa: SLF001  a profiler sees the thread it is turned on in

            asyncio.run(project(log, client, warm=warm, end=len(log.values), tuning=tuning, at_start=begin))
            pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(said.lines)
        client.close()


def table(done: Projected) -> str:
    """CPU an event by phase."""
    unit = done.events * done.loop_ns
    said = (
        f"{done.events:,} events at {done.rate:,.0f} a second; CPU an event {done.cpu_us:.1f} µs = {done.units:.0f} "
        f"steps of {done.loop_ns:.0f} ns; Redis {done.redis_cpu_s / done.events * 1e6:.1f} µs"
    )
    lines = [
        f"  {phase:<11}{ns / done.events / 1000:7.1f} µs {ns / unit:7.0f} steps" for phase, ns in done.phases.items()
    ]
    return "\n".join([said, *lines])


if __name__ == "__main__":
    main()

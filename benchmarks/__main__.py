"""`python -m benchmarks`: every line of the aims, as ratios to baselines measured in the same run."""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import replace

from benchmarks.machine import described
from benchmarks.report import Line, table
from benchmarks.sizes import FULL, QUICK, STANDARD, Sizes
from benchmarks.stage import stage
from benchmarks.suite import BENCHMARKS


def main() -> None:
    """Prints the table; no figure makes it fail."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="next to nothing of each: shows that all of it runs")
    size.add_argument("--full", action="store_true", help="five rounds, and 10 million events for the rebuild")
    parser.add_argument(
        "--only", choices=sorted(BENCHMARKS), action="append", metavar="NAME", help=" ".join(BENCHMARKS)
    )
    parser.add_argument("--json", action="store_true", help="JSON instead of the table")
    parser.add_argument("--rounds", type=int, metavar="N", help="other than the size says")
    parser.add_argument("--one-in", type=int, metavar="N", help="fewer events and members, for a busy machine")
    said = parser.parse_args()
    sizes = QUICK if said.quick else FULL if said.full else STANDARD
    if said.one_in:
        sizes = sizes.one_in(said.one_in)
    if said.rounds:
        sizes = replace(sizes, rounds=said.rounds)
    machine, began = described(), time.perf_counter()
    lines = asyncio.run(_measured(said.only or list(BENCHMARKS), sizes))
    if said.json:
        print(
            json.dumps({"machine": machine, "lines": [line.as_json() for line in lines]}, ensure_ascii=False, indent=1)
        )
        return
    print(f"{machine}\nMedian of {sizes.rounds} rounds (least–greatest); {time.perf_counter() - began:.0f} s in all.\n")
    print(table(lines))


async def _measured(names: list[str], sizes: Sizes) -> list[Line]:
    lines: list[Line] = []
    async with stage() as services:
        for name in names:
            lines += await BENCHMARKS[name](services, sizes, _tell)
    return lines


def _tell(what: str) -> None:
    sys.stderr.write(f"benchmarks: {what}\n")


if __name__ == "__main__":
    main()

"""`python -m benchmarks.memory`: bytes a member and an event, in the worker and in the store, and what they are for.

Two organisations: many members with 50 events each over a year, and few with ten years of 5 events a day. What a
member takes does not hang on how many there are, so one in ten of them are measured unless `--full` asks for all.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import described
from benchmarks.stage import python, said_by
from benchmarks.workload import ORG, chunks, log_values, rulebook, sent
from streams.sqlite_log import SqliteLog
from tests.services import Redis

_MIB = 1 << 20
_APPENDED_AT_ONCE = 20_000
_HOURS_S = 4 * 3_600.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """Members, their events, and the bound of the worker that folds them."""

    name: str
    members: int
    events_each: int
    years: float
    bound_bytes: int

    @property
    def events(self) -> int:
        """All of them."""
        return self.members * self.events_each


MANY = Crowd("100,000 members with 50 events each", 100_000, 50, 1, 64 * _MIB)
LONG = Crowd("1,000 members with ten years of 5 events a day", 1_000, 18_250, 10, 64 * _MIB)


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="all members: 23 million events and some 7 GB of disk")
    size.add_argument("--quick", action="store_true", help="next to nothing: shows that it runs")
    parser.add_argument("--json", action="store_true", help="JSON instead of tables")
    said = parser.parse_args()
    share = 1 if said.full else 1_000 if said.quick else 10
    machine = described()
    found = {crowd.name: asyncio.run(_measured(crowd, share)) for crowd in (MANY, LONG)}
    if said.json:
        print(json.dumps({"machine": machine, **found}, ensure_ascii=False, indent=1))
        return
    print(machine)
    for crowd in (MANY, LONG):
        print("\n".join(_told(crowd, share, found[crowd.name])))


async def _measured(crowd: Crowd, share: int) -> dict[str, Any]:
    members = crowd.members // share
    with tempfile.TemporaryDirectory(prefix="karmalog-") as name, Redis(Path(name) / "redis") as server:
        folder = Path(name)
        log = SqliteLog(folder / "log.sqlite")
        events = sent(members * crowd.events_each, members, years=crowd.years)
        for some in chunks(log_values(events, rulebook()), _APPENDED_AT_ONCE):
            await log.append(0, [(ORG.encode(), value) for value in some])
        await log.close()
        program = python(folder / "program", "benchmarks.programs.memory", folder, server.url, crowd.bound_bytes)
        return await asyncio.to_thread(said_by, program, _HOURS_S)


def _told(crowd: Crowd, share: int, found: Mapping[str, Any]) -> Iterator[str]:
    members, events, worker = crowd.members // share, found["events"], found["worker"]
    bound, weight, grown = crowd.bound_bytes / _MIB, found["weight_max"] / _MIB, found["rss"] - found["rss_empty"]
    yield f"\n{crowd.name}" + (f" (measured: {members:,} members, {events:,} events)" if share > 1 else "")
    yield f"  worker: {found['rss'] / _MIB:.0f} MiB resident, {found['rss_empty'] / _MIB:.0f} before the first event"
    yield (
        f"    bound for members {bound:.0f} MiB; estimated at most {weight:.1f} MiB "
        f"with {found['members_max']:,} members; resident memory grew by {grown / _MIB:.1f} MiB"
    )
    yield (
        f"    a member in memory: {worker['member_bytes']:,.0f} bytes measured, {worker['weight']:,.0f} estimated "
        f"({worker['sample']} of {worker['members']:,} looked at): "
        + ", ".join(f"{name} {size:,.0f}" for name, size in worker["parts"].items() if size >= 1)
    )
    yield (
        f"    identities {worker['identities'] / _MIB:.1f} MiB, instances {worker['instances'] / _MIB:.1f} MiB "
        f"(filters, and the newest claims); answers of expressions {worker['remembered'] / _MIB:.1f} MiB"
    )
    yield f"  store: {found['store'] / _MIB:.1f} MiB used beside an empty one"
    yield f"    {'kind of key':<20}{'keys':>12}{'MiB':>10}{'bytes a member':>16}{'bytes an event':>16}"
    for kind, (keys, size) in sorted(found["kinds"].items(), key=lambda row: -row[1][1]):
        yield f"    {kind:<20}{keys:>12,}{size / _MIB:>10.1f}{size / members:>16,.0f}{size / events:>16.1f}"
    total = sum(size for _, size in found["kinds"].values())
    yield f"    {'all of these':<20}{'':>12}{total / _MIB:>10.1f}{total / members:>16,.0f}{total / events:>16.1f}"
    lists = found["lists"]
    each = lists["bytes"] / max(1, lists["events"])
    yield (
        f"    packed event lists hold {lists['events']:,} events in {each:.1f} bytes each; what Redis takes beyond "
        "that are older totals, and some 100 bytes a chunk for its table"
    )


if __name__ == "__main__":
    main()

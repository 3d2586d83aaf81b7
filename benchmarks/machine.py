"""The machine under the benchmarks: what it is, CPU time of processes, and how slow it is at the moment."""

import os
import platform
import time
from pathlib import Path

LOOP_STEPS = 5_000


def loop_ns() -> float:
    """CPU time of one step of a fixed loop, in ns; neighbours slow it and everything else alike."""
    counts: dict[int, int] = {}
    before = time.thread_time_ns()
    for number in range(LOOP_STEPS):
        counts[number & 1023] = counts.get(number & 1023, 0) + number
    return (time.thread_time_ns() - before) / LOOP_STEPS


def cpu_s(pid: int) -> float | None:
    """CPU time of a running process with its threads, in s; None where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return None
    fields = stat.read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_bytes(pid: int) -> int | None:
    """Resident memory of a running process; None where the system does not tell."""
    statm = Path(f"/proc/{pid}/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else None


def described() -> str:
    """Cores, processor, system, Python, and how busy it is."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if (info.exists())
        else []
    )
    name = names[0] if names else platform.machine()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({name}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load before the run {load}; one step of the loop {loop_ns():.0f} ns"
    )

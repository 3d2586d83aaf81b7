"""Every benchmark by name."""

from collections.abc import Awaitable, Callable

from benchmarks import fairness_line, folder_lines, gifts_line, kafka_lines, reading_line, rules_line
from benchmarks.report import Line
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage

Benchmark = Callable[[Stage, Sizes, Callable[[str], None]], Awaitable[list[Line]]]
"""Measures on a stage at some size, says where it is, and gives its lines."""

BENCHMARKS: dict[str, Benchmark] = {
    "speed": kafka_lines.speed,
    "reading": reading_line.reading,
    "rules": rules_line.rules,
    "gifts": gifts_line.gifts,
    "late": folder_lines.late,
    "rebuild": folder_lines.rebuild,
    "fairness": fairness_line.fairness,
}

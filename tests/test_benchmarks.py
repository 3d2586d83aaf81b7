"""Each benchmark runs at a tiny size and prints its lines; what they measure is nobody's promise here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("KARMALOG_TEST_KAFKA") or os.environ.get("KARMALOG_TEST_REDIS")),
    reason="benchmarks start a broker and a Redis of their own, and empty them",
)


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """Every line of one quick run."""
    found: list[dict[str, Any]] = json.loads(_run("benchmarks", "--quick", "--json"))["lines"]
    return found


@pytest.mark.parametrize(
    ("what", "aim"),
    [
        ("published on Kafka to visible", "≥ 10 ×"),
        ("published on Kafka to visible", "≥ 2 ×"),
        ("projector alone, 1,000 members", "≥ 4 ×"),
        ("projector alone, 1,000 members: CPU", "≤ 18 µs"),
        ("projector alone, 200 members", "≥ 10 ×"),
        ("a board read from Redis beside a worker flat out", "≤ 25 ms"),
        ("a board read over HTTP beside a worker flat out", "≤ 25 ms"),
        ("projector with 60 rules", "≥ 0.5 ×"),
        ("a gift over HTTP to its outcome", "≤ 250 ms"),
        ("reviews as they came in", "≥ 0.333 ×"),
        ("event lists, packed", "≤ 12 bytes"),
        ("2,000 events of 100 members folded from the beginning", "≥ 2 ×"),
        ("cold start", "≤ 3 s"),
        ("fairness watch: planted that are found", "≥ 90 %"),
        ("fairness watch: members falsely named", "≤ 1 %"),
        ("accepted over HTTP to visible, 1 in a request", "≤ 500 ms"),
        ("accepted over HTTP to visible, 10 in a request", "≤ 500 ms"),
    ],
)
def test_every_aim_has_a_line_with_a_figure(lines: list[dict[str, Any]], what: str, aim: str) -> None:
    found = [line for line in lines if line["what"].startswith(what) and line["aim"] == aim]
    assert found, [(line["what"], line["aim"]) for line in lines]
    for line in found:
        assert all(value > 0 for value in line["figure"])
        assert line["met"] in {True, False}


def test_a_ratio_compares_two_figures_of_one_round(lines: list[dict[str, Any]]) -> None:
    compared = [line for line in lines if line["ratio"]]
    assert compared
    for line in compared:
        for figure, base, ratio in zip(line["figure"], line["base"], line["ratio"], strict=True):
            assert ratio == pytest.approx(figure / base)


def test_cpu_by_phase_adds_up_to_the_cpu_of_the_process(lines: list[dict[str, Any]]) -> None:
    (cpu,) = (line for line in lines if line["what"] == "projector alone, 1,000 members: CPU")
    (alone,) = (line for line in lines if line["what"] == "projector alone, 1,000 members")
    (said,) = (note for note in alone["notes"] if note.startswith("CPU by phase"))
    phases = said.split(": ")[1].split(";")[0].split(", ")
    assert sum(float(phase.split()[1]) for phase in phases) == pytest.approx(cpu["figure"][0], rel=0.2)


def test_the_table_names_machine_aims_and_what_is_met() -> None:
    said = _run("benchmarks", "--quick", "--only", "rules")
    assert "cores" in said.splitlines()[0]
    assert "projector with 60 rules" in said
    assert "≥ 0.5 ×" in said
    assert "met" in said


def test_memory_is_told_by_kind_of_key_and_by_attribute() -> None:
    found = json.loads(_run("benchmarks.memory", "--quick", "--json"))
    for crowd in ("100,000 members with 50 events each", "1,000 members with ten years of 5 events a day"):
        told = found[crowd]
        assert {"members' records", "events and older totals", "boards", "identities"} <= told["kinds"].keys()
        assert "other" not in told["kinds"] or told["kinds"]["other"][0] < 10
        assert told["worker"]["parts"]["tail"] > 0
        assert 0 < sum(size for _, size in told["kinds"].values()) <= told["store"] * 1.5


def test_the_profile_names_functions_of_the_fold() -> None:
    said = _run("benchmarks.profile", "--events", "2000", "--rounds", "1", "--lines", "40")
    assert "steps of" in said
    assert "engine/totals.py" in said


def _run(module: str, *words: str) -> str:
    done = subprocess.run([sys.executable, "-m", module, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout

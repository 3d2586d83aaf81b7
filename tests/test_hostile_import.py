"""Hostile events in a file: `karmalog import` gives each the verdict beside it in `tests/hostile/`, and goes on."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import ACCEPTED, Case, cases
from tests.places import Folder, Place, Shared, installed
from tests.review_events import EXAMPLE

CASES = cases()
TWO_LINES = {"newline-in-a-string", "spaces-everywhere"}
"""A line ends where they go on: whatever stands in a file, it is not these."""
NO_LINE = {"empty-body", "only-spaces"}
"""An empty line is none: files end with one, and it is passed over."""
LINES = [case for case in CASES if case.name not in TWO_LINES | NO_LINE]
REFUSED = [case for case in LINES if case.verdict not in {ACCEPTED, "UNKNOWN_TYPE"}]

NAMED = re.compile(r"^(?P<place>.+:\d+): (?P<code>[A-Z0-9_]+): (?P<detail>.+)$")


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.long)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An organisation with a rulebook, on either runtime."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        made: Place = Folder(folder / "data")
        made.run("rules", "apply", "--yes", EXAMPLE / "rulebook.yaml")
        yield made
        return
    with installed(folder, request.getfixturevalue("kafka_address")) as split:
        made = Shared(split, "hostile")
        made.run("rules", "apply", "--yes", EXAMPLE / "rulebook.yaml")
        yield made


class Whole:
    """One import of every case that can be a line."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.file = file_of(folder / "hostile.jsonl", LINES)
        out, err = place.run("import", self.file, "--json", code=1)
        self.said: dict[str, Any] = json.loads(out)
        self.named = named_in(err)


@pytest.fixture(scope="module")
def whole(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(place, tmp_path_factory.mktemp("whole"))


def file_of(path: Path, lines: Sequence[Case]) -> Path:
    path.write_bytes(b"\n".join(case.body for case in lines))
    return path


def named_in(err: str) -> dict[str, tuple[str, str]]:
    """Code and sentence by place, of the refused lines that a command named."""
    found = [NAMED.match(line) for line in err.splitlines()]
    return {each["place"]: (each["code"], each["detail"]) for each in found if each}


def test_what_no_line_can_carry_is_known() -> None:
    assert {case.name for case in CASES if not case.one_line} == TWO_LINES
    assert {case.name for case in CASES if not case.body.strip()} == NO_LINE
    assert len(LINES) == len(CASES) - len(TWO_LINES) - len(NO_LINE)


def test_each_hostile_line_is_counted_under_its_verdict_and_the_good_ones_are_in(whole: Whole) -> None:
    said, wanted = whole.said, Counter(case.verdict for case in LINES)
    assert said["read"] == len(LINES)
    assert said["appended"] == wanted[ACCEPTED]
    assert said["waiting"] == wanted["UNKNOWN_TYPE"]
    assert (said["repeated"], said["refused"]) == (0, len(REFUSED))
    outcomes = Counter(said["outcomes"])
    assert outcomes.total() == said["read"]
    before_the_log = wanted.keys() - {ACCEPTED}
    assert {verdict: outcomes.pop(verdict) for verdict in before_the_log} == {
        verdict: wanted[verdict] for verdict in before_the_log
    }
    assert outcomes.total() == wanted[ACCEPTED]


def test_every_refused_line_is_named_with_its_number_and_its_reason(whole: Whole) -> None:
    assert {at: code for at, (code, _) in whole.named.items()} == {
        f"{whole.file}:{number}": case.code
        for number, case in enumerate(LINES, 1)
        if case.verdict not in {ACCEPTED, "UNKNOWN_TYPE"}
    }
    assert [detail for _, detail in whole.named.values() if len(detail.split()) < 3 or not detail.isprintable()] == []
    assert {line["place"]: (line["code"], line["detail"]) for line in whole.said["lines"]} == whole.named


def test_a_second_import_appends_nothing_and_refuses_the_same(place: Place, whole: Whole) -> None:
    digest = place.json("digest")
    said = place.json("import", whole.file, code=1)
    assert (said["appended"], said["repeated"]) == (0, whole.said["appended"])
    assert (said["refused"], said["waiting"]) == (whole.said["refused"], whole.said["waiting"])
    assert place.json("digest") == digest


def test_an_event_of_64_kib_is_taken_from_a_line_as_it_is_from_anywhere(place: Place) -> None:
    (case,) = (case for case in CASES if case.name == "64-kib")
    assert place.json("import", "-", stdin=case.body + b"\n")["refused"] == 0

"""Real input: the review events give the golden answers, ordered and as they arrived, through the commands."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from karmalog.desk import LocalDesk
from karmalog.embedded import embedded
from schemas.words import OrgId
from tests import golden

FOLDER = Path(__file__).parent / "data" / "reviews"
EXAMPLE = Path(__file__).parents[1] / "examples" / "reviews"


def karmalog(*arguments: str | Path, data: Path, code: int = 0, stdin: bytes | None = None) -> str:
    """What a command prints on standard output; it must end with `code`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KARMALOG_")}
    done = subprocess.run(
        [sys.executable, "-m", "karmalog", *map(str, arguments)],
        env={**environment, "KARMALOG_DATA": str(data)},
        input=stdin,
        capture_output=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == code, done.stderr.decode()[-2_000:]
    assert b"Traceback" not in done.stderr
    return done.stdout.decode()


def imported(data: Path, file: Path, rulebook: str = "rulebook.yaml") -> dict[str, Any]:
    """What `import` says of a file, in a folder with that rulebook."""
    karmalog("rules", "apply", EXAMPLE / rulebook, data=data)
    said: dict[str, Any] = json.loads(karmalog("import", file, "--json", data=data))
    assert said["read"] == said["appended"] + said["repeated"] + said["refused"] + said["waiting"]
    assert sum(said["outcomes"].values()) == said["read"]
    return said


async def differences(data: Path, answers: golden.Golden, *, berlin: bool = False) -> list[str]:
    """How the boards and members of a folder differ from golden answers."""
    async with embedded(data, OrgId("default")) as runtime:
        desk = LocalDesk(runtime)
        boards: dict[tuple[str, str], Sequence[golden.Row]] = {}
        members: dict[str, Any] = {}
        wanted = ["all", *answers["top20_by_year_utc"], *answers["top20_by_iso_week_utc"]]
        if berlin:
            wanted = list(answers["top20_by_month_europe_berlin"])
        for window in wanted:
            found = await desk.board("reviews", window=window, by="member", top=1_000, around=None)
            boards["reviews", window] = found["rows"]
        if berlin:
            return golden.berlin_differences(answers, lambda board, window: boards[board, window])
        for row in boards["reviews", "all"]:
            members[str(row["member"])] = await desk.member(str(row["member"]))
        return golden.utc_differences(answers, lambda board, window: boards[board, window], members.__getitem__)


def digest(data: Path) -> str:
    """Of all answers of a folder."""
    return str(json.loads(karmalog("digest", "--json", data=data))["digest"])


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the 5,000 reviews imported in their order."""
    data = tmp_path_factory.mktemp("ordered")
    said = imported(data, FOLDER / "head5000.jsonl")
    assert (said["appended"], said["repeated"], said["refused"]) == (5_000, 0, 0)
    return data


@pytest.fixture(scope="module")
def arrived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with them imported as they arrived: late, out of order, 52 of them twice."""
    data = tmp_path_factory.mktemp("arrived")
    said = imported(data, FOLDER / "head5000.arrived.jsonl")
    assert (said["appended"], said["repeated"], said["refused"]) == (5_000, 52, 0)
    assert said["outcomes"]["REPEATED"] == 52
    return data


async def test_ordered_reviews_give_the_golden_answers(ordered: Path) -> None:
    assert await differences(ordered, golden.load(FOLDER / "head5000.golden.json")) == []


async def test_reviews_as_they_arrived_give_the_golden_answers(arrived: Path) -> None:
    assert await differences(arrived, golden.load(FOLDER / "head5000.golden.json")) == []


async def test_months_by_the_clock_of_berlin_are_golden(tmp_path: Path) -> None:
    imported(tmp_path, FOLDER / "head5000.arrived.jsonl", "rulebook-berlin.yaml")
    assert await differences(tmp_path, golden.load(FOLDER / "head5000.golden.json"), berlin=True) == []


def test_every_answer_is_the_same_in_whatever_order_events_came(ordered: Path, arrived: Path) -> None:
    assert digest(ordered) == digest(arrived)


def test_importing_again_appends_nothing_and_changes_nothing(arrived: Path) -> None:
    before = digest(arrived)
    said = json.loads(karmalog("import", FOLDER / "head5000.arrived.jsonl", "--json", data=arrived))
    assert (said["appended"], said["repeated"]) == (0, 5_052)
    assert said["outcomes"] == {"REPEATED": 5_052}
    assert digest(arrived) == before


def test_history_imported_into_an_organisation_that_lives_gives_the_same_boards(tmp_path: Path, ordered: Path) -> None:
    lines = (FOLDER / "head5000.jsonl").read_bytes().splitlines(keepends=True)
    karmalog("rules", "apply", EXAMPLE / "rulebook.yaml", data=tmp_path)
    karmalog("import", "-", data=tmp_path, stdin=b"".join(lines[4_500:]))
    said = json.loads(karmalog("import", "-", "--json", data=tmp_path, stdin=b"".join(lines[:4_500])))
    assert said["appended"] == 4_500
    assert digest(tmp_path) == digest(ordered)


def test_what_comes_later_than_the_rulebook_allows_is_too_late(tmp_path: Path) -> None:
    rulebook = tmp_path / "strict.yaml"
    rulebook.write_text((EXAMPLE / "rulebook.yaml").read_text().replace("late: 600d", "late: 30d"))
    history = tmp_path / "history.jsonl.gz"
    with gzip.open(history, "wb") as file:
        file.writelines(with_recorded_times("head5000"))
    karmalog("rules", "apply", rulebook, data=tmp_path / "data")
    said = json.loads(karmalog("import", history, "--json", data=tmp_path / "data"))
    assert said["outcomes"]["TOO_LATE"] == 262
    assert said["outcomes"]["REPEATED"] == 52


def test_a_line_that_is_no_event_is_named_and_the_good_ones_are_in(tmp_path: Path) -> None:
    lines = (FOLDER / "head5000.jsonl").read_bytes().splitlines(keepends=True)[:20]
    karmalog("rules", "apply", EXAMPLE / "rulebook.yaml", data=tmp_path)
    said = karmalog(
        "import", "-", "--json", data=tmp_path, code=1, stdin=b"".join([*lines[:10], b"{oops\n", *lines[10:]])
    )
    assert json.loads(said)["appended"] == 20
    assert json.loads(said)["refused"] == 1
    assert json.loads(karmalog("board", "reviews", "--window", "all", "--json", data=tmp_path))["total"] > 0


def with_recorded_times(name: str, folder: Path = FOLDER) -> Iterator[bytes]:
    """The lines as they arrived, each with the moment of its arrival."""
    opened = gzip.open if (folder / f"{name}.arrived.jsonl.gz").exists() else open
    ending = ".gz" if opened is gzip.open else ""
    with (
        opened(folder / f"{name}.arrived.jsonl{ending}", "rt") as lines,
        opened(folder / f"{name}.arrived.times.txt{ending}", "rt") as times,
    ):
        for line, time in zip(lines, times, strict=True):
            event = json.loads(line)
            event["recordedtime"] = time.strip()
            yield json.dumps(event).encode() + b"\n"

"""Real input: the review events give the golden answers, ordered and as they arrived, through the commands.

Each promise is kept on both runtimes: with 5,000 events in the quick lane, with all 93,919 in the long one.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from schemas.times import format_instant
from streams.clock import SystemClock
from tests import golden
from tests.places import Folder, Place, Shared, installed
from tests.review_events import ALL, EXAMPLE, FEW, Reviews
from tests.split import ROOT

_log = logging.getLogger(__name__)

BOARDS = ("reviews", "people-helped", "sharing")
NEWCOMERS = ("newcomer-1", "newcomer-2", "newcomer-3")
"""Members of today alone: one review each, so that they are in no table that is golden."""


class Imports:
    """The reviews in organisations of one installation, each imported when it is asked for first."""

    def __init__(self, reviews: Reviews, place: Callable[[str], Place], folder: Path) -> None:
        self.reviews = reviews
        self._new, self._folder = place, folder
        self.places: dict[str, Place] = {}
        self.said: dict[str, Any] = {}

    def new(self, name: str, *, rulebook: str = "rulebook.yaml", late: str = "600d") -> Place:
        """An organisation with a rulebook and no event."""
        file = self._folder / f"{name}.yaml"
        file.write_text((EXAMPLE / rulebook).read_text().replace("late: 600d", f"late: {late}"))
        place = self.places[name] = self._new(name)
        place.run("rules", "apply", "--yes", file)
        return place

    def load(self, place: Place, file: Path) -> dict[str, Any]:
        """What `karmalog import` says of a file; its figures add up."""
        said: dict[str, Any] = place.json("import", file)
        _log.info("%s: %s", file.name, json.dumps(said))
        assert said["read"] == said["appended"] + said["repeated"] + said["refused"] + said["waiting"]
        assert sum(said["outcomes"].values()) == said["read"]
        return said

    def of(self, order: str, rulebook: str = "rulebook.yaml") -> Place:
        """An organisation with all of them, in order of time ("ordered") or as they came in ("arrived")."""
        name = f"{order}-{rulebook.removesuffix('.yaml')}"
        if name not in self.places:
            place = self.new(name, rulebook=rulebook)
            self.said[name] = self.load(place, self.file(order))
        return self.places[name]

    def file(self, order: str) -> Path:
        """The events in a file for `karmalog import`; as they arrived, with the moment of it as recorded time."""
        if order == "ordered":
            return self.reviews.ordered
        file = self._folder / "arrived.jsonl"
        if not file.exists():
            file.write_bytes(b"\n".join(self.reviews.arrived_with_times()))
        return file

    def close(self) -> None:
        for place in self.places.values():
            place.close()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("embedded", FEW), id="embedded-5000"),
        pytest.param(("kafka", FEW), id="kafka-5000"),
        pytest.param(("embedded", ALL), id="embedded-all", marks=pytest.mark.long),
        pytest.param(("kafka", ALL), id="kafka-all", marks=pytest.mark.long),
    ],
)
def imports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imports]:
    runtime, reviews = request.param
    folder = tmp_path_factory.mktemp(runtime)
    if runtime == "embedded":
        made = Imports(reviews, lambda name: Folder(folder / name), folder)
        yield made
        made.close()
        return
    with installed(folder / "split", request.getfixturevalue("kafka_address")) as split:
        made = Imports(reviews, lambda name: Shared(split, name), folder)
        yield made
        made.close()


def rows(place: Place, board: str, window: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.ask("board", board, "--window", window, "--top", "1000")["rows"]
    return found


def utc_differences(place: Place, right: golden.Golden) -> list[str]:
    return golden.utc_differences(
        right,
        cache(lambda board, window: rows(place, board, window)),
        cache(lambda member: place.ask("member", member)),
    )


def digest(place: Place) -> str:
    return str(place.json("digest")["digest"])


def outcomes(right: golden.Golden, **more: int) -> dict[str, int]:
    """What has to become of the events, each once."""
    counts = right["counts"]
    rest = sum(count for kind, count in counts["by_type"].items() if kind != "code_review.given")
    return {
        "APPLIED": counts["reviews_counted"],
        "DOES_NOT_COUNT": counts["self_reviews_left_out"],
        "NO_RULE": rest,
    } | more


def test_ordered_reviews_give_the_golden_answers(imports: Imports) -> None:
    place, reviews = imports.of("ordered"), imports.reviews
    said = imports.said["ordered-rulebook"]
    assert (said["appended"], said["repeated"], said["refused"]) == (reviews.events, 0, 0)
    assert said["outcomes"] == outcomes(reviews.golden)
    assert utc_differences(place, reviews.golden) == []


def test_reviews_as_they_arrived_give_the_golden_answers(imports: Imports) -> None:
    place, reviews = imports.of("arrived"), imports.reviews
    said = imports.said["arrived-rulebook"]
    assert (said["appended"], said["repeated"], said["refused"]) == (reviews.events, reviews.repeats, 0)
    assert said["outcomes"] == outcomes(reviews.golden, REPEATED=reviews.repeats)
    assert utc_differences(place, reviews.golden) == []


@pytest.mark.parametrize("order", [pytest.param("ordered", marks=pytest.mark.long), "arrived"])
def test_months_by_the_clock_of_berlin_are_golden(imports: Imports, order: str) -> None:
    place = imports.of(order, "rulebook-berlin.yaml")
    assert golden.berlin_differences(imports.reviews.golden, lambda board, window: rows(place, board, window)) == []


def test_every_answer_is_the_same_in_whatever_order_events_came(imports: Imports) -> None:
    found = digest(imports.of("ordered"))
    assert found == digest(imports.of("arrived"))
    _log.info("digest: %s", found)
    if imports.reviews is ALL:  # what a demo says at its end, on every machine
        assert f"Digest of all answers: {found}" in (ROOT / "README.md").read_text()


def test_importing_again_appends_nothing_and_changes_nothing(imports: Imports) -> None:
    place, reviews = imports.of("arrived"), imports.reviews
    before = place.json("digest")
    said = imports.load(place, imports.file("arrived"))
    lines = reviews.events + reviews.repeats
    assert (said["read"], said["appended"], said["repeated"]) == (lines, 0, lines)
    assert said["outcomes"] == {"REPEATED": lines}
    assert place.json("digest") == before  # the position of the log as well


def test_history_imported_where_events_of_today_are_gives_the_same_boards(imports: Imports) -> None:
    place, reviews = imports.new("lives"), imports.reviews
    place.publish(of_today())
    assert {row["member"] for row in rows(place, "reviews", "all")} == set(NEWCOMERS)
    said = imports.load(place, imports.file("ordered"))
    assert said["outcomes"] == outcomes(reviews.golden)
    assert utc_differences(place, reviews.golden) == []
    ordered = imports.of("ordered")
    for board in BOARDS:
        for window in ("all", *reviews.golden["top20_by_year_utc"]):
            assert without_newcomers(rows(place, board, window)) == rows(ordered, board, window)
    place.publish(of_today())  # and what comes next stands behind the history
    assert {row["score"] for row in rows(place, "reviews", "all") if row["member"] in NEWCOMERS} == {2}


def of_today() -> list[dict[str, Any]]:
    now = SystemClock().now()
    return [
        {
            "specversion": "1.0",
            "id": f"{member} at {now}",
            "source": "/today",
            "type": "code_review.given",
            "subject": member,
            "time": format_instant(now),
            "data": {"author": f"author of {member}", "change": f"{member} at {now}"},
        }
        for member in NEWCOMERS
    ]


def without_newcomers(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if row["member"] not in NEWCOMERS]


def test_what_comes_later_than_the_rulebook_allows_is_too_late(imports: Imports) -> None:
    place, reviews = imports.new("strict", late="30d"), imports.reviews
    said = imports.load(place, imports.file("arrived"))
    assert said["outcomes"] == strict_outcomes(reviews)
    assert said["outcomes"]["TOO_LATE"] == reviews.later_than_30_days
    assert said["outcomes"]["REPEATED"] == reviews.repeats


def strict_outcomes(reviews: Reviews) -> Counter[str]:
    """What becomes of each line where 30 days late is too late, worked out plainly."""
    seen: set[str] = set()
    found: Counter[str] = Counter()
    for line, moment in reviews.arrived():
        event = json.loads(line)
        if event["id"] in seen:
            verdict = "REPEATED"
        elif datetime.fromisoformat(moment) - datetime.fromisoformat(event["time"]) > timedelta(days=30):
            verdict = "TOO_LATE"
        elif event["type"] != "code_review.given":
            verdict = "NO_RULE"
        else:
            verdict = "DOES_NOT_COUNT" if event["data"]["author"] == event["subject"] else "APPLIED"
        seen.add(event["id"])
        found[verdict] += 1
    return found


def test_a_command_of_its_own_and_a_server_give_the_same_answers(imports: Imports) -> None:
    place = imports.of("arrived")
    asked = {board: rows(place, board, "all") for board in BOARDS}
    best = str(asked["reviews"][0]["member"])
    member = place.ask("member", best)
    assert place.json("board", "reviews", "--window", "all", "--top", "1000")["rows"] == asked["reviews"]
    assert place.json("member", best) == member
    if isinstance(place, Shared):
        api = place.shown()
        assert {board: rows(api, board, "all") for board in BOARDS} == asked
        assert api.ask("member", best) == member
        api.close()


def test_a_line_that_is_no_event_is_named_and_the_good_ones_are_in(tmp_path: Path) -> None:
    place = Folder(tmp_path / "data")
    lines = FEW.lines()[:20]
    place.run("rules", "apply", "--yes", EXAMPLE / "rulebook.yaml")
    said = place.json("import", "-", code=1, stdin=b"\n".join([*lines[:10], b"{oops", *lines[10:]]))
    assert (said["appended"], said["refused"]) == (20, 1)
    assert place.json("board", "reviews", "--window", "all")["total"] > 0

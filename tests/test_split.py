"""The split runtime, as real processes on real Kafka and Redis: exact whatever happens to them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.words import MemberId
from tests import golden
from tests.services import Process
from tests.split import (
    NOW,
    REVIEWS,
    RULEBOOK,
    Service,
    Split,
    board_of,
    listening,
    reviews,
    reviews_by_member,
    said_points,
    until,
)

EVENTS = 3_000


@pytest.fixture
def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> Iterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    yield made
    made.close()


@pytest.fixture
async def ruled(split: Split) -> Split:
    await split.create_topics()
    await split.publish_rulebook()
    return split


def rulebook_file(split: Split) -> str:
    path = split.folder / "rulebook.yaml"
    path.write_text(RULEBOOK)
    return str(path)


def check_exact(split: Split, count: int) -> None:
    """Every total and every fact, against a plain count of the events."""
    events = reviews(count)
    answers = split.answers()
    assert board_of(answers) == reviews_by_member(events)
    outcomes = split.outcomes()
    assert sum(outcomes.values()) - outcomes.get("REPEATED", 0) == count + 1
    held = {
        (member, rule): points
        for member in board_of(answers)
        for rule, points in answers.member(MemberId(member), now=NOW)["points"].items()
        if points
    }
    until(lambda: said_points(split.facts()) == held, lambda: f"only said or only held: {sorted(said_points(split.facts()).items() ^ held.items())[:6]}", 20)
    by_id: dict[str, set[str]] = {}
    for fact in split.facts():
        by_id.setdefault(fact["id"], set()).add(json.dumps(fact, sort_keys=True))
    assert [ident for ident, said in by_id.items() if len(said) > 1] == []


async def test_events_on_kafka_become_the_golden_boards_and_every_fact_is_said_once(split: Split) -> None:
    await split.create_topics()
    applied = split.command("rules", "apply", "--if-none", "--yes", rulebook_file(split))
    assert "in force as soon as a worker folds it" in applied.tail()
    worker, intake = split.service("worker").spawn(), split.service("intake").spawn()
    worker.ready(), intake.ready()
    split.publish(reviews(5_000))
    split.until_folded(5_001)

    answers = split.answers()
    differences = golden.utc_differences(
        golden.load(REVIEWS / "head5000.golden.json"),
        lambda board, window: answers.board(board, now=NOW, window=window, top=1_000, operator=True)["rows"],  # type: ignore[return-value, arg-type]
        lambda member: answers.member(MemberId(member), now=NOW),
    )
    assert differences == []
    check_exact(split, 5_000)
    facts = split.facts()
    assert len({fact["id"] for fact in facts}) == len(facts)
    for message in split.everything("facts"):
        assert dict(message.headers() or [])["id"] == json.loads(message.value() or b"")["id"].encode()

    badges = {fact["id"] for fact in facts if fact["type"] == "badge.reached"}
    assert badges
    until(
        lambda: {line["fact"]["id"] for line in worker.lines() if "fact" in line} >= badges,
        lambda: f"badges were not announced: {worker.tail()}",
    )
    assert (listening(worker.pid), listening(intake.pid)) == ({worker.port}, {intake.port})
    assert split.command("rules", "apply", "--if-none", "--yes", rulebook_file(split)).wait() == 0
    assert len(answers.known().plans) == 1
    assert (worker.stop(), intake.stop()) == (0, 0)
    assert "Traceback" not in worker.tail(100_000) + intake.tail(100_000)

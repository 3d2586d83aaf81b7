"""The split runtime, as real processes on real Kafka and Redis: from an event to boards and facts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from karmalog.desk import RefusedCommandError
from karmalog.operators import places_of
from karmalog.settings import Settings
from schemas.words import MemberId, OrgId
from streams.answers import Answers
from streams.boards import BoardQuery
from tests import golden
from tests.review_events import FEW
from tests.split import (
    NOW,
    RULEBOOK,
    SECRET,
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
    until(
        lambda: said_points(split.facts()) == held,
        lambda: f"only said or only held: {sorted(said_points(split.facts()).items() ^ held.items())[:6]}",
        20,
    )
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
    split.publish(line for line, _ in FEW.arrived())
    split.until_folded(1 + FEW.events + FEW.repeats)
    assert split.outcomes()["REPEATED"] == FEW.repeats

    answers = split.answers()
    differences = golden.utc_differences(
        FEW.golden,
        lambda board, window: answers.board(BoardQuery(board, window, top=1_000, operator=True), now=NOW)["rows"],  # type: ignore[return-value, arg-type]
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


async def test_workers_share_the_partitions_and_hand_them_over_without_a_loss(split: Split) -> None:
    orgs = [f"org{number}" for number in range(6)]
    await split.create_topics()
    await split.publish_rulebook(*orgs)
    events = [json.loads(line) for line in reviews(EVENTS)]
    of = {
        org: [json.dumps(each | {"org": org}).encode() for each in events[at :: len(orgs)]]
        for at, org in enumerate(orgs)
    }
    first, intake = split.service("worker").spawn(), split.service("intake").spawn()
    split.publish([line for lines in of.values() for line in lines[:250]])
    first.ready(), intake.ready()
    second = split.service("worker").start()
    until(
        lambda: len(first.health()["positions"]) == len(second.health()["positions"]) == 2,
        lambda: f"{first.health()} {second.health()}",
    )
    split.publish([line for lines in of.values() for line in lines[250:]])
    assert first.stop() == 0
    for org in orgs:
        answers = Answers(split.redis, OrgId(org))
        expected = reviews_by_member(of[org])
        until(lambda a=answers, e=expected: board_of(a) == e, lambda o=org: f"{o}: {second.tail()}")


async def test_an_import_that_no_worker_folds_says_so_and_the_same_again_goes_on(ruled: Split) -> None:
    file = ruled.folder / "history.jsonl"
    file.write_bytes(b"\n".join(reviews(EVENTS)))
    alone = ruled.command("import", str(file))
    assert (alone.wait(), "karmalog worker" in alone.tail()) == (1, True)
    worker = ruled.service("worker").start()
    said = json.loads(ruled.command("import", str(file), "--json").tail())
    assert (said["read"], said["refused"], said["waiting"]) == (EVENTS, 0, 0)
    assert board_of(ruled.answers()) == reviews_by_member(reviews(EVENTS))
    assert worker.stop() == 0


@pytest.mark.parametrize("missing", ["kafka", "redis", "secret"])
def test_a_setting_that_is_missing_is_named(missing: str) -> None:
    given = {"kafka": "127.0.0.1:9092", "redis": "redis://127.0.0.1:6379/0", "secret": SECRET} | {missing: None}
    with pytest.raises(RefusedCommandError, match=f"KARMALOG_{missing.upper()} is not set"):
        places_of(Settings().model_copy(update=given))


def test_without_its_topics_intake_names_them_and_stops(split: Split) -> None:
    ended = split.command("intake")
    assert ended.wait() == 1
    assert f"topic {split.prefix}events is missing: type `karmalog topics create`" in ended.tail()
    assert "Traceback" not in ended.tail(100_000)

"""Hostile gifts get one verdict and one code by whichever way they come: on Kafka, as events over HTTP, as gifts."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from schemas.strict_json import BYTES_MAX
from schemas.words import Instant, MemberId, OrgId
from streams.catalogue import Catalogue
from streams.clock import SystemClock
from streams.hashing import Hasher
from streams.judge import Judge, Taken, everything
from streams.karma_books import books_of
from streams.quarantine import QUARANTINED, Message
from tests.hostile.case import ACCEPTED
from tests.hostile.karma import GIFTS, MEMBERS, REFUSED, STRANGE, Gift
from tests.split import SECRET, Service, Split, until

BOOK = """
apiVersion: karmalog/v1
kind: Rulebook
groups: {team: {one_at_a_time: true}}
karma:
  allowance: {per: year, karma: 100, on_joining: whole}
  gifts: {values: [help], message: required}
"""
SOURCE = "/tests/hostile"
KEY = "the key of these tests alone"
TIME = "2026-01-02T03:04:05Z"
HASHER = Hasher(SECRET.encode())


def event_of(gift: Gift, way: str) -> bytes:
    """The event that gives it."""
    said = {"specversion": "1.0", "id": f"{way}/{gift.name}", "source": SOURCE, "type": "karma.given", "time": TIME}
    return f'{json.dumps(said | {"subject": gift.by})[:-1]},"data":{gift.data}}}'.encode()


@pytest.mark.parametrize("gift", GIFTS, ids=lambda gift: gift.name)
def test_a_hostile_gift_gets_its_verdict_before_the_log(gift: Gift) -> None:
    types = Catalogue.of(None)
    judge = Judge(lambda _: types, HASHER, OrgId("default"), allowed=everything)
    found = judge.read(Message(event_of(gift, "judge")), now=Instant(1_900_000_000_000))
    if isinstance(found, Taken):
        assert gift.verdict in {ACCEPTED, REFUSED}, "the ledger has to say it"
    else:
        assert (found["verdict"].value, found["code"]) == (gift.verdict, gift.code)
        assert len(found["detail"].split()) > 2


def test_the_table_names_each_gift_once() -> None:
    assert len({gift.name for gift in GIFTS}) == len(GIFTS) > 60


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    made.env |= {"KARMALOG_SOURCES": SOURCE, "KARMALOG_KEY": KEY}
    await made.create_topics()
    book = tmp_path / "rulebook.yaml"
    book.write_text(BOOK)
    made.command("rules", "apply", str(book))
    yield made
    made.close()


def code_in_the_log(split: Split, gift: Gift, way: str) -> str:
    """What the ledger said of a gift; empty where it was accepted."""
    outcome = split.answers().karma.outcome(HASHER.identity(SOURCE, f"{way}/{gift.name}"))
    assert outcome["outcome"] != "pending", (way, gift.name)
    return outcome.get("code", "")


def over_http(split: Split, client: httpx.Client) -> Iterator[tuple[str, str]]:
    """Name and code of each gift as an event that an operator publishes."""
    taken: list[Gift] = []
    for gift in GIFTS:
        headers = {"content-type": "application/cloudevents+json"}
        said = client.post("/v1/events", content=event_of(gift, "http"), headers=headers)
        if said.status_code == 202:
            taken.append(gift)
        else:
            assert said.status_code == 422, (gift.name, said.text)
            yield gift.name, said.json()["refused"][0]["code"]
    position = client.get("/health").json()["end"]
    assert client.get("/v1/rulebook", params={"after": position}).status_code == 200
    yield from ((gift.name, code_in_the_log(split, gift, "http")) for gift in taken)


def as_gifts(client: httpx.Client) -> Iterator[tuple[str, str]]:
    """Name and code of each gift as the route of gifts answers."""
    for gift in GIFTS:
        body = f'{gift.data[:-1]},"by":{json.dumps(gift.by)}}}'
        said = client.post("/v1/karma/gifts", content=body.encode())
        if said.status_code == 202:
            said = client.get(said.headers["location"])
        expected = {ACCEPTED: (201, 200), REFUSED: (409, 200)}.get(gift.verdict, (422, 413))
        assert said.status_code in expected, (gift.name, said.text)
        yield gift.name, said.json().get("code", "")


def on_kafka(split: Split, intake: Service) -> Iterator[tuple[str, str]]:
    """Name and code of each gift that was published to the topic of events."""
    split.publish(event_of(gift, "kafka") for gift in GIFTS)
    until(lambda: taken_or_not(intake) == len(GIFTS), intake.tail)
    kept = [QUARANTINED.validate_json(message.value()) for message in split.everything("quarantine")]
    refused = {each["body"]: each["code"] for each in kept}
    taken = [gift for gift in GIFTS if gift.verdict in {ACCEPTED, REFUSED}]
    until(
        lambda: all(
            split.answers().karma.outcome(HASHER.identity(SOURCE, f"kafka/{gift.name}"))["outcome"] != "pending"
            for gift in taken
        ),
        lambda: f"{split.folded()} folded",
    )
    for gift in GIFTS:
        body = event_of(gift, "kafka")[:BYTES_MAX]  # of a longer one no more is kept
        yield gift.name, code_in_the_log(split, gift, "kafka") if gift in taken else refused[body]


def taken_or_not(intake: Service) -> int:
    said = intake.health()
    return int(said["taken"]) + sum(said["quarantined"].values())


def test_a_hostile_gift_gets_one_verdict_by_every_way(split: Split) -> None:
    split.service("worker").start()
    intake, api = split.service("intake").start(), split.service("api").start()
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{api.port}", headers=headers, trust_env=False, timeout=60) as client:
        until(lambda: client.get("/v1/rulebook").status_code == 200, api.tail)
        joined = [
            {"specversion": "1.0", "id": f"join/{each}", "source": SOURCE, "type": "member.joined", "subject": each}
            for each in MEMBERS
        ]
        red = joined[0] | {"id": "red", "type": "group.joined", "data": {"kind": "team", "group": "red"}}
        people = [each | {"time": TIME} for each in (*joined, red)]
        kind = {"content-type": "application/cloudevents-batch+json"}
        assert client.post("/v1/events", json=people, headers=kind).json()["accepted"] == len(people)

        expected = {gift.name: gift.code for gift in GIFTS}
        assert dict(over_http(split, client)) == expected
        assert dict(as_gifts(client)) == expected
        assert dict(on_kafka(split, intake)) == expected

    answers, now = split.answers(), SystemClock().now()
    given = [gift for gift in GIFTS if gift.verdict == ACCEPTED]
    for member in MEMBERS:
        purse = answers.karma.purse(MemberId(member), now=now)
        got = sum(3 for gift in given if member in json.loads(gift.data)["to"])
        gave = sum(3 for gift in given if gift.by == member)
        assert (purse["to_give"], purse["earned"]) == (100 - gave, got), member
    assert answers.karma.purse(MemberId(STRANGE), now=now)["earned"] > 0
    books = books_of(answers.karma, now=now)["accounts"]
    assert (sum(books.values()), books["issuance"]) == (0, -400), "nobody else has a purse"

"""Requests that race for one balance, or for the last piece of a stock: exactly as many succeed as can.

Over real HTTP and real Kafka at the same time: an API, an intake and a worker as the real commands.
"""

import asyncio
import json
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import confluent_kafka
import httpx
import pytest

from schemas.times import format_instant
from schemas.words import MemberId
from streams.clock import SystemClock
from streams.hashing import Hasher
from streams.karma_books import books_of
from tests.conftest import LONG
from tests.split import SECRET, SOON_S, Split

_log = logging.getLogger(__name__)

ROUNDS = 200 if LONG else 12
AT_ONCE = 50
SOURCE = "/hr"
KEY = "an operator's key of the tests alone"
HASHER = Hasher(SECRET.encode())
RULEBOOK = """
apiVersion: karmalog/v1
kind: Rulebook
karma:
  allowance: {per: year, karma: 100, on_joining: whole}
shop:
  cup: {price: 1, stock: 1}
"""
GIFT = 9
"""Eleven of them fit into an allowance of 100."""


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    made.env |= {"KARMALOG_SOURCES": SOURCE, "KARMALOG_KEY": KEY}
    await made.create_topics(1)
    await made.publish_rulebook(text=RULEBOOK)
    yield made
    made.close()


class Senders:
    """Two ways for a request: HTTP with an answer, and Kafka without one."""

    def __init__(self, split: Split, client: httpx.AsyncClient) -> None:
        self.split, self.client, self.karma = split, client, split.answers().karma
        self.producer = confluent_kafka.Producer({"bootstrap.servers": split.kafka, "linger.ms": 0})

    async def give(self, giver: str, to: str) -> str:
        """A gift over HTTP; the code of a refusal, or `accepted`."""
        return _said(await self.client.post("/v1/karma/gifts", json={"by": giver, "to": [to], "amount": GIFT}))

    async def want(self, member: str) -> str:
        """A cup over HTTP."""
        return _said(await self.client.post("/v1/karma/rewards/cup/requests", json={"by": member}))

    async def publish(self, kind: str, subject: str, ident: str, **data: Any) -> str:
        """Any request as an event in Kafka."""
        event = {
            "specversion": "1.0",
            "id": ident,
            "source": SOURCE,
            "type": kind,
            "subject": subject,
            "time": format_instant(SystemClock().now()),
            "data": data,
        }
        self.producer.produce(f"{self.split.prefix}events", value=json.dumps(event).encode())
        self.producer.poll(0)
        stored = HASHER.identity(SOURCE, ident)
        deadline = time.monotonic() + SOON_S
        while (found := await asyncio.to_thread(self.karma.outcome, stored))["outcome"] == "pending":
            assert time.monotonic() < deadline, f"no outcome of {event}"
            await asyncio.sleep(0.05)
        return found.get("code", found["outcome"])


def _said(answer: httpx.Response) -> str:
    assert answer.status_code in {201, 409}, answer.text
    said: dict[str, str] = answer.json()
    return said.get("code", said.get("outcome", ""))


async def test_as_many_gifts_succeed_as_the_balance_allows_and_one_gets_the_last_piece(split: Split) -> None:
    worker, _, api = (split.service(name).start(SOON_S) for name in ("worker", "intake", "api"))
    headers = {"authorization": f"Bearer {KEY}"}
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{api.port}", headers=headers, limits=limits, timeout=SOON_S
    ) as client:
        senders = Senders(split, client)
        members = [f"member-{number}" for number in range(AT_ONCE)]
        await asyncio.gather(*(joined(client, member) for member in members))
        # Everybody has something to spend on cups.
        for giver, receiver in zip(members, members[1:] + members[:1], strict=True):
            assert (
                _said(await client.post("/v1/karma/gifts", json={"by": giver, "to": [receiver], "amount": 5}))
                == "accepted"
            )
        taken = Counter[str]()
        for number in range(ROUNDS):
            await (balance if number % 2 else last_piece)(senders, members, number, taken)
        books = await asyncio.to_thread(books_of, split.answers().karma, now=SystemClock().now())
        assert sum(books["accounts"].values()) == 0
        assert books["accounts"]["escrow"] == sum(taken.values())
    assert worker.running


async def joined(client: httpx.AsyncClient, member: str) -> None:
    """Somebody is a member from now on."""
    now = format_instant(SystemClock().now())
    about = {"specversion": "1.0", "id": f"join {member}", "source": SOURCE, "type": "member.joined"}
    answer = await client.post(
        "/v1/events",
        content=json.dumps({**about, "subject": member, "time": now, "data": {}}),
        headers={"content-type": "application/cloudevents+json"},
    )
    assert answer.status_code == 202, answer.text


async def balance(senders: Senders, members: list[str], number: int, _: Counter[str]) -> None:
    """Fifty gifts of one new member at once, half of them over HTTP."""
    giver = f"giver-{number}"
    await joined(senders.client, giver)
    requests = [
        senders.give(giver, member)
        if index % 2
        else senders.publish("karma.given", giver, f"gift {number} {index}", to=[member], amount=GIFT)
        for index, member in enumerate(members)
    ]
    found = await raced(requests, number)
    assert found == {"accepted": 11, "OVER_ALLOWANCE": AT_ONCE - 11}
    purse = senders.karma.purse(MemberId(giver), now=SystemClock().now())
    assert (purse["to_give"], purse["earned"]) == (100 - 11 * GIFT, 0)


async def last_piece(senders: Senders, members: list[str], number: int, taken: Counter[str]) -> None:
    """Fifty members want the last cup at once, half of them over HTTP."""
    if number:
        answer = await senders.client.post("/v1/karma/rewards/cup/restock", json={"pieces": 1})
        assert answer.status_code == 201, answer.text
    rich = [member for member in members if taken[member] < 5]
    before = senders.karma.shop(now=SystemClock().now())["rewards"][0]["left"]
    assert before == 1
    requests = [
        senders.want(member)
        if index % 2
        else senders.publish("reward.requested", member, f"cup {number} {index}", reward="cup")
        for index, member in enumerate(members)
    ]
    found = await raced(requests, number)
    assert found["accepted"] == 1
    assert found["OUT_OF_STOCK"] >= len(rich) - 1
    assert sum(found.values()) == AT_ONCE
    assert senders.karma.shop(now=SystemClock().now())["rewards"][0]["left"] == 0
    taken[holder(senders, members, taken)] += 1


def holder(senders: Senders, members: Iterable[str], taken: Counter[str]) -> str:
    """Who holds one cup more than before."""
    now = SystemClock().now()
    held = {member: senders.karma.purse(MemberId(member), now=now)["in_escrow"] for member in members}
    (found,) = [member for member, cups in held.items() if cups > taken[member]]
    return found


async def raced(requests: list[Any], number: int) -> Counter[str]:
    """What became of requests that are sent at once, in an order that each round draws."""
    random.Random(number).shuffle(requests)
    return Counter(await asyncio.gather(*requests))

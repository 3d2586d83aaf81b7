"""Karma on Kafka and Redis: processes that race with one key give one outcome, and commands work without a server."""

import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command_line import run
from tests.split import Split, until

BOOK = """
apiVersion: karmalog/v1
kind: Rulebook
karma:
  allowance: {per: year, karma: 100, on_joining: whole}
  gifts: {message: optional}
shop:
  card: {title: A card, price: 5}
"""
KEY = "the key of these tests alone"


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    made.env["KARMALOG_KEY"] = KEY
    await made.create_topics()
    yield made
    made.close()


def said(split: Split, *words: str | Path) -> Any:
    """What a command on Kafka and Redis prints as JSON."""
    own = {name.removeprefix("KARMALOG_").lower(): value for name, value in split.env.items() if "KARMALOG" in name}
    done = run(*words, "--json", **own)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_processes_and_commands_on_kafka_see_one_ledger(split: Split) -> None:
    book, people, codes = (split.folder / name for name in ("rulebook.yaml", "people.csv", "codes.txt"))
    book.write_text(BOOK)
    people.write_text("member,joined\nann,2026-01-01\nbob,2026-01-01\n")
    codes.write_text("AAA\nBBB\n")
    split.command("rules", "apply", str(book))
    split.service("worker").start()
    split.until_folded(1)
    said(split, "members", "import", people)

    apis = [split.service("api").start() for _ in range(2)]
    headers = {"authorization": f"Bearer {KEY}"}
    clients = [
        httpx.Client(base_url=f"http://127.0.0.1:{each.port}", headers=headers, trust_env=False, timeout=60)
        for each in apis
    ]
    for client, api in zip(clients, apis, strict=True):
        until(lambda client=client: client.get("/v1/shop").status_code == 200, api.tail)

    def give(number: int) -> httpx.Response:
        key = {"idempotency-key": f"race-{number % 3}"}
        gift = {"to": ["bob"], "amount": 10, "by": "ann"}
        return clients[number % 2].post("/v1/karma/gifts", json=gift, headers=key)

    with ThreadPoolExecutor(12) as threads:
        done = list(threads.map(give, range(24)))
    assert {each.status_code for each in done} <= {201, 202}
    assert len({each.json()["request"] for each in done}) == 3
    assert said(split, "karma", "purse", "ann")["to_give"] == 70

    assert said(split, "rewards", "vouchers", "card", codes)["left"] == 2
    request = said(split, "rewards", "request", "card", "--by", "bob")["request"]
    assert said(split, "rewards", "show", request)["redemption"]["voucher"] == "AAA"
    for client in clients:
        assert client.get(f"/v1/karma/requests/{request}").json()["redemption"]["voucher"] == "AAA"
        client.close()
    gift = said(split, "karma", "give", "bob", "--amount", "1", "--by", "ann", "--message", "well done")["request"]
    with httpx.Client(base_url=f"http://127.0.0.1:{apis[0].port}", headers=headers, trust_env=False) as client:
        assert client.get(f"/v1/karma/gifts/{gift}").json()["message"] == "well done"
    assert sum(said(split, "karma", "books")["accounts"].values()) == 0

"""What operators alone do over HTTP: history, people, keys, texts, the digest; each with its refusals."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from schemas.records import RECORD, Record
from schemas.times import parse_instant
from schemas.words import Position
from tests.api_server import BATCH, ONE, RULEBOOK, Served, review, rulebook, served
from tests.test_api import problem

RUN = {"run": "0123456789ab"}
LONG_AGO = "2020-02-02T02:02:02Z"


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    book = rulebook(RULEBOOK.read_text(encoding="utf-8"))
    async with served(tmp_path_factory.mktemp("operators"), book=book) as found:
        yield found


async def records(server: Served) -> dict[str, Record]:
    """The records of the log, by subject."""
    found = [
        RECORD.validate_json(entry.value)
        for entry in await server.runtime.log.read(0, Position(0), max_records=1_000, max_wait_s=0)
    ]
    return {record["subject"]: record for record in found}


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


async def test_recorded_times_are_believed_of_history_and_of_nothing_else(server: Served) -> None:
    operator = server.caller("operator")
    past = review("ann", time=LONG_AGO)
    history = [past, review("ben", time=LONG_AGO, recordedtime="2020-02-03T00:00:00Z")]
    said = await operator.post("/v1/history", params=RUN, content=lines(*history))
    assert (said.status_code, said.json()["fates"]) == (200, ["accepted", "accepted"])
    live = [review("cem", recordedtime=LONG_AGO), review("dee", time=LONG_AGO, recordedtime=LONG_AGO)]
    assert (await operator.post("/v1/events", json=live, headers=BATCH)).json()["accepted"] == 2
    found = await records(server)
    assert found["ann"]["recorded"] == parse_instant(LONG_AGO)
    assert found["ben"]["recorded"] == parse_instant("2020-02-03T00:00:00Z")
    assert (found["ann"].get("run"), found["cem"].get("run")) == (RUN["run"], None)
    assert min(found["cem"]["recorded"], found["dee"]["recorded"]) > parse_instant("2024-01-01T00:00:00Z")

    outcomes = await operator.get(f"/v1/history/{RUN['run']}", params={"after": said.json()["position"]})
    assert outcomes.json()["outcomes"] == {"APPLIED": 2}
    again = await operator.post("/v1/history", params=RUN, content=lines(past, {"id": "half"}, past | {"subject": "x"}))
    assert again.json()["fates"] == ["repeated", None, None]
    assert [(each["index"], each["id"], each["code"], each["verdict"]) for each in again.json()["refused"]] == [
        (1, "half", "MISSING_ATTRIBUTE", "UNDECODABLE"),
        (2, past["id"], "CONFLICT", "CONFLICT"),
    ]
    assert (await operator.get("/v1/history/abcdef0123")).json()["outcomes"] == {}


async def test_what_an_operator_alone_may_is_refused_to_everyone_else(server: Served) -> None:
    asked = [
        ("POST", "/v1/history?run=0123456789ab"), ("GET", "/v1/history/0123456789ab"), ("POST", "/v1/members"),
        ("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/0123456789ab"),
        ("GET", "/v1/texts?member=ann"), ("DELETE", "/v1/texts?member=ann"), ("GET", "/v1/digest"),
    ]  # fmt: skip
    for method, path in asked:
        problem(await server.caller(None).request(method, path), 401, "NO_KEY")
        for role in ("publisher", "viewer", "member:ann"):
            problem(await server.caller(role).request(method, path), 403, "NOT_ALLOWED")


async def test_what_cannot_be_read_is_refused_with_what_to_send(server: Served) -> None:
    operator = server.caller("operator")
    problem(await operator.post("/v1/history", content=lines(review("ann"))), 422, "BAD_PARAMETER")
    many = await operator.post("/v1/history", params=RUN, content=b"{}\n" * 2_001)
    problem(many, 413, "TOO_MANY_EVENTS")
    for content, code in (
        (b"name\nAnn\n", "BAD_TABLE"),
        (b"member,name\nann,Ann,more\n", "BAD_TABLE"),
        (b"member,left\nann,soon\n", "BAD_TABLE"),
        (b"member\n\xff\n", "NOT_UTF8"),
        (b"member,groups\nann,choir:tenors\n", "UNKNOWN_GROUP_KIND"),
    ):
        problem(await operator.post("/v1/members", content=content), 422, code)
    for key in (b"", b"[]", b'{"role":5}', b'{"role":"viewer","more":1}'):
        problem(await operator.post("/v1/keys", content=key), 422, "BAD_PARAMETER")
    problem(await operator.post("/v1/keys", json={"role": "boss"}), 422, "UNKNOWN_ROLE")
    problem(await operator.delete("/v1/keys/0123456789ab"), 404, "NO_SUCH_KEY")
    problem(await operator.delete("/v1/texts"), 422, "BAD_PARAMETER")
    problem(await operator.delete("/v1/texts?member=ann&reference=x"), 422, "BAD_PARAMETER")
    assert (await operator.delete("/v1/texts?reference=nobody/0/0")).json() == {"deleted": 0}


async def test_a_key_that_was_issued_over_http_is_good_at_once_and_until_it_is_revoked(server: Served) -> None:
    operator = server.caller("operator")
    issued = (await operator.post("/v1/keys", json={"role": "publisher", "label": "git"})).json()
    publisher = {"authorization": f"Bearer {issued['key']}"}
    nobody = server.caller(None)
    answer = await nobody.post("/v1/events", json=review("ann"), headers=ONE | publisher)
    assert answer.status_code == 202
    listed = (await operator.get("/v1/keys")).json()["keys"]
    assert {"id": issued["id"], "role": "publisher", "label": "git"} in listed
    assert issued["key"] not in str(listed)
    assert (await operator.delete(f"/v1/keys/{issued['id']}")).status_code == 200
    answer = await nobody.post("/v1/events", json=review("ann"), headers=ONE | publisher)
    problem(answer, 401, "UNKNOWN_KEY")


async def test_a_redis_that_is_full_still_answers_health_and_rulebook_and_knows_its_keys(server: Served) -> None:
    operator = server.caller("operator")
    redis = server.runtime.redis
    redis.config_set("maxmemory", 1)
    try:
        assert (await operator.get("/health")).json()["rulebook"] == 1
        assert (await operator.get("/v1/rulebook")).json()["version"] == 1
        assert (await operator.get("/v1/keys")).status_code == 200
    finally:
        redis.config_set("maxmemory", 0)

"""Alerts of the fairness watch over HTTP, raised by the closing of days itself: who decides, and who is told what."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.records import RECORD
from tests.api_server import Served, served
from tests.fairness.life import Office
from tests.test_api import problem
from tests.test_karma import DAY_MS

NOBODYS = "0" * 32
SOON_S = 60


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    """See `watched`."""
    async with watched(tmp_path) as found:
        yield found


@contextlib.asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Served]:
    """Ann and ben mostly gave to each other until yesterday; the days since are closed, and one alert is raised."""
    today = int(datetime.now(UTC).timestamp() * 1_000) // DAY_MS * DAY_MS
    office = Office(today - 40 * DAY_MS)
    office.arranged()
    async with served(folder) as found:
        log = found.runtime.log
        lines = [(b"acme", RECORD.dump_json(each)) for each in office.log]
        await log.append(log.partition_of(found.runtime.org), lines)
        async with asyncio.timeout(SOON_S):
            while not await alerts(found):  # noqa: ASYNC110  nothing tells that days were closed
                await asyncio.sleep(0.05)
        yield found


async def alerts(server: Served, **params: str) -> list[dict[str, Any]]:
    """What operators are shown."""
    answer = await server.caller("operator").get("/v1/fairness/alerts", params=params)
    if answer.status_code == 503:  # the rulebook is not folded yet
        return []
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["alerts"]
    return found


async def decide(server: Served, step: str, by: str, **more: str) -> Any:
    """What an operator's key is answered that names an admin."""
    (alert,) = await alerts(server)
    path = f"/v1/fairness/alerts/{alert['alert']}/{step}"
    return await server.caller("operator").post(path, json={"by": by, **more})


async def confirmed(server: Served) -> str:
    """The one alert, after two admins have looked at it."""
    assert (await decide(server, "review", "ines", reason="look at the dates")).status_code == 201
    assert (await decide(server, "confirm", "otto")).status_code == 201
    (alert,) = await alerts(server)
    ident: str = alert["alert"]
    return ident


async def told(server: Served, member: str) -> list[dict[str, Any]]:
    """What a member is told."""
    answer = await server.caller(f"member:{member}").get("/v1/fairness/me")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["alerts"]
    return found


async def test_an_admin_is_shown_the_evidence_and_what_is_usual(server: Served) -> None:
    (alert,) = await alerts(server)
    assert (alert["kind"], alert["stage"], alert["members"]) == ("pair", "raised", ["ann", "ben"])
    assert [(each["giver"], each["karma"], each["of"], each["received"]) for each in alert["evidence"]] == [
        ("ann", 40, 45, 40),
        ("ben", 40, 45, 40),
    ]
    assert alert["usual"] == {"given": 30, "favourite": 333, "received": 35}
    operator = server.caller("operator")
    for gift in alert["evidence"][0]["gifts"]:
        assert (await operator.get(f"/v1/karma/gifts/{gift}")).json()["giver"] == "ann"
    one = (await operator.get(f"/v1/fairness/alerts/{alert['alert']}")).json()
    assert one.pop("said") == []
    one.pop("position")
    assert one == alert


async def test_two_admins_decide_and_those_concerned_are_told_and_answer(server: Served) -> None:
    assert await told(server, "ann") == []
    problem(await decide(server, "confirm", "otto"), 409, "NOT_REVIEWED")
    problem(await decide(server, "review", "ann"), 409, "CONCERNED")
    assert (await decide(server, "review", "ines", reason="look at the dates")).status_code == 201
    problem(await decide(server, "confirm", "ines"), 409, "SECOND_ADMIN")
    assert await told(server, "ann") == [], "one admin is not enough"
    done = await decide(server, "confirm", "otto")
    assert (done.status_code, done.json()["outcome"]) == (201, "accepted")
    (alert,) = await alerts(server)
    assert alert["held_until"] is not None

    (seen,) = await told(server, "ann")
    ours = [gift for each in alert["evidence"] for gift in each["gifts"]]
    assert seen == {
        "alert": alert["alert"], "kind": "pair", "gifts": ours, "held_until": alert["held_until"], "answered": False,
    }  # fmt: skip
    ann = server.caller("member:ann")
    answering = f"/v1/fairness/alerts/{alert['alert']}/answer"
    problem(await ann.post(answering), 409, "REASON_MISSING")
    for text in ("we share a desk", "and a hard quarter"):
        assert (await ann.post(answering, json={"reason": text})).status_code == 201
    assert [(each["answered"]) for each in await told(server, "ann") + await told(server, "ben")] == [True, False]
    one = (await server.caller("operator").get(f"/v1/fairness/alerts/{alert['alert']}")).json()
    assert one["answered"] == ["ann"]
    assert [(each["member"], each["what"], each.get("reason")) for each in one["said"]] == [
        ("ines", "reviewed", "look at the dates"),
        ("otto", "confirmed", None),
        ("ann", "answered", "and a hard quarter"),
    ]
    log = server.runtime.log
    lines = [await log.at(0, position) for position in range(await log.end(0))]  # type: ignore[arg-type]
    assert not [line for line in lines if b"hard quarter" in line or b"look at" in line], "texts stand outside the log"


async def test_a_held_member_waits_and_is_free_when_an_admin_lets_go(server: Served) -> None:
    alert = await confirmed(server)
    operator = server.caller("operator")
    asked = (await server.caller("member:ben").post("/v1/karma/rewards/card/requests")).json()["request"]
    fulfil = f"/v1/karma/requests/{asked}/fulfil"
    said = problem(await operator.post(fulfil, json={"by": "hugo"}), 409, "HELD_FOR_REVIEW")
    assert said["detail"].startswith("it waits for a review, until ")
    assert (await decide(server, "dismiss", "hugo")).status_code == 201
    assert (await told(server, "ben"), (await alerts(server))[0]["stage"]) == ([], "dismissed")
    problem(await server.caller("member:ben").post(f"/v1/fairness/alerts/{alert}/answer"), 404, "ALERT_UNKNOWN")
    assert (await operator.post(fulfil, json={"by": "hugo"})).status_code == 201


async def test_to_whom_it_is_not_about_there_is_no_alert(server: Served) -> None:
    before = (await alerts(server))[0]["alert"]
    words = {"reason": "what is it?"}

    async def answers(member: str, alert: str) -> dict[str, Any]:
        path = f"/v1/fairness/alerts/{alert}/answer"
        said = problem(await server.caller(f"member:{member}").post(path, json=words), 404, "ALERT_UNKNOWN")
        return {name: text for name, text in said.items() if name != "request"}

    nothing = await answers("s1", NOBODYS)
    assert await answers("ann", before) == nothing, "nobody is told before two admins have confirmed it"
    alert = await confirmed(server)
    assert await answers("s1", alert) == nothing
    assert [await told(server, each) for each in ("s1", "ines")] == [[], []]
    for role in ("member:ann", "member:s1", "viewer", "publisher"):
        caller = server.caller(role)
        for path in ("alerts", f"alerts/{alert}"):
            problem(await caller.get(f"/v1/fairness/{path}"), 403, "NOT_ALLOWED")
        for step in ("review", "confirm", "dismiss"):
            path = f"/v1/fairness/alerts/{alert}/{step}"
            problem(await caller.post(path, json={"by": "hugo"}), 403, "NOT_ALLOWED")
    for role in ("operator", "viewer", "publisher"):
        problem(await server.caller(role).get("/v1/fairness/me"), 403, "NOT_ALLOWED")
        problem(await server.caller(role).post(f"/v1/fairness/alerts/{alert}/answer", json=words), 403, "NOT_ALLOWED")
    problem(await server.caller(None).get("/v1/fairness/alerts"), 401, "NO_KEY")
    ann = server.caller("member:ann")
    problem(await ann.post(f"/v1/fairness/alerts/{alert}/answer", json={"by": "ben", **words}), 403, "NOT_ALLOWED")


async def test_an_admin_whom_it_is_about_does_not_see_it_before_it_is_confirmed(server: Served) -> None:
    (alert,) = await alerts(server)
    operator = server.caller("operator")
    linked = await operator.post("/v1/karma/links", json={"member": "hugo", "same_as": "ann"})
    assert linked.status_code == 201
    path = f"/v1/fairness/alerts/{alert['alert']}"
    for concerned in ("ann", "hugo", "Ben"):
        assert await alerts(server, by=concerned) == []
        unseen = problem(await operator.get(path, params={"by": concerned}), 404, "ALERT_UNKNOWN")
        nobodys = await operator.get(f"/v1/fairness/alerts/{NOBODYS}", params={"by": concerned})
        assert problem(nobodys, 404, "ALERT_UNKNOWN") == unseen
    assert await alerts(server, by="ines") == [alert]
    assert (await operator.get(path, params={"by": "ines"})).status_code == 200
    await confirmed(server)
    assert len(await alerts(server, by="hugo")) == 1
    assert [each["kind"] for each in await told(server, "hugo")] == ["pair"], "under whatever id"


async def test_a_request_with_the_same_key_is_decided_once(server: Served) -> None:
    (alert,) = await alerts(server)
    key = {"idempotency-key": "once"}
    path = f"/v1/fairness/alerts/{alert['alert']}/review"
    operator = server.caller("operator")
    first, again = [await operator.post(path, json={"by": "ines"}, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["request"] == again.json()["request"]
    problem(await operator.post(path, json={"by": "ines"}), 409, "ALREADY_REVIEWED")
    problem(await operator.post(path, json={}), 422, "SUBJECT_MISSING")
    problem(await operator.post(path, json={"by": "ines", "reasons": "x"}), 422, "BAD_PARAMETER")
    unknown = await operator.post(f"/v1/fairness/alerts/{NOBODYS}/review", json={"by": "ines"})
    problem(unknown, 404, "ALERT_UNKNOWN")


async def test_the_description_of_the_api_names_every_request_about_alerts(server: Served) -> None:
    said = (await server.caller(None).get("/openapi.json")).json()["paths"]
    found = {(verb, path.removeprefix("/v1/fairness/")) for path in said if "/fairness/" in path for verb in said[path]}
    assert found == {
        ("get", "alerts"), ("get", "alerts/{alert}"), ("get", "me"),
        ("post", "alerts/{alert}/answer"), ("post", "alerts/{alert}/{step}"),
    }  # fmt: skip
    for verb, path in found:
        if verb == "post":
            body = said[f"/v1/fairness/{path}"][verb]["requestBody"]["content"]["application/json"]["schema"]
            assert {*body["properties"]} == {"reason", "by"}

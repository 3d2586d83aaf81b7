"""The HTTP API keeps the contract: over a real socket, an embedded runtime and the reviews' rulebook."""

import asyncio
import json
import sqlite3
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cloudevents.v1.conversion import to_binary, to_structured
from cloudevents.v1.http import CloudEvent

from api.access import Access, Caller, RefusedKey, ident_of
from api.feed import standing_still
from api.problems import MEDIA_TYPE
from api.service import Replay
from schemas.facts import Fact
from streams.boards import BoardQuery
from streams.quarantine import QUARANTINED
from tests.api_server import BATCH, EVENTS, ONE, RULEBOOK, Served, lines, review, rulebook, served
from tests.hostile import ACCEPTED, Case, cases

HIDDEN_BY_DEFAULT = """
apiVersion: karmalog/v1
kind: Rulebook
people: {visibility: hidden}
rules: {review: {event: code_review.given, award: 5}}
boards: {reviews: {score: {count: code_review.given}, top: 2}}
badges:
  reviewer: {score: {count: code_review.given}, levels: {bronze: 1}}
  easter-egg: {score: {count: code_review.given}, at: 3, secret: true}
shop:
  gift-card: {title: {en: Gift card}, price: 250}
"""


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A server with the reviews' rulebook and the first events of their history."""
    book = rulebook(RULEBOOK.read_text(encoding="utf-8"))
    async with served(tmp_path_factory.mktemp("api"), book=book, events=EVENTS) as found:
        yield found


@pytest.fixture
async def hidden(tmp_path: Path) -> AsyncIterator[Served]:
    """A server whose members are hidden until they choose."""
    async with served(tmp_path, book=rulebook(HIDDEN_BY_DEFAULT)) as found:
        yield found


@pytest.fixture
def operator(server: Served) -> httpx.AsyncClient:
    return server.caller("operator")


@pytest.fixture
def viewer(server: Served) -> httpx.AsyncClient:
    return server.caller("viewer")


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer that has to be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    said: dict[str, Any] = answer.json()
    assert (said["status"], said["code"]) == (status, code), said
    assert said["type"] == "about:blank"
    assert said["title"]
    assert len(said["detail"].split()) > 2
    assert "Traceback" not in answer.text
    return said


# Events.


async def test_an_event_is_on_the_board_at_the_position_that_its_receipt_names(operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/v1/events", json=review("nadia"), headers=ONE)
    assert answer.status_code == 202
    receipt = answer.json()
    assert receipt | {"position": 0} == {"accepted": 1, "repeated": 0, "waiting": 0, "refused": [], "position": 0}
    board = await operator.get("/v1/boards/reviews", params={"around": "nadia", "after": receipt["position"]})
    assert board.json()["position"] >= receipt["position"]
    assert [row["score"] for row in board.json()["rows"] if row["member"] == "nadia"] == [1]


async def test_one_bad_event_of_a_batch_does_not_stop_the_others(operator: httpx.AsyncClient) -> None:
    batch = [review("olaf"), review("olaf", id="no-author", data={}), {"id": "half"}, review("olaf")]
    answer = await operator.post("/v1/events", json=batch, headers=BATCH)
    assert answer.status_code == 202
    receipt = answer.json()
    assert (receipt["accepted"], receipt["repeated"], receipt["waiting"]) == (2, 0, 0)
    assert [(each["index"], each["id"], each["code"], each["path"]) for each in receipt["refused"]] == [
        (1, "no-author", "BAD_DATA", "data.author"),
        (2, "half", "MISSING_ATTRIBUTE", "specversion"),
    ]
    assert all(len(each["detail"].split()) > 2 for each in receipt["refused"])


async def test_the_cloudevents_sdk_is_understood_structured_and_binary(operator: httpx.AsyncClient) -> None:
    for mode in (to_structured, to_binary):
        attributes = {name: value for name, value in review("peter").items() if name not in {"data", "specversion"}}
        headers, body = mode(CloudEvent(attributes, {"author": "ann", "change": attributes["id"]}))
        answer = await operator.post("/v1/events", content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        assert answer.json()["accepted"] == 1
        again = await operator.post("/v1/events", content=body, headers=headers)
        assert (again.status_code, again.json()["repeated"]) == (202, 1)


async def test_the_same_event_in_another_mode_is_repeated_and_other_content_is_refused(
    operator: httpx.AsyncClient,
) -> None:
    event = review("quentin")
    first = await operator.post("/v1/events", json=event, headers=ONE)
    assert first.json()["accepted"] == 1
    binary = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    again = await operator.post("/v1/events", json=event["data"], headers=binary)
    assert (again.status_code, again.json()["repeated"], again.json()["accepted"]) == (202, 1, 0)
    other = await operator.post("/v1/events", json=event | {"subject": "rosa"}, headers=ONE)
    said = problem(other, 422, "NOTHING_TAKEN")
    assert [(each["index"], each["id"], each["code"]) for each in said["refused"]] == [(0, event["id"], "CONFLICT")]
    assert said["accepted"] == said["repeated"] == said["waiting"] == 0


async def test_an_event_of_a_type_that_nobody_declared_waits_once_however_often_it_is_sent(server: Served) -> None:
    publisher = server.caller("publisher")
    event = review("sam", type="acme.coffee.made", id="coffee")
    for _ in range(2):
        answer = await publisher.post("/v1/events", json=event, headers=ONE)
        assert (answer.status_code, answer.json()["waiting"]) == (202, 1)
    kept = [QUARANTINED.validate_json(each.value) async for each in server.runtime.quarantine.scan()]
    assert [each["id"] for each in kept if each["type"] == "acme.coffee.made"] == ["coffee"]


async def test_where_the_rulebook_drops_undeclared_types_they_are_refused_and_not_kept(tmp_path: Path) -> None:
    async with served(tmp_path, book=rulebook("apiVersion: karmalog/v1\nkind: Rulebook\nundeclared: drop\n")) as server:
        publisher = server.caller("publisher")
        coffee = review("sam", type="acme.coffee.made", id="coffee")
        said = problem(await publisher.post("/v1/events", json=coffee, headers=ONE), 422, "NOTHING_TAKEN")
        assert [(each["id"], each["code"], each["path"]) for each in said["refused"]] == [
            ("coffee", "DROPPED_TYPE", "type")
        ]
        both = await publisher.post("/v1/events", json=[coffee, review("sam")], headers=BATCH)
        assert (both.status_code, both.json()["accepted"], both.json()["waiting"]) == (202, 1, 0)
        assert [each async for each in server.runtime.quarantine.scan()] == []


async def test_what_is_no_cloudevent_is_told_what_to_send(operator: httpx.AsyncClient) -> None:
    plain = await operator.post("/v1/events", json=review("tom"))
    problem(plain, 415, "CONTENT_TYPE")
    xml = await operator.post("/v1/events", content=b"<e/>", headers={"content-type": "application/cloudevents+xml"})
    problem(xml, 415, "CONTENT_TYPE")
    one = await operator.post("/v1/events", json=review("tom"), headers=BATCH)
    problem(one, 400, "NOT_AN_ARRAY")
    empty = await operator.post("/v1/events", json=[], headers=BATCH)
    problem(empty, 422, "NOTHING_TAKEN")


async def test_a_batch_has_at_most_1000_events_and_8_mib(operator: httpx.AsyncClient) -> None:
    most = await operator.post("/v1/events", json=[{"id": "half"}] * 1_000, headers=BATCH)
    assert len(problem(most, 422, "NOTHING_TAKEN")["refused"]) == 1_000
    more = await operator.post("/v1/events", json=[{"id": "half"}] * 1_001, headers=BATCH)
    problem(more, 413, "TOO_MANY_EVENTS")
    large = await operator.post("/v1/events", content=b" " * (8 << 20) + b"[]", headers=BATCH)
    problem(large, 413, "TOO_LARGE")


async def test_a_publisher_sends_activities_alone_and_an_operator_people_too(server: Served) -> None:
    joined = review("ulla", type="member.joined", data={})
    answer = await server.caller("publisher").post("/v1/events", json=joined, headers=ONE)
    assert problem(answer, 422, "NOTHING_TAKEN")["refused"][0]["code"] == "RESERVED_TYPE"
    await server.post(joined)


async def test_a_key_speaks_for_its_organisation_alone(operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/v1/events", json=review("vera", org="globex"), headers=ONE)
    assert problem(answer, 422, "NOTHING_TAKEN")["refused"][0]["code"] == "OTHER_ORGANISATION"
    answer = await operator.post("/v1/events", json=review("vera", org="acme"), headers=ONE)
    assert answer.json()["accepted"] == 1


async def test_a_thousand_requests_at_once_are_each_accepted_once(server: Served) -> None:
    before = await server.runtime.log.end(0)
    connections = asyncio.Semaphore(300)  # open files are few on some machines

    async def send(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with connections:
            return await server.send("publisher", event)

    answers = await asyncio.gather(*(send(review("walter")) for _ in range(1_000)))
    assert {(status, receipt["accepted"]) for status, receipt in answers} == {(202, 1)}
    position = max(receipt["position"] for _, receipt in answers)
    assert position >= before + 1_000
    board = await server.caller("operator").get("/v1/boards/reviews", params={"around": "walter", "after": position})
    assert [row["score"] for row in board.json()["rows"] if row["member"] == "walter"] == [1_000]


async def test_requests_that_are_published_together_each_get_their_own_result(server: Served) -> None:
    operator, publisher = server.caller("operator"), server.caller("publisher")
    known = review("xenia")
    await server.post(known)
    sent: list[tuple[httpx.AsyncClient, list[dict[str, Any]], tuple[int, int, int, list[int]]]] = []
    for number in range(20):
        sent += [
            (publisher, [review("xenia")], (1, 0, 0, [])),
            (operator, [known], (0, 1, 0, [])),
            (publisher, [review("xenia", data={})], (0, 0, 0, [0])),
            (operator, [known, review("xenia"), review("xenia", id="")], (1, 1, 0, [2])),
            (publisher, [review("xenia", type="acme.tea.made", id=f"tea-{number}"), known], (0, 1, 1, [])),
            (publisher, [known | {"subject": "yara"}, review("xenia")], (1, 0, 0, [0])),
        ]
    answers = await asyncio.gather(*(key.post("/v1/events", json=batch, headers=BATCH) for key, batch, _ in sent))
    for answer, (_, batch, expected) in zip(answers, sent, strict=True):
        said = answer.json()
        found = (said["accepted"], said["repeated"], said["waiting"], [each["index"] for each in said["refused"]])
        assert found == expected
        assert [each["id"] for each in said["refused"]] == [batch[index]["id"] for index in expected[3]]


@pytest.mark.parametrize("mode", ["structured", "binary"])
async def test_a_hostile_event_gets_its_verdict_over_http(server: Served, mode: str) -> None:
    publisher = server.caller("publisher")
    table = [case for case in cases() if mode == "structured" or case.http_headers is not None]
    found = {case.name: await _sent(publisher, case, mode) for case in table}
    wrong = {case.name: (found[case.name], case.code) for case in table if found[case.name] != _expected(case)}
    assert wrong == {}
    assert (await publisher.post("/v1/events", json=review("zoe"), headers=ONE)).status_code == 202


async def _sent(publisher: httpx.AsyncClient, case: Case, mode: str) -> tuple[int, str]:
    """Status and code; what was accepted in one mode is repeated in the other, which is 202 too."""
    if mode == "structured":
        answer = await publisher.post("/v1/events", content=case.body, headers=ONE)
    else:
        assert case.http_headers is not None
        answer = await publisher.post(
            "/v1/events", content=case.data, headers=[(name.encode(), value) for name, value in case.http_headers]
        )
    said = answer.json()
    if answer.status_code == 413:
        return 422, problem(answer, 413, "TOO_LARGE")["code"]
    return answer.status_code, said["refused"][0]["code"] if said["refused"] else ""


def _expected(case: Case) -> tuple[int, str]:
    if case.verdict in {ACCEPTED, "UNKNOWN_TYPE"}:
        return 202, ""
    return 422, case.code


async def test_without_a_rulebook_everything_says_so_and_when_to_ask_again(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        operator = server.caller("operator")
        for answer in (
            await operator.post("/v1/events", json=review("ann"), headers=ONE),
            await operator.get("/v1/boards"),
            await operator.get("/v1/boards/reviews"),
            await operator.get("/v1/badges"),
            await operator.get("/v1/feed"),
            await operator.get("/v1/rulebook"),
        ):
            problem(answer, 503, "NO_RULEBOOK")
            assert int(answer.headers["retry-after"]) > 0
        health = await operator.get("/health")
        assert health.status_code == 200
        assert health.json()["status"] == "waiting"
        assert "karmalog rules apply" in health.json()["detail"]


async def test_a_log_that_cannot_be_written_is_503_and_the_event_is_taken_afterwards(server: Served) -> None:
    operator = server.caller("operator")
    event = review("lena")
    file = next(Path(row[2]) for row in _databases(server))
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # as a copy of the file would be made by somebody else
        problem(await operator.post("/v1/events", json=event, headers=ONE), 503, "LOG_UNAVAILABLE")
        other.execute("ROLLBACK")
    answer = await operator.post("/v1/events", json=event, headers=ONE)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)


def _databases(server: Served) -> list[Any]:
    reader = server.runtime.log._reader  # type: ignore[attr-defined]
    return list(reader.thread.submit(reader.query, lambda db: db.execute("PRAGMA database_list").fetchall()).result())


async def test_a_store_that_is_gone_is_503_everywhere_and_never_a_traceback(tmp_path: Path) -> None:
    async with served(tmp_path, book=rulebook(HIDDEN_BY_DEFAULT)) as server:
        operator = server.caller("operator")
        server.runtime.redis.shutdown(nosave=True)
        problem(await operator.get("/v1/boards"), 503, "STORE_UNAVAILABLE")
        problem(await operator.get("/v1/members/ann"), 503, "STORE_UNAVAILABLE")
        problem(await operator.get("/v1/boards/reviews/stream"), 503, "STORE_UNAVAILABLE")
        problem(await operator.post("/v1/events", json=review("ann"), headers=ONE), 503, "STORE_UNAVAILABLE")
        health = await operator.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "unavailable")
        assert "Redis" in health.json()["detail"]
        assert "karmalog_up 0.0" in (await operator.get("/metrics")).text


# Boards and members.


async def test_boards_are_what_the_store_answers(server: Served, viewer: httpx.AsyncClient) -> None:
    told = (await viewer.get("/v1/boards")).json()
    assert [each["board"] for each in told["boards"]] == ["reviews", "people-helped", "sharing"]
    for entry in told["boards"]:
        for window in ["all", "2015", "2015-04", "2015-Q2", "month"]:
            answer = await viewer.get(f"/v1/boards/{entry['board']}", params={"window": window})
            direct = server.runtime.answers.board(BoardQuery(entry["board"], window), now=server.runtime.clock.now())
            assert answer.json() == direct
    rows = (await viewer.get("/v1/boards/reviews?window=2015")).json()["rows"]
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    assert len(rows) == 10


async def test_the_windows_of_a_board_are_named(viewer: httpx.AsyncClient) -> None:
    found = (await viewer.get("/v1/boards/reviews/windows")).json()["windows"]
    assert {"2015-W14", "2015-04", "2015-Q2", "2015", "all"} <= set(found)
    assert "2014" not in found


async def test_what_there_is_not_is_a_problem_that_names_what_there_is(viewer: httpx.AsyncClient) -> None:
    assert "people-helped" in problem(await viewer.get("/v1/boards/nope"), 404, "UNKNOWN_BOARD")["detail"]
    problem(await viewer.get("/v1/boards/nope/stream"), 404, "UNKNOWN_BOARD")
    problem(await viewer.get("/v1/boards/nope/windows"), 404, "UNKNOWN_BOARD")
    problem(await viewer.get("/v1/boards/reviews?window=2015-W99"), 404, "UNKNOWN_WINDOW")
    problem(await viewer.get("/v1/boards/reviews?by=team"), 404, "UNKNOWN_GROUP_KIND")
    problem(await viewer.get("/v1/members/nobody"), 404, "UNKNOWN_MEMBER")
    problem(await viewer.get("/v1/nope"), 404, "NOT_FOUND")
    problem(await viewer.get("/widget/nope.js"), 404, "NOT_FOUND")
    problem(await viewer.get("/widget/..%2f..%2fpyproject.toml"), 404, "NOT_FOUND")
    assert "GET" in (await viewer.delete("/v1/boards")).headers["allow"]
    problem(await viewer.delete("/v1/boards"), 405, "METHOD_NOT_ALLOWED")
    for query in ("top=ten", "top=-1", "top=1001", "after=-1", "after=x"):
        said = problem(await viewer.get(f"/v1/boards/reviews?{query}"), 422, "BAD_PARAMETER")
        assert said["faults"][0]["name"] == query.partition("=")[0]


async def test_an_unchanged_board_is_304_and_a_changed_one_is_not(server: Served, viewer: httpx.AsyncClient) -> None:
    first = await viewer.get("/v1/boards/reviews?window=all")
    known = {"if-none-match": first.headers["etag"]}
    again = await viewer.get("/v1/boards/reviews?window=all", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    position = await server.post(review("nadia"))
    changed = await viewer.get("/v1/boards/reviews", params={"window": "all", "after": position}, headers=known)
    assert changed.status_code == 200
    assert changed.json()["position"] >= position


async def test_a_position_that_is_not_reached_is_504_and_says_so(server: Served, viewer: httpx.AsyncClient) -> None:
    end = await server.runtime.log.end(0)
    problem(await viewer.get("/v1/boards/reviews", params={"after": end + 1_000_000}), 504, "NOT_YET")


async def test_viewers_see_the_rows_of_the_rulebook_and_operators_as_many_as_they_ask_for(
    operator: httpx.AsyncClient, viewer: httpx.AsyncClient
) -> None:
    query = {"window": "all", "top": "25"}
    assert len((await viewer.get("/v1/boards/reviews", params=query)).json()["rows"]) == 10
    assert len((await operator.get("/v1/boards/reviews", params=query)).json()["rows"]) > 10
    assert len((await viewer.get("/v1/boards/reviews", params=query | {"top": "3"})).json()["rows"]) == 3


async def test_a_member_sees_where_they_stand_and_nobody_elses_surroundings(
    server: Served, operator: httpx.AsyncClient
) -> None:
    rows = (await operator.get("/v1/boards/reviews?window=all&top=1000")).json()["rows"]
    last = rows[-1]
    member = server.caller(f"member:{last['member']}")
    for around in ("me", last["member"]):
        found = (await member.get("/v1/boards/reviews", params={"window": "all", "around": around})).json()["rows"]
        assert found[:10] == rows[:10]
        assert found[-1] == last | {"you": True}
        assert all("you" not in row for row in found[:-1])
        assert len(found) <= 13
    query = {"window": "all", "around": rows[0]["member"]}
    problem(await member.get("/v1/boards/reviews", params=query), 403, "NOT_ALLOWED")
    problem(await server.caller("viewer").get("/v1/boards/reviews", params=query), 403, "NOT_ALLOWED")


async def test_a_member_sees_all_of_their_own_record_and_of_others_points_and_badges(
    server: Served, operator: httpx.AsyncClient
) -> None:
    first, second = (
        each["member"] for each in (await operator.get("/v1/boards/reviews?window=all")).json()["rows"][:2]
    )
    whole = (await operator.get(f"/v1/members/{first}")).json()
    assert {"member", "points", "badges", "levels", "streaks", "challenges", "leagues", "karma", "position"} == set(
        whole
    )
    assert whole["badges"]
    me = server.caller(f"member:{first}")
    assert (await me.get("/v1/members/me")).json() == whole
    assert (await me.get(f"/v1/members/{first}")).json() == whole
    for caller in (server.caller(f"member:{second}"), server.caller("viewer")):
        shown = (await caller.get(f"/v1/members/{first}")).json()
        assert shown == {name: whole[name] for name in ("member", "points", "badges", "position")}
    problem(await operator.get("/v1/members/me"), 403, "NO_MEMBER")
    problem(await server.caller("member:who is new").get("/v1/members/me"), 404, "UNKNOWN_MEMBER")


async def test_members_ids_may_hold_slashes_and_any_letters(server: Served, operator: httpx.AsyncClient) -> None:
    for member in ("team/ann", "../etc/passwd", "آن", "a b?c#d%41"):
        await server.post(review(member))
        path = httpx.URL(server.url).copy_with(raw_path=b"/v1/members/" + _quoted(member))
        assert (await operator.get(path)).json()["member"] == member


def _quoted(member: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in member.encode()).encode()


async def test_a_hidden_member_cannot_be_found_by_those_who_may_not_see_them(hidden: Served) -> None:
    seen: dict[str, Any] = {"type": "member.visibility_changed", "data": {"visibility": "listed"}}
    await hidden.post(*(review(member) for member in ["ann", "ann", "ben", "ben", "ben", "cat"]))
    await hidden.post(review("ann", **seen), review("cat", **seen))
    viewer, operator = hidden.caller("viewer"), hidden.caller("operator")
    for caller in (viewer, hidden.caller("member:cat")):
        for query in ("", "?top=2", "?top=100"):
            board = (await caller.get(f"/v1/boards/reviews{query}")).json()
            assert [(row["rank"], row["member"]) for row in board["rows"]] == [(1, "ann"), (2, "cat")]
            assert board["total"] == 2
        secret = await caller.get("/v1/members/ben")
        problem(secret, 404, "UNKNOWN_MEMBER")
        unknown = await caller.get("/v1/members/bea")
        assert secret.json()["detail"].replace("ben", "bea") == unknown.json()["detail"]
        assert {each["member"] for each in (await caller.get("/v1/feed")).json()["badges"]} == {"ann", "cat"}
        assert (await caller.get("/v1/members/ann")).status_code == 200
    board = (await operator.get("/v1/boards/reviews?top=100")).json()
    assert [(row["rank"], row["member"]) for row in board["rows"]] == [(None, "ben"), (1, "ann"), (2, "cat")]
    assert board["total"] == 2
    assert (await operator.get("/v1/members/ben")).status_code == 200
    assert (await hidden.caller("member:ben").get("/v1/members/me")).json()["points"] == {"review": 15}
    await hidden.post(review("ann", type="member.left", data={}))
    problem(await viewer.get("/v1/members/ann"), 404, "UNKNOWN_MEMBER")


async def test_secret_badges_are_shown_to_operators_alone(hidden: Served) -> None:
    viewer, operator = hidden.caller("viewer"), hidden.caller("operator")
    assert [each["badge"] for each in (await viewer.get("/v1/badges")).json()["badges"]] == ["reviewer"]
    known = (await operator.get("/v1/badges")).json()["badges"]
    assert [(each["badge"], each["levels"], each["at"]) for each in known] == [
        ("reviewer", {"bronze": 1}, None),
        ("easter-egg", {}, 3),
    ]
    (reward,) = (await viewer.get("/v1/shop")).json()["rewards"]
    assert (reward["reward"], reward["title"], reward["left"]) == ("gift-card", {"en": "Gift card"}, None)


async def test_the_feed_names_the_badges_that_were_reached_last(server: Served, viewer: httpx.AsyncClient) -> None:
    before = (await viewer.get("/v1/feed")).json()["badges"]
    assert len(before) > 5
    position = await server.post(*(review("newcomer") for _ in range(10)))
    found = (await viewer.get("/v1/feed", params={"top": 3, "after": position})).json()["badges"]
    assert len(found) == 3
    assert (found[0]["member"], found[0]["badge"], found[0]["level"]) == ("newcomer", "reviewer", "bronze")
    reached = (await viewer.get("/v1/members/newcomer")).json()["badges"]
    assert found[0]["at"] == reached[0]["at"]
    assert found[1:] == before[:2]


def test_a_badge_that_was_lost_or_moved_since_is_not_told_as_it_was() -> None:
    def fact(kind: Any, member: str, at: str, because: int) -> Fact:
        told: Fact = {
            "id": "",
            "org": "acme",
            "type": kind,
            "member": member,
            "badge": "b",
            "at": at,
            "because": because,
        }
        return told | {"level": "gold"}

    newest_first = [
        fact("badge.moved", "ann", "2024-01-01T00:00:00Z", 9),
        fact("badge.lost", "ben", "", 8),
        fact("badge.reached", "cat", "2024-03-03T00:00:00Z", 7),
        fact("badge.lost", "cat", "", 6),
        fact("badge.reached", "cat", "2024-02-02T00:00:00Z", 5),
        fact("badge.reached", "ben", "2024-02-02T00:00:00Z", 4),
        fact("badge.reached", "ann", "2024-02-02T00:00:00Z", 3),
    ]
    found = [(each["member"], each["at"], each["because"]) for each in standing_still(iter(newest_first))]
    assert found == [("cat", "2024-03-03T00:00:00Z", 7), ("ann", "2024-01-01T00:00:00Z", 3)]


# Rulebooks.


async def test_a_rulebook_is_replaced_only_by_who_has_seen_the_newest(server: Served) -> None:
    operator = server.caller("operator")
    now = await operator.get("/v1/rulebook")
    version = now.json()["version"]
    assert now.headers["etag"] == f'"{version}"'
    known = await operator.get("/v1/rulebook", headers={"if-none-match": now.headers["etag"]})
    assert known.status_code == 304
    book = now.json()["rulebook"]
    problem(await operator.put("/v1/rulebook", json=book), 428, "IF_MATCH_MISSING")
    for stale in ('"0"', '"99"', "W/nonsense", "*x"):
        answer = await operator.put("/v1/rulebook", json=book, headers={"if-match": stale})
        problem(answer, 412, "OTHER_VERSION")
    assert (await operator.get("/v1/rulebook")).json()["version"] == version
    book["activities"]["acme.song.sung"] = {"title": "Song", "data": {"type": "object", "properties": {}}}
    song = review("ann", type="acme.song.sung", data={})
    assert (await operator.post("/v1/events", json=song, headers=ONE)).json()["waiting"] == 1
    changes = [
        operator.put("/v1/rulebook", json=book | {"title": title}, headers={"if-match": now.headers["etag"]})
        for title in ("one", "two")
    ]
    first, second = sorted(await asyncio.gather(*changes), key=lambda answer: answer.status_code)
    problem(second, 412, "OTHER_VERSION")
    assert first.status_code == 200, first.text
    taken = first.json()
    assert (taken["version"], first.headers["etag"]) == (version + 1, f'"{version + 1}"')
    tomorrow = (datetime.now(UTC) + timedelta(minutes=5)).date() + timedelta(days=1)
    assert taken["from"] == f"{tomorrow.isoformat()}T00:00:00Z"
    newest = (await operator.get("/v1/rulebook", params={"after": taken["position"]})).json()
    assert (newest["version"], newest["from"]) == (version + 1, taken["from"])
    later = review("ann", type="acme.song.sung", data={})
    assert (await operator.post("/v1/events", json=later, headers=ONE)).json()["accepted"] == 1


async def test_every_fault_of_a_rulebook_is_named_with_its_place(server: Served) -> None:
    operator = server.caller("operator")
    now = {"if-match": (await operator.get("/v1/rulebook")).headers["etag"], "content-type": "application/yaml"}
    text = "apiVersion: karmalog/v1\nkind: Rulebook\nrulez: {}\nboards:\n"
    text += "  b: {score: {sum: data.nope, event: code_review.given}}\n"
    answer = await operator.put("/v1/rulebook", content=text, headers=now)
    said = problem(answer, 422, "RULEBOOK_FAULTS")
    assert [(each["file"], each["line"], each["code"]) for each in said["faults"] if each["severity"] == "fault"] == [
        ("rulebook", 3, "UNKNOWN_FIELD"),
        ("rulebook", 5, "BAD_EXPRESSION"),
    ]
    assert all(each["column"] >= 1 and each["message"] for each in said["faults"])
    problem(await operator.put("/v1/rulebook", content=b"\xff", headers=now), 422, "NOT_UTF8")
    problem(await operator.put("/v1/rulebook", content=b" " * (1 << 20) + b"x", headers=now), 413, "TOO_LARGE")
    other = now | {"content-type": "application/xml"}
    problem(await operator.put("/v1/rulebook", content=text, headers=other), 415, "CONTENT_TYPE")


async def test_the_first_rulebook_is_published_over_http_and_holds_for_all_time(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        operator = server.caller("operator")
        headers = {"if-match": '"0"', "content-type": "application/yaml"}
        answer = await operator.put("/v1/rulebook", content=HIDDEN_BY_DEFAULT, headers=headers)
        assert (answer.status_code, answer.json()["version"], answer.json()["from"]) == (201, 1, None)
        assert [each["path"] for each in answer.json()["warnings"]] == ["rules.review"]
        await server.post(review("ann"))
        assert (await operator.get("/health")).json()["status"] == "ok"


# Who may do what.


async def test_without_a_good_key_nothing_is_answered(server: Served) -> None:
    nobody = server.caller(None)
    paths = ["boards", "boards/reviews", "boards/reviews/windows", "boards/reviews/stream", "members/me", "members/x"]
    for path in [*paths, "badges", "feed", "shop", "rulebook", "replay"]:
        answer = await nobody.get(f"/v1/{path}")
        problem(answer, 401, "NO_KEY")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    problem(await nobody.post("/v1/events", json=review("ann"), headers=ONE), 401, "NO_KEY")
    problem(await nobody.put("/v1/rulebook", content=b""), 401, "NO_KEY")
    for wrong in ("Bearer nonsense", "Bearer karmalog_\xff", "Basic eDp5", "Bearer", "karmalog_x"):
        answer = await nobody.get("/v1/boards", headers={b"authorization": wrong.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.json()["code"] in {"NO_KEY", "UNKNOWN_KEY"}


async def test_a_role_may_do_what_it_is_for_and_no_more(server: Served) -> None:
    for role in ("viewer", "member:ann"):
        answer = await server.caller(role).post("/v1/events", json=review("ann"), headers=ONE)
        problem(answer, 403, "NOT_ALLOWED")
    for role in ("viewer", "member:ann", "publisher"):
        answer = await server.caller(role).put("/v1/rulebook", content=b"", headers={"if-match": '"1"'})
        problem(answer, 403, "NOT_ALLOWED")
    publisher = server.caller("publisher")
    for path in ("boards", "boards/reviews", "members/ann", "feed", "rulebook", "badges", "shop", "replay"):
        problem(await publisher.get(f"/v1/{path}"), 403, "NOT_ALLOWED")
    assert (await publisher.post("/v1/events", json=review("ann"), headers=ONE)).status_code == 202


async def test_the_first_start_makes_a_key_and_keeps_only_its_hash(tmp_path: Path) -> None:
    first = Access.open(tmp_path)
    assert first.first_key is not None
    file = tmp_path / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first.first_key not in file.read_text()
    again = Access.open(tmp_path)
    assert again.first_key is None
    assert again.caller(first.first_key) == Caller.named("operator")
    key, issued = await first.issue(Caller.named("member:ann"), "her phone")
    assert again.caller(key) is None
    await again.refresh()
    assert again.caller(key) == Caller.named("member:ann"), "a key that another process issued"
    assert again.issued()[0] == issued == (ident_of(key), "member:ann", "her phone")
    assert await again.revoke(issued.ident) == issued
    assert await again.revoke(issued.ident) is None
    assert Access.open(tmp_path).caller(key) is None
    await first.refresh()
    assert first.caller(key) is None, "a key that another process revoked"
    passing = first.lend(Caller.named("operator"))
    assert first.caller(passing) == Caller.named("operator")
    assert Access.open(tmp_path).caller(passing) is None
    first.take_back(passing)
    assert first.caller(passing) is None
    given = "k" * 16
    assert Access.open(tmp_path, given).caller(given) == Caller.named("operator")
    assert Access.open(tmp_path).caller(given) is None
    assert again.caller("") is None


def test_a_key_or_role_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedKey, match="at least 16"):
        Access.open(tmp_path, "short")
    for role in ("", "boss", "member", "member:", "member:a\x00b", "viewer:ann"):
        with pytest.raises(RefusedKey):
            Caller.named(role)
    (tmp_path / "keys.json").write_text("[]")
    with pytest.raises(RefusedKey, match=r"keys\.json"):
        Access.open(tmp_path)


# The page, and what runs the server.


async def test_the_page_and_its_files_need_no_key_and_may_load_nothing_from_elsewhere(server: Served) -> None:
    nobody = server.caller(None)
    for path, kind in (("/", "text/html"), ("/page/page.js", "javascript"), ("/widget/define.js", "javascript")):
        answer = await nobody.get(path)
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        again = await nobody.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code in {200, 304}
        assert again.headers["content-security-policy"] == policy
    for path in ("/", "/v1/boards", "/health", "/nope", "/widget/define.js"):
        answer = await nobody.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


async def test_a_replay_says_how_far_it_is_and_204_where_none_runs(server: Served, tmp_path: Path) -> None:
    assert (await server.caller("viewer").get("/v1/replay")).status_code == 204
    told: Replay = {"clock": "2015-04-01T00:00:00Z", "done": 3, "of": 10, "per_second": 5}
    running: list[Replay | None] = [told]
    async with served(tmp_path, replay=lambda: running[0]) as replaying:
        viewer = replaying.caller("viewer")
        assert (await viewer.get("/v1/replay")).json() == running[0]
        running[0] = None
        assert (await viewer.get("/v1/replay")).status_code == 204


async def test_health_and_metrics_say_how_far_the_store_is(server: Served) -> None:
    nobody = server.caller(None)
    position = await server.post(review("ann"))
    health = (await nobody.get("/health")).json()
    assert (health["status"], health["detail"], health["lag"]) == ("ok", "", 0)
    assert health["position"] == health["end"] >= position  # a day may have been closed since
    assert health["rulebook"] >= 1
    told = (await nobody.get("/metrics")).text
    applied = next(
        line for line in told.splitlines() if line.startswith('karmalog_records_folded_total{verdict="APPLIED"}')
    )
    outcomes = server.runtime.answers.known().outcomes
    assert float(applied.split()[-1]) == outcomes["APPLIED"] > 0
    reached = next(line for line in told.splitlines() if line.startswith("karmalog_position "))
    assert float(reached.split()[1]) >= position
    assert "karmalog_lag_records 0.0" in told
    assert 'karmalog_http_requests_total{method="POST",route="/v1/events",status="202"}' in told
    assert 'karmalog_http_request_seconds_bucket{le="0.001",method="GET",route="/health"}' in told
    await nobody.get("/some/address/of/the/moment")
    assert "/some/address" not in (await nobody.get("/metrics")).text


async def test_every_route_is_documented_with_what_it_answers(server: Served) -> None:
    described = (await server.caller(None).get("/openapi.json")).json()
    assert {
        "/v1/events", "/v1/boards", "/v1/boards/{board}", "/v1/boards/{board}/windows", "/v1/boards/{board}/stream",
        "/v1/members/me", "/v1/members/{member}", "/v1/badges", "/v1/feed", "/v1/shop", "/v1/rulebook", "/v1/replay",
        "/v1/history", "/v1/history/{run}", "/v1/members", "/v1/keys", "/v1/keys/{ident}", "/v1/texts", "/v1/digest",
        "/v1/challenges", "/v1/challenges/{challenge}", "/v1/challenges/{challenge}/me", "/v1/boards/{board}/cohort",
        "/health", "/metrics",
    } == {path for path in described["paths"] if not path.startswith(("/v1/karma/", "/v1/fairness/"))}  # fmt: skip
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            good = next(each for status, each in operation["responses"].items() if status in {"200", "201", "202"})
            assert path == "/metrics" or all(kind["schema"] for kind in good["content"].values())
            if path.startswith("/v1/"):
                assert operation["security"] == [{"key": []}]
                assert MEDIA_TYPE in operation["responses"]["default"]["content"]
    for path in ("/docs", "/redoc"):
        problem(await server.caller(None).get(path), 404, "NOT_FOUND")


async def test_what_fails_inside_is_a_problem_without_its_inside(server: Served) -> None:
    async def broken() -> None:
        raise RuntimeError("the inside")

    server.app.add_api_route("/broken", broken)
    answer = await server.caller(None).get("/broken")
    problem(answer, 500, "INTERNAL")
    assert "inside" not in answer.text


async def test_an_answer_is_the_same_for_everyone_who_asks_at_once(server: Served) -> None:
    viewer = server.caller("viewer")
    answers = await asyncio.gather(*(viewer.get("/v1/boards/reviews?window=2015-04") for _ in range(60)))
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1


def test_the_history_of_these_tests_is_real() -> None:
    assert len({json.dumps(each) for each in lines()}) == EVENTS

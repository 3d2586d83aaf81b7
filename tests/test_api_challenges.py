"""Challenges and leagues over HTTP, on a real store: rounds, shared counters, joining, cohorts, and what is settled."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from engine.calendar import WEEK, Calendar, name_of
from schemas.records import RECORD
from schemas.words import Day, Instant
from schemas.zones import zone
from streams.days import closing
from tests.api_server import Served, review, rulebook, served
from tests.test_api import problem

BOOK = """
apiVersion: karmalog/v1
kind: Rulebook
people: {visibility: listed, smallest_group: 2}
groups: {team: {one_at_a_time: true}}
rules:
  review: {event: code_review.given, award: 5}
challenges:
  weekly: {title: Three a week, score: {count: code_review.given}, every: week, goal: 3, reward: {points: 20}}
  sprint:
    title: Sprint
    score: {count: code_review.given}
    every: week
    opt_in: true
    by_rank: [50, 30]
  teams: {title: Teams, for: team, score: {count: code_review.given}, every: week, goal: 4, reward: {points: 7}}
  together: {title: All, for: everyone, score: {count: code_review.given}, every: week, goal: 5, reward: {points: 9}}
boards:
  sharing:
    score: {points: [review, weekly, sprint, teams, together]}
    windows: [week, all]
    league: {tiers: [bronze, silver], size: 5, promote: 1}
levels:
  climb: {score: {points: [review, weekly]}, steps: {one: 1, two: 30}}
"""
CALENDAR = Calendar(zone("UTC"))
MOMENT = datetime.now(UTC)
TODAY = CALENDAR.day(Instant(round(MOMENT.timestamp() * 1000)))
WEEK_NOW = CALENDAR.windows(TODAY)[WEEK]
THEN = name_of(WEEK, WEEK_NOW)


def given(member: str) -> dict[str, Any]:
    return review(member, time=MOMENT.isoformat())


def about(what: str, member: str, **data: str) -> dict[str, Any]:
    return review(member, type=what, time=(MOMENT - timedelta(seconds=1)).isoformat(), data=data)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Reviews of one moment: ann 4, ben 2, cem 1, and dan, who is hidden, 3; ann and ben are a team."""
    async with served(tmp_path_factory.mktemp("challenges"), book=rulebook(BOOK)) as found:
        await found.post(
            about("member.joined", "dan", visibility="hidden"),
            *(about("group.joined", member, kind="team", group="red") for member in ("ann", "ben")),
            about("challenge.joined", "ben", challenge="sprint"),
        )
        await found.post(*(given(member) for member in ("ann",) * 4 + ("ben",) * 2 + ("cem",) + ("dan",) * 3))
        yield found


@pytest.fixture
def viewer(server: Served) -> httpx.AsyncClient:
    return server.caller("viewer")


async def close_days(server: Served) -> None:
    """Says that the days of this week and the next are over, as the worker will do day by day."""
    runtime, now = server.runtime, server.service.reader.now()
    for day in range(TODAY, CALENDAR.days(WEEK, WEEK_NOW + 1)[1]):
        record = closing(runtime.org, Day(day), CALENDAR, now, runtime.hasher)
        await runtime.log.append(
            runtime.log.partition_of(runtime.org), [(runtime.org.encode(), RECORD.dump_json(record))]
        )
    assert await runtime.reach(await runtime.log.end(runtime.log.partition_of(runtime.org)), 30)


async def test_every_challenge_is_told_with_the_round_that_runs(viewer: httpx.AsyncClient) -> None:
    answer = (await viewer.get("/v1/challenges")).json()
    assert [each["challenge"] for each in answer["challenges"]] == ["weekly", "sprint", "teams", "together"]
    weekly = answer["challenges"][0]
    assert (weekly["title"], weekly["goal"], weekly["reward"]) == ("Three a week", 3, {"points": 20})
    assert datetime.fromisoformat(weekly["round"]["from"]).weekday() == 0


async def test_a_round_has_rows_or_groups_or_one_counter_for_all(viewer: httpx.AsyncClient) -> None:
    asked = {"round": THEN}
    members = (await viewer.get("/v1/challenges/weekly", params=asked)).json()
    assert [(row["rank"], row["member"], row["score"]) for row in members["rows"]] == [
        (1, "ann", 4),
        (2, "ben", 2),
        (3, "cem", 1),
    ]
    groups = (await viewer.get("/v1/challenges/teams", params=asked)).json()
    assert [(row["group"], row["score"]) for row in groups["rows"]] == [("red", 6)]
    together = (await viewer.get("/v1/challenges/together", params=asked)).json()
    assert (together["score"], together["rows"], together["goal"]) == (7, [], 5)


async def test_the_hidden_enter_the_shared_counter_for_operators_alone(server: Served) -> None:
    answer = (await server.caller("operator").get("/v1/challenges/together", params={"round": THEN})).json()
    assert answer["score"] == 10


async def test_what_is_no_round_or_no_challenge_is_refused_with_what_there_is(viewer: httpx.AsyncClient) -> None:
    said = problem(await viewer.get("/v1/challenges/weekly", params={"round": "2024"}), 404, "UNKNOWN_ROUND")
    assert "write one such as 20" in said["detail"]
    said = problem(await viewer.get("/v1/challenges/weakly"), 404, "UNKNOWN_CHALLENGE")
    assert "there are: sprint, teams, together, weekly" in said["detail"]
    problem(await viewer.get("/v1/boards/sharing/cohort", params={"of": "ann"}), 403, "NOT_ALLOWED")


async def test_a_cohort_shows_its_first_rows_and_a_hidden_member_their_own(server: Served) -> None:
    dan = server.caller("member:dan")
    answer = (await dan.get("/v1/boards/sharing/cohort", params={"of": "me", "window": THEN})).json()
    assert (answer["tier"], answer["cohort"], answer["cohorts"], answer["total"]) == ("bronze", 1, 1, 3)
    assert [(row["rank"], row["member"], row.get("you", False)) for row in answer["rows"]] == [
        (1, "ann", False),
        (None, "dan", True),
        (2, "ben", False),
        (3, "cem", False),
    ]
    problem(await dan.get("/v1/boards/sharing/cohort", params={"of": "me", "window": "2024"}), 404, "UNKNOWN_WINDOW")


async def test_when_the_days_are_closed_rewards_are_given_and_the_first_go_up(server: Served) -> None:
    operator = server.caller("operator")
    before = (await operator.get("/v1/members/ann")).json()
    assert before["points"] == {"review": 20, "weekly": 20}
    assert before["challenges"]["weekly"]["done"] == 1
    await close_days(server)
    points = {who: (await operator.get(f"/v1/members/{who}")).json()["points"] for who in ("ann", "ben", "cem", "dan")}
    assert points == {
        "ann": {"review": 20, "weekly": 20, "teams": 7, "together": 9},
        "ben": {"review": 10, "sprint": 50, "teams": 7, "together": 9},
        "cem": {"review": 5, "together": 9},
        "dan": {"review": 15, "weekly": 20, "together": 9},
    }
    asked = {"window": name_of(WEEK, WEEK_NOW + 2)}  # the first week that begins after the closing
    where = {
        who: (await operator.get("/v1/boards/sharing/cohort", params={"of": who, **asked})).json() for who in points
    }
    assert {who: each["tier"] for who, each in where.items()} == {
        "ann": "silver",
        "ben": "bronze",
        "cem": "bronze",
        "dan": "bronze",
    }


async def test_who_joins_is_counted_from_then_on_and_who_leaves_no_more(server: Served) -> None:
    member = server.caller("member:eva")
    await server.post(review("eva"))
    joined = await member.put("/v1/challenges/sprint/me")
    assert (joined.status_code, joined.json()["joined"]) == (202, True)
    await server.runtime.reach(joined.json()["position"], 30)
    position = await server.post(review("eva", time=datetime.now(UTC).isoformat()))
    me = (await member.get("/v1/members/me", params={"after": position})).json()
    assert (me["challenges"]["sprint"]["score"], me["challenges"]["sprint"]["joined"]) == (1, True)
    assert me["challenges"]["weekly"]["score"] == 2
    left = await member.delete("/v1/challenges/sprint/me")
    me = (await member.get("/v1/members/me", params={"after": left.json()["position"]})).json()
    assert (me["challenges"]["sprint"]["score"], me["challenges"]["sprint"]["joined"]) == (1, False)
    problem(await member.put("/v1/challenges/weekly/me"), 409, "NO_OPT_IN")
    problem(await server.caller("viewer").put("/v1/challenges/sprint/me"), 403, "NOT_ALLOWED")

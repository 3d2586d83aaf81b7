"""Hidden people cannot be computed: not from any public answer, nor from the difference of two."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from api.feed import last_reached
from engine import compiling
from schemas.records import Record
from schemas.rulebook import Rulebook
from schemas.words import Instant, MemberId
from streams.answers import Answers
from streams.boards import BoardQuery
from streams.challenges import RoundQuery
from streams.known import UnknownError
from streams.leagues import CohortQuery
from tests.api_server import Served, review, served
from tests.checked_once import remembering
from tests.conftest import EXAMPLES
from tests.folding import Folding, folded
from tests.hidden_worlds import (
    COMBINED,
    DAYS,
    ENOUGH,
    MEMBERS,
    SPENT,
    TEAMS,
    Naive,
    World,
    at,
    changed,
    chose,
    closings,
    hidden_in,
    joined,
    left,
    rulebook,
    said,
    spent,
    windows,
    worlds,
)
from tests.strategies import published
from tests.test_api_stream import following

NOW = Instant(at(DAYS))
RELAXED = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])

Seen = dict[tuple[str, ...], Any]
"""What everyone sees, by what was asked."""


@pytest.fixture(scope="module", autouse=True)
def expressions_are_checked_once() -> Iterator[None]:
    """They are pure, and checking those of the built-in activities again for every example takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "compile_expression", remembering())
        yield


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as made:
        yield made


# The adversary.

OWNERS = {"teams": "team", "guilds": "guild"}
"""For whom challenges are."""


def public(answers: Answers, hidden: str) -> Seen:
    """Every answer that anybody but operators and one hidden member may have."""
    found: Seen = {("feed",): [said_of(each) for each in last_reached(answers, NOW)]}
    for board in answers.boards()["boards"]:
        name = board["board"]
        found["windows", name] = answers.windows(name, now=NOW)["windows"]
        for window in windows():
            for by in board["by"]:
                found["board", name, window, by] = said_of(answers.board(BoardQuery(name, window, by), now=NOW))
        if "member" in board["by"]:
            for member in MEMBERS[1:]:
                query = BoardQuery(name, top=1, around=MemberId(member))
                found["around", name, member] = said_of(answers.board(query, now=NOW))
    for challenge in answers.challenges(now=NOW)["challenges"]:
        for week in ("2024-W10", "2024-W11"):
            for around in (None, *(MEMBERS[1:] if (challenge["challenge"], week) == ("race", "2024-W11") else ())):
                asked = RoundQuery(challenge["challenge"], week, None if around is None else MemberId(around))
                found["round", week, str(around), asked.challenge] = said_of(answers.round(asked, now=NOW))
    for member in MEMBERS[1:]:
        query = CohortQuery("longest", MemberId(member), "2024-W11")
        found["cohort", member] = said_of(answers.cohort(query, now=NOW))
    for member in MEMBERS:
        for to_everyone in {member == hidden, True}:
            found["member", member, str(to_everyone)] = record_of(answers, member, to_everyone=to_everyone)
    return found


def record_of(answers: Answers, member: str, *, to_everyone: bool) -> Any:
    try:
        return said_of(answers.member(MemberId(member), now=NOW, to_everyone=to_everyone))
    except UnknownError as error:
        return error.detail


def said_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without what tells how long the log is."""
    return {name: value for name, value in answer.items() if name not in {"position", "because"}}


@RELAXED
@given(world=worlds((0, 0, 1, 1, 1, 2, 4)), data=st.data())
def test_two_worlds_that_differ_in_what_one_hidden_member_did_have_the_same_public_answers(
    client: "redis.Redis", world: World, data: DataObject
) -> None:
    other = changed(world.log, world.hidden, data.draw(st.lists(st.integers(0, 9), max_size=25), "minutes instead"))
    batch = data.draw(st.sampled_from((1, 1_000)), "batch")  # where a batch is cut decides what late events cause
    naive = Naive(world)
    telling = {kind: may_tell(naive, world.hidden, kind) for kind in ("team", "guild")}
    # What is given for a goal of a group that covers its hidden members may hang on what one of them did.
    closed = closings() if not any(telling.values()) and data.draw(st.booleans(), "closed") else []
    one = public(folded(client, [*world.log, *closed], batch=batch), world.hidden)
    two = public(folded(client, [*other, *closed], batch=batch), world.hidden)
    for asked in one:
        kind = OWNERS.get(asked[-1], asked[-1])
        if asked[0] in {"board", "round"} and telling.get(kind):
            # Where enough are hidden the score may hold what they did, and so the ranks of others may move.
            assert scores_of(one[asked], telling[kind]) == scores_of(two[asked], telling[kind]), asked
        elif asked[0] != "round" or asked[-1] != "together" or not telling["team"] | telling["guild"]:
            assert one[asked] == two[asked], asked


def may_tell(naive: Naive, member: str, kind: str) -> set[str]:
    """Groups to which a member ever belonged and of which at least 3 are hidden."""
    ever = {group for day in range(DAYS) for group in naive.groups(member, kind, day)}
    return {group for group, count in hidden_in(naive, kind, ever).items() if count >= ENOUGH}


def scores_of(answer: Mapping[str, Any], but: set[str]) -> dict[str, Any]:
    return {row["group"]: (row["score"], row["members"]) for row in answer["rows"] if row["group"] not in but}


@RELAXED
@given(world=worlds((2, 3, 4, 6)), data=st.data())
def test_the_public_score_of_a_group_is_the_one_that_is_defined(
    client: "redis.Redis", world: World, data: DataObject
) -> None:
    folding, naive = Folding(client), Naive(world)
    place = 0
    while place < len(world.log):
        size = data.draw(st.integers(1, len(world.log)), "batch")
        folding.fold(*world.log[place : place + size])
        place += size
        if data.draw(st.booleans(), "restart"):
            folding.restart()
    for window, days in windows().items():
        for board, kind, operator in product(COMBINED, ("team", "guild"), (False, True)):
            answer = folding.answers.board(BoardQuery(board, window, kind, operator=operator), now=NOW)
            expected = naive.scores(board, kind, days, all_time=window == "all", operator=operator)
            seen = {row.get("group"): row["score"] for row in answer["rows"]}
            assert seen == expected, (board, window, kind, operator)


Counted = set[tuple[str, int, str]]
"""(group, day, hidden member): what they did on that day is in the group's public score."""


def counted(naive: Naive, start: int, days: range) -> Counted:
    covering = [group for group in TEAMS if naive.covers("team", group, start)]
    return {
        (group, day, member)
        for member in filter(naive.is_hidden, MEMBERS)
        for day in days
        for group in naive.groups(member, "team", day)
        if group in covering
    }


def of_a_day(pairs: Counted) -> dict[tuple[str, int], set[str]]:
    found: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for group, day, member in pairs:
        found[group, day].add(member)
    return found


@settings(max_examples=EXAMPLES)
@given(world=worlds((2, 3, 4)), window=st.sampled_from(sorted(windows())))
def test_no_score_of_a_group_and_no_step_of_one_tells_of_one_or_two(world: World, window: str) -> None:
    """By the definition alone, which the one before holds the answers to.

    Left out are who shows themselves, and thereby tells the others' sum, and what the member did about whom something
    is said: it goes with them.
    """
    days = windows()[window]
    start = -DAYS if window == "all" else days[0]
    before, naive = Counted(), Naive(world)
    for end, each in enumerate(world.log, 1):
        was, naive = naive, Naive(World(world.log[:end]))
        if each["type"] in {"rulebook.published", SPENT}:
            continue
        now = counted(naive, start, days)
        for (_, day), members in of_a_day(now).items():
            assert sum(naive.is_secret(member, day) for member in members) not in {1, 2}
        shows = each["data"].get("visibility") not in {None, "hidden"}
        for (_, day), members in of_a_day(before ^ now).items():
            told = {member for member in members if was.is_secret(member, day) or naive.is_secret(member, day)}
            assert shows or len(told) not in {1, 2} or told == {each["subject"]}
        before = now


# Each sentence by hand. Where nothing else is said, m0 … m6 are in team red from the first day on.

BOOK = published(1, None, rulebook(), at(-9))
RED = [joined(member, "red", 0) for member in MEMBERS]
TWO_EACH = [spent(member, 2, 1) for member in MEMBERS]


def hide(count: int, day: float = 0) -> list[Record]:
    return [chose(member, "hidden", day) for member in MEMBERS[:count]]


def scores(answers: Answers, window: str = "all", by: str = "team", *, operator: bool = False) -> dict[str, Any]:
    """The scores of a board's rows."""
    answer = answers.board(BoardQuery("minutes", window, by, operator=operator), now=NOW)
    return {str(row.get(by if by == "member" else "group")): row["score"] for row in answer["rows"]}


def around(answers: Answers, member: str, *, top: int = 0) -> list[tuple[int | None, str]]:
    rows = answers.board(BoardQuery("minutes", top=top, around=MemberId(member)), now=NOW)["rows"]
    return [(row["rank"], str(row.get("member"))) for row in rows]


@pytest.mark.parametrize(("hidden", "score"), [(0, 14), (1, 12), (2, 10), (3, 14), (7, 14)])
def test_hidden_members_are_counted_with_their_group_from_three_on(
    client: "redis.Redis", hidden: int, score: int
) -> None:
    answers = folded(client, [BOOK, *RED, *TWO_EACH, *hide(hidden)])
    for window in ("all", "2024-W10", "2024-03-05"):
        assert scores(answers, window) == {"red": score}
        assert scores(answers, window, operator=True) == {"red": 14}


def test_ranks_and_totals_of_groups_follow_the_scores_that_are_shown(client: "redis.Redis") -> None:
    blue = [joined("m1", "blue", 0), joined("m2", "blue", 0), spent("m1", 5, 1)]
    answers = folded(client, [BOOK, *RED, *blue, spent("m0", 9, 1), spent("m3", 4, 1), *hide(1)])
    rows = answers.board(BoardQuery("minutes", by="team"), now=NOW)["rows"]
    assert rows == [
        {"rank": 1, "group": "blue", "score": 5, "members": 2},
        {"rank": 2, "group": "red", "score": 4, "members": 5},
    ]
    rows = answers.board(BoardQuery("minutes", by="team", operator=True), now=NOW)["rows"]
    assert [(row["rank"], row.get("group"), row["score"]) for row in rows] == [(1, "red", 13), (2, "blue", 5)]


def test_a_group_in_which_only_hidden_members_did_something_has_no_row(client: "redis.Redis") -> None:
    answers = folded(client, [BOOK, *RED, spent("m0", 2, 1), *hide(1)])
    answer = answers.board(BoardQuery("minutes", by="team"), now=NOW)
    assert (answer["total"], answer["rows"]) == (0, [])


def test_what_a_member_added_to_a_group_moves_with_what_they_choose(client: "redis.Redis") -> None:
    folding = Folding(client).fold(BOOK, *RED, *TWO_EACH)
    for visibility, score in (("hidden", 12), ("listed", 14), ("hidden", 12), ("nickname", 14)):
        folding.fold(chose("m3", visibility, 2 + len(folding.log) / 24))
        assert scores(folding.answers) == {"red": score}
    # In one batch: they hide, what they did in red turns out to have been in blue, and something comes late.
    folding.fold(chose("m3", "hidden", 7), joined("m3", "blue", 0.5), spent("m3", 3, 1))
    assert scores(folding.answers) == {"red": 12}
    assert scores(folding.answers, operator=True) == {"red": 12, "blue": 5}


# What two numbers tell together.


def test_a_third_one_who_comes_does_not_tell_what_the_first_two_did(client: "redis.Redis") -> None:
    third = [joined("m2", "blue", 0), *hide(3)]
    folding = Folding(client).fold(BOOK, *RED, *third, *TWO_EACH, spent("m0", 2, 4), spent("m0", 2, 5))
    before = {window: scores(folding.answers, window)["red"] for window in ("all", "2024-W10", "2024-03-05")}
    assert before == {"all": 8, "2024-W10": 8, "2024-03-05": 8}
    folding.fold(joined("m2", "red", 4), spent("m6", 1, 4), spent("m6", 1, 5))
    assert scores(folding.answers) == {"red": 10}
    assert scores(folding.answers, "2024-W10") == {"red": 10}
    assert scores(folding.answers, "2024-03-05") == {"red": 8}
    assert scores(folding.answers, "2024-03-08") == {"red": 1}  # the day began with two
    assert scores(folding.answers, "2024-03-09") == {"red": 3}  # from then on three are counted


def test_two_who_hide_do_not_lay_bare_a_third_who_was_hidden_before(client: "redis.Redis") -> None:
    did = [spent("m0", 9, 3), spent("m1", 2, 3), spent("m1", 1, 6)]
    folding = Folding(client).fold(BOOK, *RED, *TWO_EACH, *did, *hide(1))
    assert scores(folding.answers, "2024-03-07") == {"red": 2}
    folding.fold(chose("m1", "hidden", 5), chose("m2", "hidden", 5))
    assert scores(folding.answers, "2024-03-07") == {}
    assert scores(folding.answers) == {"red": 8}
    assert scores(folding.answers, "2024-03-10") == {"red": 1}


@pytest.mark.parametrize("goes", [left("m2", 5), said("group.left", "m2", 5, {"kind": "team", "group": "red"})])
def test_where_one_of_three_goes_the_other_two_are_counted_no_more(client: "redis.Redis", goes: Record) -> None:
    folding = Folding(client).fold(BOOK, *RED, *TWO_EACH, *hide(3))
    assert scores(folding.answers) == {"red": 14}
    folding.fold(goes)
    assert scores(folding.answers) == {"red": 8}


def test_hidden_members_are_counted_in_one_kind_of_group_alone(client: "redis.Redis") -> None:
    guild = [joined(member, "go", 0, kind="guild") for member in MEMBERS[1:]]  # as red, but for one who is hidden
    answers = folded(client, [BOOK, *RED, *guild, *TWO_EACH, *hide(5)])
    assert scores(answers) == {"red": 14}
    assert scores(answers, by="guild") == {"go": 4}


def test_groups_that_share_a_hidden_member_do_not_count_their_hidden_members(client: "redis.Redis") -> None:
    book = published(1, None, rulebook(one_at_a_time=False, kinds="team guild"), at(-9))
    folding = Folding(client).fold(book, *RED, *TWO_EACH, *hide(3))
    assert scores(folding.answers) == {"red": 14}
    folding.fold(joined("m0", "blue", 0), spent("m6", 1, 2))
    assert scores(folding.answers) == {"red": 9}


def test_members_whom_the_rulebook_hides_are_counted_as_the_others(client: "redis.Redis") -> None:
    hides = published(2, "2024-03-08", rulebook(visibility="hidden"), at(3))
    listed = [chose(member, "listed", 0) for member in MEMBERS[3:]]
    late = [spent("m0", 1, 4.5), spent("m0", 1, 5)]
    folding = Folding(client).fold(BOOK, *RED, *TWO_EACH, *listed, chose("m0", "hidden", 0), *late)
    assert scores(folding.answers) == {"red": 12}
    folding.fold(hides)
    assert scores(folding.answers) == {"red": 8}
    assert scores(folding.answers, "2024-03-08") == {}
    assert scores(folding.answers, "2024-03-09") == {"red": 1}


# Boards of members.


def test_former_members_leave_the_boards_and_stay_in_the_log(client: "redis.Redis") -> None:
    folding = Folding(client).fold(BOOK, *RED, *TWO_EACH, left("m6", 2))
    assert "m6" not in scores(folding.answers, by="member", operator=True)
    assert scores(folding.answers) == {"red": 14}
    folding.fold(chose("m6", "hidden", 3))
    assert scores(folding.answers) == {"red": 12}
    assert len(folding.log) == folding.answers.known().position
    folding.fold(said("member.joined", "m6", 4, {"visibility": "listed"}))
    assert scores(folding.answers, by="member")["m6"] == 2
    assert scores(folding.answers) == {"red": 14}


def test_windows_in_which_only_hidden_members_did_something_are_not_named(client: "redis.Redis") -> None:
    folding = Folding(client).fold(BOOK, *RED, spent("m0", 1, 1), spent("m1", 1, 2), spent("m0", 1, 7))
    names = ["2024-03-05", "2024-03-06", "2024-03-11", "2024-W10", "2024-W11", "all"]
    assert folding.answers.windows("minutes", now=NOW)["windows"] == names
    folding.fold(*hide(1))
    assert folding.answers.windows("minutes", now=NOW)["windows"] == ["2024-03-06", "2024-W10", "all"]
    assert folding.answers.windows("minutes", now=NOW, operator=True)["windows"] == names


def test_a_member_sees_the_two_ahead_and_nobody_behind_or_beside(client: "redis.Redis") -> None:
    minutes = {"m0": 9, "m1": 7, "m2": 7, "m3": 7, "m4": 5, "m5": 5, "m6": 3}
    answers = folded(client, [BOOK, *(spent(member, score, 1) for member, score in minutes.items())])
    assert around(answers, "m0") == [(1, "m0")]
    assert around(answers, "m2") == [(1, "m0"), (2, "m2")]
    assert around(answers, "m4") == [(2, "m2"), (2, "m3"), (5, "m4")]
    assert around(answers, "m6") == [(5, "m4"), (5, "m5"), (7, "m6")]
    assert around(answers, "m6", top=2) == [(1, "m0"), (2, "m1"), (5, "m4"), (5, "m5"), (7, "m6")]


def test_a_hidden_member_sees_their_own_score_without_a_rank_and_the_listed_ones_ahead(client: "redis.Redis") -> None:
    minutes = {"m0": 4, "m1": 5, "m2": 4, "m3": 7, "m4": 9, "m5": 3, "m6": 4}
    log = [BOOK, *(spent(member, score, 1) for member, score in minutes.items()), *hide(2)]
    answers = folded(client, log)
    assert around(answers, "m0") == [(1, "m4"), (2, "m3"), (None, "m0")]
    assert around(answers, "m0", top=1) == [(1, "m4"), (2, "m3"), (None, "m0")]
    assert around(answers, "m0", top=3) == [(1, "m4"), (2, "m3"), (None, "m0"), (3, "m2")]
    assert around(answers, "m5") == [(3, "m2"), (3, "m6"), (5, "m5")]
    assert around(answers, "nobody") == []


def test_a_board_that_is_kept_by_teams_alone_shows_no_member(client: "redis.Redis") -> None:
    answers = folded(client, [BOOK, *RED, *TWO_EACH])
    answer = answers.board(BoardQuery("points"), now=NOW)
    assert (answer["by"], [row.get("group") for row in answer["rows"]]) == ("team", ["red"])
    with pytest.raises(UnknownError, match="board 'points' is kept by team, not by 'member'"):
        answers.board(BoardQuery("points", by="member", operator=True), now=NOW)


def test_who_chose_to_be_hidden_is_counted_over_the_whole_organisation_from_the_smallest_group_on(
    client: "redis.Redis",
) -> None:
    book = published(1, None, rulebook(visibility="hidden", smallest_group=3), at(-9))
    folding = Folding(client).fold(book, *RED, *hide(2), spent("m6", 1, 1))

    def told(window: str = "all", by: str = "member") -> int | None:
        return folding.answers.board(BoardQuery("minutes", window, by), now=NOW).get("hidden")

    assert told() is None
    folding.fold(chose("m2", "hidden", 1))
    assert {told(), told("2024-03-04"), told("2024-W20")} == {3}
    assert told(by="team") is None
    folding.fold(chose("m3", "hidden", 1), left("m3", 2), chose("m4", "nickname", 1))
    folding.restart()
    folding.fold(chose("m5", "hidden", 3))
    assert told() == 4
    folding.fold(chose("m0", "listed", 4), chose("m1", "listed", 4))
    assert told() is None


def test_operators_alone_see_a_group_with_which_a_smaller_one_could_be_subtracted(client: "redis.Redis") -> None:
    book = published(1, None, rulebook(smallest_group=3), at(-9))
    guild = [joined(member, "go", 0, kind="guild") for member in MEMBERS]
    folding = Folding(client).fold(book, *RED[:5], *guild, *TWO_EACH)  # all but two of the guild are in red
    for _ in ("before a restart", "after it"):
        assert (scores(folding.answers), scores(folding.answers, by="guild")) == ({}, {"go": 14})
        assert scores(folding.answers, operator=True) == {"red": 10}
        folding.restart()
        folding.fold(chose("m0", "listed", 1))
    folding.fold(joined("m4", "blue", 2))
    assert scores(folding.answers) == {"red": 10}


# Over HTTP.


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with two members who are listed, and a third one who hides."""
    book = {**rulebook(), "boards": {"reviews": {"score": {"count": "code_review.given"}, "windows": ["month"]}}}
    async with served(tmp_path, book=Rulebook.model_validate(book)) as found:
        hides = {"type": "member.visibility_changed", "data": {"visibility": "hidden"}}
        await found.post(*(review(member) for member in ("ann", "bob", "cat")), review("cat", **hides))
        yield found


async def test_others_are_told_the_same_of_a_hidden_member_as_of_one_who_is_not_there(server: Served) -> None:
    for role in ("viewer", "member:ann"):
        caller = server.caller(role)
        for path in ("/v1/members/{}", "/v1/members/{}?after=1", "/v1/boards/reviews?around={}"):
            told = []
            for member in ("cat", "dog"):
                answer = await caller.get(path.format(member))
                headers = {name: value for name, value in answer.headers.items() if name != "date"}
                told.append((answer.status_code, answer.text.replace(member, "…"), headers))
            assert told[0] == told[1]
            assert told[0][0] in {403, 404}
    for role in ("operator", "member:cat"):
        assert (await server.caller(role).get("/v1/members/cat")).json()["points"] == {}
    rows = (await server.caller("member:cat").get("/v1/boards/reviews?around=me")).json()["rows"]
    assert [(row["rank"], row["member"], row.get("you")) for row in rows] == [
        (1, "ann", None),
        (1, "bob", None),
        (None, "cat", True),
    ]


async def test_a_board_that_is_followed_says_nothing_of_what_a_hidden_member_does(server: Served) -> None:
    async with following(server.caller("viewer")) as stream:
        await stream.next()
        for _ in range(3):
            await server.post(review("cat"))
            await asyncio.sleep(0.3)  # so that a push would be on its way
        await server.post(review("bob"))
        assert [(row["member"], row["score"]) for row in (await stream.next()).data["rows"]] == [("bob", 2), ("ann", 1)]

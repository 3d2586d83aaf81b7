"""Hidden people cannot be computed: not from any public answer, nor from the difference of two."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pydantic_core import to_json

from api.feed import last_reached
from engine import compiling
from engine.expression_types import Expected, Schema
from engine.expressions import Expression
from schemas.words import Instant, MemberId
from streams.answers import Answers
from streams.boards import BoardQuery
from streams.known import UnknownError
from tests.conftest import EXAMPLES
from tests.folding import Folding, folded
from tests.hidden_worlds import DAYS, ENOUGH, MEMBERS, Naive, World, at, changed, hidden_in, windows, worlds

NOW = Instant(at(DAYS))
RELAXED = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])

Seen = dict[tuple[str, ...], Any]
"""What everyone sees, by what was asked."""


@pytest.fixture(scope="module", autouse=True)
def expressions_are_checked_once() -> Iterator[None]:
    """They are pure, and checking those of the built-in activities again for every example takes most of the time."""
    known: dict[tuple[str, bytes, Expected], Expression] = {}
    check = compiling.compile_expression

    def remembered(text: str, schema: Schema, expected: Expected) -> Expression:
        key = (text, to_json(schema), expected)
        if key not in known:
            known[key] = check(text, schema, expected)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "compile_expression", remembered)
        yield


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as made:
        yield made


# The adversary.


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
@given(world=worlds(), data=st.data())
def test_two_worlds_that_differ_in_what_one_hidden_member_did_have_the_same_public_answers(
    client: "redis.Redis", world: World, data: DataObject
) -> None:
    other = changed(world.log, world.hidden, data.draw(st.lists(st.integers(0, 9), max_size=25), "minutes instead"))
    batch = data.draw(st.sampled_from((2, 7, 1_000)), "batch")
    one = public(folded(client, world.log, batch=batch), world.hidden)
    two = public(folded(client, other), world.hidden)
    naive = Naive(world)
    for asked in one:
        if asked[0] == "board" and asked[-1] != "member":
            tell = may_tell(naive, world.hidden, asked[-1])
            if tell:  # where enough are hidden the score may hold what they did, and so the ranks of others may move
                assert scores_of(one[asked], tell) == scores_of(two[asked], tell), asked
                continue
        assert one[asked] == two[asked], asked


def may_tell(naive: Naive, member: str, kind: str) -> set[str]:
    """Groups to which a member ever belonged and of which at least 3 are hidden."""
    ever = {group for day in range(DAYS) for group in naive.groups(member, kind, day)}
    return {group for group, count in hidden_in(naive, kind, ever).items() if count >= ENOUGH}


def scores_of(answer: Mapping[str, Any], but: set[str]) -> dict[str, Any]:
    return {row["group"]: (row["score"], row["members"]) for row in answer["rows"] if row["group"] not in but}


@RELAXED
@given(world=worlds(), data=st.data())
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
        for kind in ("team", "guild"):
            for operator in (False, True):
                answer = folding.answers.board(BoardQuery("minutes", window, kind, operator=operator), now=NOW)
                expected = naive.minutes(kind, days, all_time=window == "all", operator=operator)
                assert {row.get("group"): row["score"] for row in answer["rows"]} == expected, (window, kind, operator)

"""A window of a board is read as it is defined: every shelf, ties, hidden members, the rows around one, names."""

from typing import Any, cast

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import to_json

from engine.calendar import ALL
from engine.organisation import Organisation
from schemas.rulebook import Rulebook
from schemas.words import Instant, MemberId, OrgId, Position
from streams.answers import Answers
from streams.boards import BoardQuery
from streams.keys import Keys
from streams.known import UnknownError
from tests.conftest import EXAMPLES

ORG = OrgId("acme")
NOW = Instant(1_710_000_000_000)
MEMBERS = ("a", "b", "c", "d", "e", "f", "é", "zz", "Z")

_People = dict[str, tuple[int, str, bool]]
"""Score, shelf and whether there is a name, by member."""

people = st.dictionaries(
    st.sampled_from(MEMBERS),
    st.tuples(st.integers(-3, 3).filter(bool), st.sampled_from(("listed", "open", "hidden")), st.booleans()),
)


def book(*boards: str, visibility: str = "listed", top: int = 5) -> Rulebook:
    score = {"score": {"count": "talk.presented"}, "top": top}
    return Rulebook.model_validate(
        {
            "apiVersion": "karmalog/v1",
            "kind": "Rulebook",
            "people": {"visibility": visibility},
            "boards": dict.fromkeys(boards, score),
        }
    )


def store(client: "redis.Redis", held: _People, *books: Rulebook) -> None:
    """Writes what a worker would have written."""
    org, keys, pipe = Organisation(ORG), Keys(ORG), client.pipeline()
    pipe.flushdb()
    for number, each in enumerate(books):
        org.publish(each, number or None, Instant(1 + number), Position(number))
        pipe.rpush(keys.books, to_json([number or None, each.stored()]))
    pipe.set(keys.state, org.dump())
    pipe.hset(keys.checkpoint, mapping={"position": 7, "last": "l", "log": "g"})
    for member, (score, shelf, is_named) in held.items():
        pipe.zadd(keys.board(0, ALL, 0, shelf), {member: -score})
        if is_named:
            pipe.hset(keys.names(), member, f"Name of {member}")
    pipe.execute()


def naive(held: _People, query: BoardQuery, *, open_is_hidden: bool, shown_top: int) -> list[dict[str, Any]]:
    """The rows as docs/definitions.md has them."""
    listed = {member for member, (_, shelf, _) in held.items() if shelf != "hidden"}
    if open_is_hidden:
        listed = {member for member, (_, shelf, _) in held.items() if shelf == "listed"}
    order = sorted(held, key=lambda member: (-held[member][0], member.encode()))
    seen = [member for member in order if query.operator or member in listed]
    top = shown_top if query.top is None else query.top
    rows = seen[: top if query.operator else min(top, shown_top)]
    if query.around in held:
        score = held[query.around][0]
        ahead = [member for member in order if member in listed and held[member][0] > score][-2:]
        more = [] if query.around in rows else [*ahead, query.around]
        rows = [member for member in order if member in {*rows, *more}]
    return [
        {
            "rank": 1 + sum(held[other][0] > held[member][0] for other in listed) if member in listed else None,
            "member": member,
            "score": held[member][0],
        }
        | ({"name": f"Name of {member}"} if held[member][2] else {})
        for member in rows
    ]


@pytest.mark.parametrize("visibility", ["listed", "hidden"])
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    held=people,
    top=st.none() | st.integers(0, 12),
    around=st.none() | st.sampled_from(MEMBERS),
    operator=st.booleans(),
)
def test_a_board_has_the_rows_that_are_defined(
    redis_url: str, visibility: str, held: _People, top: int | None, around: str | None, *, operator: bool
) -> None:
    query = BoardQuery("b", top=top, around=cast("MemberId | None", around), operator=operator)
    with redis.Redis.from_url(redis_url) as client:
        store(client, held, book("b", visibility=visibility))
        answer = Answers(client, ORG).board(query, now=NOW)
    open_is_hidden = visibility == "hidden"
    assert answer["rows"] == naive(held, query, open_is_hidden=open_is_hidden, shown_top=5)
    shelves = {"listed"} if open_is_hidden else {"listed", "open"}
    assert answer["total"] == sum(shelf in shelves for _, shelf, _ in held.values())
    assert (answer["position"], answer["rulebook"]) == (7, 1)


def test_a_board_that_no_newer_rulebook_names_keeps_its_rows(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        store(client, {"a": (3, "listed", False)}, book("b"), book("c"), book("d"))
        answers = Answers(client, ORG)
        answer = answers.board(BoardQuery("b"), now=NOW)
        assert answer["rows"] == [{"rank": 1, "member": "a", "score": 3}]
        with pytest.raises(UnknownError, match="no board is called 'e'; there are: d"):
            answers.board(BoardQuery("e"), now=NOW)

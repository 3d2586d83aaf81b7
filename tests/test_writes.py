"""The script that writes a batch: objects and plain values come out of Redis as they went in, or nothing is written."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.words import OrgId
from streams.keys import Keys
from streams.store import Identity, Moved, Store
from streams.writes import Call

ACME = OrgId("acme")
KEYS = Keys(ACME)
BOARD = KEYS.board(1, 2, 3, "listed")
NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8) | st.sampled_from(
    ["1", "1.0", "-0", "null", '"', "\\", "{}", "a\0b", "\u202e", "ä", "😀", " ", "__index"]
)
SCORES = st.integers(-(2**53) + 1, 2**53 - 1) | st.just(0) | st.none()


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    made = redis.Redis.from_url(redis_url)
    made.flushall()
    yield made
    made.flushall()
    made.close()


def call(expected: int, owner: str = "me") -> Call:
    fields = {"position": expected + 1, "owner": owner}
    made = Call(ACME, (), expected, expected + 1, [KEYS.checkpoint], [expected, owner, 2 * len(fields)])
    for pair in fields.items():
        made.arguments += pair
    return made


def store(client: "redis.Redis") -> Store:
    client.delete(KEYS.checkpoint)
    client.hset(KEYS.checkpoint, "owner", "me")
    return Store(client, Identity("", "", ""), "me")


RELAXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@RELAXED
@given(st.lists(st.dictionaries(NAMES, SCORES, max_size=6), min_size=1, max_size=3))
def test_scores_are_those_that_were_written_last(client: "redis.Redis", rows: list[dict[str, int | None]]) -> None:
    client.delete(BOARD)
    writing, wanted = store(client), dict[bytes, float]()
    for number, row in enumerate(rows):
        made = call(number)
        made.write_object("SCORES", BOARD, row)
        assert writing.apply(made) is None
        for member, score in row.items():
            if score:
                wanted[member.encode()] = -score
            else:
                wanted.pop(member.encode(), None)
    assert dict(client.zrange(BOARD, 0, -1, withscores=True)) == wanted


@RELAXED
@given(st.lists(st.dictionaries(NAMES, SCORES.filter(lambda score: score is not None), max_size=6), max_size=3), NAMES)
def test_a_group_has_the_greatest_that_was_ever_raised_until_it_is_taken_off(
    client: "redis.Redis", rows: list[dict[str, int]], group: str
) -> None:
    client.delete(BOARD, f"{BOARD}:{group}")
    writing, wanted = store(client), dict[str, int]()
    for number, row in enumerate(rows):
        made = call(number)
        made.write_object("RAISED", f"{BOARD}:{group}", row)
        made.write("FIRSTS", BOARD, group)
        assert writing.apply(made) is None
        wanted |= {name: max(score, wanted.get(name, score)) for name, score in row.items()}
        assert client.zscore(BOARD, group) == (-max(wanted.values()) if wanted else None)
    made = call(len(rows))
    made.write_all("ZREM", f"{BOARD}:{group}", list(wanted))
    made.write("FIRSTS", BOARD, group)
    assert writing.apply(made) is None
    assert client.exists(BOARD, f"{BOARD}:{group}") == 0


@RELAXED
@given(st.lists(st.dictionaries(NAMES, st.none() | NAMES, max_size=6), min_size=1, max_size=3))
def test_fields_are_those_that_were_written_last(client: "redis.Redis", rows: list[dict[str, str | None]]) -> None:
    client.delete("{acme}:fields")
    writing, wanted = store(client), dict[bytes, bytes]()
    for number, row in enumerate(rows):
        made = call(number)
        made.write_object("FIELDS", "{acme}:fields", row)
        assert writing.apply(made) is None
        for name, content in row.items():
            if content is None:
                wanted.pop(name.encode(), None)
            else:
                wanted[name.encode()] = content.encode()
    assert client.hgetall("{acme}:fields") == wanted


@pytest.mark.parametrize("count", [1, 2_001, 9_000])
def test_any_number_of_values_is_written_in_one_call(client: "redis.Redis", count: int) -> None:
    made = call(0)
    for number in range(count):
        made.write("SET", f"{{acme}}:plain:{number}", b"\0" + str(number).encode())
    made.write_object("SCORES", BOARD, {f"m{number}": number + 1 for number in range(count)})
    made.write_object("FIELDS", "{acme}:fields", {f"f{number}": str(number) for number in range(count)})
    assert store(client).apply(made) is None
    assert client.mget([f"{{acme}}:plain:{number}" for number in range(count)]) == [
        b"\0" + str(number).encode() for number in range(count)
    ]
    assert (client.zcard(BOARD), client.hlen("{acme}:fields")) == (count, count)


@pytest.mark.parametrize(("expected", "owner"), [(1, "me"), (0, "somebody else")])
def test_a_call_that_finds_the_store_elsewhere_writes_nothing(client: "redis.Redis", expected: int, owner: str) -> None:
    writing, made = store(client), call(expected, owner)
    made.write("SET", "{acme}:plain", b"x")
    made.write_object("SCORES", BOARD, {"ann": 5})
    assert writing.apply(made) == Moved(0, "me")
    assert client.exists("{acme}:plain", BOARD) == 0


def test_facts_that_are_there_already_are_not_said_twice(client: "redis.Redis") -> None:
    writing = store(client)
    for expected in (0, 0):  # the second time as after an older copy of Redis, which has the outbox already
        client.hset(KEYS.checkpoint, "position", expected)
        made = call(expected)
        made.write("XADD", KEYS.outbox, "7-0", "facts", b"blob", "batch", "0-7")
        made.write("SET", "{acme}:plain", b"x")
        assert writing.apply(made) is None
    found: list[Any] = client.xrange(KEYS.outbox)
    assert [ident for ident, _ in found] == [b"7-0"]
    assert client.get("{acme}:plain") == b"x"

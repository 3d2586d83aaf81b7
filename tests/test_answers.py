"""Answers are of one moment, whatever moves meanwhile, and are given by every server that still answers at all."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from schemas.records import Record
from schemas.words import MemberId
from streams.answers import Answers
from streams.asking import Read
from streams.boards import BoardQuery
from streams.known import UnknownError, Versions
from tests.answering import NOW, ORG, POINTS, TOPS, Expected, expected, fold, history, name_everyone
from tests.api_server import RULEBOOK, served
from tests.api_server import rulebook as read_rulebook
from tests.services import Redis
from tests.services.process import free_ports
from tests.services.programs import redis_servers
from tests.split import until

LOG = history(400)
MEMBER = MemberId("m00")
"""The first one of the log, who is there as soon as anybody is."""
_TRUE: dict[tuple[int, int], Expected] = {}
QUERIES = (
    BoardQuery("b"),
    BoardQuery("b", "2024-03-04"),
    BoardQuery("b", top=3, operator=True, around=MEMBER),
    BoardQuery("b", by="team"),
)


@pytest.fixture(params=redis_servers(), ids=lambda program: program.name)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redis]:
    """Every Redis and Valkey of this machine in turn."""
    with Redis(tmp_path / "redis", request.param) as made:
        yield made


@pytest.fixture
def client(server: Redis) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(server.url) as made:
        yield made


def all_answers(answers: Answers) -> list[Any]:
    """Every kind of answer there is."""
    known = answers.known()
    return [
        answers.boards(),
        *(answers.board(query, now=NOW) for query in QUERIES),
        answers.windows("b", now=NOW),
        answers.member(MEMBER, now=NOW),
        (known.position, known.outcomes, known.rosters, known.clock, known.plan.version),
    ]


def check(answers: Answers, log: list[Record]) -> int:
    """Holds every kind of answer against what is true at the position that it names; the last position."""
    board, day, around, teams = (answers.board(query, now=NOW) for query in QUERIES)
    for answer in (board, day, around, teams):
        assert answer["rulebook"] == _true(log, answer["position"]).version
    true = _true(log, board["position"])
    assert board["rows"] == true.rows(TOPS[true.version - 1])
    assert board["total"] == len(true.scores)
    true = _true(log, around["position"])
    assert around["rows"] == true.rows(3, MEMBER)
    true = _true(log, teams["position"])
    found = {str(row.get("group")): (row["score"], row.get("members")) for row in teams["rows"]}
    assert found == true.groups()

    windows = answers.windows("b", now=NOW)
    assert windows["windows"] == [*sorted(_true(log, windows["position"]).days), "all"]
    known = answers.known()
    assert sum(known.outcomes.values()) == known.position
    assert known.rosters.get("team", {}) == _sizes(_true(log, known.position))
    member = answers.member(MEMBER, now=NOW)
    assert member["points"] == {"time": POINTS * _true(log, member["position"]).scores[MEMBER]}
    return known.position


def _true(log: list[Record], position: int) -> Expected:
    slot = (len(log), position)
    if slot not in _TRUE:
        _TRUE[slot] = expected(log, position)
    return _TRUE[slot]


def _sizes(true: Expected) -> dict[str, int]:
    return {team: size for team, (_, size) in true.groups().items()}


def test_an_answer_is_of_one_position_while_a_worker_moves_on(
    server: Redis, client: "redis.Redis", tmp_path: Path
) -> None:
    name_everyone(client)
    log = history(4_000)
    fold(tmp_path, server.url, log[:3])  # so that there is something to ask
    writer = threading.Thread(target=fold, args=(tmp_path, server.url, log))
    answers, position = Answers(client, ORG), 0
    writer.start()
    while position < len(log):
        alive = writer.is_alive()
        position = check(answers, log)
        assert alive or position == len(log), "the worker has ended"
    writer.join()


def test_a_full_redis_still_answers_everything(server: Redis, client: "redis.Redis", tmp_path: Path) -> None:
    name_everyone(client)
    fold(tmp_path, server.url, LOG)
    before = all_answers(Answers(client, ORG))
    client.config_set("maxmemory", "1mb")
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        client.set("anything", "more")
    client.script_flush()  # it may have restarted since: then it has no script
    assert all_answers(Answers(client, ORG)) == before
    check(Answers(client, ORG), LOG)


async def test_a_full_redis_still_answers_every_route(tmp_path: Path) -> None:
    routes = ["boards", "boards/reviews?window=2015", "boards/reviews/windows", "badges", "shop", "feed", "rulebook"]
    async with served(tmp_path, book=read_rulebook(RULEBOOK.read_text()), events=50) as server:
        operator = server.caller("operator")
        member = (await operator.get("/v1/boards/reviews?window=all")).json()["rows"][0]["member"]
        routes += [f"members/{member}", f"boards/reviews?window=all&around={member}"]
        server.runtime.redis.config_set("maxmemory", "1mb")
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            server.runtime.redis.set("anything", "more")
        for route in routes:
            answer = await operator.get(f"/v1/{route}")
            assert answer.status_code == 200, (route, answer.text)
        assert (await operator.get("/health")).json()["rulebook"] == 1


def test_a_replica_gives_the_same_answers(server: Redis, client: "redis.Redis", tmp_path: Path) -> None:
    name_everyone(client)
    fold(tmp_path, server.url, LOG)
    with Redis(tmp_path / "replica", server.program) as other, redis.Redis.from_url(other.url) as replica:
        client.config_set("repl-diskless-sync-delay", 0)
        replica.replicaof("127.0.0.1", server.port)
        client.wait(1, 30_000)
        with pytest.raises(redis.exceptions.ReadOnlyError):
            replica.set("anything", "more")
        assert all_answers(Answers(replica, ORG)) == all_answers(Answers(client, ORG))


class ClusterNode(Redis):
    """A cluster of one: it refuses calls whose keys lie in several slots, and keys that a script did not declare."""

    def argv(self) -> list[str]:
        """See `Redis`."""
        bus = str(free_ports(1)[0])  # by default 10,000 above the port, where somebody may listen
        return [*super().argv(), "--cluster-enabled", "yes", "--cluster-port", bus]


def test_a_cluster_gives_the_same_answers(server: Redis, client: "redis.Redis", tmp_path: Path) -> None:
    name_everyone(client)
    fold(tmp_path, server.url, LOG)
    with ClusterNode(tmp_path / "node", server.program) as node, redis.Redis.from_url(node.url) as cluster:
        cluster.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        until(lambda: cluster.execute_command("CLUSTER INFO")["cluster_state"] == "ok", node.tail)
        with pytest.raises(redis.exceptions.ClusterCrossSlotError):
            cluster.execute_command("MGET", "a", "b")
        name_everyone(cluster)
        fold(tmp_path, node.url, LOG)
        assert all_answers(Answers(cluster, ORG)) == all_answers(Answers(client, ORG))


def test_what_was_known_of_another_log_is_forgotten(server: Redis, client: "redis.Redis", tmp_path: Path) -> None:
    answers = Answers(client, ORG)
    name_everyone(client)
    fold(tmp_path, server.url, LOG)
    check(answers, LOG)
    client.flushall()
    with pytest.raises(UnknownError, match="no rulebook is published yet"):
        answers.board(BoardQuery("b"), now=NOW)
    name_everyone(client)
    other = history(390)  # as many rulebooks
    (tmp_path / "other").mkdir()
    fold(tmp_path / "other", server.url, other)
    assert check(answers, other) == len(other)


def test_what_older_rulebooks_refuse_is_asked_of_the_newest(
    server: Redis, client: "redis.Redis", tmp_path: Path
) -> None:
    answers = Answers(client, ORG)
    asked: list[int] = []

    def reads(versions: Versions) -> list[Read]:
        asked.append(len(versions.plans))
        if asked[-1] < len(TOPS):
            raise UnknownError("UNKNOWN_BOARD", "not yet")
        return [("LLEN", [answers.keys.books], [])]

    first = next(index for index, each in enumerate(LOG) if index and each["type"] == "rulebook.published")
    fold(tmp_path, server.url, LOG[:first])
    with pytest.raises(UnknownError, match="not yet"):
        answers.asking.ask(reads)
    fold(tmp_path, server.url, LOG)
    known, replies = answers.asking.ask(reads)
    assert (known.position, replies) == (len(LOG), [len(TOPS)])
    assert asked == [1, 1, 3]

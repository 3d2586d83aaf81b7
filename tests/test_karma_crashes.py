"""Gifts and redemptions while intake and worker are killed (SIGKILL) at every named step: each has one outcome.

And it is the one that was told, if one was told before: somebody asks all the time.
"""

import json
import random
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from engine.ledger.vault import Drawer
from schemas.karma_answers import OutcomeAnswer
from schemas.times import format_instant
from streams.clock import SystemClock
from streams.digesting import digest_of
from streams.hashing import Hasher
from streams.karma_books import books_of
from tests.crash_kit import log_of, position, until_counted
from tests.folding import Folding
from tests.split import SECRET, SOON_S, Service, Split, until
from tests.test_crashes import SESSION_S, STEPS

RULEBOOK = """
apiVersion: karmalog/v1
kind: Rulebook
rules:
  talk: {event: talk.presented, award: {points: 3, karma: 2}, limits: [{per: day, times: 3}]}
karma:
  allowance: {per: year, karma: 300}
  gifts: {limits: [{per: gift, karma: 40}, {per: year, karma: 120, same: receiver}]}
  budgets: [{per: year, redeemed: 900}]
shop:
  cup: {price: 15, stock: 20, approval: required}
  tea: {price: 5, stock: 30}
"""
SOURCE = "/hr"
MEMBERS = [f"m{number}" for number in range(12)]
OFTEN = {"karma.given": 8, "karma.boosted": 1, "karma.withdrawn": 1, "reward.requested": 4, "go on": 4, "talk": 4}
HASHER = Hasher(SECRET.encode())


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    made.env |= {"KARMALOG_SESSION_S": SESSION_S, "KARMALOG_SOURCES": SOURCE}
    await made.create_topics(1)
    await made.publish_rulebook(text=RULEBOOK)
    yield made
    made.close()


def requests(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Members who join, then what they ask for: most of it can be, some cannot."""
    for member in MEMBERS:
        yield event(f"join {member}", "member.joined", member)
    wanted: list[str] = []
    for number in range(count):
        sender, other = chance.choice(MEMBERS), chance.choice(MEMBERS)
        kind = chance.choices(
            ["karma.given", "karma.boosted", "karma.withdrawn", "reward.requested", "approve", "talk"],
            [8, 1, 1, 4, 4, 4],
        )[0]
        ident, earlier = f"r{number}", f"r{chance.randrange(number + 1)}"
        if kind == "karma.given":
            yield event(ident, kind, sender, to=[other], amount=chance.randint(1, 45))
        elif kind == "karma.boosted":
            yield event(ident, kind, sender, gift=earlier, amount=chance.randint(1, 9))
        elif kind == "karma.withdrawn":
            yield event(ident, kind, sender, gift=earlier)
        elif kind == "reward.requested":
            wanted.append(ident)
            yield event(ident, kind, sender, reward=chance.choice(["cup", "tea"]))
        elif kind == "talk":
            yield event(ident, "talk.presented", sender, topic=f"topic {number}")
        elif wanted:
            what = chance.choice(["approved", "declined", "fulfilled", "cancelled"])
            yield event(ident, f"reward.{what}", sender, request=chance.choice(wanted))


def event(ident: str, kind: str, subject: str, **data: Any) -> dict[str, Any]:
    now = format_instant(SystemClock().now())
    about = {"specversion": "1.0", "id": ident, "source": SOURCE, "type": kind, "subject": subject, "time": now}
    return {**about, "data": data}


class Asker(threading.Thread):
    """Asks for every outcome, again and again, and keeps the first that is told."""

    def __init__(self, split: Split, idents: list[str]) -> None:
        super().__init__(daemon=True)
        self.karma, self.idents = split.answers().karma, idents
        self.told: dict[str, OutcomeAnswer] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            for ident in self.idents:
                if ident not in self.told and (found := self.karma.outcome(ident))["outcome"] != "pending":
                    self.told[ident] = found


def at_rest(split: Split) -> bool:
    """Whether the whole log is folded, and nothing is due that rules give."""
    answers = split.answers()
    due = split.redis.hlen(answers.keys.karma(Drawer.DUE))
    return position(split) == len(split.everything("log")) and not due


def decision(found: OutcomeAnswer) -> tuple[str, str | None, str | None]:
    """What is for ever of an outcome."""
    return found["outcome"], found.get("code"), found.get("detail")


@pytest.mark.parametrize("count", [600, pytest.param(10_000, marks=pytest.mark.long)])
@pytest.mark.parametrize(("command", "point", "at"), STEPS, ids=lambda value: str(value).replace(" ", "-"))
async def test_every_request_has_one_outcome_and_it_is_the_one_that_was_told(
    split: Split, redis_url: str, command: str, point: str, at: int, count: int
) -> None:
    chance = random.Random(f"{command} {point}")
    said = list(requests(count, chance))
    idents = [HASHER.identity(SOURCE, each["id"]) for each in said if each["type"].startswith(("karma", "reward"))]
    batch = len(said) // 20
    other = "worker" if command == "intake" else "intake"
    split.service(other, KARMALOG_BATCH=str(batch)).spawn()
    victim = split.service(command, KARMALOG_BATCH=str(batch), KARMALOG_CRASH_AT=f"{point}:{at}").spawn()
    split.publish([json.dumps(each).encode() for each in said[: len(MEMBERS)]])
    until_counted(split, len(MEMBERS), unless_ended=victim)
    asker = Asker(split, idents)
    asker.start()
    again: Service | None = None
    size = len(said) // 8
    for start in range(len(MEMBERS), len(said), size):
        split.publish([json.dumps(each).encode() for each in said[start : start + size]])
        until_counted(split, start, unless_ended=victim)
        if not victim.running and again is None:
            again = split.service(command, KARMALOG_BATCH=str(batch * 2 + 1)).spawn()
    assert victim.wait(SOON_S) == -9
    if again is None:
        split.service(command).spawn()
    until_counted(split, len(said))
    until(lambda: at_rest(split), lambda: "\n".join(each.tail() for each in split.started))
    asker.ended.set()
    asker.join()

    karma = split.answers().karma
    outcomes = {ident: karma.outcome(ident) for ident in idents}
    assert {each["outcome"] for each in outcomes.values()} == {"accepted", "refused"}
    assert {ident: decision(each) for ident, each in asker.told.items()} == {
        ident: decision(outcomes[ident]) for ident in asker.told
    }
    assert sum(books_of(karma, now=SystemClock().now())["accounts"].values()) == 0
    with redis.Redis.from_url(redis_url, db=5) as beside:  # the log, folded in one go by nobody who is killed
        assert digest_of(Folding(beside).fold(*log_of(split), batch=10_000).answers) == digest_of(split.answers())

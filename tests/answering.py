"""A small organisation whose answers are worked out naively at every position, and a worker that folds it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import redis

from schemas.answers import MemberRow
from schemas.records import RECORD, Record
from schemas.words import Instant, OrgId
from streams.keys import Keys
from streams.projector import Projector
from streams.sqlite_log import SqliteLog
from streams.store import Identity, Store, connect
from streams.tuning import Tuning
from tests.strategies import published, record

ORG = OrgId("acme")
START = 1_709_546_400_000  # Monday 2024-03-04, 10:00 UTC
DAY_MS = 86_400_000
NOW = Instant(START + 20 * DAY_MS)
POINTS = 5
TOPS = (4, 7, 5)
"""Rows that everyone sees, by version of the rulebook."""

_SPENT = "learning_time.spent"
_ACTIVE, _TEAMS, _STEP_MS = 23, 4, 600_000


@dataclass(frozen=True, slots=True)
class Expected:
    """What is true before a position."""

    version: int
    scores: Counter[str]
    teams: dict[str, str]
    days: set[str]

    def rows(self, top: int, around: str | None = None) -> list[MemberRow]:
        """The board of all time: the first rows, and the surroundings of a member."""
        best = sorted(self.scores, key=lambda member: (-self.scores[member], member))
        shown = best[:top]
        if around in self.scores and around not in shown:
            ahead = [member for member in best if self.scores[member] > self.scores[around]][-2:]
            shown += [member for member in [*ahead, around] if member not in shown]
        return [
            {
                "rank": 1 + sum(score > self.scores[member] for score in self.scores.values()),
                "member": member,
                "score": self.scores[member],
                "name": f"Name of {member}",
            }
            for member in shown
        ]

    def groups(self) -> dict[str, tuple[int, int]]:
        """Score and size by team."""
        sizes, scores = Counter(self.teams.values()), Counter[str]()
        for member, score in self.scores.items():
            scores[self.teams[member]] += score
        return {team: (score, sizes[team]) for team, score in scores.items()}


def history(events: int) -> list[Record]:
    """A log: rulebooks, members who join a team as they first appear, and what they did."""
    made = [_book(1)]
    joined: set[str] = set()
    for number in range(events):
        time = START + number * _STEP_MS
        member = f"m{(number * number + number // _ACTIVE) % _ACTIVE:02}"
        if member not in joined:
            joined.add(member)
            team = {"kind": "team", "group": f"team-{len(joined) % _TEAMS}"}
            made.append(record("group.joined", member, time, team, 100_000 + number))
        made.append(record(_SPENT, member, time, {"minutes": 5}, number))
        if number in {events // 3, 2 * events // 3}:
            made.append(_book(2 if number == events // 3 else 3, time))
    return made


def _book(version: int, time: int = START - DAY_MS) -> Record:
    board = {"score": {"count": _SPENT}, "by": ["member", "team"], "windows": ["day", "all"], "top": TOPS[version - 1]}
    book = {
        "apiVersion": "karmalog/v1",
        "kind": "Rulebook",
        "people": {"smallest_group": 1},
        "groups": {"team": {"one_at_a_time": True}},
        "rules": {"time": {"event": _SPENT, "award": POINTS}},
        "boards": {"b": board},
    }
    since = None if version == 1 else _date(time + DAY_MS)
    return published(version, since, book, time)


def expected(log: Sequence[Record], position: int) -> Expected:
    """What is true before a position, counted plainly."""
    found = Expected(0, Counter(), {}, set())
    version = 0
    for each in log[:position]:
        if each["type"] == _SPENT:
            found.scores[each["subject"]] += 1
            found.days.add(_date(each["time"]))
        elif each["type"] == "group.joined":
            found.teams[each["subject"]] = str(each["data"]["group"])
        else:
            version += 1
    return Expected(version, found.scores, found.teams, found.days)


def _date(time: int) -> str:
    return datetime.fromtimestamp(time / 1_000, UTC).date().isoformat()


def name_everyone(client: "redis.Redis") -> None:
    """Gives every member a name."""
    client.hset(Keys(ORG).names(), mapping={f"m{number:02}": f"Name of m{number:02}" for number in range(_ACTIVE)})


def fold(folder: Path, url: str, log: Sequence[Record]) -> None:
    """Folds a log, which is kept in a folder and grows there, as a worker does, in small batches; blocks."""
    asyncio.run(_fold(folder, url, log))


async def _fold(folder: Path, url: str, log: Sequence[Record]) -> None:
    kept = SqliteLog(folder / "log.sqlite")
    client = connect(url)
    try:
        await kept.append(0, [(ORG.encode(), RECORD.dump_json(each)) for each in log[await kept.end(0) :]])
        store = Store(client, Identity(await kept.identity(), "secret", "engine"), f"worker of {len(log)}")
        projector = Projector(kept, 0, store, tuning=Tuning(batch=100, writes=1))
        running = asyncio.create_task(projector.run())
        try:
            assert await projector.reach(len(log), 60), projector.progress
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            projector.close()
    finally:
        client.close()
        await kept.close()

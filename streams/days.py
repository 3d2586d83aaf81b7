"""The closing of days: time passes in the log and nowhere else, so who owns a partition writes that a day is over."""

import asyncio
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import redis
from pydantic_core import from_json

from engine.calendar import Calendar
from schemas.records import RECORD, Record
from schemas.words import Day, Instant, MemberId, OrgId
from schemas.zones import zone
from streams.clock import Clock
from streams.hashing import Hasher
from streams.keys import Keys
from streams.log import Log
from streams.rulebooks import SOURCE

_LOOK_MS = 2_000  # how soon an organisation is looked at again that nothing has come to yet
_LONGEST_MS = 900_000  # how long a look holds: a new rulebook may move midnight
_AT_ONCE = 1_000


class _Standing(NamedTuple):
    """Where an organisation stands: its zone, when its living log began, the last day that was closed."""

    zone: str
    began: Instant
    closed: Day


class DayCloser:
    """Appends `day.closed` for every local day that has ended since the first record that was not imported."""

    def __init__(self, log: Log, client: "redis.Redis", hasher: Hasher, clock: Clock) -> None:
        self.log = log
        self.client = client
        self.hasher = hasher
        self.clock = clock
        self._due: dict[OrgId, Instant] = {}  # when to look again
        self._closed: dict[OrgId, Day] = {}  # what this process has closed, and the store may not know yet

    async def close(self, orgs: Collection[OrgId]) -> int:
        """Closes what is over in organisations whose partition this process owns; how many days that were.

        Raises:
            UnavailableLog: the log failed; closing again is harmless, since the fold recognises repeats.
            RedisError: the store failed; likewise.
        """
        now = self.clock.now()
        look = [org for org in orgs if self._due.get(org, 0) <= now]
        if not look:
            return 0
        found = await asyncio.to_thread(self._standing, look)
        closed = 0
        for org in look:
            standing = found.get(org)
            if standing is None:
                self._due[org] = Instant(now + _LOOK_MS)
                continue
            closed += await self._close(org, standing, now)
        return closed

    async def _close(self, org: OrgId, standing: _Standing, now: Instant) -> int:
        calendar = Calendar(zone(standing.zone))
        today = calendar.day(now)
        last = max(standing.closed, self._closed.get(org, Day(0)), calendar.day(standing.began) - 1)
        days = [Day(day) for day in range(last + 1, today)]
        for start in range(0, len(days), _AT_ONCE):
            part = days[start : start + _AT_ONCE]
            records = [closing(org, day, calendar, now, self.hasher) for day in part]
            await self.log.append(
                self.log.partition_of(org), [(org.encode(), RECORD.dump_json(record)) for record in records]
            )
            self._closed[org] = part[-1]
        self._due[org] = Instant(min(calendar.midnight(Day(today + 1)), now + _LONGEST_MS))
        return len(days)

    def _standing(self, orgs: Collection[OrgId]) -> dict[OrgId, _Standing]:
        pipe = self.client.pipeline(transaction=False)
        for org in orgs:
            pipe.get(Keys(org).state)
            pipe.lindex(Keys(org).books, -1)
        found = pipe.execute()
        standing = {}
        for org, state, book in zip(orgs, found[::2], found[1::2], strict=True):
            raw = None if state is None else from_json(state)
            if raw is not None and book is not None and raw["began"]:
                calendar = from_json(book)[1].get("calendar") or {}
                standing[org] = _Standing(calendar.get("timezone", "UTC"), raw["began"], raw["closed_day"])
        return standing


def closing(org: OrgId, day: Day, calendar: Calendar, now: Instant, hasher: Hasher) -> Record:
    """The record that a local day is over; its identity is the same whoever writes it, and however often."""
    text = date.fromordinal(day).isoformat()
    time = calendar.midnight(Day(day + 1))
    return {
        "org": org,
        "id": hasher.identity(SOURCE, f"day/{org}/{text}"),
        "source": SOURCE,
        "type": "day.closed",
        "subject": MemberId(SOURCE),
        "time": time,
        "recorded": now,
        "stamp": hasher.stamp("day.closed", SOURCE, time, {"day": text}),
        "data": {"day": text},
    }

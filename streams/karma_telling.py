"""What karmalog itself tells the log about karma: what rules give, and that a request has waited until its deadline.

Who owns a partition does it, as for the closing of days. Each telling has a name that is made from what it is about, so
two owners who tell the same are one record and a repeat.
"""

import asyncio
from collections.abc import Collection, Iterator
from itertools import islice
from typing import cast

import redis
from pydantic import JsonValue
from pydantic_core import from_json

from engine.ledger.redemption import Stage
from engine.ledger.vault import Drawer
from schemas.records import RECORD, Record
from schemas.words import Instant, MemberId, OrgId
from streams.clock import Clock
from streams.hashing import Hasher
from streams.keys import Keys
from streams.log import Log
from streams.rulebooks import SOURCE
from streams.store import partition_key

AT_ONCE = 1_000
"""So much is told in one turn; the rest in the next."""


class KarmaTeller:
    """Appends `karma.minted` and `reward.expired` where they are due."""

    def __init__(self, log: Log, client: "redis.Redis", hasher: Hasher, clock: Clock) -> None:
        self.log = log
        self.client = client
        self.hasher = hasher
        self.clock = clock
        self._ends: dict[OrgId, int] = {}  # where the log ended at the last look: what is due is read behind it

    async def tell(self, orgs: Collection[OrgId]) -> int:
        """Tells what is due in organisations whose partition this process owns; how much that was.

        What is due is only known once the store holds the whole log: one that is built again finds what was told.

        Raises:
            UnavailableLog: the log failed; telling again is harmless, since the fold recognises repeats.
            RedisError: the store failed; likewise.
        """
        told = 0
        for org in orgs:
            partition = self.log.partition_of(org)
            known = self._ends.get(org)
            if known is not None:
                records = await asyncio.to_thread(self._due, org, partition, known)
                if records:
                    lines = [(org.encode(), RECORD.dump_json(record)) for record in records]
                    await self.log.append(partition, lines)
                    told += len(records)
            self._ends[org] = await self.log.end(partition)
        return told

    def _due(self, org: OrgId, partition: int, end: int) -> list[Record]:
        folded = int(cast("bytes | None", self.client.hget(partition_key(partition), "position")) or 0)
        return list(islice(self._all_due(org), AT_ONCE)) if folded >= end else []

    def _all_due(self, org: OrgId) -> Iterator[Record]:
        keys, now = Keys(org), self.clock.now()
        for cause, content in self.client.hscan_iter(keys.karma(Drawer.DUE), count=AT_ONCE):
            karma, times = from_json(content)
            yield minting(org, cause.decode(), karma, times, now, self.hasher)
        for ident, content in self.client.hscan_iter(keys.karma(Drawer.OPEN), count=AT_ONCE):
            stage, deadline = from_json(content)
            if stage == Stage.WAITING and 0 < deadline <= now:
                yield expiring(org, ident.decode(), now, self.hasher)


def minting(org: OrgId, cause: str, karma: int, times: int, now: Instant, hasher: Hasher) -> Record:
    """The record that a rule gives so much for an event, in all; `times` is how often something was told of it."""
    member = cause.split("/", 2)[2]
    data: dict[str, JsonValue] = {"cause": cause, "member": member, "karma": karma}
    return _record(org, "karma.minted", f"minted/{cause}/{times}", data, now, hasher)


def expiring(org: OrgId, request: str, now: Instant, hasher: Hasher) -> Record:
    """The record that a request for a reward has waited until its deadline."""
    return _record(org, "reward.expired", f"expired/{request}", {"request": request}, now, hasher)


def _record(org: OrgId, kind: str, name: str, data: dict[str, JsonValue], now: Instant, hasher: Hasher) -> Record:
    return {
        "org": org,
        "id": hasher.identity(SOURCE, f"{org}/{name}"),
        "source": SOURCE,
        "type": kind,
        "subject": MemberId(SOURCE),
        "time": now,
        "recorded": now,
        "stamp": hasher.stamp(kind, SOURCE, Instant(0), data),  # whoever tells it when: it is the same
        "data": data,
    }

"""Karma for imported history: rules give none for it until somebody has seen the sum and said so."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import redis
from pydantic_core import from_json

from engine.ledger.vault import Drawer
from schemas.records import RECORD
from schemas.words import OrgId
from streams.clock import Clock
from streams.hashing import Hasher
from streams.karma_telling import AT_ONCE, minting
from streams.keys import Keys
from streams.log import Log


class HeldKarma(NamedTuple):
    """What rules would give for the events of an import."""

    karma: int
    events: int
    members: int


def held(client: "redis.Redis", org: OrgId, run: str) -> HeldKarma:
    """What is held back of an import; exact once it is folded.

    Raises:
        RedisError: the store failed.
    """
    found = list(_held(client, org, run))
    events = {cause.split("/", 1)[0] for cause, _ in found}
    members = {cause.split("/", 2)[2] for cause, _ in found}
    return HeldKarma(sum(karma for _, karma in found), len(events), len(members))


async def release(log: Log, client: "redis.Redis", hasher: Hasher, clock: Clock, org: OrgId, run: str) -> int:
    """Tells the log what an import gives; how many records that were. Doing it twice gives nothing twice.

    Raises:
        UnavailableLog: the log failed; releasing again is harmless.
        RedisError: the store failed; likewise.
    """
    found = iter(await asyncio.to_thread(lambda: list(_held(client, org, run))))
    told = 0
    while part := list(islice(found, AT_ONCE)):
        records = [minting(org, cause, karma, 0, clock.now(), hasher) for cause, karma in part]
        lines = [(org.encode(), RECORD.dump_json(record)) for record in records]
        await log.append(log.partition_of(org), lines)
        told += len(lines)
    return told


def _held(client: "redis.Redis", org: OrgId, run: str) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()  # a scan may name one twice
    for cause, content in client.hscan_iter(Keys(org).karma(Drawer.HELD), count=AT_ONCE):
        karma, its_run = from_json(content)
        if its_run == run and (name := cause.decode()) not in seen:
            seen.add(name)
            yield name, karma

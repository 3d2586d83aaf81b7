"""Karma for imported history: rules give none for it until somebody has seen the sum and said so."""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import redis
from pydantic_core import from_json

from engine.ledger.vault import Drawer
from schemas.failures import Refused
from schemas.records import RECORD
from schemas.words import OrgId
from streams.clock import Clock
from streams.hashing import Hasher
from streams.karma_telling import AT_ONCE, minting
from streams.keys import Keys
from streams.log import Log


class HeldKarma(NamedTuple):
    """What rules would give for imported events, of all imports together."""

    karma: int
    events: int
    members: int


class ChangedSumError(Refused):
    """What is held back is no longer what somebody has seen; nothing was given."""


def held(client: "redis.Redis", org: OrgId) -> HeldKarma:
    """What is held back; exact once everything is folded. Blocks.

    Raises:
        RedisError: the store failed.
    """
    return _summed(_held(client, org))


async def release(log: Log, client: "redis.Redis", hasher: Hasher, clock: Clock, org: OrgId, seen: int) -> int:
    """Tells the log what imported events give, as far as it was held back; how many records that were.

    `seen` is the sum that somebody has seen and agreed to, in karma.

    Raises:
        ChangedSumError: it is another one by now.
        UnavailableLog, RedisError: releasing again is harmless, and gives nothing twice.
    """
    found = await asyncio.to_thread(_held, client, org)
    now = _summed(found).karma
    if now != seen:
        raise ChangedSumError(f"it is {now:,} karma by now, not {seen:,}: look at it again")
    causes, at = list(found.items()), clock.now()
    for start in range(0, len(causes), AT_ONCE):
        part = causes[start : start + AT_ONCE]
        records = [minting(org, cause, karma, 0, at, hasher) for cause, karma in part]
        lines = [(org.encode(), RECORD.dump_json(record)) for record in records]
        await log.append(log.partition_of(org), lines)
    return len(causes)


def _held(client: "redis.Redis", org: OrgId) -> dict[str, int]:
    """By cause; a scan may name one twice."""
    return dict(_causes(client, org))


def _causes(client: "redis.Redis", org: OrgId) -> Iterator[tuple[str, int]]:
    for cause, content in client.hscan_iter(Keys(org).karma(Drawer.HELD), count=AT_ONCE):
        karma, _ = from_json(content)
        yield cause.decode(), karma


def _summed(found: dict[str, int]) -> HeldKarma:
    events = {cause.split("/", 1)[0] for cause in found}
    members = {cause.split("/", 2)[2] for cause in found}
    return HeldKarma(sum(found.values()), len(events), len(members))

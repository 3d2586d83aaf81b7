"""The outbox relay: facts leave Redis for the topic of facts, at least once, each with the id that it always has."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import redis
from pydantic_core import from_json, to_json

from schemas.words import OrgId
from streams.facts import unpack
from streams.keys import Keys
from streams.log import UnavailableLog

if TYPE_CHECKING:  # one process without Kafka trims its outbox, and needs nothing of this
    from streams.kafka_appender import KafkaAppender
    from streams.worker import Standing

KEPT_POSITIONS = 100_000
"""Facts of this many records stay in the outbox after they were sent: who asks for the newest reads them there."""

KEPT_ENTRIES = 10_000
"""Entries that stay where nobody sends them on, about."""

_ENTRIES = 64  # read at once, of up to 256 facts each
_IDLE_S = 0.05
_RETRY_S = 1.0


@dataclass(slots=True)
class Relayed:
    """What a relay has done, for health and metrics."""

    facts: int = 0
    waiting: str = ""


@dataclass(slots=True)
class _Batch:
    """Entries of one organisation's outbox: the facts as messages, and the last entry's id."""

    messages: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    last: str = ""


class Relay:
    """Sends the facts of the organisations that this process owns."""

    def __init__(
        self,
        client: "redis.Redis",
        topic: "KafkaAppender",
        partition_of: Callable[[OrgId], int],
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Reads from `client`, sends to `topic`; `reached` is told each step's name."""
        self.client = client
        self.topic = topic
        self.partition_of = partition_of
        self.reached = reached
        self.relayed = Relayed()
        self._said: dict[OrgId, int] = {}  # the position up to which everything was sent

    async def run(self, standing: "Callable[[], Mapping[OrgId, Standing]]", stopping: asyncio.Event) -> None:
        """Sends until told to stop; `standing` says how far the organisations are that this process owns."""
        while not stopping.is_set():
            try:
                # One that has not moved since its outbox was empty has nothing new to say.
                moved = {org: now for org, now in standing().items() if self._said.get(org) != now.position}
                found = await self.send(moved)
                self._said |= {org: now.position for org, now in moved.items() if now.written and org not in found}
                self.relayed.waiting = ""
                pause = 0.0 if found else _IDLE_S
            except (UnavailableLog, redis.exceptions.RedisError) as error:
                self.relayed.waiting = f"facts wait in the outbox: {error}"
                pause = _RETRY_S
            try:
                async with asyncio.timeout(pause):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def send(self, orgs: Collection[OrgId]) -> set[OrgId]:
        """Sends what lies in outboxes now, a bounded part of each; whose outbox held something.

        Raises:
            UnavailableLog: Kafka does not take them; nothing is marked, so they are sent again.
            RedisError: the outboxes cannot be read or marked; likewise.
        """
        found = await asyncio.to_thread(self._read, orgs)
        if not found:
            return set()
        self.reached("outbox read")
        await asyncio.gather(
            *(self.topic.append(self.partition_of(org), batch.messages) for org, batch in found.items())
        )
        self.reached("facts sent")
        await asyncio.to_thread(self._mark, found)
        self.relayed.facts += sum(len(batch.messages) for batch in found.values())
        return set(found)

    def _read(self, orgs: Collection[OrgId]) -> dict[OrgId, _Batch]:
        if not orgs:
            return {}
        marks = self.client.pipeline(transaction=False)
        for org in orgs:
            marks.get(_sent(org))
        reads = self.client.pipeline(transaction=False)
        for org, mark in zip(orgs, marks.execute(), strict=True):
            reads.xrange(Keys(org).outbox, min=b"(" + (mark or b"0-0"), count=_ENTRIES)
        found = {}
        for org, entries in zip(orgs, reads.execute(), strict=True):
            if entries:
                found[org] = _unpacked(cast("list[tuple[bytes, dict[bytes, bytes]]]", entries))
        return found

    def _mark(self, found: Mapping[OrgId, _Batch]) -> None:
        for org, batch in found.items():
            oldest = max(0, int(batch.last.split("-")[0]) - KEPT_POSITIONS)
            pipe = self.client.pipeline(transaction=True)
            pipe.set(_sent(org), batch.last)
            pipe.xtrim(Keys(org).outbox, minid=f"{oldest}-0")
            pipe.execute()


def trim(client: "redis.Redis", org: OrgId) -> None:
    """Keeps the newest facts where nobody sends them on: on one machine."""
    client.xtrim(Keys(org).outbox, maxlen=KEPT_ENTRIES, approximate=True)


def fact_id(_key: bytes, value: bytes | None) -> list[tuple[str, bytes]]:
    """The header of a fact's message: its id, so that who has seen it need not read on."""
    return [] if value is None else [("id", cast("str", from_json(value)["id"]).encode())]


def _unpacked(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> _Batch:
    batch = _Batch(last=entries[-1][0].decode())
    for _, fields in entries:
        batch.messages += ((fact["member"].encode(), to_json(fact)) for fact in unpack(fields[b"facts"]))
    return batch


def _sent(org: OrgId) -> str:
    return f"{Keys(org).tag}:outbox:sent"

"""The outbox relay: facts leave Redis for the topic of facts, at least once, each with the id that it always has."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import redis
from pydantic_core import to_json

from schemas.words import OrgId
from streams.facts import unpack
from streams.keys import Keys
from streams.log import UnavailableLog
from streams.said import Cut, Speech, fitting

if TYPE_CHECKING:  # one process without Kafka trims its outbox, and needs nothing of this
    from streams.kafka_appender import KafkaAppender

KEPT_POSITIONS = 100_000
"""Facts of this many records stay in the outbox after they were sent: who asks for the newest reads them there."""

KEPT_ENTRIES = 5_000
"""Entries that stay where nobody sends them on, about: one a batch where little happens, full ones where much does."""

_ID = b'{"id":"'  # how a fact begins
_ENTRIES = 16  # read at once, of up to some 1,024 facts each
_IDLE_S = 0.05
_RETRY_S = 1.0


class Source(NamedTuple):
    """A partition whose facts are to be sent: up to where it is written, its organisations, what was said of it."""

    written: int
    orgs: Mapping[OrgId, int]  # how far each is written
    speech: Speech


@dataclass(slots=True)
class Relayed:
    """What a relay has done, for health and metrics."""

    facts: int = 0
    waiting: str = ""


class _Entry(NamedTuple):
    """One entry of an outbox."""

    ident: str
    cut: Cut
    blob: bytes


@dataclass(slots=True)
class _Found:
    """What lies in outboxes: entries by organisation, and up to where that is all there is."""

    entries: dict[OrgId, list[_Entry]] = field(default_factory=dict[OrgId, list[_Entry]])
    until: int = 0


class Relay:
    """Sends the facts of the partitions that this process owns."""

    def __init__(
        self, client: "redis.Redis", topic: "KafkaAppender", reached: Callable[[str], None] = lambda _: None
    ) -> None:
        """Reads from `client`, sends to `topic`; `reached` is told each step's name."""
        self.client = client
        self.topic = topic
        self.reached = reached
        self.relayed = Relayed()
        self._empty: dict[OrgId, int] = {}  # how far organisations were when their outbox held nothing more

    async def run(self, sources: Callable[[], Mapping[int, Source]], stopping: asyncio.Event) -> None:
        """Sends until told to stop; `sources` says which partitions this process owns, and how far they are."""
        while not stopping.is_set():
            try:
                sent = await asyncio.gather(*(self.send(partition, source) for partition, source in sources().items()))
                self.relayed.waiting = ""
                pause = 0.0 if any(sent) else _IDLE_S
            except (UnavailableLog, redis.exceptions.RedisError) as error:
                self.relayed.waiting = f"facts wait in the outbox: {error}"
                pause = _RETRY_S
            try:
                async with asyncio.timeout(pause):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def send(self, partition: int, source: Source) -> bool:
        """Sends what lies in the outboxes of a partition, a bounded part of it; whether there was anything.

        Raises:
            UnavailableLog: Kafka does not take them; nothing is marked, so they are sent again.
            RedisError: the outboxes cannot be read or marked; likewise.
        """
        speech = source.speech
        async with speech.turn:
            # One that has not moved since its outbox was empty has nothing new to say.
            moved = {org: at for org, at in source.orgs.items() if self._empty.get(org) != at}
            found: _Found | None = _Found(until=source.written)
            if moved:
                found = await asyncio.to_thread(self._read, moved, source.written)
            if found is None:
                return False
            cuts = {entry.cut for entries in found.entries.values() for entry in entries}
            said = fitting(speech.sent, [*speech.said.sending, *cuts])
            ends = {end for _, end in said.sending}
            until = min([found.until, *(start for start, end in cuts if end > speech.sent and end not in ends)])
            rows = {
                org: part
                for org, entries in found.entries.items()
                if (part := [entry for entry in entries if entry.cut[1] in ends or entry.cut[1] <= speech.sent])
            }
            if rows:
                await speech.note(said)
                self.reached("outbox read")
                messages = [message for part in rows.values() for message in _messages(part, speech.sent)]
                await self.topic.append(partition, messages)
                self.reached("facts sent")
                await asyncio.to_thread(self._mark, rows)
                self.relayed.facts += len(messages)
            else:
                await speech.note(fitting(max(speech.sent, until), said.sending))
            speech.sent = max(speech.sent, until)
            self._empty |= {org: at for org, at in moved.items() if org not in found.entries}
        return bool(rows)

    def _read(self, orgs: Mapping[OrgId, int], written: int) -> _Found | None:
        """What outboxes hold; None where Redis is not as far as it was: what is missing will be there again."""
        marks = self.client.pipeline(transaction=False)
        for org in orgs:
            marks.get(_sent(org))
        reads = self.client.pipeline(transaction=False)
        for org, mark in zip(orgs, marks.execute(), strict=True):
            reads.xrange(Keys(org).outbox, min=b"(" + (mark or b"0-0"), count=_ENTRIES)
            reads.hget(Keys(org).checkpoint, "position")  # after it: what was there then was not forgotten before
        answers = reads.execute()
        found = _Found(until=written)
        for (org, position), rows, stands in zip(orgs.items(), answers[::2], answers[1::2], strict=True):
            if int(stands or 0) < position:
                return None
            entries = [_entry(ident, fields) for ident, fields in rows]
            if entries:
                found.entries[org] = entries
            if len(entries) == _ENTRIES:  # there may be more, of the last one's batch too
                found.until = min(found.until, entries[-1].cut[0])
        return found

    def _mark(self, rows: Mapping[OrgId, list[_Entry]]) -> None:
        for org, entries in rows.items():
            oldest = max(0, entries[-1].cut[1] - KEPT_POSITIONS)
            pipe = self.client.pipeline(transaction=True)
            pipe.set(_sent(org), entries[-1].ident)
            pipe.xtrim(Keys(org).outbox, minid=f"{oldest}-0")
            pipe.execute()


def trim(client: "redis.Redis", org: OrgId) -> None:
    """Keeps the newest facts where nobody sends them on: on one machine."""
    client.xtrim(Keys(org).outbox, maxlen=KEPT_ENTRIES, approximate=True)


def fact_id(_key: bytes, value: bytes | None) -> list[tuple[str, bytes]]:
    """The header of a fact's message: its id, so that who has seen it need not read on."""
    # The first thing in it; nothing in an id needs an escape (organisations are letters, digits, dots and dashes).
    return [] if value is None else [("id", value[len(_ID) : value.index(b'"', len(_ID))])]


def _entry(ident: bytes, fields: dict[bytes, bytes]) -> _Entry:
    start, end = fields[b"batch"].split(b"-")
    return _Entry(ident.decode(), (int(start), int(end)), fields[b"facts"])


def _messages(entries: Iterable[_Entry], said: int) -> list[tuple[bytes, bytes | None]]:
    """The facts of entries as messages; not those that an older copy of Redis has not yet marked as sent."""
    return [
        (fact["member"].encode(), to_json(fact))
        for entry in entries
        if entry.cut[1] > said
        for fact in unpack(entry.blob)
    ]


def _sent(org: OrgId) -> str:
    return f"{Keys(org).tag}:outbox:sent"

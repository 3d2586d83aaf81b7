"""Publishing: takes messages to the log, or says of each what else became of it. HTTP and import share it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from schemas.envelope import received
from schemas.verdicts import Verdict
from schemas.words import OrgId
from streams.appending import Appending
from streams.clock import Clock
from streams.judge import Judge, Taken
from streams.log import Log
from streams.quarantine import QUARANTINED, Message, Quarantined, waits
from streams.repeats import Finding, Repeats
from streams.shelf import Quarantine, Shelf


class Fate(StrEnum):
    """What became of a message that was not refused."""

    ACCEPTED = "accepted"  # on disk in the log
    REPEATED = "repeated"  # seen before with the same content: nothing to do
    WAITING = "waiting"  # of a type that no rulebook declares yet


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one message was not taken, with the publisher's id where it could be read."""

    id: str | None
    verdict: Verdict
    code: str
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class Published:
    """What became of messages, in their order."""

    fates: Sequence[Fate | Refusal]
    position: int
    """All of the accepted ones lie before this position of their partition."""

    def count(self, fate: Fate) -> int:
        """How many messages had it."""
        return self.fates.count(fate)

    @property
    def refused(self) -> list[tuple[int, Refusal]]:
        """Those that were refused: the index of the message, and why."""
        return [(index, fate) for index, fate in enumerate(self.fates) if isinstance(fate, Refusal)]


class Publisher:
    """One way into the log of one organisation; what is accepted is durable when `publish` returns."""

    def __init__(
        self,
        log: Log,
        quarantine: Quarantine,
        texts: Shelf,
        judge: Judge,
        repeats: Repeats,
        org: OrgId,
        clock: Clock,
    ) -> None:
        self.log = log
        self.quarantine = quarantine
        self.texts = texts
        self.judge = judge
        self.repeats = repeats
        self.org = org
        self.clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def publish(self, messages: Sequence[Message], *, run: str | None = None) -> Published:
        """Judges, recognises repeats, keeps texts and waiting events, and appends the rest.

        `run` names the import that the records belong to.

        Raises:
            UnavailableLog: nothing is known to be appended; send the same again.
        """
        now = self.clock.now()
        mine = [each if each.org is not None else each._replace(org=self.org) for each in messages]
        judged = [self.judge.read(message, now=now) for message in mine]
        held = [
            (_place(each), QUARANTINED.dump_json(each)) for each in judged if isinstance(each, dict) and waits(each)
        ]
        if held:
            await self.quarantine.add(held)
        taken = [each for each in judged if isinstance(each, Taken)]
        found, position = await self._append(taken, run) if taken else ([], None)
        if position is None:
            position = await self.log.end(self.log.partition_of(self.org))
        findings = iter(found)
        return Published(
            [
                _fate(message, next(findings) if isinstance(each, Taken) else each)
                for message, each in zip(messages, judged, strict=True)
            ],
            position,
        )

    async def _append(self, taken: Sequence[Taken], run: str | None) -> tuple[list[Finding], int | None]:
        """What each was found to be; what is new is appended, and lies before the position."""
        records = [each.record for each in taken]
        async with self._one_at_a_time:
            found = await asyncio.to_thread(self.repeats.find, records)
        fresh = [each for each, what in zip(taken, found, strict=True) if what == "new"]
        if not fresh:
            return found, None
        appending = Appending(self.log, self.texts)
        for each in fresh:
            appending.add(each, run)
        try:
            ends = await appending.append()
        except BaseException:
            self.repeats.forget([each.record for each in fresh])
            raise
        return found, ends[self.log.partition_of(self.org)]


def _fate(message: Message, what: Finding | Quarantined) -> Fate | Refusal:
    if what == "new":
        return Fate.ACCEPTED
    if what == "repeated":
        return Fate.REPEATED
    if what == "conflict":
        return _conflict(message)
    if waits(what):
        return Fate.WAITING
    return Refusal(what["id"], what["verdict"], what["code"], what["path"], what["detail"])


def _place(waiting: Quarantined) -> str:
    """The key that an event waits under: the same bytes wait once, whoever sends them how often."""
    content = repr(waiting["headers"]).encode() + waiting["body"]
    return f"{waiting['org'] or ''}/{blake2b(content, digest_size=16).hexdigest()}"


def _conflict(message: Message) -> Refusal:
    event = received(message.headers, message.body)  # the record has no publisher's id any more
    return Refusal(
        event["id"],
        Verdict.CONFLICT,
        "CONFLICT",
        "id",
        f"an event with this source ({event['source']}) and id was taken before, with other content; "
        "send a correction under an id of its own",
    )

"""Publishing: takes messages to the log, or says of each what else became of it. HTTP and import share it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from pydantic_core import to_json

from schemas.records import RECORD, Record
from schemas.verdicts import Verdict
from schemas.words import OrgId, Position
from streams.clock import Clock
from streams.judge import Judge, Taken
from streams.log import Log
from streams.quarantine import QUARANTINED, Message, Quarantined
from streams.repeats import Repeats
from streams.shelf import Quarantine, Shelf


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one message was not taken: `index` of the message, the publisher's id where it could be read."""

    index: int
    id: str | None
    verdict: Verdict
    code: str
    path: str
    detail: str


@dataclass(slots=True)
class Published:
    """What became of messages; every message is in exactly one of the four."""

    accepted: int = 0
    repeated: int = 0
    waiting: int = 0
    refused: list[Refusal] = field(default_factory=list)
    position: int = 0
    """All of the accepted ones lie before this position of their partition."""
    verdicts: dict[Verdict, int] = field(default_factory=dict)
    """Of the messages that did not reach the log, repeats among them."""


class Publisher:
    """One way into the log; what is accepted is durable when `publish` returns."""

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
        done = Published()
        taken: list[Taken] = []
        places: list[int] = []
        held: list[tuple[str, bytes]] = []
        now = self.clock.now()
        for index, message in enumerate(messages):
            result = self.judge.read(message, now=now)
            if isinstance(result, Taken):
                taken.append(result)
                places.append(index)
                continue
            done.verdicts[result["verdict"]] = done.verdicts.get(result["verdict"], 0) + 1
            if result["verdict"] is Verdict.UNKNOWN_TYPE:
                done.waiting += 1
                held.append((_place(result), QUARANTINED.dump_json(result)))
            else:
                done.refused.append(_refusal(index, result))
        if held:
            await self.quarantine.add(held)
        if taken:
            await self._append(taken, places, done, run)
        partition = self.log.partition_of(self.org)
        done.position = max(done.position, 0) or await self.log.end(partition)
        return done

    async def append(self, taken: Sequence[tuple[Taken, str | None]]) -> Sequence[Position]:
        """Keeps texts, then appends records, each with the import it belongs to; their positions.

        Raises:
            UnavailableLog: nothing is known to be appended.
        """
        texts = {each.text_key: to_json(each.texts) for each, _ in taken if each.texts}
        if texts:
            await self.texts.put(texts)
        values: list[tuple[bytes, bytes]] = []
        for each, run in taken:
            record: Record = each.record if run is None else {**each.record, "run": run}
            values.append((record["org"].encode(), RECORD.dump_json(record)))
        return await self.log.append(self.log.partition_of(self.org), values)

    async def _append(self, taken: list[Taken], places: list[int], done: Published, run: str | None) -> None:
        async with self._one_at_a_time:
            found = await asyncio.to_thread(self.repeats.find, [each.record for each in taken])
        fresh: list[Taken] = []
        for each, place, what in zip(taken, places, found, strict=True):
            if what == "new":
                fresh.append(each)
                continue
            verdict = Verdict.REPEATED if what == "repeated" else Verdict.CONFLICT
            done.verdicts[verdict] = done.verdicts.get(verdict, 0) + 1
            if what == "repeated":
                done.repeated += 1
            else:
                done.refused.append(_conflict(place, each.record))
        if not fresh:
            return
        try:
            positions = await self.append([(each, run) for each in fresh])
        except BaseException:
            self.repeats.forget([each.record for each in fresh])
            raise
        done.accepted += len(fresh)
        done.position = max(positions) + 1


def _place(waiting: Quarantined) -> str:
    """The key that an event waits under: the same bytes wait once, whoever sends them how often."""
    content = repr(waiting["headers"]).encode() + waiting["body"]
    return f"{waiting['org'] or ''}/{blake2b(content, digest_size=16).hexdigest()}"


def _refusal(index: int, refused: Quarantined) -> Refusal:
    return Refusal(index, refused["id"], refused["verdict"], refused["code"], refused["path"], refused["detail"])


def _conflict(index: int, record: Record) -> Refusal:
    return Refusal(
        index,
        None,
        Verdict.CONFLICT,
        "CONFLICT",
        "id",
        f"an event with this source ({record['source']}) and id was taken before, with other content; "
        "send a correction under an id of its own",
    )

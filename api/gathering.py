"""Gathers what is published at the same moment: while one publish runs, the next collects.

A publish costs round trips to the store and an fsync however many events it has, and a thousand requests of
one event each would spend their time on those. Order is kept, each request gets its own result, and only one
publish runs at a time: no event is called repeated before the one that it repeats is on disk.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from api.problems import UnavailableError
from api.reading import impatient
from schemas.envelope import received
from schemas.records import Record
from schemas.words import Instant
from streams.judge import Allowed, Judge, Taken, activities_only, everything
from streams.publishing import Published, Publisher, Refusal
from streams.quarantine import Message, Quarantined
from streams.repeats import Finding, Repeats
from streams.rulebooks import Catalogues
from streams.runtime import Runtime

GROUP_MAX: Final = 1_000
"""Events of one publish, about; judging them keeps the event loop busy for some 20 ms."""

WAITING_MAX: Final = 20_000
"""Events that may wait; more are sent away at once, so that those who wait are answered."""


_MOMENT_S: Final = 0.005


class _NotingJudge(Judge):
    """Remembers what it said of each message, in order."""

    __slots__ = ("said",)
    said: list[Taken | Quarantined]

    def read(self, message: Message, *, now: Instant) -> Taken | Quarantined:
        """See `Judge.read`."""
        found = super().read(message, now=now)
        self.said.append(found)
        return found


class _NotingRepeats(Repeats):
    """Remembers what it found of each record, in order."""

    found: list[Finding]

    def find(self, records: Sequence[Record]) -> list[Finding]:
        """See `Repeats.find`."""
        self.found = super().find(records)
        return self.found


class _Way(NamedTuple):
    """A publisher, and the judge that it asks."""

    publisher: Publisher
    judge: _NotingJudge


class _Asked(NamedTuple):
    way: _Way
    messages: Sequence[Message]
    done: "asyncio.Future[Published]"


class Gatherer:
    """The one way into the log for all HTTP requests of this process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        client = impatient(runtime.redis)  # else all who come while Redis is gone wait for those before them
        self._catalogues = Catalogues(client)
        self._repeats = _NotingRepeats(client, runtime.org)
        self._ordinary = self._way(activities_only)
        self._operators = self._way(everything)
        self._asked: deque[_Asked] = deque()
        self._waiting = 0
        self._running: asyncio.Task[None] | None = None

    def _way(self, allowed: Allowed) -> _Way:
        runtime = self._runtime
        judge = _NotingJudge(self._catalogues.of, runtime.hasher, runtime.org, allowed=allowed)
        shelves = (runtime.log, runtime.quarantine, runtime.texts)
        return _Way(Publisher(*shelves, judge, self._repeats, runtime.org, runtime.clock), judge)

    async def publish(self, messages: Sequence[Message], *, operator: bool) -> Published:
        """What became of messages; what was accepted is on disk. `operator`: people's events are allowed too.

        Raises:
            NoRulebookYetError: nothing can be judged.
            UnavailableError: BUSY, nothing was looked at.
            UnavailableLog, RedisError: nothing is known to be appended; the same may be sent again.
        """
        if self._waiting and self._waiting + len(messages) > WAITING_MAX:
            raise UnavailableError("BUSY", "more events wait than can be taken soon; send the same again")
        done: asyncio.Future[Published] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(self._operators if operator else self._ordinary, messages, done))
        self._waiting += len(messages)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        group: list[_Asked] = []
        while self._asked:
            if len(group) > 1:  # many ask: a moment more makes fewer and larger groups, for log, store and fold
                await asyncio.sleep(_MOMENT_S)
            group = self._take()
            try:
                await self._publish(group)
            except Exception as error:  # noqa: BLE001 - everyone who waits has to hear of it
                for asked in group:
                    if not asked.done.done():
                        asked.done.set_exception(error)

    def _take(self) -> list[_Asked]:
        """What goes the same way, in order."""
        group = [self._asked.popleft()]
        size = len(group[0].messages)
        while self._asked and self._asked[0].way is group[0].way:
            if size + len(self._asked[0].messages) > GROUP_MAX:
                break
            group.append(self._asked.popleft())
            size += len(group[-1].messages)
        self._waiting -= size
        return group

    async def _publish(self, group: list[_Asked]) -> None:
        publisher, judge = group[0].way
        messages = [message for asked in group for message in asked.messages]
        await asyncio.to_thread(self._catalogues.refresh, self._runtime.org)
        judge.said = []
        self._repeats.found = []
        whole = await publisher.publish(messages)
        fates = _fates(judge.said, self._repeats.found, whole.refused, messages)
        first = 0
        for asked in group:
            mine = fates[first : first + len(asked.messages)]
            if not asked.done.done():  # else nobody waits for it any more
                asked.done.set_result(_sum(mine, first, whole.position))
            first += len(asked.messages)


Fate = Refusal | Literal["accepted", "repeated", "waiting"]


def _fates(
    said: Sequence[Taken | Quarantined],
    found: Sequence[Finding],
    refused: Sequence[Refusal],
    messages: Sequence[Message],
) -> list[Fate]:
    """What became of each message of a publish; a refusal for a conflict gets its publisher's id back."""
    refusals = {refusal.index: refusal for refusal in refused}
    findings = iter(found)
    fates: list[Fate] = []
    for index, each in enumerate(said):
        finding = next(findings) if isinstance(each, Taken) else None
        refusal = refusals.get(index)
        if refusal is not None:
            known = refusal.id is not None or finding is None
            fates.append(
                refusal if known else replace(refusal, id=received(messages[index].headers, messages[index].body)["id"])
            )
        else:
            fates.append("waiting" if finding is None else "accepted" if finding == "new" else "repeated")
    return fates


def _sum(fates: Sequence[Fate], first: int, position: int) -> Published:
    """The result of one request, whose messages began at `first`."""
    counted = Counter(fate for fate in fates if isinstance(fate, str))
    refused = [replace(fate, index=fate.index - first) for fate in fates if isinstance(fate, Refusal)]
    return Published(counted["accepted"], counted["repeated"], counted["waiting"], refused, position)

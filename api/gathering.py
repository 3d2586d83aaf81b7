"""Gathers what is published at the same moment: while one publish runs, the next collects.

A publish costs round trips to the store and an fsync however many events it has, and a thousand requests of
one event each would spend their time on those. Order is kept, each request gets its own result, and only one
publish runs at a time: no event is called repeated before the one that it repeats is on disk.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from api.problems import UnavailableError
from api.reading import impatient
from streams.judge import Allowed, Judge, activities_only, everything
from streams.publishing import Published, Publisher
from streams.quarantine import Message
from streams.repeats import Repeats
from streams.rulebooks import Catalogues
from streams.runtime import Runtime

GROUP_MAX: Final = 1_000
"""Events of one publish, about; judging them keeps the event loop busy for some 20 ms."""

WAITING_MAX: Final = 20_000
"""Events that may wait; more are sent away at once, so that those who wait are answered."""


_MOMENT_S: Final = 0.005


class Way(Enum):
    """By which way events come in: what they may be, and whether they say themselves when they were recorded."""

    ORDINARY = "ordinary"  # activities alone
    OPERATOR = "operator"  # people's events too
    HISTORY = "history"  # as an operator, with recorded times of its own


class _Asked(NamedTuple):
    way: Way
    run: str | None
    messages: Sequence[Message]
    done: "asyncio.Future[Published]"


class Gatherer:
    """The one way into the log for all HTTP requests of this process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        client = impatient(runtime.redis)  # else all who come while Redis is gone wait for those before them
        self._catalogues = Catalogues(client)
        self._repeats = Repeats(client, runtime.org)  # one for all ways: what one appended, the others recognise
        self._publishers = {
            Way.ORDINARY: self._publisher(activities_only),
            Way.OPERATOR: self._publisher(everything),
            Way.HISTORY: self._publisher(everything, trust_recorded=True),
        }
        self._asked: deque[_Asked] = deque()
        self._waiting = 0
        self._running: asyncio.Task[None] | None = None

    def _publisher(self, allowed: Allowed, *, trust_recorded: bool = False) -> Publisher:
        runtime = self._runtime
        judge = Judge(self._catalogues.of, runtime.hasher, runtime.org, allowed=allowed, trust_recorded=trust_recorded)
        shelves = (runtime.log, runtime.quarantine, runtime.texts)
        return Publisher(*shelves, judge, self._repeats, runtime.org, runtime.clock)

    async def publish(self, messages: Sequence[Message], way: Way, *, run: str | None = None) -> Published:
        """What became of messages; what was accepted is on disk. `run` names the import that they belong to.

        Raises:
            NoRulebookYetError: nothing can be judged.
            UnavailableError: BUSY, nothing was looked at.
            UnavailableLog, RedisError: nothing is known to be appended; the same may be sent again.
        """
        if self._waiting and self._waiting + len(messages) > WAITING_MAX:
            raise UnavailableError("BUSY", "more events wait than can be taken soon; send the same again")
        done: asyncio.Future[Published] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(way, run, messages, done))
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
        while self._asked and self._asked[0][:2] == group[0][:2]:
            if size + len(self._asked[0].messages) > GROUP_MAX:
                break
            group.append(self._asked.popleft())
            size += len(group[-1].messages)
        self._waiting -= size
        return group

    async def _publish(self, group: list[_Asked]) -> None:
        messages = [message for asked in group for message in asked.messages]
        await asyncio.to_thread(self._catalogues.refresh, self._runtime.org)
        whole = await self._publishers[group[0].way].publish(messages, run=group[0].run)
        first = 0
        for asked in group:
            fates = whole.fates[first : first + len(asked.messages)]
            if not asked.done.done():  # else nobody waits for it any more
                asked.done.set_result(Published(fates, whole.position))
            first += len(asked.messages)

"""What one process does beside folding when it is alone: days, karma that is due, facts, events that waited."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import redis

from streams.appending import Appending
from streams.days import DayCloser
from streams.judge import Taken, everything
from streams.karma_telling import KarmaTeller
from streams.log import UnavailableLog
from streams.outbox import trim
from streams.rulebooks import NoRulebookYetError
from streams.runtime import Runtime
from streams.waiting import judge_again

EVERY_S = 5.0
KARMA_EVERY_S = 0.5


class Housekeeping:
    """Does all of it, again and again; each time is harmless."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._days = DayCloser(runtime.log, runtime.redis, runtime.hasher, runtime.clock)
        self._karma = KarmaTeller(runtime.log, runtime.redis, runtime.hasher, runtime.clock)
        self._books = 0  # rulebooks when waiting events were last judged

    async def run(self) -> None:
        """Until it is cancelled; what fails is tried again the next time."""
        await asyncio.gather(
            self._again(self.once, EVERY_S, "Days are not closed, and waiting events not taken"),
            self._again(self._tell, KARMA_EVERY_S, "What rules give in karma is not told"),
        )

    async def _again(self, work: Callable[[], Awaitable[None]], every_s: float, what_fails: str) -> None:
        while True:
            try:
                await work()
            except (UnavailableLog, redis.exceptions.RedisError) as error:
                self.runtime.notices.append(f"{what_fails}: {error}")
            await asyncio.sleep(every_s)

    async def _tell(self) -> None:
        await self._karma.tell([self.runtime.org])

    async def once(self) -> None:
        """One turn of it.

        Raises:
            UnavailableLog: the log failed.
            RedisError: the store failed.
        """
        runtime = self.runtime
        await self._days.close([runtime.org])
        await asyncio.to_thread(trim, runtime.redis, runtime.org)
        books = await asyncio.to_thread(runtime.redis.llen, runtime.answers.keys.books)
        if books != self._books:
            await self._take_waiting()
            self._books = books

    async def _take_waiting(self) -> None:
        runtime = self.runtime
        try:
            known = await asyncio.to_thread(runtime.catalogues.refresh, runtime.org)
        except NoRulebookYetError:
            return
        history = runtime.publisher(allowed=everything, trust_recorded=True).judge
        ordinary = runtime.publisher().judge

        async def take(taken: Sequence[tuple[Taken, str | None]]) -> None:
            appending = Appending(runtime.log, runtime.texts)
            for each, run in taken:
                appending.add(each, run)
            await appending.append()

        await judge_again(runtime.quarantine, ordinary, history, lambda kind: known.get(kind) is not None, take)

"""What the owner of a partition does beside folding it: closes days, tells the log of karma and intake of rulebooks."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import redis

from schemas.words import OrgId
from streams.days import DayCloser
from streams.karma_telling import KarmaTeller
from streams.log import UnavailableLog
from streams.rulebook_topic import RulebookTeller, written
from streams.worker import Folded

_EVERY_S = 0.5


class Duties:
    """Does all of it, again and again; each time is harmless, whoever else does it as well."""

    def __init__(self, client: "redis.Redis", days: DayCloser, karma: KarmaTeller, rulebooks: RulebookTeller) -> None:
        self.client = client
        self.days = days
        self.karma = karma
        self.rulebooks = rulebooks
        self.waiting = ""
        self._told: dict[OrgId, int] = {}  # how many rulebooks of each had been folded when the newest was told

    async def run(self, folded: Callable[[], Mapping[OrgId, Folded]], stopping: asyncio.Event) -> None:
        """Until told to stop; `folded` says how far the organisations are that this process owns."""
        while not stopping.is_set():
            try:
                now = folded()
                await self._tell(now)
                await self.days.close(now)
                await self.karma.tell(now)
                self.waiting = ""
            except (UnavailableLog, redis.exceptions.RedisError) as error:
                self.waiting = f"days are not closed and rulebooks not told: {error}"
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stopping.wait()

    async def _tell(self, folded: Mapping[OrgId, Folded]) -> None:
        look = {org: now.books for org, now in folded.items() if self._told.get(org) != now.books}
        if not look:
            return
        found = await asyncio.to_thread(written, self.client, look)
        await self.rulebooks.tell(found)
        # One that was folded and is not written yet is looked for again.
        self._told |= {org: books for org, books in look.items() if found.get(org, (0, b""))[0] >= books}

"""What a serving process keeps up to date beside answering: the keys that it knows, and the names in Redis."""

import asyncio
import logging

import redis

from api.access import Access
from api.reading import Reader
from api.roles import RefusedKey
from schemas.failures import Unavailable
from streams.runtime import Runtime

_log = logging.getLogger(__name__)

EVERY_S = 1.0
"""So long it takes at most until a key that another process issued or revoked is known here."""


class Upkeep:
    """Looks again and again; each time is harmless."""

    def __init__(self, runtime: Runtime, access: Access, reader: Reader) -> None:
        self._runtime, self._access, self._reader = runtime, access, reader
        self._trouble = ""

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Once; what fails is told once, and tried again the next time."""
        try:
            await self._access.refresh()
            await self._runtime.names.ensure()
            if await self._runtime.names.changed():
                self._reader.forget()  # boards were worked out with other names
        except (Unavailable, RefusedKey, redis.exceptions.RedisError) as error:
            if str(error) != self._trouble:
                _log.warning("keys and names are as they were: %s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""

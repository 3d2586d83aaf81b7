"""Hashes in Redis that are copies of what stands on the private shelf, made again where Redis has lost them.

The shelf is the truth and Redis answers quickly. A stamp in the hash says that the copy is whole: it is taken away
before the shelf is written and put back after both are, so whatever fails in between, the copy is made again.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import cast

import redis

from streams.shelf import Shelf

_STAMP = "\0stamp"  # no member id and no key's hash begins like this


class Copy:
    """What stands on the shelf under keys with one prefix; its fields are the rest of those keys."""

    def __init__(
        self, client: "redis.Redis", name: str, shelf: Shelf, prefix: str, shown: Callable[[bytes], bytes | None]
    ) -> None:
        """`shown` is what the copy holds of a value of the shelf; None: nothing."""
        self._client, self._name, self._shelf, self._prefix, self._shown = client, name, shelf, prefix, shown
        self._stamp: bytes | None = None

    async def put(self, items: Mapping[str, bytes | None]) -> None:
        """Keeps values, or deletes them (None), on the shelf and in the copy.

        Raises:
            UnavailableLog: the shelf failed; putting it again is harmless.
            RedisError: the copy failed, and is made again.
        """
        if not items:
            return
        whole = await asyncio.to_thread(self._client.hdel, self._name, _STAMP)
        await self._shelf.put({self._prefix + field: value for field, value in items.items()})
        if whole:
            await asyncio.to_thread(self._write, items)
        else:
            await self.ensure()

    async def ensure(self) -> bool:
        """Makes the copy from the shelf where it is not whole; whether it was not.

        Raises:
            UnavailableLog: the shelf cannot be read.
            RedisError: Redis failed.
        """
        if await asyncio.to_thread(self._client.hexists, self._name, _STAMP):
            return False
        while not await self._made():
            pass  # somebody wrote meanwhile: what was read of the shelf may be older than that
        return True

    async def changed(self) -> bool:
        """Whether it is another one than when this was asked last.

        Raises:
            RedisError: Redis failed.
        """
        stamp = cast("bytes | None", await asyncio.to_thread(self._client.hget, self._name, _STAMP))
        changed = stamp is not None and stamp != self._stamp
        self._stamp = stamp
        return changed

    async def news(self) -> Mapping[str, bytes] | None:
        """All of the copy, where it has changed since this was asked last; else None.

        Raises:
            RedisError: Redis failed.
        """
        if not await self.changed():
            return None
        found = cast("dict[bytes, bytes]", await asyncio.to_thread(self._client.hgetall, self._name))
        self._stamp = found.pop(_STAMP.encode(), None)
        return {field.decode(): value for field, value in found.items()}

    def _write(self, items: Mapping[str, bytes | None]) -> None:
        pipe = self._client.pipeline(transaction=True)
        self._add(pipe, items)
        pipe.execute()

    async def _made(self) -> bool:
        """Whether nobody wrote while the shelf was read."""
        pipe = self._client.pipeline(transaction=True)
        try:
            await asyncio.to_thread(pipe.watch, self._name)
            found = await self._shelf.scan(self._prefix)
            pipe.multi()
            pipe.delete(self._name)
            self._add(pipe, {key.removeprefix(self._prefix): value for key, value in found.items()})
            await asyncio.to_thread(pipe.execute)
        except redis.exceptions.WatchError:
            return False
        else:
            return True
        finally:
            await asyncio.to_thread(pipe.reset)

    def _add(self, pipe: "redis.client.Pipeline", items: Mapping[str, bytes | None]) -> None:
        shown = {field: None if value is None else self._shown(value) for field, value in items.items()}
        gone = [field for field, value in shown.items() if value is None]
        if gone:
            pipe.hdel(self._name, *gone)
        kept = [part for field, value in shown.items() if value is not None for part in (field, value)]
        pipe.hset(self._name, items=[*kept, _STAMP, secrets.token_bytes(8)])

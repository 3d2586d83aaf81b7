"""Group commit: appends that wait at the same time share one write, and so one fsync or one request."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from schemas.words import Position

V = TypeVar("V", bytes, bytes | None)  # None says on a compacted topic that the key is deleted

Waiting = tuple[Sequence[tuple[bytes, V]], asyncio.Future[Sequence[Position]]]
"""An append: pairs of key and value, and who waits for their positions."""

_GROUP_BYTES = 8 << 20  # bounds what one write holds in memory, and how long the others wait for it


class GroupCommit(Generic[V]):
    """Joins appends of one partition, keeps their order, and gives each its own positions."""

    def __init__(self, write: Callable[[list[tuple[bytes, V]]], Awaitable[Sequence[Position]]]) -> None:
        """Joins appends before `write`, which makes records durable and returns the position of each."""
        self._write: Callable[[list[tuple[bytes, V]]], Awaitable[Sequence[Position]]] = write
        self._waiting: deque[Waiting[V]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def append(self, records: Sequence[tuple[bytes, V]]) -> Sequence[Position]:
        """The positions of `records` once they are durable; raises what `write` raised."""
        if not records:
            return []
        done: asyncio.Future[Sequence[Position]] = asyncio.get_running_loop().create_future()
        self._waiting.append((records, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._drain())
        return await done

    async def close(self) -> None:
        """Wait until what was begun is written or has failed."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._write_group(self._take_group())
        finally:  # only a loop that is being closed leaves someone here
            while self._waiting:
                self._waiting.popleft()[1].cancel()

    def _take_group(self) -> list[Waiting[V]]:
        group: list[Waiting[V]] = []
        size = 0
        while self._waiting and size < _GROUP_BYTES:
            records, done = self._waiting.popleft()
            if done.cancelled():  # nobody waits for it any more, and nothing of it was written
                continue
            group.append((records, done))
            size += sum(len(value or b"") for _, value in records)
        return group

    async def _write_group(self, group: list[Waiting[V]]) -> None:
        try:
            positions = await self._write([record for records, _ in group for record in records])
        except Exception as error:  # noqa: BLE001 - everyone who waits has to hear of it
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            return
        except BaseException:
            for _, done in group:
                done.cancel()
            raise
        first = 0
        for records, done in group:
            if not done.done():
                done.set_result(positions[first : first + len(records)])
            first += len(records)

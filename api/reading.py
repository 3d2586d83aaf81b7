"""Reads answers from the store without blocking the event loop, and works each one out once per position.

What many ask at one time is one computation: an answer is kept until the store moves on, or a quarter of an
hour begins (windows such as `week` move with local midnights, which lie on quarter hours everywhere).
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from schemas.answers import BoardAnswer, BoardsAnswer, WindowsAnswer
from schemas.words import Instant
from streams.answers import Answers
from streams.boards import BoardQuery
from streams.runtime import Runtime

T = TypeVar("T")

_KEPT = 1_000  # answers; a board is a few KB
_THREADS = 4
_QUARTER_MS = 900_000

Token = tuple[int, int, str]
"""(position of the store, quarter hour, why the fold stands still): as long as they stay, so does every answer."""


class Reader:
    """Answers of one organisation."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.client = impatient(runtime.redis)
        self._answers = Answers(self.client, runtime.org)
        self._threads = ThreadPoolExecutor(_THREADS, "answers")
        self._kept: dict[Hashable, tuple[Token, asyncio.Future[Any]]] = {}

    async def position(self) -> int:
        """The position that the store has reached; costs nothing where this process folds the log."""
        projector = self.runtime.projector
        if projector is not None:
            return projector.progress.position
        return await self.in_thread(lambda answers: int(self.client.hget(answers.keys.checkpoint, "position") or 0))

    async def token(self) -> Token:
        """What answers hang on."""
        projector = self.runtime.projector
        waiting = "" if projector is None else projector.progress.waiting  # Redis gone: what is kept is no answer
        return await self.position(), self.now() // _QUARTER_MS, waiting

    def now(self) -> Instant:
        """The present moment."""
        return self.runtime.clock.now()

    async def in_thread(self, work: Callable[[Answers], T]) -> T:
        """What blocking `work` returns."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, self._answers)

    async def once(self, name: Hashable, work: Callable[[Answers], T]) -> T:
        """What `work` returns, worked out once per position for all who ask under one name."""
        token = await self.token()
        found = self._kept.get(name)
        if found is None or found[0] != token:
            found = self._kept[name] = (token, asyncio.ensure_future(self.in_thread(work)))
            found[1].add_done_callback(lambda done: self._done(name, done))
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        return cast("T", await asyncio.shield(cast("Awaitable[T]", found[1])))

    def _done(self, name: Hashable, done: "asyncio.Future[Any]") -> None:
        """Errors are not kept: the next one who asks tries again."""
        if done.cancelled() or done.exception() is not None:
            found = self._kept.get(name)
            if found is not None and found[1] is done:
                del self._kept[name]

    async def boards(self) -> BoardsAnswer:
        """Every board of the newest rulebook."""
        return await self.once("boards", Answers.boards)

    async def board(self, query: BoardQuery) -> BoardAnswer:
        """One window of a board."""
        return await self.once(query, lambda answers: answers.board(query, now=self.now()))

    async def windows(self, board: str, *, operator: bool) -> WindowsAnswer:
        """The windows in which a board has scores."""
        name = ("windows", board, operator)
        return await self.once(name, lambda answers: answers.windows(board, now=self.now(), operator=operator))

    def forget(self) -> None:
        """Works every answer out again: something beside the log has changed."""
        self._kept.clear()

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.client.close()


def impatient(client: "redis.Redis") -> "redis.Redis":
    """A client of the same server that gives up soon: readers would rather hear that it is not there."""
    pool = client.connection_pool
    told = {**pool.connection_kwargs, "retry": Retry(NoBackoff(), 1), "socket_timeout": 10.0}
    return redis.Redis(connection_pool=redis.ConnectionPool(connection_class=pool.connection_class, **told))

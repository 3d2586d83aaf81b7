"""Where a command works: on a data folder that it opens, or through the server that has it, or on Kafka and Redis.

A desk answers the same questions wherever it stands, so a command does not know which it has.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from karmalog.settings import Settings
from schemas.answers import BoardAnswer, BoardsAnswer, MemberAnswer
from schemas.failures import Refused
from schemas.rulebook import Rulebook
from schemas.words import MemberId
from streams.boards import BoardQuery
from streams.digesting import digest_of
from streams.importing import Imported, import_lines
from streams.judge import everything
from streams.people import Person, events_of, profile_key
from streams.publishing import Published
from streams.quarantine import Message
from streams.runtime import Runtime
from streams.server_program import UnavailableServer

SERVED = "server.json"
"""In a data folder: the address of the server that has it open, and a key for commands."""

FOLD_WAIT_S = 10.0
"""How long a command waits for a worker that does not move."""


class RefusedCommandError(Refused):
    """A command cannot do what it was asked; the message says what to do."""


class NothingFoldedError(RefusedCommandError):
    """The store does not move."""


class Desk(Protocol):
    """What commands ask."""

    async def boards(self) -> BoardsAnswer:
        """Every board."""
        ...

    async def board(
        self, board: str, *, window: str | None, by: str, top: int | None, around: str | None
    ) -> BoardAnswer:
        """One window of a board, as operators see it."""
        ...

    async def member(self, member: str) -> MemberAnswer:
        """What a member has."""
        ...

    async def publish(self, rulebook: Rulebook, since: date | None) -> tuple[int, str]:
        """Publishes a rulebook; its version and what became of it."""
        ...

    async def versions(self) -> int:
        """How many rulebooks were published."""
        ...

    async def digest(self) -> tuple[str, int]:
        """The digest of all answers, and the position it holds for."""
        ...

    async def people(self, people: Sequence[Person]) -> Published:
        """Makes the log say what a table of people says."""
        ...

    async def load(
        self, lines: Iterable[tuple[str, bytes]], told: Callable[[Imported], None]
    ) -> tuple[Imported, Mapping[str, int]]:
        """Imports lines, waits until they are folded; what was done, and the outcomes."""
        ...


class LocalDesk:
    """A desk on a log and a store that this process reaches itself."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    async def boards(self) -> BoardsAnswer:
        """See `Desk`."""
        return await asyncio.to_thread(self.runtime.answers.boards)

    async def board(
        self, board: str, *, window: str | None, by: str, top: int | None, around: str | None
    ) -> BoardAnswer:
        """See `Desk`."""
        member = None if around is None else MemberId(around)
        query = BoardQuery(board, window, by, top, member, operator=True)
        return await asyncio.to_thread(lambda: self.runtime.answers.board(query, now=self.runtime.clock.now()))

    async def member(self, member: str) -> MemberAnswer:
        """See `Desk`."""
        return await asyncio.to_thread(
            lambda: self.runtime.answers.member(MemberId(member), now=self.runtime.clock.now())
        )

    async def publish(self, rulebook: Rulebook, since: date | None) -> tuple[int, str]:
        """See `Desk`."""
        before = await self.versions()
        position = await self.runtime.publish_rulebook(rulebook, since)
        try:
            await self._folded(position, lambda: None)
        except NothingFoldedError:
            if self.runtime.projector is not None:
                raise
            return before + 1, "in the log; in force as soon as a worker folds it: karmalog worker"
        after = await self.versions()
        if after == before:
            raise RefusedCommandError(
                "the rulebook was refused: its `from` lies in the past, or before that of the version before it; "
                "a rulebook for the past needs a rebuild, which this version cannot do yet"
            )
        return after, "in force for all time" if after == 1 else "in force from its local midnight on"

    async def versions(self) -> int:
        """See `Desk`."""
        return await asyncio.to_thread(self.runtime.redis.llen, self.runtime.answers.keys.books)

    async def digest(self) -> tuple[str, int]:
        """See `Desk`."""
        await self._folded(await self.runtime.log.end(self.runtime.log.partition_of(self.runtime.org)), lambda: None)
        return await asyncio.to_thread(digest_of, self.runtime.answers)

    async def people(self, people: Sequence[Person]) -> Published:
        """See `Desk`."""
        runtime = self.runtime
        await self._folded(await runtime.log.end(runtime.log.partition_of(runtime.org)), lambda: None)
        now = runtime.clock.now()
        known = await asyncio.to_thread(runtime.answers.known)

        undeclared = {kind for each in people for kind, _ in each.groups} - known.plan.rulebook.groups.keys()
        if undeclared:
            raise RefusedCommandError(
                f"the rulebook declares no group kind {', '.join(map(repr, sorted(undeclared)))}: add it under "
                f"`groups`, as in `groups: {{{min(undeclared)}: {{one_at_a_time: true}}}}`"
            )

        def messages() -> list[Message]:
            calendar = known.in_force(now).calendar
            return [
                message
                for person in people
                for message in events_of(person, runtime.answers.standing(person.member), calendar, now)
            ]

        await runtime.texts.put({profile_key(runtime.org, each.member): each.profile() for each in people})
        names = {str(each.member): each.name for each in people if each.name}
        if names:
            key = runtime.answers.keys.names()
            items = [part for pair in names.items() for part in pair]
            await asyncio.to_thread(lambda: runtime.redis.hset(key, items=items))
        publisher = runtime.publisher(allowed=everything)
        done = await publisher.publish(await asyncio.to_thread(messages))
        if done.accepted:
            await self._folded(done.position, lambda: None)
        return done

    async def load(
        self, lines: Iterable[tuple[str, bytes]], told: Callable[[Imported], None]
    ) -> tuple[Imported, Mapping[str, int]]:
        """See `Desk`."""
        runtime = self.runtime
        await self._folded(await runtime.log.end(runtime.log.partition_of(runtime.org)), lambda: None)
        known = await asyncio.to_thread(runtime.answers.known)  # says so where there is no rulebook
        await asyncio.to_thread(runtime.catalogues.refresh, runtime.org)
        _ = known
        publisher = runtime.publisher(allowed=everything, trust_recorded=True)
        done = await import_lines(lines, publisher, told)
        if done.appended:
            await self._folded(done.position, lambda: told(done))
        outcomes = {verdict.value: count for verdict, count in done.before_log.items()}
        if done.appended:
            after = await asyncio.to_thread(runtime.answers.known)
            for verdict, count in after.runs.get(done.run, {}).items():
                outcomes[verdict] = outcomes.get(verdict, 0) + count
        return done, dict(sorted(outcomes.items()))

    async def _folded(self, position: int, told: Callable[[], None]) -> None:
        """Waits as long as the store moves."""
        last, runtime = -1, self.runtime
        while not await runtime.reach(position, 0.2):
            told()
            now = await runtime.position()
            if now == last and not await runtime.reach(position, FOLD_WAIT_S) and await runtime.position() == now:
                why = runtime.projector.progress.waiting if runtime.projector else ""
                raise NothingFoldedError(
                    f"nothing has been folded for {FOLD_WAIT_S:.0f} s: the log ends at {position}, the store "
                    f"stands at {now}. " + (why or "Is a worker running? Start one: karmalog worker")
                )
            last = now


@contextlib.asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """The desk that the settings name; a folder that a server has open is reached through that server.

    Raises:
        RefusedCommandError: it cannot be reached.
    """
    if settings.url is not None:
        from karmalog.server_desk import ServerDesk

        yield ServerDesk(settings.url, settings.key)
    elif settings.kafka is not None:
        from karmalog.operators import on_kafka

        async with on_kafka(settings) as runtime:
            yield LocalDesk(runtime)
    else:
        if not (settings.data / "log.sqlite").exists() and not settings.data.exists():
            raise RefusedCommandError(
                f"there is no data folder {settings.data}: name one (--data DIR or KARMALOG_DATA), make one "
                "(karmalog init), or name a server (--url or KARMALOG_URL)"
            )
        from karmalog.server_desk import ServerDesk, server_of

        served = server_of(settings.data)
        if served is not None:
            yield ServerDesk(*served)
            return
        from karmalog.embedded import embedded

        try:
            async with embedded(settings.data, settings.org, settings.tuning()) as runtime:
                yield LocalDesk(runtime)
        except UnavailableServer as error:
            raise RefusedCommandError(str(error)) from error

"""Where a command works: on a data folder that it opens, or through the server that has it, or on Kafka and Redis.

A desk answers the same questions wherever it stands, so a command does not know which it has. What only one kind of
desk needs is imported when it is asked, so that a command on a server does not load an engine.
"""

from __future__ import annotations  # the types of that need not be there

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeVar

from karmalog.karma_desk import KarmaDesk, LocalKarma
from schemas.failures import Refused
from schemas.words import MemberId

if TYPE_CHECKING:
    from karmalog.settings import Settings
    from schemas.answers import BoardAnswer, BoardsAnswer, MemberAnswer
    from schemas.fairness_answers import AlertsAnswer, OneAlertAnswer
    from schemas.karma_answers import OutcomeAnswer
    from schemas.rulebook import Rulebook
    from streams.answers import Answers
    from streams.bringing_people import Brought
    from streams.importing import Imported, Line
    from streams.people import Table
    from streams.requesting import Ways
    from streams.runtime import Runtime
    from streams.texts import Reference

SERVED = "server.json"
"""In a data folder: the address of the server that has it open, and a key for commands."""

FOLD_WAIT_S = 10.0
"""How long a command waits for a worker that does not move."""


T = TypeVar("T")


class RefusedCommandError(Refused):
    """A command cannot do what it was asked; the message says what to do."""


class NothingFoldedError(RefusedCommandError):
    """The store does not move."""


class Desk(Protocol):
    """What commands ask."""

    @property
    def karma(self) -> KarmaDesk:
        """What they ask about karma."""
        ...

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

    async def publish(self, rulebook: Rulebook, since: date | None, removed: Sequence[str]) -> tuple[int, str]:
        """Publishes a rulebook that leaves ids out; its version and what became of it."""
        ...

    async def newest(self) -> Rulebook | None:
        """The rulebook that was published last."""
        ...

    async def versions(self) -> int:
        """How many rulebooks were published."""
        ...

    async def digest(self) -> tuple[str, int]:
        """The digest of all answers, and the position it holds for."""
        ...

    async def people(self, table: Table) -> Brought:
        """Makes the log say what a table of people says."""
        ...

    async def texts(self, member: MemberId) -> Mapping[Reference, Mapping[str, str]]:
        """What a member wrote, by reference and field."""
        ...

    async def delete_texts(self, references: Sequence[Reference]) -> int:
        """Deletes texts for good; how many of them were there."""
        ...

    async def alerts(self, by: str | None) -> AlertsAnswer:
        """The alerts that an admin may see."""
        ...

    async def alert(self, alert: str, by: str | None) -> OneAlertAnswer:
        """One of them, with what was written about it."""
        ...

    async def decide(self, alert: str, step: str, said: dict[str, str]) -> OutcomeAnswer:
        """Reviews, confirms or dismisses an alert; what became of that, where it was not refused."""
        ...

    async def load(self, lines: Iterable[Line], told: Callable[[Imported], None]) -> tuple[Imported, Mapping[str, int]]:
        """Imports lines, waits until they are folded; what was done, and the outcomes."""
        ...


class LocalDesk:
    """A desk on a log and a store that this process reaches itself."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.karma = LocalKarma(runtime, lambda position: self._folded(position, lambda: None))

    async def boards(self) -> BoardsAnswer:
        """See `Desk`."""
        return await asyncio.to_thread(self.runtime.answers.boards)

    async def board(
        self, board: str, *, window: str | None, by: str, top: int | None, around: str | None
    ) -> BoardAnswer:
        """See `Desk`."""
        from streams.boards import BoardQuery

        await self.runtime.names.ensure()
        member = None if around is None else MemberId(around)
        query = BoardQuery(board, window, by, top, member, operator=True)
        return await asyncio.to_thread(lambda: self.runtime.answers.board(query, now=self.runtime.clock.now()))

    async def member(self, member: str) -> MemberAnswer:
        """See `Desk`."""
        return await asyncio.to_thread(
            lambda: self.runtime.answers.member(MemberId(member), now=self.runtime.clock.now())
        )

    async def publish(self, rulebook: Rulebook, since: date | None, removed: Sequence[str]) -> tuple[int, str]:
        """See `Desk`."""
        _ = removed  # whoever asks has compared both
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

    async def newest(self) -> Rulebook | None:
        """See `Desk`."""
        from streams.known import UnknownError

        try:
            return (await asyncio.to_thread(self.runtime.answers.known)).plan.rulebook
        except UnknownError:
            return None

    async def versions(self) -> int:
        """See `Desk`."""
        return await asyncio.to_thread(self.runtime.redis.llen, self.runtime.answers.keys.books)

    async def digest(self) -> tuple[str, int]:
        """See `Desk`."""
        from streams.digesting import digest_of

        await self._whole()
        return await asyncio.to_thread(digest_of, self.runtime.answers)

    async def people(self, table: Table) -> Brought:
        """See `Desk`."""
        from streams.bringing_people import Brought, bring_people
        from streams.judge import everything
        from streams.publishing import Fate

        runtime = self.runtime
        await self._whole()
        people = table.people()
        done = await bring_people(runtime, people, runtime.publisher(allowed=everything).publish)
        appended = done.count(Fate.ACCEPTED)
        if appended:
            await self._folded(done.position, lambda: None)
        return Brought(len(people), appended, [f"{each.code}: {each.detail}" for _, each in done.refused])

    async def texts(self, member: MemberId) -> Mapping[Reference, Mapping[str, str]]:
        """See `Desk`."""
        return await self.runtime.written.of(member)

    async def delete_texts(self, references: Sequence[Reference]) -> int:
        """See `Desk`."""
        return await self.runtime.written.delete(references)

    async def alerts(self, by: str | None) -> AlertsAnswer:
        """See `Desk`."""
        await self._whole()
        answers, now = self.runtime.answers.fairness, self.runtime.clock.now()
        return await asyncio.to_thread(lambda: answers.alerts(now=now, by=None if by is None else MemberId(by)))

    async def alert(self, alert: str, by: str | None) -> OneAlertAnswer:
        """See `Desk`."""
        from streams.fairness_records import alert_of

        await self._whole()
        return await alert_of(self._ways(), alert, None if by is None else MemberId(by))

    async def decide(self, alert: str, step: str, said: dict[str, str]) -> OutcomeAnswer:
        """See `Desk`."""
        from schemas.karma_requests import KarmaRequest
        from streams.fairness_records import STEPS
        from streams.requesting import ask

        by, data = said["by"], {name: text for name, text in said.items() if name != "by"}
        outcome, _ = await ask(self._ways(), KarmaRequest(STEPS[step], by, {**data, "alert": alert}))
        if "code" in outcome and "detail" in outcome:
            raise RefusedCommandError(f"{outcome['code']}: {outcome['detail']}")
        return outcome

    def _ways(self) -> Ways:
        """How this process publishes requests, and waits for them."""
        from streams.judge import everything
        from streams.requesting import Ways

        runtime = self.runtime

        async def read(work: Callable[[Answers], T]) -> T:
            return await asyncio.to_thread(work, runtime.answers)

        publish = runtime.publisher(allowed=everything).publish
        return Ways(runtime, publish, lambda position: self._folded(position, lambda: None), read)

    async def _whole(self) -> None:
        """Waits until the store holds the whole log."""
        await self._folded(await self.runtime.log.end(self.runtime.log.partition_of(self.runtime.org)), lambda: None)

    async def load(self, lines: Iterable[Line], told: Callable[[Imported], None]) -> tuple[Imported, Mapping[str, int]]:
        """See `Desk`."""
        from streams.importing import import_lines, straight_to
        from streams.judge import everything

        runtime = self.runtime
        await self._whole()
        await asyncio.to_thread(runtime.answers.known)  # says so where there is no rulebook
        await asyncio.to_thread(runtime.catalogues.refresh, runtime.org)
        publisher = runtime.publisher(allowed=everything, trust_recorded=True)
        done = await import_lines(lines, straight_to(publisher), told)
        if done.appended:
            await self._folded(done.position, lambda: told(done))
            after = await asyncio.to_thread(runtime.answers.known)
            return done, done.outcomes(after.runs.get(done.run, {}))
        return done, done.outcomes({})

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


def check_folder(settings: Settings) -> None:
    """Makes sure that the data folder is there.

    Raises:
        RefusedCommandError: it is not.
    """
    if not settings.data.is_dir():
        raise RefusedCommandError(
            f"there is no data folder {settings.data}: name one (--data DIR or KARMALOG_DATA), make one "
            "(karmalog init), or name a server (--url or KARMALOG_URL)"
        )


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
        check_folder(settings)
        from karmalog.server_desk import ServerDesk, server_of

        served = server_of(settings.data)
        if served is not None:
            yield ServerDesk(*served)
            return
        from karmalog.embedded import embedded
        from streams.server_program import UnavailableServer

        try:
            async with embedded(settings.data, settings.org, settings.tuning()) as runtime:
                yield LocalDesk(runtime)
        except UnavailableServer as error:
            raise RefusedCommandError(str(error)) from error

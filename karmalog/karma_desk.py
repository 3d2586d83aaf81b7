"""The part of a desk that karma and rewards are asked at, and such a one on a log and a store of this process."""

from __future__ import annotations  # the types of answers need not be there

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from schemas.words import Instant, MemberId

if TYPE_CHECKING:
    from schemas.karma_answers import (
        BooksAnswer,
        OpenAnswer,
        OutcomeAnswer,
        PayrollAnswer,
        PeriodAnswer,
        PurseAnswer,
        ShopAnswer,
        StatementAnswer,
        VouchersAnswer,
    )
    from schemas.karma_requests import KarmaRequest
    from streams.answers import Answers
    from streams.karma_history import HeldKarma
    from streams.requesting import Ways
    from streams.runtime import Runtime


T = TypeVar("T")


class KarmaDesk(Protocol):
    """What commands ask about karma."""

    async def ask(self, asked: KarmaRequest) -> OutcomeAnswer:
        """What became of a request, once it is decided."""
        ...

    async def look(self, reference: str) -> OutcomeAnswer:
        """What has become of a request that was made before."""
        ...

    async def purse(self, member: str) -> PurseAnswer:
        """What a member has."""
        ...

    async def statement(self, member: str) -> StatementAnswer:
        """All that ever changed a member's accounts."""
        ...

    async def books(self) -> BooksAnswer:
        """The trial balance."""
        ...

    async def period(self, period: str) -> PeriodAnswer:
        """What moved in a period, and the accounts before and after it."""
        ...

    async def payroll(self, month: str) -> PayrollAnswer:
        """The rewards that were handed out in a month."""
        ...

    async def shop(self) -> ShopAnswer:
        """The shop in force."""
        ...

    async def open_requests(self) -> OpenAnswer:
        """Requests for rewards that wait for somebody."""
        ...

    async def load_vouchers(self, reward: str, codes: Sequence[str]) -> VouchersAnswer:
        """Adds codes of a reward."""
        ...

    async def held(self) -> HeldKarma:
        """What rules would give for imported events."""
        ...

    async def release(self, karma: int) -> int:
        """Gives imported events their karma, where it is that much still; waits until it is given. How many events."""
        ...


class LocalKarma:
    """Karma on a log and a store that this process reaches itself."""

    def __init__(self, runtime: Runtime, folded: Callable[[int], Awaitable[None]]) -> None:
        """`folded` waits until the store holds a position."""
        self._runtime = runtime
        self._folded = folded

    async def ask(self, asked: KarmaRequest) -> OutcomeAnswer:
        """See `KarmaDesk`."""
        from streams.requesting import ask

        await self._read(lambda answers: answers.known())  # says so where there is no rulebook
        return (await ask(self._ways(), asked))[0]

    async def look(self, reference: str) -> OutcomeAnswer:
        """See `KarmaDesk`."""
        from streams.karma_records import add_voucher
        from streams.known import UnknownError
        from streams.requesting import ident_of

        outcome = await self._read(lambda answers: answers.karma.outcome(ident_of(reference)))
        if outcome["outcome"] == "pending":
            raise UnknownError("REQUEST_UNKNOWN", "there is no such request")
        await add_voucher(self._ways(), outcome, None)
        return outcome

    async def purse(self, member: str) -> PurseAnswer:
        """See `KarmaDesk`."""
        return await self._read(lambda answers: answers.karma.purse(MemberId(member), now=self._now()))

    async def statement(self, member: str) -> StatementAnswer:
        """See `KarmaDesk`."""
        return await self._read(lambda answers: answers.karma.statement(MemberId(member), now=self._now()))

    async def books(self) -> BooksAnswer:
        """See `KarmaDesk`."""
        from streams.karma_books import books_of

        return await self._read(lambda answers: books_of(answers.karma, now=self._now()))

    async def period(self, period: str) -> PeriodAnswer:
        """See `KarmaDesk`."""
        from streams.karma_books import period_of

        return await self._read(lambda answers: period_of(answers.karma, period, now=self._now()))

    async def payroll(self, month: str) -> PayrollAnswer:
        """See `KarmaDesk`."""
        from streams.payroll import payroll

        return await self._read(lambda answers: payroll(answers, month, now=self._now()))

    async def shop(self) -> ShopAnswer:
        """See `KarmaDesk`."""
        return await self._read(lambda answers: answers.karma.shop(now=self._now()))

    async def open_requests(self) -> OpenAnswer:
        """See `KarmaDesk`."""
        return await self._read(lambda answers: answers.karma.open_requests())

    async def load_vouchers(self, reward: str, codes: Sequence[str]) -> VouchersAnswer:
        """See `KarmaDesk`."""
        from streams.karma_records import load_vouchers

        return await load_vouchers(self._ways(), reward, codes)

    async def held(self) -> HeldKarma:
        """See `KarmaDesk`."""
        from streams.karma_history import held

        return await asyncio.to_thread(held, self._runtime.redis, self._runtime.org)

    async def release(self, karma: int) -> int:
        """See `KarmaDesk`."""
        from streams.karma_history import release

        runtime = self._runtime
        told = await release(runtime.log, runtime.redis, runtime.hasher, runtime.clock, runtime.org, karma)
        await self._folded(await runtime.log.end(runtime.log.partition_of(runtime.org)))
        return told

    def _ways(self) -> Ways:
        from streams.judge import everything
        from streams.requesting import Ways

        publisher = self._runtime.publisher(allowed=everything)
        return Ways(self._runtime, publisher.publish, self._folded, self._read)

    async def _read(self, work: Callable[[Answers], T], /) -> T:
        return await asyncio.to_thread(work, self._runtime.answers)

    def _now(self) -> Instant:
        return self._runtime.clock.now()

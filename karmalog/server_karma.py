"""Karma through a running server: each question and each request is a route of its API."""

from __future__ import annotations  # the types of answers need not be there

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable

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
    from streams.karma_history import HeldKarma

_ROUTES: Final = {
    "karma.given": ("POST", "/v1/karma/gifts"),
    "karma.boosted": ("POST", "/v1/karma/boosts"),
    "karma.withdrawn": ("DELETE", "/v1/karma/gifts/{gift}"),
    "event.voided": ("POST", "/v1/karma/gifts/{id}/void"),
    "reward.requested": ("POST", "/v1/karma/rewards/{reward}/requests"),
    "reward.restocked": ("POST", "/v1/karma/rewards/{reward}/restock"),
    "reward.approved": ("POST", "/v1/karma/requests/{request}/approve"),
    "reward.declined": ("POST", "/v1/karma/requests/{request}/decline"),
    "reward.fulfilled": ("POST", "/v1/karma/requests/{request}/fulfil"),
    "reward.cancelled": ("POST", "/v1/karma/requests/{request}/cancel"),
}
"""By the type of a request; what the address names is not said again."""


class Server(Protocol):
    """A server that can be asked."""

    async def get(self, path: str, **params: Any) -> Any:
        """What it answers."""
        ...

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """What it answers."""
        ...

    async def folded(self, position: int, told: Callable[[], None]) -> None:
        """Waits as long as its store moves."""
        ...


class ServerKarma:
    """Karma through a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def ask(self, asked: KarmaRequest) -> OutcomeAnswer:
        """See `KarmaDesk`."""
        method, path = _ROUTES[asked.type]
        data = asked.data
        where = path.format_map({name: quote(str(said), safe="") for name, said in data.items()})
        if method == "DELETE":
            outcome = await self._server.ask(method, where, params={"by": asked.member})
        else:
            named = {name for name in data if f"{{{name}}}" in path} | ({"source"} & data.keys())
            body = {name: said for name, said in data.items() if name not in named}
            outcome = await self._server.ask(method, where, json={**body, "by": asked.member})
        if outcome["outcome"] == "pending":
            await self._server.folded((await self._server.get("/health"))["end"], lambda: None)
            outcome = await self.look(outcome["request"])
        return cast("OutcomeAnswer", outcome)

    async def look(self, reference: str) -> OutcomeAnswer:
        """See `KarmaDesk`."""
        return cast("OutcomeAnswer", await self._server.get(f"/v1/karma/requests/{quote(reference, safe='')}"))

    async def purse(self, member: str) -> PurseAnswer:
        """See `KarmaDesk`."""
        return cast("PurseAnswer", await self._server.get(f"/v1/karma/members/{quote(member, safe='')}"))

    async def statement(self, member: str) -> StatementAnswer:
        """See `KarmaDesk`."""
        return cast("StatementAnswer", await self._server.get(f"/v1/karma/members/{quote(member, safe='')}/statement"))

    async def books(self) -> BooksAnswer:
        """See `KarmaDesk`."""
        return cast("BooksAnswer", await self._server.get("/v1/karma/books"))

    async def period(self, period: str) -> PeriodAnswer:
        """See `KarmaDesk`."""
        return cast("PeriodAnswer", await self._server.get(f"/v1/karma/books/{quote(period, safe='')}"))

    async def payroll(self, month: str) -> PayrollAnswer:
        """See `KarmaDesk`."""
        return cast("PayrollAnswer", await self._server.get("/v1/karma/payroll", month=month))

    async def shop(self) -> ShopAnswer:
        """See `KarmaDesk`."""
        return cast("ShopAnswer", await self._server.get("/v1/shop"))

    async def open_requests(self) -> OpenAnswer:
        """See `KarmaDesk`."""
        return cast("OpenAnswer", await self._server.get("/v1/karma/requests"))

    async def load_vouchers(self, reward: str, codes: Sequence[str]) -> VouchersAnswer:
        """See `KarmaDesk`."""
        path = f"/v1/karma/rewards/{quote(reward, safe='')}/vouchers"
        return cast("VouchersAnswer", await self._server.ask("PUT", path, json={"codes": list(codes)}))

    async def held(self) -> HeldKarma:
        """See `KarmaDesk`."""
        from streams.karma_history import HeldKarma

        return HeldKarma(**await self._server.get("/v1/history/karma"))

    async def release(self, karma: int) -> int:
        """See `KarmaDesk`."""
        done = await self._server.ask("POST", "/v1/history/karma", json={"karma": karma})
        await self._server.folded(done["position"], lambda: None)
        return int(done["told"])

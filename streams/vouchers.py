"""Vouchers: codes that were loaded before anybody asked for them, kept outside the log, and handed out in its order.

Codes of a reward are numbered as they came. The n-th request that was approved has the n-th: a number that follows
from the log alone, so nobody draws a code, nothing races for one, and it is the same whenever somebody looks.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import redis

from schemas.words import OrgId, Position
from streams.karma import KarmaAnswers
from streams.keys import Keys
from streams.shelf import Shelf

CODE_LENGTH_MAX = 200
_LOCK_S, _TURN_S = 60, 30


class Loaded(NamedTuple):
    """What loading codes has done."""

    added: int
    codes: int
    """In all."""


class Vouchers:
    """The codes of one organisation's rewards."""

    def __init__(self, client: "redis.Redis", shelf: Shelf, org: OrgId) -> None:
        self._client, self._shelf, self._org = client, shelf, org

    async def load(self, reward: str, codes: Sequence[str]) -> Loaded:
        """Adds codes behind those that are there; one that is there already is not added again.

        Raises:
            UnavailableLog, RedisError: they are not known to be kept; loading them again is harmless.
        """
        # A number is given once: else a code that somebody has would become another one.
        turn = self._client.lock(
            f"{Keys(self._org).tag}:vouchers", _LOCK_S, blocking_timeout=_TURN_S, thread_local=False
        )
        if not await asyncio.to_thread(turn.acquire):
            raise redis.exceptions.LockError("somebody else is loading vouchers")
        try:
            there = {code.decode() for code in (await self._shelf.scan(self._key(reward, ""))).values()}
            new = [code for code in dict.fromkeys(codes) if code not in there]
            if new:
                numbered = enumerate(new, len(there) + 1)
                await self._shelf.put({self._key(reward, number): code.encode() for number, code in numbered})
        finally:
            await asyncio.to_thread(turn.release)
        return Loaded(len(new), len(there) + len(new))

    async def has(self, reward: str) -> bool:
        """Whether a reward has codes at all."""
        return await self._shelf.get(self._key(reward, 1)) is not None

    async def code(self, reward: str, number: int) -> str | None:
        """The n-th code, from 1; None where so many were not loaded."""
        found = await self._shelf.get(self._key(reward, number))
        return None if found is None else found.decode()

    def _key(self, reward: str, number: object) -> str:
        return f"voucher/{self._org}/{reward}/{number}"


def approvals(karma: KarmaAnswers, reward: str) -> dict[str, Position]:
    """Where each request for a reward was approved, by its stored id; declined later or not, it had a code.

    Reads every request of the organisation.
    """
    return {ident: each.approved for ident, each in karma.redemptions() if each.reward == reward and each.approved}

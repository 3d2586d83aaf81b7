"""Recognises repeats before they are appended, from what the projector remembers: a courtesy to publishers.

Exactness does not hang on it (the fold recognises every repeat); it lets HTTP and import say `repeated` at once, and
lets a second import append nothing.
"""

from collections.abc import Sequence
from typing import Literal, cast

import redis

from engine.claims import CLAIM_BYTES, Claim, Claims
from schemas.records import Record
from schemas.words import OrgId
from streams.keys import Keys

Finding = Literal["new", "repeated", "conflict"]


class Repeats:
    """The identities of one organisation, as the store has them and as this process has added to them."""

    def __init__(self, client: "redis.Redis", org: OrgId) -> None:
        self.client = client
        self.keys = Keys(org)
        self._claims = Claims()
        self._own: dict[int, Claim] = {}

    def find(self, records: Sequence[Record]) -> list[Finding]:
        """What each record is; blocks for a round trip to the store."""
        self._refresh()
        keys = [int(record["id"][:16], 16) for record in records]
        wanted = self._claims.pages([key for key in dict.fromkeys(keys) if key not in self._own])
        if wanted:
            pipe = self.client.pipeline(transaction=False)
            for _, page in wanted:
                pipe.getrange(self.keys.claims("identities", page.segment), page.start, page.end - 1)
            for (key, _), blob in zip(wanted, pipe.execute(), strict=True):
                self._claims.learn(key, bytes(blob))
        found: list[Finding] = []
        for key, record in zip(keys, records, strict=True):
            check = int(record["stamp"][:8], 16)
            known = self._own.get(key) or self._claims.find(key)
            if known is None:
                self._own[key] = Claim(check, 0)
            found.append("new" if known is None else "repeated" if known.check == check else "conflict")
        return found

    def forget(self, records: Sequence[Record]) -> None:
        """Takes back that records are known: they were not appended after all."""
        for record in records:
            self._own.pop(int(record["id"][:16], 16), None)

    def _leaf(self, number: int) -> bytes:
        return cast("bytes | None", self.client.get(self.keys.leaf("identities", number))) or b""

    def _refresh(self) -> None:
        """Reads what the store has learned since the last time."""
        sealed = int(cast("bytes | None", self.client.hget(self.keys.checkpoint, "identities")) or 0)
        tail = self.keys.claims("identities")
        claims = self._claims
        if sealed < claims.sealed:
            claims = self._claims = Claims()  # the store was emptied, or put back to an older copy
        if claims.sealed < sealed:
            leaves = claims.leaves_until(sealed)
            claims.sealed_elsewhere(sealed, (self._leaf(number) for number in leaves))
        more = cast("bytes", self.client.getrange(tail, claims.tail_bytes, -1))
        more = more[: len(more) - len(more) % CLAIM_BYTES]
        claims.claimed_elsewhere(more)
        if len(self._own) > 100_000:  # noqa: PLR2004  what the store knows by now need not be kept twice
            self._own = {key: claim for key, claim in self._own.items() if self._claims.find(key) is None}

"""A running karmalog as the commands and the API see it: a log, a store, and the ways to publish and to ask."""

import asyncio
from dataclasses import dataclass, field
from datetime import date

import redis

from schemas.records import RECORD
from schemas.rulebook import Rulebook
from schemas.words import OrgId
from streams.answers import Answers
from streams.clock import Clock
from streams.hashing import Hasher
from streams.judge import Allowed, Judge, activities_only
from streams.log import Log
from streams.people import names_of
from streams.projector import Projector
from streams.publishing import Publisher
from streams.repeats import Repeats
from streams.rulebooks import Catalogues, published
from streams.shelf import Quarantine, Shelf
from streams.store import partition_key
from streams.texts import Texts
from streams.vouchers import Vouchers


@dataclass
class Runtime:
    """Everything that is needed to publish to one organisation and to read from it."""

    org: OrgId
    log: Log
    texts: Shelf
    quarantine: Quarantine
    redis: "redis.Redis"
    hasher: Hasher
    clock: Clock
    projector: Projector | None = None  # where this process folds the log itself
    notices: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answers = Answers(self.redis, self.org)
        self.catalogues = Catalogues(self.redis)
        self.repeats = Repeats(self.redis, self.org)
        self.written = Texts(self.texts, self.org)
        self.vouchers = Vouchers(self.redis, self.texts, self.org)
        self.names = names_of(self.redis, self.texts, self.org)

    def publisher(self, *, allowed: Allowed = activities_only, trust_recorded: bool = False) -> Publisher:
        """A way into the log for one kind of publisher."""
        judge = Judge(
            self.catalogues.of,
            self.hasher,
            self.org,
            allowed=allowed,
            trust_recorded=trust_recorded,
        )
        return Publisher(self.log, self.quarantine, self.texts, judge, self.repeats, self.org, self.clock)

    async def position(self) -> int:
        """The position that the store has reached."""
        return await asyncio.to_thread(self._position)

    def _position(self) -> int:
        # Other organisations may live in the same partition: then it is the partition that reaches the end.
        partition = self.log.partition_of(self.org)
        return max(
            int(self.redis.hget(self.answers.keys.checkpoint, "position") or 0),
            int(self.redis.hget(partition_key(partition), "position") or 0),
        )

    async def reach(self, position: int, timeout_s: float) -> bool:
        """Waits until the store holds everything of this organisation before `position`; whether it does."""
        if self.projector is not None:
            return await self.projector.reach(position, timeout_s)
        deadline = asyncio.get_running_loop().time() + timeout_s
        while await self.position() < position:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def publish_rulebook(self, rulebook: Rulebook, since: date | None = None) -> int:
        """Appends a rulebook to the log; the position after it."""
        versions = await asyncio.to_thread(self.redis.llen, self.answers.keys.books)
        record = published(
            rulebook, self.org, version=versions + 1, now=self.clock.now(), hasher=self.hasher, since=since
        )
        positions = await self.log.append(
            self.log.partition_of(self.org), [(self.org.encode(), RECORD.dump_json(record))]
        )
        return positions[0] + 1

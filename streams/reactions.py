"""Reactions to facts: what karmalog says aloud. Faust agents, at least once: act on a fact's id once."""

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import redis
from pydantic_core import from_json

from schemas.words import MemberId, OrgId
from streams.answers import Answers
from streams.known import UnknownError
from streams.members import is_seen

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterable, Callable

    import faust

    from streams.clock import Clock

BADGE_FACTS: Final = {"badge.reached": "reached", "badge.moved": "moved", "badge.lost": "lost"}

_TRIES: Final = 20
_RETRY_S: Final = 0.5
_POINTS: Final = b'"type":"points.changed"'


class Seen:
    """Tells whether boards show a member to everyone; each question blocks for two round trips."""

    def __init__(self, client: "redis.Redis", clock: "Clock") -> None:
        self._client = client
        self._clock = clock
        self._answers: dict[OrgId, Answers] = {}

    def __call__(self, org: OrgId, member: MemberId) -> bool:
        """Whether they do now; no, where the store does not answer for ten seconds."""
        for _ in range(_TRIES):
            with suppress(redis.exceptions.RedisError):
                return self._seen(self._answers.setdefault(org, Answers(self._client, org)), member)
            time.sleep(_RETRY_S)
        return False

    def _seen(self, answers: Answers, member: MemberId) -> bool:
        standing = answers.standing(member)
        try:
            return standing is not None and is_seen(standing, answers.known().versions, self._clock.now())
        except UnknownError:  # the store is being built: who is there is not known yet
            return False


def announce_badges(
    app: "faust.App", topic: str, said: "logging.Logger", seen: "Callable[[OrgId, MemberId], bool]"
) -> None:
    """Announces the badges and levels that members reach or lose, as one structured line each of the log `said`.

    What is announced may end in a chat: members whom boards do not show are left out. The line carries the fact, with
    its id: a repeat after a crash is the same line again.
    """
    source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(source, name="announce_badges")
    async def announce(facts: "AsyncIterable[bytes]") -> None:
        async for value in facts:
            if _POINTS in value:  # most facts by far; nobody wants to hear them all
                continue
            fact = from_json(value)
            what = BADGE_FACTS.get(fact.get("type"))
            if what is not None and await asyncio.to_thread(seen, OrgId(fact["org"]), MemberId(fact["member"])):
                said.info("badge %s", what, extra={"fact": fact})

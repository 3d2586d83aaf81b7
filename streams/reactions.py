"""Reactions to facts: what karmalog says aloud. Faust agents, at least once: act on a fact's id once."""

from typing import TYPE_CHECKING, Final

from pydantic_core import from_json

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterable

    import faust

BADGE_FACTS: Final = {"badge.reached": "reached", "badge.moved": "moved", "badge.lost": "lost"}

_POINTS: Final = b'"type":"points.changed"'


def announce_badges(app: "faust.App", topic: str, said: "logging.Logger") -> None:
    """Announces every badge and level that a member reaches or loses, as one structured line of the log `said`.

    The line carries the fact, with its id: a repeat after a crash is the same line again.
    """
    source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(source, name="announce_badges")
    async def announce(facts: "AsyncIterable[bytes]") -> None:
        async for value in facts:
            if _POINTS in value:  # most facts by far; nobody wants to hear them all
                continue
            fact = from_json(value)
            what = BADGE_FACTS.get(fact.get("type"))
            if what is not None:
                said.info("badge %s", what, extra={"fact": fact})

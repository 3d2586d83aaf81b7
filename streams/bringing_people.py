"""Makes log and profiles say what a table of people says; commands and API share it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from schemas.failures import Refused
from streams.people import Person, events_of, profiles
from streams.publishing import Published
from streams.quarantine import Message
from streams.runtime import Runtime

Publish = Callable[[Sequence[Message]], Awaitable[Published]]
"""Publishes as an operator."""


class Brought(NamedTuple):
    """What a table changed."""

    members: int  # lines of it
    appended: int  # events: who joined, left, moved
    refused: Sequence[str]  # what was not taken, each with its code and reason


class RefusedPeople(Refused):
    """A table says what the rulebook does not know; nothing was changed."""


async def bring_people(runtime: Runtime, people: Sequence[Person], publish: Publish) -> Published:
    """Publishes what the table says and the store does not know yet, and keeps the profiles.

    The store has to be at the end of the log, else what was just said is said again, and is a repeat.

    Raises:
        RefusedPeople: a kind of group is not declared.
        UnknownError: NO_RULEBOOK.
        UnavailableLog, RedisError: bringing the same table again is harmless.
    """
    now = runtime.clock.now()
    known = await asyncio.to_thread(runtime.answers.known)
    undeclared = {kind for each in people for kind, _ in each.groups or ()} - known.plan.rulebook.groups.keys()
    if undeclared:
        raise RefusedPeople(
            f"the rulebook declares no group kind {', '.join(map(repr, sorted(undeclared)))}: add it under "
            f"`groups`, as in `groups: {{{min(undeclared)}: {{one_at_a_time: true}}}}`"
        )
    calendar = known.in_force(now).calendar

    def messages() -> list[Message]:
        return [
            message
            for person in people
            for message in events_of(person, runtime.answers.standing(person.member), calendar, now)
        ]

    where = profiles(runtime.org)
    partly = any(each.name is None or each.identities is None for each in people)
    before = await runtime.texts.scan(where) if partly else {}
    await runtime.names.put({each.member: each.profile(before.get(where + each.member)) for each in people})
    return await publish(await asyncio.to_thread(messages))

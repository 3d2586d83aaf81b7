"""What every route stands on: the runtime, the keys, and the parts that requests share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Query, Request
from typing_extensions import TypedDict

from api.access import Access, Caller, Role
from api.gathering import Gatherer
from api.live import Live
from api.metrics import Metrics
from api.problems import RefusedRequestError, UnavailableError
from api.reading import Reader
from streams.runtime import Runtime

REACH_S = 5.0
"""How long an answer waits for the position that `after` names."""

After = Annotated[int | None, Query(ge=0, description="Wait until the answer holds this position, at most 5 s.")]


class Replay(TypedDict):
    """How far a replay of the past is."""

    clock: str | None  # RFC 3339: the moment of the past that it has reached
    done: int  # events
    of: int  # events in all
    per_second: int  # events


@dataclass(slots=True)
class Service:
    """The parts of one application."""

    runtime: Runtime
    access: Access
    replay: Callable[[], Replay | None]
    reader: Reader
    live: Live
    gatherer: Gatherer
    metrics: Metrics
    one_rulebook_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def reached(self, after: int | None) -> None:
        """Waits until the store holds everything before a position.

        Raises:
            UnavailableError: NOT_YET, after 5 s.
        """
        if after is not None and not await self.runtime.reach(after, REACH_S):
            raise UnavailableError(
                "NOT_YET",
                f"position {after} is not on the boards after {REACH_S:.0f} s; ask again",
                status=504,
            )

    def close(self) -> None:
        """Ends what keeps requests open."""
        self.live.close()


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    return cast("Service", request.app.state.service)


SEES = (Role.OPERATOR, Role.VIEWER, Role.MEMBER)
"""Roles that may look at boards."""


def asked_by(request: Request, *roles: Role) -> Caller:
    """Who sent a request, where their role is one of these.

    Raises:
        RefusedRequestError: 401 NO_KEY or UNKNOWN_KEY; 403 NOT_ALLOWED.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise RefusedRequestError(
            401,
            "NO_KEY",
            "send a key: Authorization: Bearer KEY",
            headers={"WWW-Authenticate": 'Bearer realm="karmalog"'},
        )
    caller = service_of(request).access.caller(key.strip())
    if caller is None:
        raise RefusedRequestError(
            401,
            "UNKNOWN_KEY",
            "nobody was given this key; take the one that the server printed at its first start, or ask for one",
            headers={"WWW-Authenticate": 'Bearer realm="karmalog", error="invalid_token"'},
        )
    if caller.role not in roles:
        raise RefusedRequestError(
            403,
            "NOT_ALLOWED",
            f"this takes a key of the role {' or '.join(roles)}; this one's is {caller.role}",
        )
    return caller

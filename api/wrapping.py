"""What every answer has: headers that keep browsers careful, a count, and no traceback whatever happens."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import INTERNAL, problem_of

_log = logging.getLogger(__name__)

POLICY_HEADER: Final = "Content-Security-Policy"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})

_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (POLICY_HEADER, "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
)
"""Where an answer says nothing else."""


Handler = Callable[[Request], Awaitable[Response]]


class Wrapping:
    """An ASGI application around another one.

    `direct` names routes, as (method, path), that are answered here: the framework's own way to a handler costs
    several times what taking an event costs.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, direct: Mapping[tuple[str, str], Handler]) -> None:
        self.app = app
        self.metrics = metrics
        self.direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        handler = self.direct.get((scope["method"], scope["path"]))
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS:
                    headers.setdefault(name, value)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                route = route_of(scope) if handler is None else scope["path"]
                self.metrics.answered(method, route, message["status"], time.perf_counter() - began)
            await send(message)

        try:
            if handler is None:
                await self.app(scope, receive, sending)
            else:
                response = await handler(Request(scope, receive))
                await response(scope, receive, sending)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:
            problem = problem_of(error)
            if problem.code == INTERNAL:
                _log.exception("%s %s failed", scope["method"], route_of(scope))
            if started:
                raise
            await problem.response()(scope, receive, sending)


def route_of(scope: Scope) -> str:
    """The route that a request took, with names for what varies; `other` for addresses that there are not."""
    route = scope.get("route")
    if isinstance(route, Route | Mount):
        return str(route.path)
    root = str(scope.get("root_path", ""))
    return root or "other"

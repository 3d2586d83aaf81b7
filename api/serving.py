"""Serves the application on one address until it is told to stop, whoever is still listening.

uvicorn in the loop of the caller: with httptools it costs about as much CPU per request as granian does,
whose embedded server is experimental, names itself in every answer, and did not stop with a stream open.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Generator
from typing import Final

import uvicorn
from fastapi import FastAPI

from api.service import Service
from schemas.failures import Unavailable

STOP_S: Final = 5
"""Requests that are being answered when it stops have this long."""

_BACKLOG: Final = 2_048


class UnavailableAddress(Unavailable):
    """The address cannot be listened on; the message says what to do."""


class _Server(uvicorn.Server):
    """Says when it is up, and leaves signals to `serve`, which has streams to end first."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See `uvicorn.Server.startup`."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """See `uvicorn.Server.capture_signals`."""
        yield


async def serve(
    app: FastAPI, host: str, port: int, ready: Callable[[str], None], *, stop: asyncio.Event | None = None
) -> None:
    """Serves until SIGINT or SIGTERM, or until `stop` is set where that is given, or until it is cancelled.

    Open streams are ended first; requests that are being answered have `STOP_S` seconds.

    Args:
        app: What `api.app.build` made.
        host: The address to listen on, and no other.
        port: 0 picks a free one.
        ready: Is told the address, such as http://127.0.0.1:8080, as soon as requests are taken.
        stop: Ends it.

    Raises:
        UnavailableAddress: another program listens there, or the address is not this machine's.
    """
    bound = _bind(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_S,
        ws="none",
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    server = _Server(config)
    service: Service = app.state.service
    with _stopping(stop) as told:
        serving = asyncio.create_task(server.serve([bound]))
        try:
            await _first(serving, server.up)
            if server.up.is_set():
                ready(_address(host, bound))
                await _first(serving, told)
        finally:
            service.close()
            server.should_exit = True
            await serving
            bound.close()


async def _first(serving: "asyncio.Task[None]", event: asyncio.Event) -> None:
    """Waits until an event is set, or serving is over."""
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


@contextlib.contextmanager
def _stopping(stop: asyncio.Event | None) -> Generator[asyncio.Event, None, None]:
    """The event that ends serving: the one that is given, else one that signals set."""
    if stop is not None:
        yield stop
        return
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    try:
        yield told
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _bind(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(_BACKLOG)
        except BaseException:
            bound.close()
            raise
    except OSError as error:
        raise UnavailableAddress(
            f"{host}:{port} cannot be listened on ({error.strerror or error}): stop what has it, or name "
            "another (--host, --port; 0 picks a free port)"
        ) from error
    return bound


def _address(host: str, bound: socket.socket) -> str:
    """The address as a browser opens it."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{bound.getsockname()[1]}"

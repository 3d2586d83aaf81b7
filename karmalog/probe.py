"""Health and metrics of a process that serves nothing else: /health and /metrics on the address that settings name."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus
from typing import Literal, NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from karmalog.desk import RefusedCommandError

_REQUEST_S = 5.0
_REQUEST_BYTES = 16_384


class Report(NamedTuple):
    """How a process is. `waiting` for what will come is healthy; `unavailable` says that something around it failed."""

    status: Literal["ok", "waiting", "unavailable"]
    detail: str
    more: Mapping[str, object]


Figures = Mapping[str, tuple[str, Mapping[str, float]]]
"""Name without prefix: (what it counts, value by label); a name that ends in _total only rises."""


class _Asked(Collector):
    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._figures = figures

    def collect(self) -> "list[Metric]":
        """The figures of now."""
        metrics: list[Metric] = []
        for name, (text, values) in self._figures().items():
            family: CounterMetricFamily | GaugeMetricFamily = (
                CounterMetricFamily(f"karmalog_{name.removesuffix('_total')}", text, labels=["what"])
                if name.endswith("_total")
                else GaugeMetricFamily(f"karmalog_{name}", text, labels=["what"])
            )
            for label, value in values.items():
                family.add_metric([label], value)
            metrics.append(family)
        return metrics


@contextlib.asynccontextmanager
async def probe(
    host: str, port: int, report: Callable[[], Report], figures: Callable[[], Figures]
) -> AsyncIterator[str]:
    """Answers while it is open; gives its address, such as http://127.0.0.1:8080.

    Raises:
        RefusedCommandError: the address cannot be had.
    """
    registry = CollectorRegistry()
    registry.register(_Asked(figures))

    def answer(path: str) -> tuple[HTTPStatus, str, bytes]:
        if path == "/health":
            now = report()
            status = HTTPStatus.SERVICE_UNAVAILABLE if now.status == "unavailable" else HTTPStatus.OK
            body = json.dumps({"status": now.status, "detail": now.detail, **now.more}, ensure_ascii=False)
            return status, "application/json", body.encode()
        if path == "/metrics":
            return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry)
        return HTTPStatus.NOT_FOUND, "text/plain", b"only /health and /metrics are here\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_REQUEST_S):
                head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].split()
                status, kind, body = (
                    answer(head[1].decode("ascii", "replace").partition("?")[0])
                    if len(head) == 3 and head[0] == b"GET"  # noqa: PLR2004 - method, path, version
                    else (HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", b"GET only\n")
                )
                writer.write(
                    f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(serve, host, port, limit=_REQUEST_BYTES)
    except OSError as error:
        raise RefusedCommandError(
            f"{host}:{port} cannot be listened on ({error.strerror or error}): name another address with --host and "
            "--port (KARMALOG_HOST, KARMALOG_PORT); port 0 takes a free one"
        ) from error
    async with server:
        bound = server.sockets[0].getsockname()
        yield f"http://{f'[{bound[0]}]' if ':' in bound[0] else bound[0]}:{bound[1]}"

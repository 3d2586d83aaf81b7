"""The HTTP application: every route, over one runtime."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI

from api import (
    boards,
    challenges,
    digesting,
    events,
    fairness,
    feed,
    history,
    karma,
    karma_requests,
    keys,
    members,
    offers,
    operation,
    people,
    problems,
    replaying,
    rulebook,
    shop,
    texts,
)
from api.access import Access
from api.documentation import described
from api.gathering import Gatherer
from api.live import Live
from api.metrics import Metrics
from api.pages import add_pages
from api.reading import Reader
from api.service import Replay, Service
from api.upkeep import Upkeep
from api.wrapping import Wrapping
from streams.runtime import Runtime


def build(runtime: Runtime, access: Access, *, replay: Callable[[], Replay | None] | None = None) -> FastAPI:
    """The application over a runtime, for those whom `access` knows.

    `replay` says how far a replay of the past is, None where none runs. The caller owns the runtime;
    `app.state.service.close()` ends open streams, which keep a server from stopping.
    """
    reader, figures = Reader(runtime), Metrics()
    service = Service(runtime, access, replay or (lambda: None), reader, Live(reader), Gatherer(runtime), figures)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        upkeep = Upkeep(runtime, access, reader)
        await upkeep.look()
        looking = asyncio.create_task(upkeep.run())
        yield
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        service.close()
        reader.close()

    app = FastAPI(
        title="karmalog",
        version="1",
        summary="Boards, badges and members of an organisation, and the way into its log.",
        lifespan=lifespan,
        docs_url=None,  # both would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    problems.install(app)
    for part in (
        events, history, people, boards, challenges, members, offers, shop, karma, karma_requests, fairness, feed,
        rulebook, texts, keys, replaying, digesting, operation,
    ):  # fmt: skip
        app.include_router(part.routes)
    add_pages(app)
    app.add_middleware(Wrapping, metrics=figures, direct={("POST", events.PATH): events.publish})
    app.openapi = lambda: _documentation(app)  # type: ignore[method-assign]
    return app


def _documentation(app: FastAPI) -> dict[str, Any]:
    """The description of the API, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = described(FastAPI.openapi(app))
    return app.openapi_schema

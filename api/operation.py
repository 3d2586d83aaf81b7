"""What machines ask that keep this one running: is it well, and its figures. Both need no key and name nobody."""

from fastapi import APIRouter, Request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from pydantic_core import to_json
from starlette.responses import Response

from api.health import Health, figures_of, health_of
from api.service import service_of

routes = APIRouter(tags=["operation"])


@routes.get(
    "/health",
    summary="Whether this server works",
    response_model=Health,
    responses={503: {"model": Health, "description": "Log or store do not answer"}},
)
async def health(request: Request) -> Response:
    """200 also while it waits for a rulebook: it works, and says what it waits for."""
    found = await health_of(service_of(request))
    status = 503 if found["status"] == "unavailable" else 200
    return Response(to_json(found), status, media_type="application/json")


@routes.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    """Records folded by verdict, lag, position, requests by route and status, listeners."""
    service = service_of(request)
    return Response(service.metrics.text(await figures_of(service)), media_type=CONTENT_TYPE_PLAIN_1_0_0)

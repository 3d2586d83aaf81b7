"""How far a replay of the past is, for a page that shows it."""

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response

from api.answering import PROBLEMS
from api.service import SEES, Replay, asked_by, service_of

routes = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["boards"])

__all__ = ["Replay", "routes"]


@routes.get(
    "/replay",
    summary="How far a replay of the past is",
    response_model=Replay,
    responses={204: {"description": "None runs"}},
)
async def replay(request: Request) -> Response:
    """Events of the past that are played again, as a demonstration does it."""
    asked_by(request, *SEES)
    found = service_of(request).replay()
    if found is None:
        return Response(None, 204)
    return Response(to_json(found), 200, media_type="application/json")

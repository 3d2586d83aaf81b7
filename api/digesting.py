"""The digest of all answers, for operators who compare two of them."""

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS
from api.service import After, asked_by, service_of
from streams.digesting import digest_of

routes = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["operation"])


class DigestAnswer(TypedDict):
    """Equal answers have equal digests, whatever order events came in."""

    digest: str
    position: int


@routes.get("/digest", summary="One number for all answers", response_model=DigestAnswer)
async def digest(request: Request, after: After = None) -> Response:
    """Reads every score and every member, and is exact only while nothing is being folded."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    found, position = await service.reader.in_thread(digest_of)
    said: DigestAnswer = {"digest": found, "position": position}
    return Response(to_json(said), 200, media_type="application/json")

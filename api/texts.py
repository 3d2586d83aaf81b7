"""Texts that people wrote: operators find those of a member, and delete them for good."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS
from api.problems import RefusedRequestError
from api.service import asked_by, service_of
from schemas.words import MemberId

routes = APIRouter(prefix="/v1/texts", responses=PROBLEMS, tags=["texts"])


class Text(TypedDict):
    """What was written with one event."""

    reference: str
    texts: dict[str, str]  # by the field of the data


class TextsAnswer(TypedDict):
    """What a member wrote."""

    member: str
    texts: list[Text]


class Deleted(TypedDict):
    """How much is gone."""

    deleted: int  # events whose texts were there until now


@routes.get("", summary="What a member wrote", response_model=TextsAnswer)
async def texts(request: Request, member: str) -> Response:
    """Each with the reference by which it can be deleted."""
    asked_by(request, Role.OPERATOR)
    found = await service_of(request).runtime.written.of(MemberId(member))
    said: TextsAnswer = {
        "member": member,
        "texts": [{"reference": each, "texts": dict(text)} for each, text in found.items()],
    }
    return Response(to_json(said), 200, media_type="application/json")


@routes.delete("", summary="Delete texts", response_model=Deleted)
async def delete(
    request: Request,
    member: Annotated[str | None, Query(description="All that this member wrote")] = None,
    reference: Annotated[list[str] | None, Query(description="One text; several times for several")] = None,
) -> Response:
    """The events stay, and what they are worth; their texts are nowhere any more. No backup is reached by this."""
    asked_by(request, Role.OPERATOR)
    written = service_of(request).runtime.written
    if (member is None) == (reference is None):
        raise RefusedRequestError(422, "BAD_PARAMETER", "name either a member or references, and not both")
    gone = list(await written.of(MemberId(member))) if member is not None else reference or []
    said: Deleted = {"deleted": await written.delete(gone)}
    return Response(to_json(said), 200, media_type="application/json")

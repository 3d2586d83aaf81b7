"""API keys over HTTP: operators issue, list and revoke them."""

from typing import Final, NotRequired

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError, with_config
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Caller, Issued, RefusedKey, Role
from api.answering import PROBLEMS
from api.events import body_of
from api.problems import RefusedRequestError
from api.service import asked_by, service_of

routes = APIRouter(prefix="/v1/keys", responses=PROBLEMS, tags=["keys"])

_BODY_BYTES_MAX: Final = 4_096


class KeyShown(TypedDict):
    """A key that was issued; the key itself is kept nowhere."""

    id: str
    role: str  # operator, publisher, viewer or member:ID
    label: str  # what it is for


class KeyIssued(KeyShown):
    """A new key."""

    key: str  # shown this once


class KeysAnswer(TypedDict):
    """The keys that are good."""

    keys: list[KeyShown]


@with_config(extra="forbid", strict=True)
class KeyAsked(TypedDict):
    """Which key to issue."""

    role: str
    label: NotRequired[str]


_ASKED: Final[TypeAdapter[KeyAsked]] = TypeAdapter(KeyAsked)


@routes.post(
    "",
    status_code=201,
    summary="Issue a key",
    response_model=KeyIssued,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ASKED.json_schema()}}}
    },
)
async def issue(request: Request) -> Response:
    """It is shown this once; where several processes serve, the others know it within a second or two."""
    asked_by(request, Role.OPERATOR)
    try:
        asked = _ASKED.validate_json(await body_of(request, _BODY_BYTES_MAX))
        caller = Caller.named(asked["role"])
    except RefusedKey as error:
        raise RefusedRequestError(422, "UNKNOWN_ROLE", str(error)) from None
    except ValidationError:
        raise RefusedRequestError(
            422, "BAD_PARAMETER", 'send {"role": "publisher"}, with a "label" that says what it is for if you like'
        ) from None
    key, issued = await service_of(request).access.issue(caller, asked.get("label", ""))
    found: KeyIssued = {"key": key, **shown(issued)}
    return Response(to_json(found), 201, media_type="application/json")


@routes.get("", summary="Which keys are good", response_model=KeysAnswer)
async def keys(request: Request) -> Response:
    """Those that were issued; a key that stands in the settings is none of them."""
    asked_by(request, Role.OPERATOR)
    access = service_of(request).access
    await access.refresh()
    found: KeysAnswer = {"keys": [shown(each) for each in access.issued()]}
    return Response(to_json(found), 200, media_type="application/json")


@routes.delete("/{ident}", summary="Revoke a key", response_model=KeyShown)
async def revoke(request: Request, ident: str) -> Response:
    """It is good for nothing from now on; where several processes serve, within a second or two."""
    asked_by(request, Role.OPERATOR)
    access = service_of(request).access
    await access.refresh()
    issued = await access.revoke(ident)
    if issued is None:
        raise RefusedRequestError(404, "NO_SUCH_KEY", f"no key has the id {ident[:64]!r}; GET /v1/keys lists them")
    return Response(to_json(shown(issued)), 200, media_type="application/json")


def shown(issued: Issued) -> KeyShown:
    """A key as answers tell of it."""
    return {"id": issued.ident, "role": issued.role, "label": issued.label}

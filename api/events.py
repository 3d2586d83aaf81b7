"""Takes events over HTTP: CloudEvents 1.0 structured, in a batch, or binary."""

from hashlib import blake2b
from typing import Final, cast

from fastapi import APIRouter, Request
from pydantic import JsonValue
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS
from api.gathering import Way
from api.problems import RefusedRequestError, no_rulebook
from api.service import asked_by, service_of
from schemas.envelope import Undecodable, parts
from streams.publishing import Fate, Published, Refusal
from streams.quarantine import Message
from streams.rulebooks import NoRulebookYetError

BODY_BYTES_MAX: Final = 8 << 20
BATCH_MAX: Final = 1_000
_READ_BYTES_MAX: Final = 4 * BODY_BYTES_MAX
"""So much of what is too large is read and dropped, so that the caller reads our answer rather than a broken line."""

_ONE: Final = {"application/cloudevents+json", "application/cloudevents"}
_BATCH: Final = {"application/cloudevents-batch+json", "application/cloudevents-batch"}

PATH: Final = "/v1/events"

routes = APIRouter()


class RefusedEvent(TypedDict):
    """Why one event was not taken."""

    index: int  # its place in the request, from 0
    id: str | None  # its publisher's, where it could be read
    code: str  # stable
    path: str  # the attribute or field that is wrong
    detail: str


class Receipt(TypedDict):
    """What became of the events of a request; each is in exactly one of the four."""

    accepted: int  # on disk in the log
    repeated: int  # seen before with the same content: nothing to do
    waiting: int  # of a type that no rulebook declares yet
    refused: list[RefusedEvent]
    position: int  # boards hold what was accepted from this position on; for `?after=`


_EVENT: Final = {"type": "object", "required": ["specversion", "id", "source", "type", "time"]}
_BODIES: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/cloudevents+json": {"schema": _EVENT},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": _EVENT, "maxItems": BATCH_MAX}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "description": "Binary mode: the data; attributes in ce-… headers",
                }
            },
        },
    }
}


@routes.post(
    PATH,
    status_code=202,
    summary="Publish events",
    response_model=Receipt,
    responses={
        **PROBLEMS,
        422: {"description": "Nothing was taken: a problem and a receipt in one", "model": Receipt},
    },
    openapi_extra=_BODIES,
    tags=["events"],
)
async def publish(request: Request) -> Response:
    """202 where anything was accepted, repeated or waits; one bad event of a batch does not stop the others."""
    caller = asked_by(request, Role.OPERATOR, Role.PUBLISHER)
    service = service_of(request)
    messages = await _messages(request, service.runtime.org)
    try:
        done = await service.gatherer.publish(messages, Way.OPERATOR if caller.role is Role.OPERATOR else Way.ORDINARY)
    except NoRulebookYetError:
        raise no_rulebook() from None
    receipt = _receipt(done)
    if len(receipt["refused"]) < len(messages):
        return Response(to_json(receipt), 202, media_type="application/json")
    first = receipt["refused"][0]["detail"] if receipt["refused"] else "the batch is empty"
    raise RefusedRequestError(
        422, "NOTHING_TAKEN", f"no event was taken: {first}", more=cast("dict[str, JsonValue]", receipt)
    )


async def _messages(request: Request, org: str) -> list[Message]:
    """The events of a request as they came, unread."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in _BATCH:
        try:
            events = parts(await body_of(request, BODY_BYTES_MAX))
        except Undecodable as why:
            raise RefusedRequestError(400, why.code, why.detail) from None
        if len(events) > BATCH_MAX:
            raise RefusedRequestError(
                413,
                "TOO_MANY_EVENTS",
                f"{len(events):,} events; a batch has at most {BATCH_MAX:,}: send several",
            )
        return [Message(event, place=_place(event), org=org) for event in events]
    headers = [
        (name.decode("latin-1"), value)
        for name, value in request.headers.raw
        if name[:3] == b"ce-" or name == b"content-type"
    ]
    binary = any(name.startswith("ce-") for name, _ in headers)
    if media_type in _ONE or not binary or media_type.startswith("application/cloudevents"):
        if media_type not in _ONE:
            raise RefusedRequestError(
                415,
                "CONTENT_TYPE",
                "send one event as application/cloudevents+json, several as application/cloudevents-batch+json, or "
                "the attributes as ce-… headers with the data as application/json",
                headers={"Accept-Post": "application/cloudevents+json, application/cloudevents-batch+json"},
            )
        headers = []
    body = await body_of(request, BODY_BYTES_MAX)
    said = b"\n".join(b"%s: %s" % (name.encode("latin-1"), value) for name, value in headers)
    return [Message(body, headers, _place(said + b"\n" + body), org)]


def _place(content: bytes) -> str:
    """Where an event of an HTTP request is found again: by its content, so that sent twice it waits once."""
    return f"http/{blake2b(content, digest_size=12).hexdigest()}"


async def body_of(request: Request, bytes_max: int) -> bytes:
    """The body of a request.

    Raises:
        RefusedRequestError: 413 TOO_LARGE.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= bytes_max:
            chunks.append(chunk)
        elif size > _READ_BYTES_MAX:
            break
    if size > bytes_max:
        raise RefusedRequestError(413, "TOO_LARGE", f"the body has more than the {bytes_max:,} bytes that it may have")
    return b"".join(chunks)


def _receipt(done: Published) -> Receipt:
    return {
        "accepted": done.count(Fate.ACCEPTED),
        "repeated": done.count(Fate.REPEATED),
        "waiting": done.count(Fate.WAITING),
        "refused": [refused_of(index, each) for index, each in done.refused],
        "position": done.position,
    }


def refused_of(index: int, refusal: Refusal) -> RefusedEvent:
    """A refusal as answers tell of it."""
    return {"index": index, "id": refusal.id, "code": refusal.code, "path": refusal.path, "detail": refusal.detail}

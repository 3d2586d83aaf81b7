"""Takes people from a table: names, groups, who came and who left."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS
from api.events import BODY_BYTES_MAX, RefusedEvent, body_of, refused_of
from api.gathering import GROUP_MAX, Way
from api.problems import RefusedRequestError, no_rulebook
from api.service import Service, asked_by, service_of
from streams.bringing_people import RefusedPeople, bring_people
from streams.people import RefusedTableError, Table
from streams.publishing import Fate, Published
from streams.quarantine import Message
from streams.rulebooks import NoRulebookYetError

routes = APIRouter(prefix="/v1/members", responses=PROBLEMS, tags=["members"])

_FILE: Final = "members.csv"


class PeopleReceipt(TypedDict):
    """What a table changed."""

    members: int  # lines of it
    appended: int  # events: who joined, left, moved
    refused: list[RefusedEvent]
    position: int  # boards hold them from this position on; for `?after=`


@routes.post(
    "",
    summary="Import people",
    response_model=PeopleReceipt,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {
                        "type": "string",
                        "description": "member, name, identities, groups, joined, left; a header first",
                    }
                }
            },
        }
    },
)
async def publish(request: Request) -> Response:
    """Makes karmalog know what the table says; the same table again changes nothing."""
    asked_by(request, Role.OPERATOR)
    service, runtime = service_of(request), service_of(request).runtime
    try:
        people = Table(_FILE, (await body_of(request, BODY_BYTES_MAX)).decode("utf-8-sig")).people()
    except UnicodeDecodeError as error:
        raise RefusedRequestError(422, "NOT_UTF8", f"the byte at {error.start} is not UTF-8") from None
    except RefusedTableError as error:
        raise RefusedRequestError(422, "BAD_TABLE", str(error)) from None
    await service.reached(await runtime.log.end(runtime.log.partition_of(runtime.org)))
    try:
        done = await bring_people(runtime, people, lambda messages: _published(service, messages))
    except RefusedPeople as error:
        raise RefusedRequestError(422, "UNKNOWN_GROUP_KIND", str(error)) from None
    except NoRulebookYetError:
        raise no_rulebook() from None
    service.reader.forget()  # boards were worked out with other names
    receipt: PeopleReceipt = {
        "members": len(people),
        "appended": done.count(Fate.ACCEPTED),
        "refused": [refused_of(index, each) for index, each in done.refused],
        "position": done.position,
    }
    return Response(to_json(receipt), 200, media_type="application/json")


async def _published(service: Service, messages: Sequence[Message]) -> Published:
    """In parts, so that what others publish meanwhile does not wait for all of it."""
    done = Published([], 0)
    for start in range(0, max(1, len(messages)), GROUP_MAX):
        part = await service.gatherer.publish(messages[start : start + GROUP_MAX], Way.OPERATOR)
        done = Published([*done.fates, *part.fates], part.position)
    return done

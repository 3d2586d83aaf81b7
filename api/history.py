"""Takes history from operators: lines of CloudEvents that say themselves when they were recorded."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS
from api.events import BODY_BYTES_MAX, RefusedEvent, body_of, refused_of
from api.gathering import Way
from api.problems import RefusedRequestError, no_rulebook
from api.service import After, asked_by, service_of
from schemas.verdicts import Verdict
from streams.karma_history import ChangedSumError, held, release
from streams.publishing import Fate, Published
from streams.quarantine import Message
from streams.rulebooks import NoRulebookYetError

LINES_MAX: Final = 2_000

routes = APIRouter(prefix="/v1/history", responses=PROBLEMS, tags=["events"])

Run = Annotated[str, Query(pattern="^[0-9a-f]{8,32}$", description="The import that the lines belong to: hex digits")]


class RefusedLine(RefusedEvent):
    """Why one line was not taken."""

    verdict: Verdict


class HistoryReceipt(TypedDict):
    """What became of lines; each is in exactly one of the four."""

    fates: list[Fate | None]  # by line; null: refused
    refused: list[RefusedLine]
    position: int  # the outcomes hold what was accepted from this position on


class RunOutcomes(TypedDict):
    """What the fold made of an import."""

    run: str
    outcomes: dict[Verdict, int]  # of the records that it appended
    position: int  # that they hold for


class HistoryKarma(TypedDict):
    """What rules would give for imported events."""

    karma: int
    events: int
    members: int


class Agreed(BaseModel):
    """The sum that somebody has seen and agrees to."""

    karma: int


class Minted(TypedDict):
    """How many records say what imported events give."""

    told: int
    position: int  # purses hold it from this position on; for `?after=`


@routes.post(
    "",
    summary="Publish history",
    response_model=HistoryReceipt,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/x-ndjson": {"schema": {"type": "string", "description": "One event a line"}}},
        }
    },
)
async def publish(request: Request, run: Run) -> Response:
    """Recorded times are those of the lines, else the events' own; so it is judged as it would have been then."""
    asked_by(request, Role.OPERATOR)
    lines = (await body_of(request, BODY_BYTES_MAX)).removesuffix(b"\n").split(b"\n")
    if len(lines) > LINES_MAX:
        raise RefusedRequestError(
            413, "TOO_MANY_EVENTS", f"{len(lines):,} lines; a request has at most {LINES_MAX:,}: send several"
        )
    messages = [Message(line, place=f"history/{run}") for line in lines]
    try:
        done = await service_of(request).gatherer.publish(messages, Way.HISTORY, run=run)
    except NoRulebookYetError:
        raise no_rulebook() from None
    return Response(to_json(_receipt(done)), 200, media_type="application/json")


@routes.get("/karma", summary="What imported events would give in karma", response_model=HistoryKarma)
async def karma(request: Request, after: After = None) -> Response:
    """Of all imports together; rules give none of it until somebody has said so."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    found = await asyncio.to_thread(held, service.reader.client, service.runtime.org)
    return Response(to_json(found._asdict()), 200, media_type="application/json")


@routes.post("/karma", status_code=202, summary="Give imported events their karma", response_model=Minted)
async def mint(request: Request, body: Agreed) -> Response:
    """Says how much it is, as it was seen: 409 SUM_CHANGED where it is another sum by now. Safe to repeat."""
    asked_by(request, Role.OPERATOR)
    runtime = service_of(request).runtime
    parts = runtime.log, runtime.redis, runtime.hasher, runtime.clock
    try:
        told = await release(*parts, runtime.org, body.karma)
    except ChangedSumError as error:
        raise RefusedRequestError(409, "SUM_CHANGED", str(error)) from None
    position = await runtime.log.end(runtime.log.partition_of(runtime.org))
    return Response(to_json({"told": told, "position": position}), 202, media_type="application/json")


@routes.get("/{run}", summary="What became of an import", response_model=RunOutcomes)
async def outcomes(request: Request, run: str, after: After = None) -> Response:
    """Of an import that appended nothing, or that nobody knows, there are none."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    known = await service.reader.in_thread(lambda answers: answers.known())
    found = {"run": run, "outcomes": known.runs.get(run, {}), "position": known.position}
    return Response(to_json(found), 200, media_type="application/json")


def _receipt(done: Published) -> HistoryReceipt:
    return {
        "fates": [fate if isinstance(fate, Fate) else None for fate in done.fates],
        "refused": [{**refused_of(index, each), "verdict": each.verdict} for index, each in done.refused],
        "position": done.position,
    }

"""Challenges: which there are, a round as it goes, and taking part."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS, answer
from api.boards import Around, query_of
from api.gathering import Way
from api.live import marked
from api.problems import RefusedRequestError, no_rulebook
from api.service import SEES, After, Service, asked_by, service_of
from schemas.answers import ChallengesAnswer, RoundAnswer
from schemas.times import format_instant
from schemas.words import MemberId
from streams.boards import BoardQuery
from streams.challenges import RoundQuery
from streams.quarantine import Message
from streams.rulebooks import NoRulebookYetError

routes = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["challenges"])

SOURCE = "karmalog/challenges"

RoundName = Annotated[
    str | None, Query(alias="round", description="2026-W48, 2026-11, …, or once; the running round by default")
]


class TakesPart(TypedDict):
    """That a member takes part in a challenge, or no more."""

    challenge: str
    joined: bool
    position: int  # it counts from this position on; for `?after=`


@routes.get("/challenges", summary="Which challenges there are", response_model=ChallengesAnswer)
async def challenges(request: Request, after: After = None) -> Response:
    """Every challenge of the newest rulebook, with its running round."""
    asked_by(request, *SEES)
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    found = await reader.once("challenges", lambda answers: answers.challenges(now=reader.now()))
    return answer(request, to_json(found), found["position"])


@routes.get("/challenges/{challenge}", summary="One round of a challenge", response_model=RoundAnswer)
async def round_(
    request: Request, challenge: str, name: RoundName = None, around: Around = None, after: After = None
) -> Response:
    """Its first rows, or the counter of everyone together; a member's own surroundings with `around`."""
    caller = asked_by(request, *SEES)
    service = service_of(request)
    board = query_of(caller, BoardQuery(challenge), around)
    query = RoundQuery(challenge, name, board.around, board.operator)
    await service.reached(after)
    reader = service.reader
    found = await reader.once(query, lambda answers: answers.round(query, now=reader.now()))
    return answer(request, marked(found, caller.member), found["position"])


@routes.put("/challenges/{challenge}/me", status_code=202, summary="Take part", response_model=TakesPart)
async def join(request: Request, challenge: str) -> Response:
    """What the member whose key it is does counts from now on; for challenges with `opt_in`."""
    return await _takes_part(request, challenge, "joined")


@routes.delete("/challenges/{challenge}/me", status_code=202, summary="Take part no more", response_model=TakesPart)
async def leave(request: Request, challenge: str) -> Response:
    """What was done stays; nothing is added to it."""
    return await _takes_part(request, challenge, "left")


async def _takes_part(request: Request, challenge: str, what: Literal["joined", "left"]) -> Response:
    caller, service = asked_by(request, Role.MEMBER), service_of(request)
    if caller.member is None:
        raise RefusedRequestError(403, "NO_MEMBER", f"this key is a {caller.role}'s and belongs to no member")
    known = await service.reader.in_thread(lambda answers: answers.known())
    _, said = known.versions.challenge(challenge)
    if not said.opt_in:
        raise RefusedRequestError(
            409, "NO_OPT_IN", f"everybody takes part in {challenge!r} by doing it; there is nothing to join or leave"
        )
    position = await _say(service, caller.member, challenge, what)
    found: TakesPart = {"challenge": challenge, "joined": what == "joined", "position": position}
    return Response(to_json(found), 202, media_type="application/json")


async def _say(service: Service, member: MemberId, challenge: str, what: str) -> int:
    """Appends what a member said; the position from which on answers hold it."""
    now = service.reader.now()
    event = {
        "specversion": "1.0",
        "id": f"{what}/{challenge}/{member}/{now}",
        "source": SOURCE,
        "type": f"challenge.{what}",
        "subject": member,
        "time": format_instant(now),
        "data": {"challenge": challenge},
    }
    message = Message(to_json(event), place=f"{SOURCE}/{event['id']}", org=service.runtime.org)
    try:
        done = await service.gatherer.publish([message], Way.OPERATOR)
    except NoRulebookYetError:
        raise no_rulebook() from None
    if done.refused:
        raise RefusedRequestError(422, done.refused[0][1].code, done.refused[0][1].detail)
    return done.position

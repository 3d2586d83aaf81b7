"""Members: one's own record, and of others what they let everyone see."""

from collections.abc import Mapping
from typing import Final, NotRequired

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Caller, Role
from api.answering import PROBLEMS, answer
from api.problems import RefusedRequestError
from api.service import SEES, After, asked_by, service_of
from schemas.answers import Badge, Karma, Level, Progress, Streak, Tier
from schemas.members import member_id_fault
from schemas.words import MemberId
from streams.known import UnknownError

routes = APIRouter(prefix="/v1/members", responses=PROBLEMS, tags=["members"])


_OF_OTHERS: Final = ("member", "points", "badges", "position")


class MemberShown(TypedDict):
    """What a member has; what is not required is shown to themselves and to operators."""

    member: str
    points: dict[str, int]
    badges: list[Badge]
    run_out: NotRequired[list[Badge]]
    levels: NotRequired[dict[str, Level]]
    streaks: NotRequired[dict[str, Streak]]
    challenges: NotRequired[dict[str, Progress]]
    leagues: NotRequired[dict[str, Tier]]
    karma: NotRequired[Karma]
    position: int


@routes.get("/me", summary="One's own record", response_model=MemberShown)
async def me(request: Request, after: After = None) -> Response:
    """The record of the member whose key it is."""
    caller = asked_by(request, *SEES)
    if caller.member is None:
        raise RefusedRequestError(403, "NO_MEMBER", f"this key is a {caller.role}'s and belongs to no member")
    return await _shown(request, caller, caller.member, after)


@routes.get("/{member:path}", summary="A member's record", response_model=MemberShown)
async def member(request: Request, member: str, after: After = None) -> Response:
    """404 for members who are hidden, just as for those who are unknown; operators see everyone."""
    caller = asked_by(request, *SEES)
    if member_id_fault(member) is not None:
        raise unknown_member(member)
    return await _shown(request, caller, MemberId(member), after)


async def _shown(request: Request, caller: Caller, member: MemberId, after: int | None) -> Response:
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    whole = caller.role is Role.OPERATOR or caller.member == member
    try:
        record = await reader.in_thread(lambda answers: answers.member(member, now=reader.now(), to_everyone=not whole))
    except UnknownError as error:
        raise unknown_member(member) if error.code == "UNKNOWN_MEMBER" else error from None
    shown: Mapping[str, object] = record if whole else {name: record[name] for name in _OF_OTHERS}
    return answer(request, to_json(shown), record["position"])


def unknown_member(member: str) -> RefusedRequestError:
    """The same words for who is hidden and who is not there."""
    return RefusedRequestError(404, "UNKNOWN_MEMBER", f"there is nothing to show of a member {member[:256]!r}")

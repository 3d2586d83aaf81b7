"""Boards: which there are, one window of one, its windows, its rows as they change, and a league's cohorts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from starlette.responses import Response, StreamingResponse

from api.access import Caller, Role
from api.answering import PROBLEMS, answer
from api.live import marked
from api.problems import RefusedRequestError
from api.service import SEES, After, asked_by, service_of
from schemas.answers import TOP_MAX, BoardAnswer, BoardsAnswer, CohortAnswer, WindowsAnswer
from schemas.members import member_id_fault
from schemas.words import MemberId
from streams.boards import BoardQuery
from streams.leagues import CohortQuery

routes = APIRouter(prefix="/v1/boards", responses=PROBLEMS, tags=["boards"])

ME = "me"
"""In place of a member's id: the member whose key it is."""

Window = Annotated[
    str | None, Query(description="all, 2024, 2024-Q2, 2024-05, 2024-W10, 2024-05-31, week, last-week, …")
]
By = Annotated[
    str | None,
    Query(description="member, or a kind of group that the board is kept by; where nothing is said members, if it is"),
]
Top = Annotated[
    int | None,
    Query(ge=0, le=TOP_MAX, description="The first so many rows; everyone but operators sees the rulebook's"),
]
Around = Annotated[
    str | None,
    Query(description="A member, whose own row and the two ahead of it are added; me: whose key it is"),
]


Of = Annotated[str, Query(description="A member; me: whose key it is. Only operators ask about others")]
Week = Annotated[str | None, Query(description="2026-W48, week or last-week; the running one by default")]


@routes.get("", summary="Which boards there are", response_model=BoardsAnswer)
async def boards(request: Request, after: After = None) -> Response:
    """Every board of the newest rulebook."""
    asked_by(request, *SEES)
    service = service_of(request)
    await service.reached(after)
    found = await service.reader.boards()
    return answer(request, to_json(found), found["position"])


@routes.get("/{board}", summary="One window of a board", response_model=BoardAnswer)
async def board(
    request: Request,
    board: str,
    window: Window = None,
    by: By = None,
    top: Top = None,
    around: Around = None,
    after: After = None,
) -> Response:
    """Ranks are among listed members; operators see hidden ones too, without a rank."""
    caller = asked_by(request, *SEES)
    service = service_of(request)
    query = query_of(caller, BoardQuery(board, window, by, top), around)
    await service.reached(after)
    found = await service.reader.board(query)
    return answer(request, marked(found, caller.member), found["position"])


@routes.get("/{board}/windows", summary="The windows of a board that have scores", response_model=WindowsAnswer)
async def windows(request: Request, board: str, after: After = None) -> Response:
    """Windows without a score that the caller may see are not named."""
    caller = asked_by(request, *SEES)
    service = service_of(request)
    await service.reached(after)
    found = await service.reader.windows(board, operator=caller.sees_everyone)
    return answer(request, to_json(found), found["position"])


@routes.get("/{board}/cohort", summary="A member's cohort in a league", response_model=CohortAnswer)
async def cohort(request: Request, board: str, of: Of, window: Week = None, after: After = None) -> Response:
    """The first rows of those with whom the member plays this week, the member's own and the two ahead of it."""
    caller = asked_by(request, *SEES)
    service = service_of(request)
    member = query_of(caller, BoardQuery(board), of).around
    if member is None:
        raise AssertionError("`of` was given")
    query = CohortQuery(board, member, window)
    await service.reached(after)
    reader = service.reader
    found = await reader.once(query, lambda answers: answers.cohort(query, now=reader.now()))
    return answer(request, marked(found, caller.member), found["position"])


@routes.get(
    "/{board}/stream",
    summary="One window of a board, as it changes",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events `board`, each with the JSON of the board; its id is the position",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def stream(
    request: Request,
    board: str,
    window: Window = None,
    by: By = None,
    top: Top = None,
    around: Around = None,
) -> StreamingResponse:
    """An event at once and whenever the rows change; a comment every 15 s where nothing does."""
    caller = asked_by(request, *SEES)
    live = service_of(request).live
    view = (query_of(caller, BoardQuery(board, window, by, top), around), caller.member)
    channel = await live.join(view)
    return StreamingResponse(
        live.listen(view, channel),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Authorization"},
    )


def query_of(caller: Caller, query: BoardQuery, around: str | None) -> BoardQuery:
    """The query as this caller may ask it.

    Below the rows that everyone sees there are only one's own surroundings, so only operators ask about others.

    Raises:
        RefusedRequestError: 403 NOT_ALLOWED, 422 BAD_PARAMETER.
    """
    member: MemberId | None = None
    if around is not None:
        member = caller.member if around == ME and caller.member is not None else MemberId(around)
        if (fault := member_id_fault(member)) is not None:
            raise RefusedRequestError(422, "BAD_PARAMETER", f"around: {fault}")
        if caller.role is not Role.OPERATOR and member != caller.member:
            raise RefusedRequestError(
                403, "NOT_ALLOWED", "what is around a member is shown to that member alone: leave around out"
            )
    return BoardQuery(query.board, query.window, query.by, query.top, member, caller.sees_everyone)

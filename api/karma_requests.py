"""Asking for karma and rewards over HTTP: each request becomes an event, and the ledger's decision is the answer."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.access import Role
from api.karma_asking import ACTS, ANSWERS, KEYED, acting, asked, body_for, described
from api.karma_sight import GiftName, RequestName
from api.service import asked_by
from schemas.karma_answers import OutcomeAnswer
from schemas.karma_requests import NOBODY
from streams.rulebooks import SOURCE

routes = APIRouter(prefix="/v1/karma", responses=ANSWERS, tags=["karma"])

By = Annotated[str | None, Query(description="The member who asks; a member's own key need not say")]

Step = Literal["approve", "decline", "fulfil", "cancel"]

_STEPS: Final[dict[Step, str]] = {
    "approve": "reward.approved",
    "decline": "reward.declined",
    "fulfil": "reward.fulfilled",
    "cancel": "reward.cancelled",
}


@routes.post(
    "/gifts",
    status_code=201,
    summary="Give karma",
    response_model=OutcomeAnswer,
    openapi_extra=described("karma.given"),
)
async def give(request: Request) -> Response:
    """So much to each of the members in `to`, from the giver's allowance."""
    caller = asked_by(request, *ACTS)
    said = await body_for(request, "karma.given")
    return await asked(request, "karma.given", acting(caller, said.pop("by", None)), said)


@routes.post(
    "/boosts",
    status_code=201,
    summary="Boost a gift",
    response_model=OutcomeAnswer,
    openapi_extra=described("karma.boosted"),
)
async def boost(request: Request) -> Response:
    """So much more to each receiver of somebody else's gift; whoever was told its reference can."""
    caller = asked_by(request, *ACTS)
    said = await body_for(request, "karma.boosted")
    return await asked(request, "karma.boosted", acting(caller, said.pop("by", None)), said)


@routes.delete(
    "/gifts/{gift}",
    status_code=201,
    summary="Withdraw a gift",
    response_model=OutcomeAnswer,
    openapi_extra=KEYED,
)
async def withdraw(request: Request, gift: GiftName, by: By = None) -> Response:
    """By its giver, within a day, as long as nobody has spent of it."""
    caller = asked_by(request, *ACTS)
    return await asked(request, "karma.withdrawn", acting(caller, by), {"gift": gift})


@routes.post(
    "/gifts/{gift}/void",
    status_code=201,
    summary="Void a gift",
    response_model=OutcomeAnswer,
    openapi_extra=described("event.voided", "source", "id"),
)
async def void(request: Request, gift: GiftName) -> Response:
    """At any time; what was spent of it is owed by its receiver."""
    caller = asked_by(request, Role.OPERATOR)
    said = await body_for(request, "event.voided", "source", "id")
    member = acting(caller, said.pop("by", NOBODY))
    return await asked(request, "event.voided", member, {**said, "source": SOURCE, "id": gift})


@routes.post(
    "/rewards/{reward}/requests",
    status_code=201,
    summary="Request a reward",
    response_model=OutcomeAnswer,
    openapi_extra=described("reward.requested", "reward"),
)
async def request_reward(request: Request, reward: str) -> Response:
    """For oneself, or `for` a colleague; its price is held until it is handed out or given back."""
    caller = asked_by(request, *ACTS)
    said = await body_for(request, "reward.requested", "reward")
    return await asked(request, "reward.requested", acting(caller, said.pop("by", None)), {**said, "reward": reward})


@routes.post(
    "/rewards/{reward}/restock",
    status_code=201,
    summary="Restock a reward",
    response_model=OutcomeAnswer,
    openapi_extra=described("reward.restocked", "reward"),
)
async def restock(request: Request, reward: str) -> Response:
    """So many pieces more."""
    caller = asked_by(request, Role.OPERATOR)
    said = await body_for(request, "reward.restocked", "reward")
    return await asked(request, "reward.restocked", acting(caller, said.pop("by", NOBODY)), {**said, "reward": reward})


@routes.post(
    "/requests/{request}/{step}",
    status_code=201,
    summary="Approve, decline, fulfil or cancel",
    response_model=OutcomeAnswer,
    openapi_extra=described("reward.approved", "request"),
)
async def take_step(request: Request, ident: RequestName, step: Step) -> Response:
    """A request for a reward: cancelled by who asked, the rest by an operator's key, which names who does it."""
    caller = asked_by(request, *(ACTS if step == "cancel" else (Role.OPERATOR,)))
    kind = _STEPS[step]
    said = await body_for(request, kind, "request")
    return await asked(request, kind, acting(caller, said.pop("by", None)), {**said, "request": ident})


@routes.post(
    "/links",
    status_code=201,
    summary="Link two ids of one member",
    response_model=OutcomeAnswer,
    openapi_extra=described("member.linked", who="member"),
)
async def link(request: Request) -> Response:
    """From now on `member` means the member `same_as`, who gets what `member` had."""
    caller = asked_by(request, Role.OPERATOR)
    said = await body_for(request, "member.linked", who="member")
    return await asked(request, "member.linked", acting(caller, said.pop("member", None), "member"), said)

"""Alerts of the fairness watch over HTTP: two admins decide, those concerned are told, and colleagues see nothing."""

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from starlette.responses import Response

from api.access import Role
from api.answering import answer
from api.karma_asking import ANSWERS, acting, asked, body_for, described
from api.karma_sight import ways_of
from api.problems import RefusedRequestError
from api.service import After, asked_by, service_of
from schemas.fairness_answers import AlertsAnswer, OneAlertAnswer, ToldAnswer
from schemas.karma_answers import OutcomeAnswer
from schemas.members import member_id_fault
from schemas.words import MemberId
from streams.fairness_records import STEPS, alert_of

routes = APIRouter(prefix="/v1/fairness", responses=ANSWERS, tags=["fairness"])

By = Annotated[str | None, Query(description="The admin who looks: what is about them is left out until confirmed")]


@routes.get("/alerts", summary="Alerts", response_model=AlertsAnswer)
async def alerts(request: Request, by: By = None, after: After = None) -> Response:
    """Those of the last 90 days, oldest first, with the evidence."""
    asked_by(request, Role.OPERATOR)
    service, member = service_of(request), _member(by)
    await service.reached(after)
    reader = service.reader
    found = await reader.in_thread(lambda answers: answers.fairness.alerts(now=reader.now(), by=member))
    return answer(request, to_json(found), found["position"])


@routes.get("/alerts/{alert}", summary="An alert", response_model=OneAlertAnswer)
async def one(request: Request, alert: str, by: By = None, after: After = None) -> Response:
    """With what admins and those concerned wrote about it."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    found = await alert_of(ways_of(service), alert, _member(by))
    return answer(request, to_json(found), found["position"])


@routes.get("/me", summary="Confirmed alerts about oneself", response_model=ToldAnswer)
async def told(request: Request, after: After = None) -> Response:
    """Of each the kind, one's own gifts, until when one's redemptions wait, and whether one has answered."""
    service, member = service_of(request), cast("MemberId", asked_by(request, Role.MEMBER).member)
    await service.reached(after)
    reader = service.reader
    found = await reader.in_thread(lambda answers: answers.fairness.told(member, now=reader.now()))
    return answer(request, to_json(found), found["position"])


@routes.post(
    "/alerts/{alert}/answer",
    status_code=201,
    summary="Answer an alert about oneself",
    response_model=OutcomeAnswer,
    openapi_extra=described("fairness.answered", "alert"),
)
async def respond(request: Request, alert: str) -> Response:
    """As often as one likes; admins read the newest. For everybody else there is no such alert."""
    caller = asked_by(request, Role.MEMBER)
    said = await body_for(request, "fairness.answered", "alert")
    return await asked(request, "fairness.answered", acting(caller, said.pop("by", None)), {**said, "alert": alert})


@routes.post(
    "/alerts/{alert}/{step}",
    status_code=201,
    summary="Review, confirm or dismiss an alert",
    response_model=OutcomeAnswer,
    openapi_extra=described("fairness.reviewed", "alert"),
)
async def step(request: Request, alert: str, step: Literal["review", "confirm", "dismiss"]) -> Response:
    """By an operator's key, which names the admin in `by`: one reviews, another one confirms, any dismisses."""
    caller, kind = asked_by(request, Role.OPERATOR), STEPS[step]
    said = await body_for(request, kind, "alert")
    return await asked(request, kind, acting(caller, said.pop("by", None)), {**said, "alert": alert})


def _member(said: str | None) -> MemberId | None:
    """The member that is named, where one is."""
    if said is None:
        return None
    if (fault := member_id_fault(said)) is not None:
        raise RefusedRequestError(422, "BAD_PARAMETER", f"by: {fault}")
    return MemberId(said)

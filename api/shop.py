"""The shop over HTTP: what karma buys, what was requested, and the codes that are handed out."""

from typing import Final

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError, with_config
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS, answer
from api.events import body_of
from api.karma_asking import ACTS
from api.karma_sight import RequestName, is_whole, seen, ways_of
from api.problems import RefusedRequestError
from api.service import SEES, After, asked_by, service_of
from schemas.karma_answers import OpenAnswer, OutcomeAnswer, ShopAnswer, VouchersAnswer
from streams.karma_records import CODES_MAX, add_voucher, load_vouchers
from streams.requesting import RefusedRequest

routes = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["karma"])

_BODY_BYTES_MAX: Final = 4 << 20


@with_config(extra="forbid", strict=True)
class VouchersSaid(TypedDict):
    """Codes, in the order in which they are handed out."""

    codes: list[str]


_SAID: Final[TypeAdapter[VouchersSaid]] = TypeAdapter(VouchersSaid)


@routes.get("/shop", summary="Rewards", response_model=ShopAnswer)
async def shop(request: Request, after: After = None) -> Response:
    """Those of the rulebook in force, with the pieces that are left."""
    asked_by(request, *SEES)
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    found = await reader.once("shop", lambda answers: answers.karma.shop(now=reader.now()))
    return answer(request, to_json(found), found["position"])


@routes.get("/karma/requests", summary="Open requests for rewards", response_model=OpenAnswer)
async def open_requests(request: Request, after: After = None) -> Response:
    """Those that wait to be approved or handed out, oldest first."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    found = await service.reader.once("open requests", lambda answers: answers.karma.open_requests())
    return answer(request, to_json(found), found["position"])


@routes.get("/karma/requests/{request}", summary="What became of a request", response_model=OutcomeAnswer)
async def outcome(request: Request, ident: RequestName) -> Response:
    """For who asked, who gets it, and operators; `pending` is also what nobody knows while the log holds more."""
    caller, service = asked_by(request, *ACTS), service_of(request)
    whole = await is_whole(service)
    found = await seen(service, caller, ident)
    if found is None and whole:
        raise RefusedRequestError(404, "REQUEST_UNKNOWN", "there is no such request")
    if found is None:
        found = {"request": ident, "outcome": "pending", "position": await service.reader.position()}
    await add_voucher(ways_of(service), found, caller.member)
    return answer(request, to_json(found), found["position"])


@routes.put(
    "/karma/rewards/{reward}/vouchers",
    summary="Load vouchers",
    response_model=VouchersAnswer,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SAID.json_schema()}}}},
)
async def vouchers(request: Request, reward: str) -> Response:
    """Adds codes behind those that are there; the n-th request that is approved has the n-th."""
    asked_by(request, Role.OPERATOR)
    try:
        said = _SAID.validate_json(await body_of(request, _BODY_BYTES_MAX))
    except ValidationError:
        detail = f'send {{"codes": ["AAAA-1111"]}}, with up to {CODES_MAX:,} of them'
        raise RefusedRequestError(422, "BAD_PARAMETER", detail) from None
    try:
        found = await load_vouchers(ways_of(service_of(request)), reward, said["codes"])
    except RefusedRequest as why:
        status = 404 if why.code == "REWARD_UNKNOWN" else 422
        raise RefusedRequestError(status, why.code, why.detail, more={"path": why.path}) from None
    return Response(to_json(found), 200, media_type="application/json")

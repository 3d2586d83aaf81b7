"""What there is of karma: purses, statements and gifts for those whose they are; books and payroll for operators."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from starlette.responses import Response

from api.access import Role
from api.answering import PROBLEMS, Form, answer, table, wants_table
from api.karma_asking import ACTS
from api.karma_sight import GiftName, is_one_of, is_whole, seen, ways_of
from api.members import unknown_member
from api.problems import RefusedRequestError, UnavailableError
from api.service import After, asked_by, service_of
from schemas.karma_answers import (
    BooksAnswer,
    GiftAnswer,
    PayrollAnswer,
    PeriodAnswer,
    PurseAnswer,
    StatementAnswer,
)
from schemas.karma_tables import PAYROLL_COLUMNS, STATEMENT_COLUMNS, payroll_rows
from schemas.members import member_id_fault
from schemas.words import MemberId
from streams.karma_books import books_of, period_of
from streams.karma_records import gift_of
from streams.known import UnknownError
from streams.payroll import payroll
from streams.requesting import ident_of

routes = APIRouter(prefix="/v1/karma", responses=PROBLEMS, tags=["karma"])

_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}

Month = Annotated[str, Query(description="Of the rulebook's calendar, such as 2026-10")]


@routes.get("/me", summary="One's own karma", response_model=PurseAnswer)
async def my_purse(request: Request, after: After = None) -> Response:
    """What the member whose key it is can give, has earned, and owes."""
    return await _purse(request, _own(request), after)


@routes.get("/me/statement", summary="One's own statement", response_model=StatementAnswer, responses=_CSV)
async def my_statement(request: Request, form: Form = None, after: After = None) -> Response:
    """Every change of one's own accounts, oldest first."""
    return await _statement(request, _own(request), form, after)


@routes.get(
    "/members/{member:path}/statement",
    summary="A member's statement",
    response_model=StatementAnswer,
    responses=_CSV,
)
async def statement(request: Request, member: str, form: Form = None, after: After = None) -> Response:
    """For operators and the member; for everybody else there is none."""
    return await _statement(request, await _may_see(request, member), form, after)


@routes.get("/members/{member:path}", summary="A member's karma", response_model=PurseAnswer)
async def purse(request: Request, member: str, after: After = None) -> Response:
    """For operators and the member; for everybody else there is none."""
    return await _purse(request, await _may_see(request, member), after)


@routes.get("/gifts/{gift}", summary="A gift", response_model=GiftAnswer)
async def gift(request: Request, gift: GiftName) -> Response:
    """With its message: for who gave it, who got it, and operators."""
    caller, service = asked_by(request, *ACTS), service_of(request)
    whole = await is_whole(service)
    outcome = await seen(service, caller, gift)
    if outcome is None and not whole:
        raise UnavailableError("NOT_YET", "the log holds more than what is shown; ask again", status=504)
    found = None if outcome is None else await gift_of(ways_of(service), ident_of(gift))
    if outcome is None or found is None:
        raise RefusedRequestError(404, "GIFT_UNKNOWN", "there is no such gift")
    return answer(request, to_json(found), outcome["position"])


@routes.get("/books", summary="The trial balance", response_model=BooksAnswer)
async def books(request: Request, after: After = None) -> Response:
    """What stands in each kind of account, over all members; it adds up to zero."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    found = await reader.once("books", lambda answers: books_of(answers.karma, now=reader.now()))
    return answer(request, to_json(found), found["position"])


@routes.get("/books/{period}", summary="What moved in a period", response_model=PeriodAnswer)
async def period(request: Request, period: str, after: After = None) -> Response:
    """By what was posted, with the accounts before and after: 2026-10, 2026-Q4, 2026-W41, last-month and so on."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    name = ("books", period)
    found = await reader.once(name, lambda answers: period_of(answers.karma, period, now=reader.now()))
    return answer(request, to_json(found), found["position"])


@routes.get("/payroll", summary="Rewards of a month, for payroll", response_model=PayrollAnswer, responses=_CSV)
async def paid(request: Request, month: Month, form: Form = None, after: After = None) -> Response:
    """What was handed out in that month, by who got it, with a sum for each."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    found = await reader.in_thread(lambda answers: payroll(answers, month, now=reader.now()))
    if wants_table(request, form):
        return table(PAYROLL_COLUMNS, payroll_rows(found))
    return answer(request, to_json(found), found["position"])


def _own(request: Request) -> MemberId:
    """The member whose key it is."""
    caller = asked_by(request, *ACTS)
    if caller.member is None:
        raise RefusedRequestError(403, "NO_MEMBER", f"this key is a {caller.role}'s and belongs to no member")
    return caller.member


async def _may_see(request: Request, said: str) -> MemberId:
    """The member that is named, where the caller may see their karma."""
    caller = asked_by(request, *ACTS)
    if member_id_fault(said) is not None or not await is_one_of(service_of(request), caller, [said]):
        raise unknown_member(said)
    return MemberId(said)


async def _purse(request: Request, member: MemberId, after: int | None) -> Response:
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    try:
        found = await reader.in_thread(lambda answers: answers.karma.purse(member, now=reader.now()))
    except UnknownError as error:
        raise unknown_member(member) if error.code == "UNKNOWN_MEMBER" else error from None
    return answer(request, to_json(found), found["position"])


async def _statement(request: Request, member: MemberId, form: Form, after: int | None) -> Response:
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    try:
        found = await reader.in_thread(lambda answers: answers.karma.statement(member, now=reader.now()))
    except UnknownError as error:
        raise unknown_member(member) if error.code == "UNKNOWN_MEMBER" else error from None
    if wants_table(request, form):
        return table(STATEMENT_COLUMNS, found["lines"])
    return answer(request, to_json(found), found["position"])

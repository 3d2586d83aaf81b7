"""Errors as problems (RFC 9457): each has a status, a code that stays the same for ever, and a sentence."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, cast

import redis
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response
from typing_extensions import TypedDict

from streams.known import UnknownError
from streams.log import UnavailableLog

MEDIA_TYPE: Final = "application/problem+json"

INTERNAL: Final = "INTERNAL"
"""The code of what nobody expected; the log has the rest."""


class ProblemShape(TypedDict):
    """What an error says; some problems say more beside it."""

    type: str  # about:blank: the status says what kind it is, the code which
    title: str
    status: int
    code: str  # stable
    detail: str  # what was wrong, where, and what to do


class ProblemError(Exception):
    """An answer that is not what was asked for."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, JsonValue] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self) -> Response:
        """The problem as it is sent."""
        said: dict[str, JsonValue] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        return Response(to_json(said | self.more), self.status, self.headers, MEDIA_TYPE)


class RefusedRequestError(ProblemError):
    """The caller has to change something before asking again."""


class UnavailableError(ProblemError):
    """Something around us failed: the same may be asked again later."""

    def __init__(self, code: str, detail: str, *, status: int = 503, retry_after_s: int = 1) -> None:
        super().__init__(status, code, detail, headers={"Retry-After": str(retry_after_s)})


NO_RULEBOOK: Final = "no rulebook is published yet, so nothing can be judged: karmalog rules apply FILE"


def no_rulebook() -> UnavailableError:
    """The problem of an organisation that has no rulebook yet."""
    return UnavailableError("NO_RULEBOOK", NO_RULEBOOK, retry_after_s=5)


def problem_of(error: Exception) -> ProblemError:
    """What an error means to who asked; nothing of its inside."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, UnknownError):
        return no_rulebook() if error.code == "NO_RULEBOOK" else RefusedRequestError(404, error.code, error.detail)
    if isinstance(error, UnavailableLog | redis.exceptions.RedisError):
        return _unavailable(error)
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _of_status(error)
    return ProblemError(500, INTERNAL, "something failed on our side; the server's log says what")


def _unavailable(error: UnavailableLog | redis.exceptions.RedisError) -> UnavailableError:
    if isinstance(error, UnavailableLog):
        return UnavailableError("LOG_UNAVAILABLE", f"the log cannot be used now, send the same again: {error}")
    return UnavailableError("STORE_UNAVAILABLE", "Redis does not answer; ask again, it is waited for")


def install(app: FastAPI) -> None:
    """Makes every error of an application a problem."""

    async def answer(_: Request, error: Exception) -> Response:
        return problem_of(error).response()

    for kind in (
        ProblemError,
        UnknownError,
        UnavailableLog,
        redis.exceptions.RedisError,
        RequestValidationError,
        HTTPException,
    ):
        app.add_exception_handler(kind, answer)


_STATUS_CODES: Final = {
    404: ("NOT_FOUND", "there is nothing at this address; GET /openapi.json lists what there is"),
    405: (
        "METHOD_NOT_ALLOWED",
        "this address does not take that method; the header Allow says which it takes",
    ),
}


def _of_status(error: HTTPException) -> ProblemError:
    status = error.status_code
    code, detail = _STATUS_CODES.get(status, (HTTPStatus(status).name, str(error.detail)))
    return ProblemError(status, code, detail, headers=error.headers)


def _invalid(error: RequestValidationError) -> RefusedRequestError:
    """One sentence for each part of the request that cannot be read."""
    faults: list[JsonValue] = []
    for each in error.errors():
        place = [str(part) for part in each["loc"]]
        faults.append({"in": place[0], "name": ".".join(place[1:]), "detail": str(each["msg"])})
    said = "; ".join(
        f"{fault['name']} ({fault['in']}): {fault['detail']}" for fault in cast("list[dict[str, str]]", faults)
    )
    return RefusedRequestError(422, "BAD_PARAMETER", said, more={"faults": faults})

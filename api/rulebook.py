"""The rulebook over HTTP: read with its version as a tag, and replaced only by who has seen the newest."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Query, Request
from pydantic import JsonValue
from pydantic_core import from_json, to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Role
from api.answering import PROBLEMS
from api.events import body_of
from api.problems import RefusedRequestError, UnavailableError, no_rulebook
from api.service import REACH_S, SEES, After, Service, asked_by, service_of
from engine.rulebook_check import check
from schemas.rulebook import Rulebook
from schemas.rulebook_faults import located
from schemas.rulebook_removals import removal_faults
from schemas.source import Fault, Source
from schemas.times import format_instant
from schemas.words import Instant
from streams.answers import Answers
from streams.known import UnknownError

TEXT_BYTES_MAX: Final = 1 << 20
_FILE: Final = "rulebook"
_MEDIA_TYPES: Final = {
    "",
    "application/json",
    "application/yaml",
    "application/x-yaml",
    "text/yaml",
    "text/x-yaml",
    "text/plain",
}

routes = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["rulebook"])

RulebookAnswer = TypedDict(
    "RulebookAnswer",
    {
        "version": int,
        "from": str | None,  # RFC 3339; null: for all time
        "rulebook": dict[str, JsonValue],  # as PUT takes it
    },
)


Since = Annotated[
    date | None,
    Query(alias="from", description="The local midnight it holds from, such as 2026-12-01; by default the next one"),
]


Removed = Annotated[
    list[str] | None,
    Query(description="Ids of rules, boards, badges and ladders that this version may leave out; one or several"),
]


class RulebookFault(TypedDict):
    """One thing that is wrong in a rulebook, or (a warning) worth knowing."""

    file: str
    line: int  # from 1, as the column
    column: int
    path: str
    severity: Literal["fault", "warning"]
    code: str  # stable
    message: str


RulebookTaken = TypedDict(
    "RulebookTaken",
    {"version": int, "from": str | None, "position": int, "warnings": list[RulebookFault]},
)


async def _newest(service: Service) -> tuple[int, Instant | None, dict[str, JsonValue]]:
    """Version, moment it holds from, and content of the newest rulebook; version 0 where there is none."""

    def read(answers: Answers) -> tuple[int, Instant | None, dict[str, JsonValue]]:
        try:
            known, (newest,) = answers.asking.ask(lambda _: [("LINDEX", [answers.keys.books], [-1])])
        except UnknownError:
            return 0, None, {}
        since, book = from_json(newest)
        return known.plan.version, since, book

    return await service.reader.in_thread(read)


def _moment(since: Instant | None) -> str | None:
    return None if since is None else format_instant(since)


@routes.get("/rulebook", summary="The newest rulebook", response_model=RulebookAnswer)
async def rulebook(request: Request, after: After = None) -> Response:
    """The one that was published last, also where it is not in force yet; its ETag is its version."""
    asked_by(request, *SEES)
    service = service_of(request)
    await service.reached(after)
    version, since, book = await _newest(service)
    if not version:
        raise no_rulebook()
    tag = f'"{version}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    found: RulebookAnswer = {"version": version, "from": _moment(since), "rulebook": book}
    return Response(to_json(found), 200, headers, "application/json")


@routes.put(
    "/rulebook",
    summary="Publish a rulebook",
    response_model=RulebookTaken,
    openapi_extra={
        "parameters": [
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
                "description": 'The ETag of the newest one, such as "3"; "0" for the first',
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/yaml": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "object"}},
            },
        },
    },
)
async def publish(request: Request, since: Since = None, remove: Removed = None) -> Response:
    """It holds from a local midnight on, the first one for all time before as well."""
    asked_by(request, Role.OPERATOR)
    service = service_of(request)
    expected = _expected(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise RefusedRequestError(415, "CONTENT_TYPE", "send a rulebook as application/yaml or application/json")
    book, warnings, source = _read(await body_of(request, TEXT_BYTES_MAX))
    async with service.one_rulebook_at_a_time:
        version, _, newest = await _newest(service)
        if expected != version:
            raise _stale(version)
        before = Rulebook.model_validate(newest) if version else None
        missing = list(removal_faults(before, book, remove or [], "?remove=ID"))
        if missing:
            raise _faulty([located(each, source) for each in missing], warnings)
        position = await service.runtime.publish_rulebook(book, since)
        if not await service.runtime.reach(position, REACH_S):
            raise UnavailableError(
                "NOT_YET",
                f"the rulebook is in the log, before position {position}, and not folded yet",
                status=504,
            )
        now, begins, kept = await _newest(service)
    if now == version:
        raise RefusedRequestError(
            409,
            "RULEBOOK_REFUSED",
            "it would hold from a time that has begun, or from before the newest one does: name a later date, or wait "
            "until that one is in force",
        )
    if now != version + 1 or kept != book.stored():
        raise _stale(now)  # somebody else was quicker, by another way
    taken: RulebookTaken = {
        "version": now,
        "from": _moment(begins),
        "position": position,
        "warnings": [_fault(fault) for fault in warnings],
    }
    return Response(
        to_json(taken),
        200 if version else 201,
        {"ETag": f'"{now}"', "Cache-Control": "no-store"},
        "application/json",
    )


def _expected(request: Request) -> int:
    """The version that the caller has seen; 0 for none.

    Raises:
        RefusedRequestError: 428 IF_MATCH_MISSING, 412 OTHER_VERSION.
    """
    if request.headers.get("if-none-match", "").strip() == "*":
        return 0
    said = request.headers.get("if-match", "").strip()
    if not said:
        raise RefusedRequestError(
            428,
            "IF_MATCH_MISSING",
            'say which version this replaces: If-Match with the ETag of GET, "0" for the first',
        )
    version = said.removeprefix('"').removesuffix('"')
    if not (version.isascii() and version.isdigit() and len(version) < 10):  # noqa: PLR2004  more than will ever be
        raise RefusedRequestError(412, "OTHER_VERSION", f"If-Match {said[:40]} is no version of a rulebook")
    return int(version)


def _stale(version: int) -> RefusedRequestError:
    newest = f"version {version} is the newest" if version else "no rulebook is published yet"
    return RefusedRequestError(
        412,
        "OTHER_VERSION",
        f"{newest}: look at what changed, and send yours again",
        headers={"ETag": f'"{version}"'},
    )


def _read(raw: bytes) -> tuple[Rulebook, list[Fault], Source]:
    """The rulebook of a body, its warnings, and where everything stands.

    Raises:
        RefusedRequestError: 422 RULEBOOK_FAULTS, with all of them.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise RefusedRequestError(422, "NOT_UTF8", f"the byte at {error.start} is not UTF-8") from None
    checked = check(text, _FILE)
    if checked.rulebook is None or checked.wrong:
        raise _faulty(checked.wrong, [fault for fault in checked.faults if fault.severity == "warning"])
    return checked.rulebook, checked.faults, checked.source


def _faulty(wrong: list[Fault], warnings: list[Fault]) -> RefusedRequestError:
    """The problem of a rulebook that has these faults, and is warned of besides."""
    said = sorted([*wrong, *warnings], key=lambda fault: (fault.line, fault.column))
    return RefusedRequestError(
        422,
        "RULEBOOK_FAULTS",
        f"{len(wrong)} fault{'s' * (len(wrong) != 1)}; the first: {wrong[0]}",
        more={"faults": cast("list[JsonValue]", [_fault(fault) for fault in said])},
    )


def _fault(fault: Fault) -> RulebookFault:
    return cast("RulebookFault", asdict(fault))

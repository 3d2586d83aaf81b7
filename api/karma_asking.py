"""How a request for karma or a reward comes in over HTTP, and how what became of it is told."""

from collections.abc import Mapping
from typing import Any, Final, cast

from fastapi import Request
from pydantic import JsonValue
from pydantic_core import to_json
from starlette.responses import Response

from api.access import Caller, Role
from api.answering import PROBLEMS
from api.events import body_of
from api.karma_sight import veiled, ways_of
from api.problems import RefusedRequestError, no_rulebook
from api.service import asked_by, service_of
from schemas.activities import PEOPLE
from schemas.karma_answers import OutcomeAnswer
from schemas.karma_requests import KarmaRequest
from schemas.nearest import instead
from schemas.strict_json import BYTES_MAX, RefusedJson, loads, quoted
from streams.requesting import RefusedRequest, ask
from streams.rulebooks import NoRulebookYetError

KEY_LENGTH_MAX: Final = 255

ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    **PROBLEMS,
    202: {"model": OutcomeAnswer, "description": "In the log and not decided yet: look at Location"},
    409: {"model": PROBLEMS["default"]["model"], "description": "Refused by the ledger; `request` names it"},
}

_STATUS: Final = {"ALERT_UNKNOWN": 404}
"""Of what the ledger refuses: what the address names is not there, or not for whoever asks; else it is a conflict."""

ACTS: Final = (Role.OPERATOR, Role.MEMBER)


def described(kind: str, *named: str, who: str = "by") -> dict[str, Any]:
    """For the documentation: the body of a request of a type, without what the address names; and its key."""
    data = PEOPLE[kind].data
    fields = cast("dict[str, JsonValue]", data["properties"])
    properties = {name: field for name, field in fields.items() if name not in named}
    properties[who] = {"type": "string", "description": "The member who asks; a member's own key need not say"}
    required = [name for name in cast("list[str]", data["required"]) if name not in named]
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {**KEYED, "requestBody": {"required": bool(required), "content": {"application/json": {"schema": schema}}}}


KEYED: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
            "description": "Of your own choice, one for each request: sent again, the first outcome is the answer",
        }
    ]
}


async def body_for(request: Request, kind: str, *named: str, who: str = "by") -> dict[str, JsonValue]:
    """The fields of a request of a type, but for those that the address names; the judge looks at what they say.

    Raises:
        RefusedRequestError: it is no JSON object of such fields.
    """
    raw = await body_of(request, BYTES_MAX)
    try:
        said = loads(raw) if raw else {}
    except RefusedJson as why:
        raise RefusedRequestError(422, why.code, why.detail, more={"path": ""}) from None
    if not isinstance(said, dict):
        raise RefusedRequestError(422, "NOT_AN_OBJECT", "send the fields as a JSON object", more={"path": ""})
    known = (cast("dict[str, JsonValue]", PEOPLE[kind].data["properties"]).keys() - set(named)) | {who}
    for name in said.keys() - known:
        raise RefusedRequestError(
            422, "BAD_PARAMETER", f"{quoted(name)} is not known here; {instead(name[:64], known)}"
        )
    return said


async def asked(request: Request, kind: str, member: str, data: Mapping[str, JsonValue]) -> Response:
    """Appends a request of a member, waits a while for what the ledger makes of it, and tells that.

    Raises:
        RefusedRequestError: 422 by the judge, or for a key that another request has; 409 or 404 by the ledger.
    """
    caller, service = asked_by(request, *ACTS), service_of(request)
    try:
        outcome, record = await ask(ways_of(service), KarmaRequest(kind, member, data, _key(request)))
    except RefusedRequest as why:
        status = 409 if why.code == "GIFT_UNKNOWN" else 422
        raise RefusedRequestError(status, why.code, why.detail, more={"path": why.path}) from None
    except NoRulebookYetError:
        raise no_rulebook() from None
    outcome = await veiled(service, caller, outcome, record)
    location = {"Location": f"/v1/karma/requests/{outcome['request']}"}
    if "code" in outcome and "detail" in outcome:
        more: dict[str, JsonValue] = {"request": outcome["request"]}
        status = _STATUS.get(outcome["code"], 409)
        raise RefusedRequestError(status, outcome["code"], outcome["detail"], headers=location, more=more)
    status = 202 if outcome["outcome"] == "pending" else 201
    return Response(to_json(outcome), status, location, "application/json")


def acting(caller: Caller, said: JsonValue, who: str = "by") -> str:
    """The member that a request is made for.

    Raises:
        RefusedRequestError: an operator names none, or a member names somebody else.
    """
    if caller.member is not None:
        if said is not None and said != caller.member:
            raise RefusedRequestError(403, "NOT_ALLOWED", f"this key acts for its own member alone: leave `{who}` out")
        return caller.member
    if not isinstance(said, str):
        detail = f"this key belongs to no member: name who asks, as a text in `{who}`"
        raise RefusedRequestError(422, "SUBJECT_MISSING", detail, more={"path": who})
    return said


def _key(request: Request) -> str | None:
    """The Idempotency-Key of a request, where it has one."""
    found = request.headers.get("idempotency-key")
    if found is not None and not (0 < len(found) <= KEY_LENGTH_MAX and found.isprintable()):
        detail = f"Idempotency-Key takes 1 to {KEY_LENGTH_MAX} characters that can be printed"
        raise RefusedRequestError(422, "BAD_PARAMETER", detail)
    return found

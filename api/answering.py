"""Sends an answer as JSON with a tag of its content, and 304 to who has it already."""

from hashlib import blake2b

from fastapi import Request
from starlette.responses import Response

from api.problems import ProblemShape

PROBLEMS: dict[int | str, dict[str, object]] = {
    "default": {"model": ProblemShape, "description": "A problem (RFC 9457)"}
}
"""For the documentation of routes."""


def answer(request: Request, body: bytes, position: int) -> Response:
    """The answer, as of a position; what differs by key is not to be shared by caches."""
    tag = f'"{position}-{blake2b(body, digest_size=6).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if tag in (each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "application/json")

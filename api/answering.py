"""Sends an answer: as JSON with a tag of its content, and 304 to who has it already, or as a table."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from starlette.responses import Response

from api.problems import ProblemShape
from schemas.csv_text import csv_text

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


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """Rows as CSV."""
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept"}
    return Response(csv_text(columns, rows), 200, headers, "text/csv")


Form = Annotated[Literal["json", "csv"] | None, Query(alias="format", description="csv: a table; so does Accept")]


def wants_table(request: Request, form: Form) -> bool:
    """Whether the caller asks for CSV."""
    if form is not None:
        return form == "csv"
    return request.headers.get("accept", "").partition(";")[0].strip().lower() == "text/csv"

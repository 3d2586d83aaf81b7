"""Pydantic's errors about a rulebook in an admin's words: what was expected, and what to write instead."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, get_args, get_origin

from pydantic_core import ErrorDetails

from schemas.activities import BUILT_IN
from schemas.nearest import instead, nearest
from schemas.rulebook import Rulebook, Section
from schemas.rulebook_words import described, span_text
from schemas.source import Code, Fault, Path, Severity, Source
from schemas.zones import time_zones


class Finding(NamedTuple):
    """One thing found, at a path of the data."""

    path: Path
    code: Code
    message: str
    at_key: bool = False
    """It is about the name of the field, rather than what stands there."""
    offset: int = 0
    """The character of the text that stands there, as of an expression."""
    severity: Severity = "fault"


def located(found: Finding, source: Source) -> Fault:
    """A finding at its place; a step into a text that stands for a list or an award is taken back."""
    path = found.path
    while path and source.is_scalar(path[:-1]):
        path = path[:-1]
    at = source.where_key(path) if found.at_key else source.where(path, found.offset)
    return source.fault(path, found.code, found.message, severity=found.severity, at=at)


def explained(error: ErrorDetails) -> Finding:
    """One error of pydantic as a finding."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    if error["loc"][-1] == "[key]":
        return Finding(path, *_bad_name(path), at_key=True)
    kind, context = error["type"], error.get("ctx", {})
    if kind in _OWN:
        return Finding(path, _OWN[kind], _own(error))
    if kind == "extra_forbidden":
        return Finding(path, "UNKNOWN_FIELD", _unknown_field(path), at_key=True)
    if kind == "missing":
        name = str(path[-1])
        return Finding(path, "MISSING_FIELD", f"`{name}` is missing; {_HINTS.get(name, 'add it')}")
    if kind == "string_pattern_mismatch":
        return Finding(path, "BAD_ID", _no_name(str(error["input"]), typed=r"\." in context["pattern"]))
    code, words = _SHAPES.get(kind, ("BAD_VALUE", lambda _: error["msg"]))
    expected = words(context)
    got = described(error["input"])
    if kind == "less_than_equal" and isinstance(error["input"], str):
        expected = f"a span of time of at most {span_text(context['le'])}"
    if kind in {"enum", "literal_error"}:
        choices = re.findall(r"'([^']*)'", context["expected"])
        near = nearest(str(error["input"]), choices)
        got += f"; did you mean `{near}`?" if near else ""
    if error["input"] is None:
        got += "; leave the field out where there is nothing to say"
    return Finding(path, code, f"expected {expected}, got {got}")


_OWN: dict[str, Code] = {
    "bad_value": "BAD_VALUE",
    "wrong_type": "WRONG_TYPE",
    "incomplete": "MISSING_FIELD",
    "unknown_time_zone": "UNKNOWN_TIME_ZONE",
}
"""Errors that `schemas.rulebook` itself raises: their message is written already."""

_HINTS = {
    "apiVersion": "begin the file with `apiVersion: karmalog/v1`",
    "kind": "the second line is `kind: Rulebook`",
    "event": "add the type it is about, such as `event: code_review.given`",
    "award": "add what it gives, such as `award: 10`",
    "score": "add what is counted, such as `score: {count: code_review.given}`",
    "per": "add the span, such as `per: day`",
    "every": "add the period, such as `every: week`",
    "topics": "add them, such as `topics: [security]`",
}

_SHAPES: dict[str, tuple[Code, Callable[[dict[str, Any]], str]]] = {
    "int_type": ("WRONG_TYPE", lambda _: "a whole number"),
    "bool_type": ("WRONG_TYPE", lambda _: "true or false"),
    "string_type": ("WRONG_TYPE", lambda _: "a text"),
    "tuple_type": ("WRONG_TYPE", lambda _: "a list such as [a, b]"),
    "dict_type": ("WRONG_TYPE", lambda _: "a mapping such as {name: value}"),
    "model_type": ("WRONG_TYPE", lambda _: "a mapping such as {name: value}"),
    "literal_error": ("BAD_VALUE", lambda context: context["expected"].replace("'", "")),
    "enum": ("BAD_VALUE", lambda context: context["expected"].replace("'", "")),
    "greater_than_equal": ("BAD_VALUE", lambda context: f"at least {context['ge']}"),
    "less_than_equal": ("BAD_VALUE", lambda context: f"at most {context['le']}"),
    "too_short": ("BAD_VALUE", lambda _: "at least one entry"),
    "too_long": ("BAD_VALUE", lambda context: f"at most {context['max_length']} entries"),
    "string_too_long": ("BAD_VALUE", lambda context: f"at most {context['max_length']} characters"),
}
"""Pydantic's kinds of error: our code, and what was expected."""


def _own(error: ErrorDetails) -> str:
    if error["type"] != "unknown_time_zone":
        return error["msg"]
    return f"{error['msg']}; {instead(str(error['input']), time_zones())}"


def _unknown_field(path: Path) -> str:
    return f"`{path[-1]}` is not known here; {instead(str(path[-1]), _fields(path[:-1]))}"


_ID_DEPTH = 2  # rules.review; what is named further in is a level


def _bad_name(path: Path) -> tuple[Code, str]:
    name = str(path[-1])
    if path[0] == "activities":
        return "BAD_ID", _no_name(name, typed=True)
    if len(path) > _ID_DEPTH:
        return "BAD_ID", f"`{name}` is no name of a level; expected letters, digits, spaces, - and _, at most 64"
    return "BAD_ID", _no_name(name, typed=False)


def _no_name(name: str, *, typed: bool) -> str:
    if typed:
        hint = instead(name, BUILT_IN) if nearest(name, BUILT_IN) else "write one such as code_review.given"
        return f"`{name}` is no event type (lower-case words joined by dots); {hint}"
    plain = re.sub(r"[^a-z0-9_]+", "-", name.casefold()).strip("-_")[:64]
    hint = f"; write `{plain}`" if plain and plain != name else ""
    return f"`{name}` is no id: lower-case letters, digits, - and _, at most 64{hint}"


def _fields(path: Path) -> list[str]:
    """The fields that the section at a path may have, as they are written."""
    section: type[Section] = Rulebook
    is_key = False  # what comes next is an id that the admin chose
    for part in path:
        if is_key or isinstance(part, int):
            is_key = False
            continue
        field = {entry.alias or name: entry for name, entry in section.model_fields.items()}[part]
        kinds = list(_kinds_in(field.annotation))
        section = next((kind for kind in kinds if issubclass(kind, Section)), section)
        is_key = dict in kinds
    return [field.alias or name for name, field in section.model_fields.items()]


def _kinds_in(annotation: object) -> Iterator[type]:
    """The classes in an annotation such as `dict[Id, Step] | None`, outermost first."""
    if isinstance(found := get_origin(annotation) or annotation, type):
        yield found
    for part in get_args(annotation):
        yield from _kinds_in(part)

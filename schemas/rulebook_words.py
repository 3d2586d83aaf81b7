"""The small types a rulebook is written in: ids, texts, numbers, spans of time, dates and time zones.

Each one says in plain words what it expected, because the message is read by the admin who wrote the line.
Errors raised here have a stable type, which becomes the code of a fault.
"""

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from schemas.words import DAY_MS
from schemas.zones import time_zones

AMOUNT_MAX = 1_000_000
"""One event's points, karma or value: at most this, in size."""

NUMBER_MAX = 2**53 - 1
"""The greatest whole number that every JSON reader holds exactly."""

ID = r"^[a-z0-9][a-z0-9_-]*$"
TYPE = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"
_LEVEL = r"^\w[\w -]*$"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_SPAN = re.compile(r"([0-9]{1,6})([dhm])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNIT_MS = {"d": DAY_MS, "h": 3_600_000, "m": 60_000}
_SPAN_DAYS_MAX = 36_500
_TITLE_MAX = 200
_EXPRESSION_MAX = 4_096
_FACTOR_MAX = 100
_FACTOR_DECIMALS = 2

_KINDS: dict[type, str] = {bool: "a truth value", int: "a whole number", float: "a number", str: "a text"}
_SHOWN = 40  # characters of a value in a message


class WindowKind(StrEnum):
    """The spans of the calendar for which boards are kept; `all` is all time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


class Per(StrEnum):
    """The span of the calendar in which a limit holds."""

    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


def described(value: object) -> str:
    """A value as a message shows it: its kind and, if it is short, itself."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    kind = next((word for kind, word in _KINDS.items() if isinstance(value, kind)), "something else")
    return f"{kind} ({shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + '…'})"


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _expression(value: object) -> str:
    if isinstance(value, bool):  # `when: true` is written without quotes and means the CEL text
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise PydanticCustomError(
            "wrong_type", "expected an expression (CEL, as text), got {got}", {"got": described(value)}
        )
    if not value.strip():
        raise PydanticCustomError("bad_value", "the expression is empty; write CEL, or leave the field out")
    if len(value) > _EXPRESSION_MAX:
        raise PydanticCustomError("bad_value", "the expression is longer than 4096 characters")
    return value


def _amount(value: object) -> int | str:
    if isinstance(value, str):
        return _expression(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError(
            "wrong_type",
            "expected a whole number, or CEL of one as text, got {got}",
            {"got": described(value)},
        )
    if abs(value) > AMOUNT_MAX:
        raise PydanticCustomError("bad_value", "expected at most 1000000 in size, got {got}", {"got": value})
    return value


def _threshold(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("wrong_type", "expected a number above zero, got {got}", {"got": described(value)})
    if not math.isfinite(value) or not 0 < value <= NUMBER_MAX:
        raise PydanticCustomError(
            "bad_value", "expected a number above zero and below 2^53, got {got}", {"got": str(value)}
        )
    return value


def _factor(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError(
            "wrong_type", "expected a number such as 2 or 1.5, got {got}", {"got": described(value)}
        )
    if not 0 <= value <= _FACTOR_MAX or decimals(value) > _FACTOR_DECIMALS:
        raise PydanticCustomError(
            "bad_value",
            "expected a number from 0 to 100 with at most two decimal places, got {got}",
            {"got": str(value)},
        )
    return value


def _title(value: object) -> str | dict[str, str]:
    if isinstance(value, str):
        return _title_text(value)
    if not value or not isinstance(value, dict):
        raise PydanticCustomError(
            "wrong_type",
            "expected a text, or one per language such as {example}; got {got}",
            {"example": "{en: …, de: …}", "got": described(value)},
        )
    titles = cast("dict[object, object]", value)
    return {_language(language): _title_text(text) for language, text in titles.items()}


def _language(code: object) -> str:
    if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
        raise PydanticCustomError(
            "bad_value", "'{got}' is no language; expected codes such as en, de or pt-BR", {"got": str(code)}
        )
    return code


def _title_text(text: object) -> str:
    if not isinstance(text, str):
        raise PydanticCustomError("wrong_type", "expected a text, got {got}", {"got": described(text)})
    if not text.strip() or len(text) > _TITLE_MAX:
        raise PydanticCustomError("bad_value", "expected a text of 1 to 200 characters")
    return text


def _span(value: object) -> int:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError(
            "bad_value",
            "expected a span of time such as 30d, 12h or 90m, got {got}",
            {"got": described(value)},
        )
    ms = int(found[1]) * _UNIT_MS[found[2]]
    if not 0 < ms <= _SPAN_DAYS_MAX * DAY_MS:
        raise PydanticCustomError("bad_value", "expected a span of time from 1m to 36500d, got {got}", {"got": value})
    return ms


def span_text(ms: int) -> str:
    """A length of time as it is written: 30d, 12h or 90m."""
    unit = next(unit for unit, unit_ms in _UNIT_MS.items() if ms % unit_ms == 0)
    return f"{ms // _UNIT_MS[unit]}{unit}"


def _date(value: object) -> dt.date:
    if type(value) is dt.date:
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            day = dt.date.fromisoformat(value)
            if day.year >= 1970:  # noqa: PLR2004 - times begin there
                return day
    except ValueError:
        pass  # the 30th of February: the same message as for a text that is no date
    raise PydanticCustomError(
        "bad_value", "expected a date from 1970 on, such as 2026-12-31, got {got}", {"got": described(value)}
    )


def _time_zone(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError(
            "wrong_type",
            "expected a time zone such as Europe/Berlin, got {got}",
            {"got": described(value)},
        )
    if value not in time_zones():
        raise PydanticCustomError("unknown_time_zone", "there is no time zone '{got}'", {"got": value})
    return value


def _nothing_missing(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Refuses null anywhere inside: what the log keeps leaves such fields out."""
    waiting: list[tuple[str, JsonValue]] = [("", value)]
    while waiting:
        name, found = waiting.pop()
        if found is None:
            message = "`{name}` has no value; give it one, or leave it out"
            raise PydanticCustomError("wrong_type", message, {"name": name.removeprefix(".")})
        if isinstance(found, dict):
            waiting += [(f"{name}.{field}", inner) for field, inner in found.items()]
        elif isinstance(found, list):
            waiting += [(f"{name}[{index}]", inner) for index, inner in enumerate(found)]
    return value


def decimals(number: float) -> int:
    """How many decimal places a number is written with: 2.50 has one."""
    exponent = Decimal(str(number)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _schema(check: Callable[[object], object], **schema: object) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(check), WithJsonSchema(dict(schema))


_EXPRESSION_CHECK = _schema(_expression, type=["string", "boolean", "number"], description="CEL")
_AMOUNT_CHECK = _schema(
    _amount,
    anyOf=[
        {"type": "integer", "minimum": -AMOUNT_MAX, "maximum": AMOUNT_MAX},
        {"type": "string", "description": "CEL of a whole number"},
    ],
)
_THRESHOLD_CHECK = _schema(_threshold, type="number", exclusiveMinimum=0, maximum=NUMBER_MAX)
_FACTOR_CHECK = _schema(_factor, type="number", minimum=0, maximum=_FACTOR_MAX)
_TITLE_CHECK = _schema(
    _title,
    anyOf=[{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}],
    description="a text, or one per language",
)
_SPAN_CHECK = _schema(_span, type="string", pattern="^[0-9]{1,6}[dhm]$", examples=["30d", "12h", "90m"])
_DATE_CHECK = _schema(_date, type="string", format="date")
_ZONE_CHECK = _schema(_time_zone, type="string", examples=["Europe/Berlin", "UTC"])

Id = Annotated[str, Field(pattern=ID, max_length=64)]
"""The stable name of a rule, board, badge or kind of group: history and balances hang on it."""

EventType = Annotated[str, Field(pattern=TYPE, max_length=128)]
"""What happened, in words joined by dots: `code_review.given`."""

LevelName = Annotated[str, Field(pattern=_LEVEL, max_length=64)]
"""A badge's level; without dots, because `badge.level` names one."""

Whole = Annotated[int, Field(strict=True)]
"""A whole number; a text or a truth value is none."""

Flag = Annotated[bool, Field(strict=True)]
"""true or false; `yes` and `on` are texts in YAML 1.2."""

Expression = Annotated[str, *_EXPRESSION_CHECK]
"""CEL over `subject`, `data` and `time`."""

EventTypes = Annotated[
    tuple[EventType, ...],
    Field(min_length=1),
    BeforeValidator(_one_or_more, json_schema_input_type=EventType | list[EventType]),
]
"""One or more types; one may stand without the brackets of a list."""

Ids = Annotated[
    tuple[Id, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=Id | list[Id]),
]
"""One or more ids; one may stand without the brackets of a list."""

Expressions = Annotated[
    tuple[Expression, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=Expression | list[Expression]),
]
"""Expressions; one may stand without the brackets of a list."""

Raw = Annotated[dict[str, JsonValue], AfterValidator(_nothing_missing)]
"""A section that is kept as it was written."""

Amount = Annotated[int | str, *_AMOUNT_CHECK]
"""A whole number of at most 10^6 in size, or CEL of one."""

Threshold = Annotated[int | float, *_THRESHOLD_CHECK]
"""What a score has to reach, in the score's own unit."""

Factor = Annotated[int | float, *_FACTOR_CHECK]
"""What an amount is multiplied by."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""A day of the week."""

Title = Annotated[str | dict[str, str], *_TITLE_CHECK]
"""A text that people read, or one per language."""

Span = Annotated[int, *_SPAN_CHECK, PlainSerializer(span_text, return_type=str)]
"""A length of time in milliseconds; written as 30d, 12h or 90m."""

Date = Annotated[dt.date, *_DATE_CHECK, PlainSerializer(dt.date.isoformat, return_type=str)]
"""A calendar day, written as 2026-12-31."""

TimeZone = Annotated[str, *_ZONE_CHECK]
"""The name of a time zone of the locked `tzdata` package."""

"""Instants as text: RFC 3339 in, milliseconds since 1970 inside, RFC 3339 in UTC out."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from schemas.strict_json import quoted
from schemas.words import DAY_MS, Instant

INSTANT_MAX: Final = Instant(253_402_300_799_999)
"""The last millisecond of the year 9999, in UTC."""

TimeCode = Literal["BAD_TIME", "NAIVE_TIME", "LEAP_SECOND", "TIME_OUT_OF_RANGE"]


class RefusedTime(ValueError):
    """The text is no instant that karmalog keeps.

    Attributes:
        code: Which rule it breaks; stable.
        detail: A sentence that says what is wrong and what to do.
    """

    def __init__(self, code: TimeCode, detail: str) -> None:
        super().__init__(detail)
        self.code: Final[TimeCode] = code
        self.detail: Final = detail


def parse_instant(text: str) -> Instant:
    """Return the instant that an RFC 3339 timestamp names, in ms.

    Lower-case `t` and `z` are allowed, and any number of digits of a fraction; what is finer than a
    millisecond is cut off, never rounded up, so that no instant moves into the next second or day.

    Raises:
        RefusedTime: It is no timestamp, it has no offset, its second is 60 (an instant that milliseconds
            since 1970 do not count), or it lies outside the years 1970 to 9999 in UTC.
    """
    # Whole seconds in UTC are what most publishers send, and many in one minute: two look-ups.
    second_ms = _SECONDS_UTC.get(text[16:])
    if second_ms is not None and (minute_ms := _minute_ms(text[:16])) >= 0:
        return Instant(minute_ms + second_ms)
    if text[19:20] == "." and text[23:] == "Z" and (ms := _MILLISECONDS.get(text[20:23])) is not None:
        second_ms = _SECONDS_UTC.get(text[16:19] + "Z")
        if second_ms is not None and (minute_ms := _minute_ms(text[:16])) >= 0:
            return Instant(minute_ms + second_ms + ms)
    return _parse_any(text)


def format_instant(instant: Instant) -> str:
    """Return an instant of 1970 to 9999 as RFC 3339 in UTC: `…Z`, with milliseconds only where not zero."""
    seconds, ms = divmod(instant, 1_000)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{ms:03}Z" if ms else f"{text}Z"


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOURS: Final = {f"{hour:02}": hour * 3_600_000 for hour in range(24)}
_MINUTES: Final = {f"{minute:02}": minute * 60_000 for minute in range(60)}
_SECONDS: Final = {f"{second:02}": second * 1_000 for second in range(60)}
_MILLISECONDS: Final = {f"{ms:03}": ms for ms in range(1_000)}
_SECONDS_UTC: Final = {f":{second}Z": ms for second, ms in _SECONDS.items()}

_TIMESTAMP: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]"
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))?"
)
_SHAPE: Final = "write it like 2024-05-31T14:03:00Z or 2024-05-31T16:03:00.250+02:00"


@lru_cache(maxsize=4_096)
def _minute_ms(text: str) -> int:
    """Return a minute written as YYYY-MM-DDTHH:MM, in UTC; negative where it is none that is kept."""
    if text[10:11] != "T" or text[13:14] != ":":
        return -1
    try:
        return _day_ms(text[:10]) + _HOURS[text[11:13]] + _MINUTES[text[14:]]
    except (KeyError, RefusedTime):
        return -1


@lru_cache(maxsize=4_096)  # eleven years of days, 0.5 MB
def _day_ms(text: str) -> int:
    """Return the first instant, in UTC, of a day written as YYYY-MM-DD; before 1970 it is negative."""
    match = _DAY.fullmatch(text)
    if match is None:
        raise RefusedTime("BAD_TIME", f"{quoted(text)} is no date; {_SHAPE}")
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise RefusedTime("BAD_TIME", f"{text} is not in the calendar") from None
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY_MS


_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


def _parse_any(text: str) -> Instant:
    """Return the instant of any timestamp, or say what is wrong with it."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise RefusedTime("BAD_TIME", f"{quoted(text)} is no RFC 3339 timestamp; {_SHAPE}")
    day, hour, minute, second, fraction, utc, sign, offset_hour, offset_minute = match.groups()
    if utc is None and sign is None:
        raise RefusedTime("NAIVE_TIME", f"{text} has no offset, so it could be any of 26 hours; {_SHAPE}")
    if second == "60":
        raise RefusedTime("LEAP_SECOND", f"{text} has the second 60; send 59 instead")
    try:
        clock = _HOURS[hour] + _MINUTES[minute] + _SECONDS[second] + int((fraction or "0").ljust(3, "0")[:3])
        offset = 0 if sign is None else _HOURS[offset_hour] + _MINUTES[offset_minute]
    except KeyError:
        raise RefusedTime("BAD_TIME", f"{quoted(text)} names a time that no clock shows; {_SHAPE}") from None
    instant = _day_ms(day) + clock - (-offset if sign == "-" else offset)
    if not 0 <= instant <= INSTANT_MAX:
        raise RefusedTime("TIME_OUT_OF_RANGE", f"{text} is outside the years 1970 to 9999 in UTC")
    return Instant(instant)

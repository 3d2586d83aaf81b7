"""What expressions may ask: the event itself, the company's focus, and who belongs to which group."""

from collections.abc import Sequence
from datetime import date

from pydantic import JsonValue

from schemas.records import Record

from .cel import CelError, Function, Scope
from .people import groups_on
from .rulebook import Version


def scope_of(record: Record, version: Version, day: date, people: Sequence[Record]) -> Scope:
    """Of an event on that local day; `people` are the people's events that stand before it in the log."""
    return Scope(
        variables={"subject": record["subject"], "data": record["data"]},
        functions={
            "focus": focus(version, day),
            **{kind: group_of(kind, version, day, people) for kind in version.kinds},
        },
    )


def focus(version: Version, day: date) -> Function:
    return lambda topic: text(topic) in version.topics(day)


def group_of(kind: str, version: Version, day: date, people: Sequence[Record]) -> Function:
    """The group of a member on that day, empty where there is none; where there may be several, a list of them."""

    def groups(member: JsonValue) -> JsonValue:
        said = [record for record in people if record["subject"] == text(member)]
        found = groups_on(day, kind, said, version.calendar, one_at_a_time=version.kinds[kind])
        if version.kinds[kind]:
            return next(iter(found), "")
        return list[JsonValue](sorted(found))

    return groups


def text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise CelError(f"{value!r} is no text")
    return value

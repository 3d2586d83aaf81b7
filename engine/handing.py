"""What rules give to members whom they name: what is given hangs on the event, to whom on what names them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from pydantic import JsonValue

from engine.asked import Asked, hanging_of, parts_of
from engine.expressions import Expression
from engine.remembering import WorkOut, remembered
from engine.values import Awards
from schemas.members import is_member
from schemas.words import Day, Instant

Handed = tuple[Mapping[str, Awards], tuple[int, ...]]
"""What an event gives to members, and the numbers of the rules that failed."""

_Members = tuple[str, ...]
_UNNAMED: _Members = ("",)  # no members were named; not None, which a memory does not keep, and () is a list of none


def handing(rules: Sequence[Asked]) -> WorkOut[Handed] | None:
    """The function that says what an event gives to whom by rules that name somebody; None where none does."""
    named: dict[str, tuple[Expression, list[Asked]]] = {}
    for asked in rules:
        if asked.to is not None:
            named.setdefault(asked.to.text, (asked.to, []))[1].append(replace(asked, to=None))
    if not named:
        return None
    parts = [(_receivers(to), parts_of(asked)) for to, asked in named.values()]

    def hand_on(data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Handed:
        given: dict[str, Awards] = {}
        failed: tuple[int, ...] = ()
        for receivers, what in parts:
            awards, _, more_failed = what(data, subject, at, day)
            failed += more_failed
            if not awards:
                continue
            members = receivers(data, subject, at, day)
            if members is _UNNAMED:
                failed += tuple(number for number, _ in awards)
                continue
            for member in members:
                given[member] = given[member] + awards if member in given else awards
        return given, failed

    return hand_on


def _receivers(to: Expression) -> WorkOut[_Members]:
    """The members whom an expression names, each once."""
    if to.text == "subject":
        return lambda _data, subject, _at, _day: (subject,)

    def receivers(data: Mapping[str, JsonValue], subject: str, at: Instant, _day: Day) -> _Members:
        found = to(data, subject, at)
        if isinstance(found, str):
            return (found,) if is_member(found) else _UNNAMED
        if not isinstance(found, list):
            return _UNNAMED
        members = tuple(str(each) for each in dict.fromkeys(cast("list[object]", found)))
        return members if all(map(is_member, members)) else _UNNAMED

    return remembered(receivers, hanging_of([to]))

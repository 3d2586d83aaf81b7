"""Facts: what changed for a member, with its because; published on `karmalog.facts` for whoever reacts."""

from typing import Literal, NotRequired

from pydantic import TypeAdapter, with_config
from typing_extensions import TypedDict

FactType = Literal[
    "points.changed",
    "badge.reached",
    "badge.moved",
    "badge.lost",
    "level.reached",
    "level.moved",
    "level.lost",
    "tier.reached",
]


@with_config(extra="forbid")
class Fact(TypedDict):
    """One change of a total. Its id is the same however often it is said: act on an id once."""

    id: str  # organisation, position of the record that caused it, number among that record's facts
    org: str
    type: FactType
    member: str
    rule: NotRequired[str]  # of points.changed: the rule, or the challenge
    by: NotRequired[int]  # points gained, or lost
    total: NotRequired[int]  # points of the rule in all
    badge: NotRequired[str]  # of badge.*
    ladder: NotRequired[str]  # of level.*
    board: NotRequired[str]  # of tier.*
    level: NotRequired[str | None]  # of a badge or ladder, or the tier
    value: NotRequired[str | int | float | bool]  # what a badge is for that is there once per value
    at: NotRequired[str]  # RFC 3339: when the event happened that completed it
    because: int  # position of the record in the log


FACT: TypeAdapter[Fact] = TypeAdapter(Fact)
FACTS: TypeAdapter[list[Fact]] = TypeAdapter(list[Fact])

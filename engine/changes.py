"""What a batch changed, in the engine's words; `streams.store` writes it in one atomic call."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.member import Member
from engine.totals import Shares
from schemas.words import MemberId

BoardKey = tuple[int, int, int, str]
"""(score number, kind of window, window, shelf): one list of scores."""

ShareKey = tuple[int, int, int, str, str]
"""(score number, kind of window, window, kind of group, group)."""


class FactRow(NamedTuple):
    """A change of a total with its because: points of a rule, or a level of a badge reached or lost."""

    position: int  # of the record that caused it
    number: int  # of the rule or the badge
    member: MemberId
    level: str | None
    by: int  # points that the total changed by; for levels 1 or -1
    total: int  # points in all; for levels the time in ms at which it was reached


@dataclass(slots=True)
class Changes:
    """Everything that one batch of one organisation changed."""

    cells: dict[BoardKey, dict[MemberId, int | None]] = field(default_factory=dict)
    shares: Shares = field(default_factory=dict)
    members: dict[MemberId, Member] = field(default_factory=dict)
    facts: list[FactRow] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    next_position: int = 0
    published: bool = False  # a rulebook was added

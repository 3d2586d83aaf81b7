"""What happened to a member while totals moved, and the shapes in which it is told."""

from collections.abc import Iterator
from typing import cast

from engine.calendar import Calendar
from engine.scores.plans import ScorePlan
from engine.standing import Standing
from engine.values import Values
from schemas.words import Day, MemberId

Key = tuple[int, str, str]
"""The canonical order of events: (time in ms, source, stored id)."""

FIRST: Key = (-1, "", "")
"""Before every event."""

Cells = dict[int, int]
"""A member's score by `engine.cells.cell` of score, kind of window and window."""

GroupSlot = tuple[int, int, int, str, str]
"""(score number, kind of window, window, kind of group, group)."""

Shares = dict[GroupSlot, int]
"""What a member added to groups."""

Bests = dict[tuple[GroupSlot, int], int]
"""The greatest value that a member reached for groups, by slot and month: in the part of the window that lies in it."""

Met = tuple[int, Day]
"""When a value was met: first time in ms, last local day."""

Distinct = dict[tuple[int, str], Met]
"""When each value was met, by (score number, value)."""

Tallies = dict[str, list[int]]
"""What is kept per value of a badge, by `badge number|value`."""

Groups = dict[str, tuple[str, ...]]
"""The groups a member belongs to on a day, by kind."""

Minted = dict[tuple[int, int], int]
"""Karma that rules give, by (position of the event, number of the rule's karma)."""

Change = tuple[int, str | None, int, int]
"""(number, level, by, total): what changed of a member's points or badges.

Points of a rule by its number (level None): points that the total changed by, and in all. A level of a badge: 1
reached, 0 reached at another time, -1 lost, and its time in ms.
"""

Told = list[int | str | None]
"""Changes, one after the other without brackets, since a batch makes tens of thousands."""

FactRow = tuple[int, MemberId, Told]
"""(position, member, changes): some of what a record changed of a member."""


def changes_in(told: Told) -> Iterator[Change]:
    """The changes, each by itself."""
    return cast("Iterator[Change]", zip(*[iter(told)] * 4, strict=True))


def numbers_in(told: Told) -> list[int]:
    """The numbers of which something changed."""
    return cast("list[int]", told[::4])


def level_of(level: str, value: str) -> str:
    """A level as facts name it, with what the badge is for where there is one per value."""
    return f"{level}\0{value}" if value else level


class Effects:
    """What a member moves by while totals move, and what happened: which scores, what it is to groups, what is said.

    `cells` has the scores of windows that are over; those of the newest ones stand in the totals (`Totals.show`).
    """

    __slots__ = (
        "bests",
        "calendar",
        "cause",
        "cells",
        "distinct",
        "facts",
        "groups",
        "key",
        "member",
        "minted",
        "moved",
        "position",
        "reached",
        "shares",
        "standing",
        "tallied",
        "tallies",
        "undo",
        "value",
        "values",
        "won",
    )

    # Of the member that moves:
    standing: Standing
    distinct: Distinct
    tallies: Tallies
    tallied: set[str]  # names of those that change
    # Of the event that moves it:
    calendar: Calendar  # of its version of the rulebook
    key: Key
    position: int
    values: Values
    groups: Groups

    def __init__(self, member: MemberId, facts: list[FactRow] | None = None) -> None:
        self.member = member
        self.facts = facts  # None: nothing is said
        self.cause = 0  # the last record of which anything may have been said
        self.moved: dict[int, ScorePlan] = {}  # by number: scores of boards that moved
        self.cells: Cells = {}
        self.shares: Shares = {}
        self.bests: Bests = {}  # of scores by which groups are compared; each is at least so much
        self.reached = False  # whether a level was
        self.won: list[tuple[int, int]] = []  # challenges that were done with the event, and the points for it
        self.minted: Minted = {}
        self.undo: list[tuple[tuple[int, str], Met | None]] | None = None
        self.value = ""  # what the badge is for whose sums move, where there are some for each value

    def share(self, slot: GroupSlot, by: int) -> None:
        """Adds to what the member added to a group."""
        self.shares[slot] = self.shares.get(slot, 0) + by

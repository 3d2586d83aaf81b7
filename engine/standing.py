"""How a member stands with the organisation: who may see them, whether they are here, and in which groups.

Each is decided by the last event about it in canonical order, so people's events may arrive in any order too.
"""

from bisect import insort
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Self

Moment = tuple[int, str, str]
"""The canonical order of events: (time in ms, source, stored id)."""

Choice = tuple[int, str, str, str]
"""(time, source, stored id, visibility)."""

Move = tuple[int, int, str, str, str, str, bool, bool, int]
"""(local day, time, source, stored id, kind of group, group, joined, one at a time, position in the log)."""

Presence = tuple[int, str, str, bool]
"""(time, source, stored id, whether the member left)."""

Away = tuple[int, int, int, str, str]
"""(first local day, last one, time, source, stored id)."""

Granted = tuple[int, str, str, int]
"""A freeze: (time, source, stored id, number of the badge)."""

Joined = tuple[int, str, str, int, bool]
"""(time, source, stored id, number of the challenge, joined rather than left)."""

Given = tuple[int, str, str, int, str, bool]
"""By hand: (time, source, stored id, number of the badge, level, given rather than taken)."""


class Standing:
    """Visibility, presence, groups and challenges of one member."""

    __slots__ = ("_by_day", "away", "choices", "given", "granted", "joined", "moves", "presence")

    def __init__(self) -> None:
        self.choices: list[Choice] = []
        self.presence: list[Presence] = []
        self.away: list[Away] = []
        self.granted: list[Granted] = []
        self.given: list[Given] = []
        self.joined: list[Joined] = []
        self.moves: list[Move] = []
        self._by_day: dict[int, dict[str, tuple[str, ...]]] = {}

    def dump(self) -> list[Any]:
        """JSON data; `load` gives an equal standing."""
        rare = [self.away, self.granted, self.given, self.joined]
        return [self.choices, self.presence, self.moves, *(rare if any(rare) else ())]

    @classmethod
    def load(cls, raw: list[Any]) -> Self:
        """The standing of `dump`."""
        made = cls()
        choices, presence, moves, *rare = raw
        made.choices = [(*choice,) for choice in choices]
        made.presence = [(*each,) for each in presence]
        made.moves = [(*move,) for move in moves]
        if rare:
            away, granted, given, joined = rare
            made.away = [(*each,) for each in away]
            made.granted = [(*each,) for each in granted]
            made.given = [(*each,) for each in given]
            made.joined = [(*each,) for each in joined]
        return made

    def choose(self, visibility: str, at: Moment) -> None:
        """The member chose who may see them."""
        insort(self.choices, (*at, visibility))

    def come_or_go(self, *, left: bool, at: Moment) -> None:
        """The member joined, or left, the organisation."""
        insort(self.presence, (*at, left))

    @property
    def left(self) -> bool:
        """Whether the member is a former one."""
        return bool(self.presence) and self.presence[-1][-1]

    @property
    def left_at(self) -> int | None:
        """When a former member left, in ms."""
        return self.presence[-1][0] if self.left else None

    @property
    def gone_since(self) -> int | None:
        """Since when a former member is gone, in ms: when they left first after they were here last."""
        leaving = [*takewhile(lambda each: each[-1], reversed(self.presence))]
        return leaving[-1][0] if leaving else None

    @property
    def stay(self) -> tuple[int, int | None] | None:
        """When the member joined for the last time, in ms, and left again; None where nothing was said of it."""
        joined: int | None = None
        left: int | None = None
        before = True
        for time, _, _, is_left in self.presence:
            if is_left:
                left = left if before else time  # who is gone cannot leave once more
            else:
                joined, left = (time if before else joined), None
            before = is_left
        return None if joined is None else (joined, left)

    def is_away(self, day: int) -> bool:
        """Whether a local day lies in the member's time off."""
        return any(first <= day <= last for first, last, *_ in self.away)

    def freezes(self, badge: int, before: Moment) -> int:
        """How many freezes of a badge were given before a moment."""
        return sum(each[-1] == badge and each[:3] < before for each in self.granted)

    def takes_part(self, challenge: int, at: Moment) -> bool:
        """Whether the member had joined a challenge, and not left it again, before a moment."""
        return next((each[-1] for each in reversed(self.joined) if each[3] == challenge and each[:3] < at), False)

    def decided(self) -> dict[tuple[int, str], int | None]:
        """What was decided by hand, by badge and level: when it was given, in ms, or None where it was taken."""
        return {(badge, level): time if given else None for time, _, _, badge, level, given in self.given}

    def move(self, move: Move) -> None:
        """The member joined or left a group."""
        insort(self.moves, move)
        self._by_day.clear()

    @property
    def shelf(self) -> str:
        """Where the member's scores stand: `listed`, `hidden`, `open` (the rulebook decides) or `former`."""
        return "former" if self.left else self.seen_as

    @property
    def shelves(self) -> tuple[str, str]:
        """Where the member's scores stand, and what they added to groups."""
        return self.shelf, self.seen_as

    @property
    def seen_as(self) -> str:
        """As what the member is seen, or was until they left: `listed`, `hidden` or `open`."""
        if not self.choices:
            return "open"
        return "hidden" if self.choices[-1][-1] == "hidden" else "listed"

    def groups(self, day: int | None = None) -> dict[str, tuple[str, ...]]:
        """The groups by kind that the member belongs to on a local day; without one, after the last move."""
        slot = -1 if day is None else day
        found = self._by_day.get(slot)
        if found is None:
            if len(self._by_day) > 1024:  # noqa: PLR2004  a few years of days
                self._by_day.clear()
            found = self._by_day[slot] = _held(self.moves, day)
        return found

    def groups_said(self, day: int, before: int) -> dict[str, tuple[str, ...]]:
        """The groups by kind that the member belongs to on a local day, by what stands before a position of the log."""
        known = [move for move in self.moves if move[-1] < before]
        return self.groups(day) if len(known) == len(self.moves) else _held(known, day)


def _held(moves: Sequence[Move], day: int | None) -> dict[str, tuple[str, ...]]:
    """The groups that are left after moves; with a day, after those up to it."""
    held: dict[str, dict[str, None]] = {}
    for moved, _, _, _, kind, group, joined, one, _ in moves:
        if day is not None and moved > day:
            break
        mine = held.setdefault(kind, {})
        if not joined:
            mine.pop(group, None)
            continue
        if one:
            mine.clear()
        mine[group] = None
    return {kind: tuple(sorted(mine)) for kind, mine in held.items() if mine}

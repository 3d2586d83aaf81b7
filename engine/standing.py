"""How a member stands with the organisation: who may see them, whether they are here, and in which groups.

Each is decided by the last event about it in canonical order, so people's events may arrive in any order too.
"""

from bisect import insort
from typing import Any, Self

Moment = tuple[int, str, str]
"""The canonical order of events: (time in ms, source, stored id)."""

Choice = tuple[int, str, str, str]
"""(time, source, stored id, visibility)."""

Move = tuple[int, int, str, str, str, str, bool, bool]
"""(local day, time, source, stored id, kind of group, group, joined, one at a time)."""


class Standing:
    """Visibility, presence and groups of one member."""

    __slots__ = ("_by_day", "choices", "left", "left_at", "moves")

    def __init__(self) -> None:
        self.choices: list[Choice] = []
        self.left = False
        self.left_at: Moment | None = None
        self.moves: list[Move] = []
        self._by_day: dict[int, dict[str, tuple[str, ...]]] = {}

    def dump(self) -> list[Any]:
        """JSON data; `load` gives an equal standing."""
        return [self.choices, self.left, self.left_at, self.moves]

    @classmethod
    def load(cls, raw: list[Any]) -> Self:
        """The standing of `dump`."""
        made = cls()
        choices, made.left, left_at, moves = raw
        made.choices = [(*choice,) for choice in choices]
        made.left_at = None if left_at is None else (left_at[0], left_at[1], left_at[2])
        made.moves = [(*move,) for move in moves]
        return made

    def choose(self, visibility: str, at: Moment) -> None:
        """The member chose who may see them."""
        insort(self.choices, (*at, visibility))

    def come_or_go(self, *, left: bool, at: Moment) -> None:
        """The member joined, or left, the organisation."""
        if self.left_at is None or at >= self.left_at:
            self.left, self.left_at = left, at

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
            found = self._by_day[slot] = self._groups(day)
        return found

    def _groups(self, day: int | None) -> dict[str, tuple[str, ...]]:
        held: dict[str, dict[str, None]] = {}
        for moved, _, _, _, kind, group, joined, one in self.moves:
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

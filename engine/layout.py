"""Where each sum of a member lies: totals are one flat list of whole numbers, and a rulebook takes places in it.

A place keeps its meaning for ever, since stored totals hang on it. Places are taken in the order in which the versions
of a rulebook are compiled, so every reader of the same versions comes to the same layout. Nothing but zeros stands in
a place that was not used yet.
"""

from typing import TypeVar

K = TypeVar("K")


class Layout:
    """The places that the versions of a rulebook have taken so far."""

    def __init__(self) -> None:
        self.size = 0
        self.points: dict[int, int] = {}  # by rule: awarded so far
        self.totals: dict[int, int] = {}  # by score: of all time
        self.levels: dict[int, dict[str, int]] = {}  # by score and level: when it was reached, in ms, and 1
        self.streaks: dict[int, int] = {}  # by score: period, score in it, last period done, run, longest run
        self.validity: dict[tuple[int, str], int] = {}  # by score and level: earned last, in ms, and 1; the score then
        self.keeping: dict[int, int] = {}  # by score: what was missed of late, freezes earned, freezes used
        self.seasons: dict[tuple[int, int], int] = {}  # by score and season: whether there was a value, the score
        self.rounds: dict[int, int] = {}  # by challenge: the round done last, when, in ms, and 1; how many were done
        self._rings: dict[tuple[int, int], int] = {}
        self._karma: dict[int, int] = {}
        self._cooldowns: dict[int, int] = {}
        self._used: dict[tuple[int, int], int] = {}
        self.windows: dict[tuple[int, int], int] = {}  # by score and kind: the newest window, and the score in it
        self._met: dict[int, int] = {}

    def of_points(self, rule: int) -> int:
        """What a rule has awarded."""
        return self._place(self.points, rule, 1)

    def of_karma(self, rule: int) -> int:
        """What a rule has given in karma."""
        return self._place(self._karma, rule, 1)

    def of_limit(self, rule: int, kind: int) -> int:
        """What is used of a rule's limits in the newest window of a kind: window, times, points."""
        return self._place(self._used, (rule, kind), 3)

    def of_cooldown(self, rule: int) -> int:
        """When a rule last let an event pass, in ms, and 1; and the local day of that."""
        return self._place(self._cooldowns, rule, 2)

    def of_window(self, score: int, kind: int) -> int:
        """A score in the newest window of a kind: window, value."""
        return self._place(self.windows, (score, kind), 2)

    def of_total(self, score: int) -> int:
        """A score of all time."""
        return self._place(self.totals, score, 1)

    def of_met(self, score: int) -> int:
        """Whether a score has any value at all; for the greatest of negative ones, 0 is no beginning."""
        return self._place(self._met, score, 1)

    def of_level(self, score: int, level: str) -> int:
        """When a level was reached, in ms, and 1: so that 0 says never."""
        return self._place(self.levels.setdefault(score, {}), level, 1)

    def of_validity(self, score: int, level: str) -> int:
        """When a level was earned last, in ms, and 1; and the score then."""
        return self._place(self.validity, (score, level), 2)

    def of_ring(self, score: int, size: int) -> int:
        """How many events there were, and the times of the newest, in turn."""
        return self._place(self._rings, (score, size), 1 + size)

    def of_season(self, score: int, season: int) -> int:
        """A score in a season: whether there was a value, and the score."""
        return self._place(self.seasons, (score, season), 2)

    def of_round(self, score: int) -> int:
        """A challenge: the window of the round that was done last, when that was, in ms, and 1; how many were done."""
        return self._place(self.rounds, score, 3)

    def of_keeping(self, score: int) -> int:
        """What keeps a streak: its newest periods as bits, 1 for missed; freezes earned; freezes used."""
        return self._place(self.keeping, score, 3)

    def of_streak(self, score: int) -> int:
        """A streak: the newest period and the score in it, the last period that was done, the run, the longest run."""
        return self._place(self.streaks, score, 5)

    def _place(self, taken: dict[K, int], key: K, size: int) -> int:
        found = taken.get(key)
        if found is None:
            found = taken[key] = self.size
            self.size += size
        return found

"""What a company asks people to learn now: the topics in focus on a local day, by window or by season."""

from engine.calendar import KINDS, Calendar, windows_of
from schemas.rulebook import Rulebook
from schemas.windows import window_named
from schemas.words import Day, Instant


class Focused:
    """The topics in focus under one version of a rulebook."""

    def __init__(self, rulebook: Rulebook, calendar: Calendar) -> None:
        self._calendar = calendar
        self._by_day: dict[int, frozenset[str]] = {}
        self._windows: list[tuple[int, int, tuple[str, ...]]] = []
        self._seasons: list[tuple[int, int, tuple[str, ...]]] = []
        for name, focus in rulebook.focus.items():
            if name in rulebook.seasons:
                season = rulebook.seasons[name]
                self._seasons.append((season.since.toordinal(), season.to.toordinal(), focus.topics))
            elif (found := window_named(name)) is not None:
                kind = KINDS.index(found[0].value)
                self._windows.append((kind, windows_of(Day(found[1].toordinal()))[kind], focus.topics))

    def topics(self, at: Instant) -> frozenset[str]:
        """The topics in focus at a moment."""
        day = self._calendar.day(at)
        found = self._by_day.get(day)
        if found is None:
            found = self._by_day[day] = frozenset(self._on(day))
        return found

    def _on(self, day: Day) -> list[str]:
        here = windows_of(day)
        of_windows = [topics for kind, window, topics in self._windows if here[kind] == window]
        of_seasons = [topics for first, last, topics in self._seasons if first <= day <= last]
        return [topic for topics in (*of_windows, *of_seasons) for topic in topics]

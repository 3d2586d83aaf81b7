"""All badges, ladders and streaks of one member, whatever their kind."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from .by_hand import freezes_given, said_about
from .cel import comparable
from .chains import steps_of
from .collecting import Own, Shelf
from .contributions import Scalar
from .judge import ByHand
from .levels import Earned, levels_of
from .people import Person
from .prizes import Won
from .rulebook import Badge, Level, Version
from .scores import Given
from .stories import has_begun, last_named, name_in, open_at
from .streaks import History, Standing, history_of, levels_of_runs, standing
from .tenure import levels_of_stay


class Reached(NamedTuple):
    """A badge: its level, with `each` its value, when it was reached, and with `valid` until when it holds."""

    badge: str
    level: Level
    value: Scalar | None
    at: int
    until: int | None


StreakName: TypeAlias = str | tuple[str, str]
"""A badge, or with `each` a badge and a value as text."""


class Now(NamedTuple):
    """The clock in ms, the newest version that is in force by it, and all that there are."""

    clock: int
    newest: Version
    versions: Sequence[Version]


@dataclass(frozen=True)
class Life:
    """One member, and all by which badges are reached."""

    name: str
    person: Person
    given: Mapping[tuple[str, str], Sequence[Given]]  # by (section, name of the story)
    by_hand: Sequence[ByHand]  # of everyone
    won: Sequence[Won]  # by everyone
    now: Now

    @cached_property
    def naming(self) -> Mapping[str, tuple[Version, str]]:
        """Every badge, with the newest version that names it."""
        return last_named(self.now.newest, "badges", self.now.versions)

    def badges(self) -> list[Reached]:
        """Everything that is there, in order of time."""
        said = said_about(self.name, self.by_hand, self.now.newest)
        shelf = Shelf(self.now.newest, self.naming, self.own(), said)
        reached = [
            Reached(badge, level, one.value, one.at, one.until)
            for (badge, level), found in shelf.everything().items()
            for one in found
        ]
        return sorted(reached, key=place_of)

    def own(self) -> Own:
        """What the member did for each badge and level, without collections and what was given by hand."""
        own: defaultdict[tuple[str, Level], list[Earned]] = defaultdict(list)
        for badge, value, those in self.separate():
            if self.defined(badge).first is None:
                for level, earned in self.earned(badge, those).items():
                    own[badge, level].append(earned._replace(value=value))
        for (badge, level), earned in self.settled().items():
            if self.defined(badge).first is not None or self.defined(badge).kind == "rank":
                own[badge, level].append(earned)
        for badge, (version, name) in self.naming.items():
            defined = version.badges[name]
            if defined.kind == "tenure" and has_begun(self.now.newest, version):
                stay = levels_of_stay(defined, self.person, self.now.newest.calendar, self.now.clock)
                for level, earned in stay.items():
                    if open_at(self.now.newest, badge, earned.at):
                        own[badge, level].append(earned)
        return own

    def defined(self, badge: str) -> Badge:
        """What the newest version that names a badge says of it."""
        version, name = self.naming[badge]
        return version.badges[name]

    def settled(self) -> dict[tuple[str, Level], Earned]:
        """What was settled, by the name that it has now; what is won again is had since the first time."""
        found: dict[tuple[str, Level], Earned] = {}
        for won in self.won:
            if won.member == self.name:
                key = name_in(self.now.newest, "badges", won.badge, won.version), won.level
                found[key] = min(found.get(key, won.earned), won.earned, key=lambda earned: earned.at)
        return found

    def separate(self) -> Iterator[tuple[str, Scalar | None, list[Given]]]:
        """What was given for each badge, and of those with `each` for each value."""
        for (section, badge), given in self.given.items():
            if section == "badges":
                values = {comparable(one.each): one.each for one in reversed(given)}  # the first of equal ones
                for key, value in values.items():
                    yield badge, value, [one for one in given if comparable(one.each) == key]

    def earned(self, badge: str, given: Sequence[Given]) -> dict[Level, Earned]:
        """The levels of a badge that events have reached."""
        match given[-1].defined.kind:
            case "chain":
                return steps_of(given)
            case "streak":
                history = self.history(badge, given)
                return levels_of_runs(history) if history.runs else {}
        return levels_of(given)

    def history(self, badge: str, given: Sequence[Given]) -> History:
        """The runs of a streak."""
        return history_of(given, self.person.away, freezes_given(self.name, self.by_hand, self.now.newest)[badge])

    def streaks(self) -> dict[StreakName, Standing]:
        """The streaks that ever began, as they stand now."""
        newest, found = self.now.newest, dict[StreakName, Standing]()
        today = newest.calendar.day(self.now.clock)
        for badge, value, given in self.separate():
            streak = self.defined(badge).streak
            if streak and (history := self.history(badge, given)).runs:
                key = badge if value is None else (badge, text_of(value))
                found[key] = standing(history, streak, today, newest.calendar, self.person.away)
        return found

    def ladders(self) -> dict[str, list[tuple[Level, int]]]:
        """The steps of each ladder with when they were reached, in order of time."""
        reached = {name: levels_of(given) for (section, name), given in self.given.items() if section == "levels"}
        return {
            name: sorted(
                ((level, earned.at) for level, earned in steps.items()), key=lambda step: (step[1], step[0] or "")
            )
            for name, steps in reached.items()
            if steps
        }


def place_of(reached: Reached) -> tuple[int, str, str, str]:
    """Sorts badges by time, then by what they are."""
    value = "" if reached.value is None else text_of(reached.value)
    return reached.at, reached.badge, reached.level or "", value


def text_of(value: Scalar) -> str:
    """A value as text, the same for equal values alone; it begins with its kind."""
    kind, _ = comparable(value)
    is_whole = isinstance(value, float) and value.is_integer()
    return f"{kind} {int(value) if is_whole else value}"

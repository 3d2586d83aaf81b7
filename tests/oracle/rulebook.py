"""What the oracle needs of a rulebook, as plain values; `reading` makes them of JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from .days import Calendar
from .periods import windows

Level: TypeAlias = str | None
"""None: the one of a badge without levels."""


@dataclass(frozen=True)
class Activity:
    """What one real instance of a type is; each part may be left out."""

    counts: str | None = None
    credit: str | None = None
    once: tuple[str, ...] = ()
    confirm: str | None = None


@dataclass(frozen=True)
class Limit:
    """At most so many events, or so many points, in each window of a kind (`all` for `ever`)."""

    per: str
    times: int | None
    points: int | None


@dataclass(frozen=True)
class Rule:
    """What an event of some types is awarded, to whom and when."""

    types: tuple[str, ...]
    when: str | None
    award: int | str
    to: str | None
    seasons: tuple[str, ...]  # empty: at any time
    weekdays: frozenset[int]  # empty: on any day
    cooldown: int  # 0: none
    limits: tuple[Limit, ...]
    multipliers: tuple[tuple[str, Fraction], ...]  # (season, by)
    until: date


@dataclass(frozen=True)
class Score:
    """What is counted for a board, a badge or a streak: its kind is the contract's word."""

    kind: str
    types: tuple[str, ...]
    when: str | None
    value: str
    rules: tuple[str, ...]
    challenges: tuple[str, ...]  # of `points`, whose rewards count as well
    scale: int


@dataclass(frozen=True)
class League:
    """Tiers from the lowest to the highest; a cohort has about so many members, and so many of each go up."""

    tiers: tuple[str, ...]
    size: int
    promote: int


@dataclass(frozen=True)
class Board:
    """A score, ranked in windows, by member or by the members' groups."""

    score: Score
    windows: tuple[str, ...]
    seasons: tuple[str, ...]
    by: tuple[str, ...]
    lowest_first: bool
    per_head: bool
    league: League | None


@dataclass(frozen=True)
class Challenge:
    """A goal for a while: of each member, of the groups of a kind, or of everyone together."""

    board: Board  # its score, as of a board without windows, by member and by the kind of group that it is for
    since: date
    to: date
    every: str  # empty: there is one round
    owner: str  # member, everyone, or a kind of group
    goal: Fraction | None
    opt_in: bool
    reward: int
    by_rank: tuple[int, ...]  # points of the first, the second, …

    @property
    def score(self) -> Score:
        """What is counted."""
        return self.board.score

    @property
    def needed(self) -> Fraction | None:
        """The goal in units of the score's scale."""
        return None if self.goal is None else self.goal * int(10**self.score.scale)

    def closed(self, day: date) -> bool:
        """Whether what happens on a day counts nothing for it."""
        return not self.since <= day <= self.to


@dataclass(frozen=True)
class Forgive:
    """At most so many missed of the last so many."""

    misses: int
    of: int


@dataclass(frozen=True)
class Freezes:
    """One earned with every so many periods of a run (None: none is), while fewer than `most` are at hand."""

    every: int | None
    most: int


@dataclass(frozen=True)
class Streak:
    """Periods in which a score reaches a number, in a row or not."""

    every: str
    at_least: Fraction
    in_a_row: bool
    forgive: Forgive | None
    freezes: Freezes | None


class Rank(NamedTuple):
    """A place on a board in each window of a kind."""

    board: str
    window: str


@dataclass(frozen=True)
class Badge:
    """What can be reached; a ladder is one as well, with its steps as levels.

    Levels have the number that reaches them, in the score's own unit; those of a chain are its steps.
    """

    kind: str  # score, streak, chain, collection, tenure, rank, or hand, which nothing but people can reach
    levels: Mapping[Level, Fraction]
    scores: Mapping[Level, Score]  # one by step of a chain, else one under None
    streak: Streak | None
    within: int | None
    valid: int | None
    each: str | None
    all_of: tuple[str, ...]
    any_of: tuple[str, ...]
    need: int
    tenure: str
    rank: Rank | None
    first: int | None  # None: for all who reach it
    until: date
    retired: bool

    @property
    def alone(self) -> Level:
        """The level that is meant where the badge alone is named: of a chain the last step, else the lowest."""
        return list(self.levels)[-1] if self.kind == "chain" else min(self.levels, key=lambda level: self.levels[level])

    def closed(self, day: date) -> bool:
        """Whether what happens on a day counts nothing for it any more."""
        return self.retired or day > self.until

    def needed(self, level: Level, step: Level = None) -> Fraction:
        """The number of a level in units of the score's scale."""
        return self.levels[level] * int(10 ** self.scores[step].scale)


class Place(NamedTuple):
    """Where a score stands: `boards`, `badges`, `levels` or `challenges`; an id; of a chain also the step."""

    section: str
    name: str
    step: Level = None


@dataclass(frozen=True, eq=False)
class Version:
    """One published rulebook, from a local midnight of its own calendar on."""

    start: date
    before: "Version | None"
    calendar: Calendar
    late: int
    settle: int
    visibility: str
    smallest_group: int
    kinds: Mapping[str, bool]  # kinds of group, and whether a member is in one at a time
    seasons: Mapping[str, tuple[date, date]]
    focus: Mapping[str, tuple[str, ...]]
    activities: Mapping[str, Activity]
    rules: Mapping[str, Rule]
    boards: Mapping[str, Board]
    badges: Mapping[str, Badge]
    ladders: Mapping[str, Badge]
    challenges: Mapping[str, Challenge]
    was: Mapping[str, Mapping[str, tuple[str, ...]]]  # section: id: the ids it had before

    def holds(self, instant: int) -> bool:
        """Whether it is in force at an instant, if no later one is."""
        return self.calendar.day(instant) >= self.start

    def named(self, section: str) -> Iterable[str]:
        """The ids in a section."""
        sections: Mapping[str, Iterable[str]] = {
            "rules": self.rules,
            "boards": self.boards,
            "badges": self.badges,
            "levels": self.ladders,
            "challenges": self.challenges,
        }
        return sections[section]

    def seasons_of(self, day: date) -> set[str]:
        """The seasons that a day is in."""
        return {name for name, (first, last) in self.seasons.items() if first <= day <= last}

    def topics(self, day: date) -> set[str]:
        """What the company asks people to learn on a day."""
        keys = self.seasons_of(day) | {name for kind, name in windows(day).items() if kind != "all"}
        return {topic for key in keys for topic in self.focus.get(key, ())}

    def score(self, place: Place) -> Score:
        """The score that stands there."""
        if place.section == "boards":
            return self.boards[place.name].score
        if place.section == "challenges":
            return self.challenges[place.name].score
        return (self.badges if place.section == "badges" else self.ladders)[place.name].scores[place.step]

    def at(self, instant: int) -> "Version":
        """The one in force at an instant, of this version and those before it."""
        return self if self.before is None or self.holds(instant) else self.before.at(instant)

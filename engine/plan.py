"""A rulebook version made ready to run: per event type, what is asked of an event and the sums that it feeds.

Everything that depends on the rulebook alone is worked out once (`engine.compiling`); folding then follows numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.asked import Asked
from engine.awarding import Award
from engine.calendar import ALL, NEVER, SEASON, Calendar
from engine.expressions import Expression
from engine.questions import Questions
from engine.scores.conditions import Move
from engine.scores.plans import ScorePlan
from engine.surroundings import Surroundings
from schemas.activities import Activity
from schemas.rulebook import Rulebook
from schemas.words import Instant


@dataclass(frozen=True, slots=True)
class RulePlan:
    """What a rule awards, and where its points go."""

    number: int
    at: int
    """Where in the totals its points stand."""
    flow: tuple[int, ...] = ()
    """The numbers of the scores that its points flow into; of rules with the same it is the same tuple."""
    award: Award | None = None
    """None: the whole amount."""
    mints: bool = False
    """It gives karma: a rule's `award.karma` is one beside the rule itself, with the same limits by times."""


@dataclass(slots=True)
class TypePlan:
    """What to evaluate for one event type."""

    activity: Activity
    counts: Expression | None = None
    credit: Expression | None = None
    once: tuple[Expression | None, ...] | None = None
    confirm: Expression | None = None
    rules: list[Asked] = field(default_factory=list[Asked])
    scores: list[Asked] = field(default_factory=list[Asked])
    _questions: Questions | None = None

    @property
    def questions(self) -> Questions:
        """What is asked, in groups; to be used once all of it is known."""
        if self._questions is None:
            self._questions = Questions(self.rules, self.scores)
        return self._questions


@dataclass(frozen=True, slots=True)
class Misfit:
    """An expression of the rulebook that cannot run; `path` says where it stands."""

    path: tuple[str, ...]
    message: str
    column: int


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A badge that a collection names, with a level or alone (None)."""

    owner: int
    level: str | None


@dataclass(frozen=True, slots=True)
class CollectionPlan:
    """A badge for having other badges."""

    all_of: tuple[PartPlan, ...]
    any_of: tuple[PartPlan, ...]
    need: int
    each: bool


@dataclass(frozen=True, slots=True)
class RankPlan:
    """A badge for a place on a board when a window closes: levels with the rank that they ask for at most."""

    number: int
    board: int
    kind: int
    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FirstPlan:
    """A level that only so many members get; `place` tells it from the badge's other levels."""

    number: int
    level: str
    place: int
    most: int


@dataclass(frozen=True, slots=True)
class ChallengePlan:
    """What is settled of a challenge when a round is over; `window` as in `RoundPlan`."""

    number: int
    kind: int
    window: int
    days: tuple[int | None, int | None]
    """The first and the last local day of all, where they are said."""
    whose: str
    counted: str | None
    """The kind of group in which hidden members are counted."""
    goal: int | None
    points: int
    by_rank: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LeaguePlan:
    """A board whose weeks are played in cohorts: the tiers, lowest first, each with a number.

    `gone` are the numbers of tiers that only earlier versions had.
    """

    number: int
    board: int
    kind: int
    tiers: tuple[tuple[str, int], ...]
    gone: tuple[int, ...]
    size: int
    promote: int


@dataclass
class Plan:
    """A version of the rulebook, ready to run."""

    version: int
    since: Instant | None
    rulebook: Rulebook
    calendar: Calendar
    around: Surroundings
    late: int
    """How long after it happened an event still counts, in ms."""
    types: dict[str, TypePlan] = field(default_factory=dict[str, TypePlan])
    rules: dict[int, RulePlan] = field(default_factory=dict[int, RulePlan])
    scores: dict[int, ScorePlan] = field(default_factory=dict[int, ScorePlan])
    moves: dict[int, Move] = field(default_factory=dict[int, Move])
    """By score: what moves it by a value of an event."""
    pours: dict[int, Move] = field(default_factory=dict[int, Move])
    """By score of points: what moves it by the points that flow into it."""
    seasons: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """The first and the last local day of each season, by number."""
    lowest: frozenset[int] = frozenset()
    """Boards whose lowest score is the best."""
    greatest: frozenset[int] = frozenset()
    """Boards that compare groups by a value that one member reached."""
    numbers: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """By section and id: the number of every story that had begun, under the id that it had last."""
    misfits: list[Misfit] = field(default_factory=list[Misfit])
    badges: dict[int, str] = field(default_factory=dict[int, str])
    """Every badge, by number."""
    collections: dict[int, CollectionPlan] = field(default_factory=dict[int, CollectionPlan])
    tenures: dict[int, tuple[tuple[str, int], ...]] = field(default_factory=dict[int, tuple[tuple[str, int], ...]])
    """Levels with the months that they ask for."""
    ranks: list[RankPlan] = field(default_factory=list[RankPlan])
    firsts: list[FirstPlan] = field(default_factory=list[FirstPlan])
    challenges: list[ChallengePlan] = field(default_factory=list[ChallengePlan])
    """Those of which anything is settled."""
    leagues: list[LeaguePlan] = field(default_factory=list[LeaguePlan])
    shared: bool = False
    """Whether there is a counter of everyone together."""
    closing: dict[int, int] = field(default_factory=dict[int, int])
    """The last local day on which a badge can be reached; 0 where it is retired."""
    valid: dict[int, int] = field(default_factory=dict[int, int])
    """How long a badge holds, in ms."""
    alone: dict[int, str] = field(default_factory=dict[int, str])
    """The level that a badge with levels means where it is named alone."""
    asked_groups: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """By type: of whom an expression asks for groups, `subject` or `data.field`."""

    @cached_property
    def names(self) -> dict[int, str]:
        """The names of numbers, such as `rule:review`."""
        return {number: f"{section}:{name}" for section, ids in self.numbers.items() for name, number in ids.items()}


def window_days(plans: Sequence[Plan], plan: Plan, kind: int, window: int) -> tuple[int, int]:
    """The first and the last local day of a window or season; all time begins with 0 and has no end.

    A season that the version in force does not have is the one of the newest that does.
    """
    if kind == ALL:
        return 0, NEVER
    if kind == SEASON:
        return next(each.seasons[window] for each in (plan, *reversed(plans)) if window in each.seasons)
    first, after = plan.calendar.days(kind, window)
    return first, after - 1


def name_at(plans: Sequence[Plan], number: int, now: Instant) -> str:
    """The name of a number in the version that is in force, or else in one that comes."""
    begun = [plan for plan in plans if plan.since is None or plan.since <= now]
    return next(plan.names[number] for plan in (*reversed(begun), *plans) if number in plan.names)

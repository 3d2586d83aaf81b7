"""A rulebook version made ready to run: per event type, what is asked of an event and the sums that it feeds.

Everything that depends on the rulebook alone is worked out once (`engine.compiling`); folding then follows numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.awarding import Award
from engine.calendar import ALL, NEVER, SEASON, Calendar
from engine.expressions import Expression
from engine.layout import Layout
from engine.questions import Asked, Measure, Questions
from engine.surroundings import Surroundings
from schemas.activities import Activity
from schemas.rulebook import Rulebook
from schemas.words import Instant


@dataclass(frozen=True, slots=True)
class StreakPlan:
    """Periods of that kind count as done once their running score reaches `at_least`."""

    period: int
    at_least: int
    at: int
    in_a_row: bool = True
    keeping: int = -1
    """Where it stands what keeps a run over missed periods; -1 where nothing does."""
    misses: int = 0
    recent: int = 0
    """As many bits as periods are looked at for what was missed."""
    freezes: bool = False
    freeze_every: int = 0
    freeze_most: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A level of a badge: the number that reaches it, and where in the totals stands when that was.

    `validity` is where it stands when it was earned last, where levels run out.
    """

    level: str
    number: int
    at: int
    validity: int = -1


@dataclass(frozen=True, slots=True)
class Span:
    """A window of a board: its kind, where in the totals it stands, and the `cell` of its window 0."""

    kind: int
    at: int
    first: int


@dataclass(frozen=True, slots=True)
class Season:
    """A season of a board: its number as a window, its days, where in the totals it stands, and its `cell`."""

    window: int
    first: int
    last: int
    at: int
    cell: int


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """A goal that members reach by themselves in each round of a challenge, and the points for it.

    `window` is that of the only round, where the kind is a season; `at` is where it stands which was done last.
    """

    kind: int
    window: int
    at: int
    goal: int
    points: int


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """What one board, badge, ladder, challenge or step of a chain does with the values of its score."""

    number: int
    owner: int
    """The number of the board, badge, ladder or challenge."""
    measure: Measure
    scale: int
    total: int
    """Where in the totals its sum of all time stands."""
    met: int
    """Where it stands whether there was any value."""
    windows: tuple[int, ...] = ()
    by: tuple[str, ...] = ()
    members: bool = False
    levels: tuple[Step, ...] = ()
    least: float = 0
    """The least number at which its levels, if any, are to be looked at."""
    streak: StreakPlan | None = None
    gated: bool = False
    adds: bool = False
    """Whether its values are simply added up."""
    spans: tuple[Span, ...] = ()
    """Its windows but `all`."""
    whole: int = 0
    """The `cell` of all time, where that is a window."""
    seasons: tuple[Season, ...] = ()
    special: bool = False
    """Whether it hangs on more than its values: on any of the following up to `opens`."""
    days: tuple[int, int] | None = None
    """The first and the last local day on which anything counts; None: on all."""
    opt_in: bool = False
    """Whether only who joined takes part."""
    round: RoundPlan | None = None
    key: int = -1
    """The number under which an event's value stands that the badge is for; sums are then kept per value."""
    room: Layout = field(default_factory=Layout)
    """The places in what is kept per value."""
    opens: int = -1
    """Where it stands when the step before was done; nothing counts until then."""
    timed: bool = False
    """Whether its levels hang on when its values were: they are reached within a time, or run out."""
    within: int = 0
    """In ms; the newest times stand at `ring`, so many as `ring_size`."""
    ring: int = -1
    ring_size: int = 0


@dataclass(frozen=True, slots=True)
class RulePlan:
    """What a rule awards, and the scores that its points flow into."""

    number: int
    at: int
    """Where in the totals its points stand."""
    scores: tuple[ScorePlan, ...]
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

"""A rulebook version made ready to run: per event type, what is asked of an event and the sums that it feeds.

Everything that depends on the rulebook alone is worked out once (`engine.compiling`); folding then follows numbers.
"""

from dataclasses import dataclass, field

from engine.calendar import Calendar
from engine.expressions import Expression
from engine.questions import Asked, Measure, Questions
from schemas.activities import Activity
from schemas.rulebook import Rulebook
from schemas.words import Instant


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of a rule: at most so many times, or so many points, per window of that kind."""

    per: int
    times: int | None
    points: int | None
    at: int
    """Where in the totals stands what is used of it; limits by times and by points of one kind share that."""


@dataclass(frozen=True, slots=True)
class StreakPlan:
    """Periods of that kind count as done once their running score reaches `at_least`."""

    period: int
    at_least: int
    at: int


@dataclass(frozen=True, slots=True)
class Step:
    """A level of a badge: the number that reaches it, and where in the totals stands when that was."""

    level: str
    number: int
    at: int


@dataclass(frozen=True, slots=True)
class Span:
    """A window of a board: its kind, where in the totals it stands, and the `cell` of its window 0."""

    kind: int
    at: int
    first: int


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """What one board or badge does with the values of its score."""

    number: int
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
    streak: StreakPlan | None = None
    gated: bool = False
    adds: bool = False
    """Whether its values are simply added up."""
    spans: tuple[Span, ...] = ()
    """Its windows but `all`."""
    whole: int = 0
    """The `cell` of all time, where that is a window."""


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A rule's limits, and the scores that its points flow into."""

    number: int
    at: int
    """Where in the totals its points stand."""
    caps: tuple[Cap, ...]
    places: tuple[int, ...]
    """Where what is used of the limits stands, those that share a place once."""
    scores: tuple[ScorePlan, ...]


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
            self._questions = Questions(self.rules, self.scores, self.activity.data)
        return self._questions


@dataclass(frozen=True, slots=True)
class Misfit:
    """An expression of the rulebook that cannot run; `path` says where it stands."""

    path: tuple[str, ...]
    message: str
    column: int


@dataclass(slots=True)
class Plan:
    """A version of the rulebook, ready to run."""

    version: int
    since: Instant | None
    rulebook: Rulebook
    calendar: Calendar
    late: int
    """How long after it happened an event still counts, in ms."""
    types: dict[str, TypePlan] = field(default_factory=dict[str, TypePlan])
    rules: dict[int, RulePlan] = field(default_factory=dict[int, RulePlan])
    scores: dict[int, ScorePlan] = field(default_factory=dict[int, ScorePlan])
    misfits: list[Misfit] = field(default_factory=list[Misfit])

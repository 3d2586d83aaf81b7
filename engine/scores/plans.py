"""What a rulebook version says of a score, in numbers: its windows, levels and streak, and where its sums stand."""

from dataclasses import dataclass, field

from engine.asked import Measure
from engine.layout import Layout


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
    streak: StreakPlan | None = None
    gated: bool = False
    spans: tuple[Span, ...] = ()
    """Its windows but `all`."""
    whole: int = 0
    """The `cell` of all time, where that is a window."""
    seasons: tuple[Season, ...] = ()
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
    within: int = 0
    """In ms; the newest times stand at `ring`, so many as `ring_size`."""
    ring: int = -1
    ring_size: int = 0

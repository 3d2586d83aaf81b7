"""The shape of a rulebook: everything an admin decides, in one frozen value, named as in its YAML file.

`Rulebook.model_validate` takes the plain data of a file or of the log; `Rulebook.stored` gives what the log
keeps, and reading that back gives an equal rulebook. Whether names refer to something is checked where a file
is read (`schemas.rulebook_text`).
"""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_badges import Badge, Ladder, Streak
from schemas.rulebook_challenges import Challenge, League
from schemas.rulebook_karma import Karma
from schemas.rulebook_rules import Award, Limit, Rule
from schemas.rulebook_score import Score, ScoreKind, Section
from schemas.rulebook_shop import ShopReward
from schemas.rulebook_words import (
    Date,
    EventType,
    Expression,
    Expressions,
    Flag,
    Id,
    Ids,
    Per,
    Raw,
    Span,
    TimeZone,
    Title,
    Weekday,
    Whole,
    WindowKind,
)
from schemas.words import DAY_MS

__all__ = [
    "LATE_MS",
    "ActivityRules",
    "Award",
    "Badge",
    "Board",
    "Calendar",
    "Challenge",
    "Focus",
    "GroupKind",
    "Karma",
    "Ladder",
    "League",
    "Limit",
    "People",
    "Per",
    "Rule",
    "Rulebook",
    "Score",
    "ScoreKind",
    "Season",
    "Section",
    "ShopReward",
    "Streak",
    "WindowKind",
]

_SEASON_DAYS_MAX = 366

LATE_MS = 30 * DAY_MS
"""An event still counts when it arrives this long after it happened, unless the rulebook says otherwise."""


class Calendar(Section):
    """What a day is: the time zone of every day, week and month, and which days are worked."""

    timezone: TimeZone = "UTC"
    """Of every day, week and month, such as Europe/Berlin."""
    workdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    """Days of the week on which people work."""
    holidays: tuple[Date, ...] = ()
    """Days without work, such as 2026-12-25."""


class People(Section):
    """Who is shown to others."""

    visibility: Literal["hidden", "nickname", "listed"] = "listed"
    """Until a member chooses."""
    smallest_group: Annotated[Whole, Field(ge=1, le=1_000)] = 5
    """Smaller groups are never shown."""
    bots: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=256)], ...], Field(max_length=1_000)] = ()
    """Members who are no people: nobody gives them karma, and they give none."""


class GroupKind(Section):
    """A kind of group, such as team or community."""

    one_at_a_time: Flag = False
    """Joining one leaves the other."""


class Season(Section):
    """A time of the company's own, in whole local days."""

    title: Title | None = None
    """What people read, or one text per language."""
    since: Annotated[Date, Field(alias="from")]
    """The first day of it."""
    to: Date
    """The last day of it."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.since:
            raise PydanticCustomError(
                "bad_value", "the season ends before it begins: `to` is earlier than `from`; mend one of them"
            )
        if (self.to - self.since).days >= _SEASON_DAYS_MAX:
            raise PydanticCustomError("bad_value", "a season has at most 366 days; make two of it")
        return self


class Focus(Section):
    """What the company asks people to learn in a season, or a window such as 2026-Q4, and why."""

    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    """Topics, as events name them."""
    why: Title | None = None
    """What people read as the reason."""


class ActivityRules(Section):
    """What one real instance of an activity is; for a type of one's own also what its data looks like."""

    title: Title | None = None
    """What people read, or one text per language."""
    data: Raw | None = None
    """JSON Schema of the event's data: object, array, string, integer, number, boolean."""
    counts: Expression | None = None
    """Where it is not true the event is kept and nothing counts it."""
    credit: Expression | None = None
    """Whose it is; the subject where nothing is said."""
    once: Expressions | None = None
    """Of several with one key and credited member the earliest counts; `day` is the local day."""
    confirm: Expression | None = None
    """Pending until that member confirms it, or reports the same."""


class Board(Section):
    """A leaderboard: one score, in several windows, by member and by kinds of group."""

    title: Title | None = None
    """What people read, or one text per language."""
    score: Score
    """What is counted."""
    windows: Annotated[tuple[WindowKind, ...], Field(min_length=1)] = (WindowKind.ALL,)
    """The spans of the calendar for which it is kept."""
    seasons: Ids = ()
    """Seasons for which it is kept as well."""
    by: Annotated[Ids, Field(min_length=1)] = ("member",)
    """`member`, and kinds of group."""
    order: Literal["highest", "lowest"] = "highest"
    """Which score is the best."""
    per_head: Flag = False
    """Groups are compared by their score for each of their members, on the mean of the days."""
    top: Annotated[Whole, Field(ge=1, le=1_000)] = 10
    """Rows that everyone sees."""
    league: League | None = None
    """Its weeks in small groups as well, with promotion."""
    was: Ids = ()
    """The ids it had before."""


class Rulebook(Section):
    """Everything an admin decides; ids (the keys) are stable names that history and balances hang on."""

    api_version: Literal["karmalog/v1"] = Field(alias="apiVersion")
    """The version of this format."""
    kind: Literal["Rulebook"]
    """What the file is."""
    title: Title | None = None
    """What people read, or one text per language."""
    calendar: Calendar = Calendar()
    """What a day is, and which days are worked."""
    late: Span = LATE_MS
    """An event still counts when it arrives this long after it happened."""
    settle: Annotated[Whole, Field(ge=0, le=60)] = 2
    """How many days after a window has closed places on its board are settled."""
    undeclared: Literal["wait", "drop"] = "wait"
    """What becomes of events of a type that nobody declared."""
    people: People = People()
    """How people are shown to others, and groups from which size on."""
    groups: dict[Id, GroupKind] = Field(default_factory=dict[Id, GroupKind])
    """Kinds of group, such as team and community."""
    seasons: dict[Id, Season] = Field(default_factory=dict[Id, Season])
    """Times of the company's own, for boards, rules and topics."""
    focus: dict[str, Focus] = Field(default_factory=dict[str, Focus])
    """What people are asked to learn, by season or by window such as 2026-Q4."""
    activities: dict[EventType, ActivityRules] = Field(default_factory=dict[EventType, ActivityRules])
    """What one real instance of an activity is: changes to built-in types, and types of one's own."""
    rules: dict[Id, Rule] = Field(default_factory=dict[Id, Rule])
    """Points for events."""
    boards: dict[Id, Board] = Field(default_factory=dict[Id, Board])
    """Leaderboards."""
    badges: dict[Id, Badge] = Field(default_factory=dict[Id, Badge])
    """What a member can reach, once or level by level."""
    levels: dict[Id, Ladder] = Field(default_factory=dict[Id, Ladder])
    """Ladders that everyone climbs by a score."""
    challenges: dict[Id, Challenge] = Field(default_factory=dict[Id, Challenge])
    """Goals for a while, of members, of groups, or of everyone together."""
    karma: Karma | None = None
    """The currency: what it is worth, and how it is given."""
    shop: dict[Id, ShopReward] = Field(default_factory=dict[Id, ShopReward])
    """What karma buys."""

    def stored(self) -> dict[str, JsonValue]:
        """The rulebook as JSON data for the log: what was said and differs from the defaults."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

"""The shape of a rulebook: everything an admin decides, in one frozen value, named as in its YAML file.

`Rulebook.model_validate` takes the plain data of a file or of the log; `Rulebook.stored` gives what the log
keeps, and reading that back gives an equal rulebook. Whether names refer to something is checked where a file
is read (`schemas.rulebook_text`).
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_score import Score, ScoreKind, Section, comparable
from schemas.rulebook_words import (
    Amount,
    Date,
    EventType,
    EventTypes,
    Expression,
    Expressions,
    Flag,
    Id,
    Ids,
    LevelName,
    Raw,
    Span,
    Threshold,
    TimeZone,
    Title,
    Whole,
)
from schemas.words import DAY_MS

__all__ = [
    "LATE_MS",
    "ActivityRules",
    "Award",
    "Badge",
    "Board",
    "Calendar",
    "Focus",
    "GroupKind",
    "Limit",
    "People",
    "Per",
    "Rule",
    "Rulebook",
    "Score",
    "ScoreKind",
    "Section",
    "Streak",
    "WindowKind",
]

LATE_MS = 30 * DAY_MS
"""An event still counts when it arrives this long after it happened, unless the rulebook says otherwise."""


class WindowKind(StrEnum):
    """The spans of the calendar for which boards are kept; `all` is all time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


class Per(StrEnum):
    """The span of the calendar in which a limit holds."""

    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


class Calendar(Section):
    """What a day is: the time zone of every day, week and month, and which days are worked."""

    timezone: TimeZone = "UTC"
    workdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    holidays: tuple[Date, ...] = ()


class People(Section):
    """Who is shown to others."""

    visibility: Literal["hidden", "nickname", "listed"] = "listed"
    """Until a member chooses."""
    smallest_group: Annotated[Whole, Field(ge=1, le=1_000)] = 5
    """Smaller groups are never shown."""


class GroupKind(Section):
    """A kind of group, such as team or community."""

    one_at_a_time: Flag = False
    """Joining one leaves the other."""


class Focus(Section):
    """What the company asks people to learn in a season, and why."""

    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    why: Title | None = None


class ActivityRules(Section):
    """What one real instance of an activity is; for a type of one's own also what its data looks like."""

    title: Title | None = None
    data: Raw | None = None
    """JSON Schema of the event's data, in the subset of `schemas.shapes`."""
    counts: Expression | None = None
    """Where it is not true the event is kept and nothing counts it."""
    credit: Expression | None = None
    """Whose it is; the subject where nothing is said."""
    once: Expressions | None = None
    """Of several with one key and credited member the earliest counts; `day` is the local day."""
    confirm: Expression | None = None
    """Pending until that member confirms it, or reports the same."""


class Limit(Section):
    """At most so many times, or so many points, in each span of the calendar."""

    per: Per
    times: Annotated[Whole, Field(ge=1, le=1_000_000_000)] | None = None
    points: Annotated[Whole, Field(ge=1, le=1_000_000_000)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.times is None) == (self.points is None):
            raise PydanticCustomError(
                "bad_value", "expected `times: N` or `points: N`, one of them; two limits are two entries"
            )
        return self


class Award(Section):
    """What a rule gives for one event."""

    points: Amount | None = None
    karma: Amount | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.points is None and self.karma is None:
            raise PydanticCustomError("incomplete", "the award is empty; expected `points`, `karma` or both")
        return self


def _award(value: object) -> object:
    """A bare whole number or text is the points."""
    if value is None or isinstance(value, list | tuple):
        raise PydanticCustomError(
            "wrong_type",
            "expected a whole number, CEL of one as text, or {example}; got {got}",
            {"example": "{points: …, karma: …}", "got": "a list" if value else "nothing"},
        )
    return {"points": value} if isinstance(value, int | float | str) else value


class Rule(Section):
    """Points (and karma) for events of the types it names."""

    title: Title | None = None
    event: EventTypes
    when: Expression | None = None
    award: Annotated[Award, BeforeValidator(_award, json_schema_input_type=Award | int | str)]
    """A whole number, CEL of one, or {points: …, karma: …}."""
    limits: tuple[Limit, ...] = ()
    until: Date | None = None
    """The last local day on which it gives anything; what it gave stays."""
    was: Ids = ()
    """The ids it had before."""


class Board(Section):
    """A leaderboard: one score, in several windows, by member and by kinds of group."""

    title: Title | None = None
    score: Score
    windows: Annotated[tuple[WindowKind, ...], Field(min_length=1)] = (WindowKind.ALL,)
    by: Annotated[Ids, Field(min_length=1)] = ("member",)
    top: Annotated[Whole, Field(ge=1, le=1_000)] = 10
    """Rows that everyone sees."""


class Streak(Section):
    """Periods in a row in which a score reaches a number."""

    every: Literal["day", "workday", "week", "month", "quarter", "year"]
    score: Score
    at_least: Threshold = 1
    forgive: Raw | None = None
    freezes: Raw | None = None

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        return comparable(self, self.score, self.at_least)


def _by_size(levels: dict[str, int | float]) -> dict[str, int | float]:
    ordered = dict(sorted(levels.items(), key=lambda level: level[1]))
    if len(set(ordered.values())) != len(ordered):
        raise PydanticCustomError("bad_value", "two levels have the same number; each needs one of its own")
    return ordered


class Badge(Section):
    """What a member can reach once, or level by level; without a kind it is given by hand."""

    title: Title | None = None
    description: Title | None = None
    icon: str | None = None
    score: Score | None = None
    streak: Streak | None = None
    levels: Annotated[dict[LevelName, Threshold], AfterValidator(_by_size)] = Field(
        default_factory=dict[LevelName, Threshold]
    )
    """Level to number; kept in the order of size."""
    at: Threshold | None = None
    """The number of a badge without levels."""
    each: Expression | None = None
    """One badge per value of this."""
    valid: Span | None = None
    """How long it holds before it has to be earned again."""
    all_of: tuple[str, ...] = ()
    """Badges, or levels as `badge.level`, that have to be there."""
    any_of: tuple[str, ...] = ()
    need: Annotated[Whole, Field(ge=1)] | None = None
    """How many of `any_of`."""
    chain: tuple[str, ...] = ()
    """Badges whose steps open one after another."""
    within: Span | None = None
    rank: Raw | None = None
    tenure: Raw | None = None
    secret: Flag = False
    first: Annotated[Whole, Field(ge=1)] | None = None
    """Only the first so many members."""
    until: Date | None = None
    retired: Flag = False

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.score is not None and self.streak is not None:
            raise PydanticCustomError("bad_value", "a badge has a `score` or a `streak`, not both")
        if self.levels and self.at is not None:
            raise PydanticCustomError("bad_value", "a badge has `levels` or `at`, not both")
        measured = self.score is not None or self.streak is not None
        if measured and not self.levels and self.at is None and self.rank is None:
            raise PydanticCustomError("incomplete", "nothing to reach: add `at: N`, or `levels: {bronze: N, …}`")
        if self.score is not None:
            comparable(self, self.score, *self.levels.values(), *(() if self.at is None else (self.at,)))
        return self


class Rulebook(Section):
    """Everything an admin decides; ids (the keys) are stable names that history and balances hang on."""

    api_version: Literal["karmalog/v1"] = Field(alias="apiVersion")
    kind: Literal["Rulebook"]
    title: Title | None = None
    calendar: Calendar = Calendar()
    late: Span = LATE_MS
    """An event still counts when it arrives this long after it happened."""
    undeclared: Literal["wait", "drop"] = "wait"
    """What becomes of events of a type that nobody declared."""
    people: People = People()
    groups: dict[Id, GroupKind] = Field(default_factory=dict[Id, GroupKind])
    focus: dict[str, Focus] = Field(default_factory=dict[str, Focus])
    activities: dict[EventType, ActivityRules] = Field(default_factory=dict[EventType, ActivityRules])
    rules: dict[Id, Rule] = Field(default_factory=dict[Id, Rule])
    boards: dict[Id, Board] = Field(default_factory=dict[Id, Board])
    badges: dict[Id, Badge] = Field(default_factory=dict[Id, Badge])
    karma: Raw | None = None
    shop: Raw | None = None

    def stored(self) -> dict[str, JsonValue]:
        """The rulebook as JSON data for the log: what was said and differs from the defaults."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

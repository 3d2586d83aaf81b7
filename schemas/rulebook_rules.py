"""Rules: what is given for an event, when, and how much of it at most."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_score import Section
from schemas.rulebook_words import (
    Amount,
    Date,
    EventTypes,
    Expression,
    Factor,
    Flag,
    Id,
    Ids,
    Per,
    Span,
    Title,
    Weekday,
    Whole,
)
from schemas.words import DAY_MS


class Limit(Section):
    """At most so many times, or so many points, in each span of the calendar."""

    per: Per
    """The span of the calendar in which it holds."""
    times: Annotated[Whole, Field(ge=1, le=1_000_000_000)] | None = None
    """How many events give something."""
    points: Annotated[Whole, Field(ge=1, le=1_000_000_000)] | None = None
    """How many points are given."""

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
    """A whole number, or CEL of one."""
    karma: Amount | None = None
    """A whole number, or CEL of one; given for every event that counts and that no `times` limit cuts."""

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


class Multiplier(Section):
    """What a rule gives is worth more, or less, in a season."""

    season: Id
    """The season in which it holds."""
    by: Factor
    """A number such as 2 or 1.5."""


class Rule(Section):
    """Points (and karma) for events of the types it names."""

    title: Title | None = None
    """What people read, or one text per language."""
    event: EventTypes
    """The type of event, or several."""
    when: Expression | None = None
    """CEL of a truth value: only where it is true."""
    award: Annotated[Award, BeforeValidator(_award, json_schema_input_type=Award | int | str)]
    """A whole number, CEL of one, or {points: …, karma: …}."""
    to: Expression | None = None
    """Who gets it: CEL of a member id or of a list of them; the credited member where nothing is said."""
    season: Ids = ()
    """Only in these seasons."""
    days: tuple[Weekday, ...] = ()
    """Only on these days of the week."""
    cooldown: Annotated[Span, Field(le=DAY_MS)] | None = None
    """After an event that passed, none passes for so long on the same local day."""
    limits: tuple[Limit, ...] = ()
    """At most so many times, or so many points, per day, week, …"""
    multiply: tuple[Multiplier, ...] = ()
    """Of several whose season it is, the greatest holds."""
    allow_hours: Flag = False
    """Whether the condition may look at the time of day, which makes working hours visible."""
    until: Date | None = None
    """The last local day on which it gives anything; what it gave stays."""
    was: Ids = ()
    """The ids it had before."""

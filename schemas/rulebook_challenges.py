"""Challenges and leagues: a goal for a while, and a weekly board in small groups with promotion."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_score import Score, Section, comparable
from schemas.rulebook_words import Date, Flag, Id, Ids, LevelName, Threshold, Title, Whole

EVERYONE = "everyone"
"""For whom a challenge is that has one shared counter."""

MEMBER = "member"
"""For whom a challenge, or a board, is that has a row for each member."""

_DAYS_MAX = 366

Points = Annotated[Whole, Field(ge=1, le=1_000_000)]


class Reward(Section):
    """What is given to those who get there."""

    points: Points
    """So many points, under the challenge's id."""


class Challenge(Section):
    """A goal for a while: of each member, of groups, or of everyone together; once, or again and again."""

    title: Title | None = None
    """What people read, or one text per language."""
    description: Title | None = None
    """What people read about it."""
    icon: str | None = None
    """What is shown with it."""
    score: Score
    """What is counted."""
    since: Annotated[Date | None, Field(alias="from")] = None
    """The first day of it."""
    to: Date | None = None
    """The last day of it."""
    every: Literal["week", "month", "quarter", "year"] | None = None
    """It begins anew with each of these; it is there once where nothing is said."""
    whose: Annotated[Id, Field(alias="for")] = MEMBER
    """`member`: each for themselves; a kind of group; or `everyone`, with one shared counter."""
    goal: Threshold | None = None
    """What the score has to reach."""
    opt_in: Flag = False
    """Whether only what members do counts after they joined (`challenge.joined`)."""
    reward: Reward | None = None
    """What everyone gets who gets there, or adds something to it."""
    by_rank: Annotated[tuple[Points, ...], Field(max_length=100)] = ()
    """Points for the first, the second, the third, …, once it is over."""
    was: Ids = ()
    """The ids it had before."""

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.every is None and (self.since is None or self.to is None):
            raise PydanticCustomError(
                "incomplete", "when is it? add `from` and `to`, its first and its last day, or `every: month`"
            )
        if self.since is not None and self.to is not None:
            if self.to < self.since:
                raise PydanticCustomError(
                    "bad_value", "the challenge ends before it begins: `to` is earlier than `from`; mend one of them"
                )
            if self.every is None and (self.to - self.since).days >= _DAYS_MAX:
                raise PydanticCustomError("bad_value", "a challenge has at most 366 days; make two of it")
        return self

    @model_validator(mode="after")
    def _worth_it(self) -> Self:
        if self.goal is None and not self.by_rank:
            raise PydanticCustomError(
                "incomplete", "nothing to reach: add `goal: N`, or `by_rank: [50, 30, 20]`, points by place"
            )
        if self.reward is not None and self.goal is None:
            raise PydanticCustomError("incomplete", "`reward` is for reaching a goal: add `goal: N`")
        if self.whose == EVERYONE and self.by_rank:
            raise PydanticCustomError(
                "bad_value", "everyone together has no rank: take `by_rank` out, or make it `for: member`"
            )
        if self.whose != MEMBER and self.score.kind == "best":
            raise PydanticCustomError(
                "bad_value", "a `best` score is a member's own: make it `for: member`, or take another score"
            )
        return comparable(self, self.score, *(() if self.goal is None else (self.goal,)))


def _different(tiers: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(tiers)) != len(tiers):
        raise PydanticCustomError("bad_value", "two tiers have the same name; each needs one of its own")
    return tiers


class League(Section):
    """The weeks of a board in small groups, with promotion; nobody is demoted."""

    tiers: Annotated[tuple[LevelName, ...], Field(min_length=2, max_length=20), AfterValidator(_different)]
    """From the one in which everyone begins to the highest."""
    size: Annotated[Whole, Field(ge=5, le=1_000)] = 30
    """A cohort has about so many members."""
    promote: Annotated[Whole, Field(ge=1, le=1_000)] = 5
    """So many of each cohort go up when a week is settled."""

    @model_validator(mode="after")
    def _some_stay(self) -> Self:
        if self.promote >= self.size:
            raise PydanticCustomError(
                "bad_value", "`promote` has to be lower than `size`, or everybody would go up; mend one of them"
            )
        return self

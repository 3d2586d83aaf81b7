"""Badges and ladders: what a member can reach once, level by level, again and again, or one per value."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_score import Score, Section, comparable
from schemas.rulebook_words import (
    Date,
    Expression,
    Flag,
    Id,
    Ids,
    LevelName,
    Span,
    Threshold,
    Title,
    Whole,
)

WITHIN_MAX = 100
"""The most events that a badge with `within` may ask for."""

CHAIN_MAX = 20
"""The most steps of a chain."""


class Forgive(Section):
    """A missed period keeps a streak if, with it, at most `misses` of its last `in` were missed."""

    misses: Annotated[Whole, Field(ge=1, le=51)]
    """How many periods may be missed."""
    of: Annotated[Whole, Field(ge=2, le=52, alias="in")]
    """Among how many of the last periods."""

    @model_validator(mode="after")
    def _fewer(self) -> Self:
        if self.misses >= self.of:
            raise PydanticCustomError(
                "bad_value", "`misses` has to be lower than `in`, or nothing would ever break the streak"
            )
        return self


class Freezes(Section):
    """A freeze keeps a streak over one missed period that is not forgiven."""

    every: Annotated[Whole, Field(ge=1, le=1_000)] | None = None
    """One is earned whenever a run has grown by so many periods; none where nothing is said."""
    most: Annotated[Whole, Field(ge=1, le=100)] = 2
    """None is earned while so many are at hand; those that were given are not held back."""


class Streak(Section):
    """Periods in which a score reaches a number, in a row or not."""

    every: Literal["day", "workday", "week", "month", "quarter", "year"]
    """The period."""
    score: Score
    """What is counted in each period."""
    at_least: Threshold = 1
    """What the score has to reach in a period."""
    in_a_row: Flag = True
    """Where false, every such period counts, whatever lies between."""
    forgive: Forgive | None = None
    """How many missed periods a run survives."""
    freezes: Freezes | None = None
    """What keeps a run over a missed period that is not forgiven."""

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if not self.in_a_row and (self.forgive is not None or self.freezes is not None):
            raise PydanticCustomError(
                "bad_value",
                "with `in_a_row: false` no period is missed: take `forgive` and `freezes` out, or `in_a_row`",
            )
        return comparable(self, self.score, self.at_least)


class Step(Section):
    """A step of a chain: it counts only what happened after the step before it was done."""

    title: Title | None = None
    """What people read, or one text per language."""
    score: Score
    """What is counted from the step before on."""
    at: Threshold = 1
    """What the score has to reach."""

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        return comparable(self, self.score, self.at)


class Rank(Section):
    """A place on a board when a window closes: the levels' numbers are the ranks that they ask for at most."""

    board: Id
    """The board."""
    window: Literal["day", "week", "month", "quarter", "year"]
    """The window at whose end the rank counts."""


def _by_size(levels: dict[str, int | float]) -> dict[str, int | float]:
    ordered = dict(sorted(levels.items(), key=lambda level: level[1]))
    if len(set(ordered.values())) != len(ordered):
        raise PydanticCustomError("bad_value", "two levels have the same number; each needs one of its own")
    return ordered


Levels = Annotated[dict[LevelName, Threshold], AfterValidator(_by_size)]
"""Level to number; kept in the order of size."""


class Ladder(Section):
    """Levels that everyone climbs by a score, such as points."""

    title: Title | None = None
    """What people read, or one text per language."""
    score: Score
    """What is counted."""
    steps: Annotated[Levels, Field(min_length=1)]
    """Level to the number that reaches it."""
    was: Ids = ()
    """The ids it had before."""

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        return comparable(self, self.score, *self.steps.values())


class Badge(Section):
    """What a member can reach once, or level by level; without a kind it is given by hand."""

    title: Title | None = None
    """What people read, or one text per language."""
    description: Title | None = None
    """What people read about it."""
    icon: str | None = None
    """What is shown with it."""
    score: Score | None = None
    """What is counted."""
    within: Span | None = None
    """The number has to be reached by events that lie in so long a time."""
    streak: Streak | None = None
    """Periods in which a score is reached, in a row or not."""
    chain: Annotated[dict[LevelName, Step], Field(min_length=1, max_length=CHAIN_MAX)] | None = None
    """Steps that open one after another; each is a level of the badge."""
    all_of: tuple[str, ...] = ()
    """Badges, or levels as `badge.level`, that have to be there."""
    any_of: tuple[str, ...] = ()
    """Badges, or levels as `badge.level`, of which `need` have to be there."""
    need: Annotated[Whole, Field(ge=1)] | None = None
    """How many of `any_of`; one where nothing is said."""
    tenure: Literal["month", "year"] | None = None
    """How many of these a member has been here."""
    rank: Rank | None = None
    """A place on a board when a window closes."""
    levels: Levels = Field(default_factory=dict[LevelName, Threshold])
    """Level to number; kept in the order of size."""
    at: Threshold | None = None
    """The number of a badge without levels."""
    each: Expression | None = None
    """One badge per value of this."""
    valid: Span | None = None
    """How long it holds before it has to be earned again."""
    secret: Flag = False
    """Shown to nobody who has not got it."""
    first: Annotated[Whole, Field(ge=1)] | None = None
    """Only the first so many members."""
    until: Date | None = None
    """The last local day on which it can be reached."""
    retired: Flag = False
    """It can be reached no more; who has it keeps it."""
    was: Ids = ()
    """The ids it had before."""

    @property
    def kinds(self) -> list[str]:
        """What has to be done for it; none where it is given by hand."""
        found = [name for name in ("score", "streak", "chain", "tenure", "rank") if getattr(self, name) is not None]
        return found + (["collection"] if self.all_of or self.any_of else [])

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = self.kinds
        if len(kinds) > 1:
            raise PydanticCustomError(
                "bad_value",
                "a badge is of one kind; found {found}: keep one of them, or make two badges of it",
                {"found": " and ".join(f"`{kind}`" if kind != "collection" else "`all_of`/`any_of`" for kind in kinds)},
            )
        kind = kinds[0] if kinds else "hand"
        if self.levels and self.at is not None:
            raise PydanticCustomError("bad_value", "a badge has `levels` or `at`, not both; take one of them out")
        numbered = bool(self.levels) or self.at is not None
        if kind in {"score", "streak", "tenure", "rank"} and not numbered:
            raise PydanticCustomError("incomplete", "nothing to reach: add `at: N`, or `levels: {bronze: N, …}`")
        if kind in {"chain", "collection"} and numbered:
            raise PydanticCustomError(
                "bad_value", "`levels` and `at` are for scores, streaks, tenure and ranks; take them out"
            )
        if kind == "hand" and self.at is not None:
            raise PydanticCustomError(
                "bad_value", "`at` needs something to count: add `score`, or take `at` out for a badge given by hand"
            )
        self._only_for(kind)
        if self.score is not None:
            comparable(self, self.score, *self.levels.values(), *(() if self.at is None else (self.at,)))
        return self

    def _only_for(self, kind: str) -> None:
        """Refuses what the kind of badge cannot have."""
        measured = ("score", "streak", "chain")
        allowed = {
            "within": ("score",),
            "need": ("collection",),
            "each": (*measured, "collection"),
            "valid": ("score",),
            "until": (*measured, "collection"),
            "first": measured,
        }
        for name, kinds in allowed.items():
            if getattr(self, name) is not None and kind not in kinds:
                raise PydanticCustomError(
                    "bad_value",
                    "`{name}` goes with {kinds} alone; take it out",
                    {
                        "name": name,
                        "kinds": " and ".join(
                            "`all_of`/`any_of`" if each == "collection" else f"`{each}`" for each in kinds
                        ),
                    },
                )
        if self.first is not None and self.each is not None:
            raise PydanticCustomError("bad_value", "`first` and `each` do not go together: take one of them out")
        if self.first is not None and self.valid is not None:
            raise PydanticCustomError("bad_value", "`first` and `valid` do not go together: take one of them out")
        if self.need is not None and not self.any_of:
            raise PydanticCustomError("bad_value", "`need` says how many of `any_of`; name them, or take it out")
        if self.need is not None and self.need > len(self.any_of):
            raise PydanticCustomError("bad_value", "`need` asks for more badges than `any_of` names; lower it")
        if self.within is not None and self.score is not None:
            if self.score.kind != "count":
                raise PydanticCustomError("bad_value", "`within` goes with a `count`: so many events in so long a time")
            if max([*self.levels.values(), self.at or 1]) > WITHIN_MAX:
                raise PydanticCustomError(
                    "bad_value", "`within` goes up to {most} events; ask for fewer", {"most": WITHIN_MAX}
                )
        if self.valid is not None and self.score is not None and self.score.kind == "distinct":
            raise PydanticCustomError(
                "bad_value", "`valid` goes with count, sum, best and points: a distinct value is met once"
            )

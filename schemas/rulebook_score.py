"""A score: how a number is made of events, said in the same way for boards, badges and streaks."""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_words import EventTypes, Expression, Ids, Whole, decimals

ScoreKind = Literal["count", "sum", "distinct", "best", "points"]
_KINDS: tuple[ScoreKind, ...] = ("count", "sum", "distinct", "best", "points")
_SCALE = 2  # decimal places of a sum or best of numbers where nothing is said


class Section(BaseModel):
    """A part of the rulebook: frozen, and an unknown field is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


class Score(Section):
    """One of count, sum, distinct, best and points: how a number is made of events, everywhere the same."""

    count: EventTypes | None = None
    """How many events of these types."""
    sum: Expression | None = None
    """The sum of this number over the events of `event`."""
    distinct: Expression | None = None
    """How many different values of this over the events of `event`."""
    best: Expression | None = None
    """The greatest value of this over the events of `event`."""
    points: Annotated[Ids, Field(min_length=1)] | None = None
    """The points that these rules gave."""
    event: EventTypes | None = None
    """The type of event, or several, that sum, distinct and best are taken from."""
    when: Expression | None = None
    """CEL of a truth value: only where it is true."""
    scale: Annotated[Whole, Field(ge=0, le=6)] | None = None
    """Decimal places that are kept of a sum or best; 0 for whole numbers and 2 for others by default."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise PydanticCustomError(
                "bad_value",
                "a score is one of count, sum, distinct, best and points; found {found}",
                {"found": " and ".join(kinds) or "none of them"},
            )
        if self.needs_event and self.event is None:
            raise PydanticCustomError(
                "incomplete",
                "`{kind}` needs `event`: the type, or types, it is taken from",
                {"kind": kinds[0]},
            )
        if not self.needs_event and self.event is not None:
            raise PydanticCustomError("bad_value", "`{kind}` takes no `event`; leave it out", {"kind": kinds[0]})
        if self.scale is not None and kinds[0] not in {"sum", "best"}:
            raise PydanticCustomError("bad_value", "`{kind}` is a whole number: leave `scale` out", {"kind": kinds[0]})
        return self

    @property
    def kind(self) -> ScoreKind:
        """Which of the five it is."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @property
    def needs_event(self) -> bool:
        """Whether the types stand in `event`, beside an expression."""
        return self.kind in {"sum", "distinct", "best"}

    @property
    def events(self) -> tuple[str, ...]:
        """The types it is taken from; empty for points, which follow their rules."""
        return self.count or self.event or ()

    @property
    def value(self) -> str | None:
        """The expression of sum, distinct or best."""
        return self.sum or self.distinct or self.best

    @property
    def decimals(self) -> int:
        """The most decimal places it can have; a sum of whole numbers has none in the end."""
        if self.kind not in {"sum", "best"}:
            return 0
        return _SCALE if self.scale is None else self.scale

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules whose points it adds; empty for the other kinds."""
        return self.points or ()


def comparable(section: S, score: Score, *thresholds: float) -> S:
    """Refuses a number that the score, with its decimal places, can never equal."""
    for threshold in thresholds:
        if decimals(threshold) > score.decimals:
            raise PydanticCustomError(
                "bad_value",
                "{got} has more decimal places than its score, which keeps {kept}",
                {"got": threshold, "kept": score.decimals},
            )
    return section

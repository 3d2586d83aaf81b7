"""The fairness watch: what in the gifts admins are alerted of, and whether a confirmed alert holds redemptions."""

from typing import Annotated, Literal, Self, cast, get_args

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_score import Section
from schemas.rulebook_words import Flag, described

Watched = Literal["pairs", "rings", "receivers", "dumping"]
"""What is looked for; each is one kind of alert."""


def _all_or_some(value: object) -> object:
    if isinstance(value, bool):
        return get_args(Watched) if value else ()
    if not isinstance(value, list | tuple):
        message = "expected true, or a list such as [pairs, rings], got {got}"
        raise PydanticCustomError("wrong_type", message, {"got": described(value)})
    return cast("object", value)


class Fairness(Section):
    """The fairness watch of gifts: it alerts admins, refuses nothing, and shows nothing to colleagues."""

    watch: Annotated[tuple[Watched, ...], BeforeValidator(_all_or_some, json_schema_input_type=bool | list[Watched])]
    """true for all of it, or a list of some: pairs, rings, receivers, dumping."""
    hold: Flag = False
    """Whether an alert that two admins have confirmed holds the redemptions of who received, for at most 14 days."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(set(self.watch)) != len(self.watch):
            raise PydanticCustomError("bad_value", "an entry of `watch` stands twice; keep one")
        if self.hold and not self.watch:
            message = "nothing is watched, so nothing can be held: set `watch: true`, or leave `hold` out"
            raise PydanticCustomError("bad_value", message)
        return self

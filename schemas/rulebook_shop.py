"""The shop: what karma buys, for whom, out of which karma, and who says yes to it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_karma import KarmaAmount
from schemas.rulebook_score import Section
from schemas.rulebook_words import Span, Title, Whole

_Text = Annotated[str, Field(min_length=1, max_length=200)]


class ShopReward(Section):
    """A product that members can request."""

    title: Title | None = None
    """What people read, or one text per language."""
    description: Title | None = None
    """What people read about it."""
    picture: _Text | None = None
    """Where its picture is."""
    price: KarmaAmount
    """What it costs, in karma."""
    stock: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = None
    """How many pieces there are at first; later ones come by `reward.restocked`. Any number where nothing is said."""
    approval: Literal["required", "none"] = "none"
    """Whether somebody else has to approve a request."""
    buyable_for: Annotated[tuple[Literal["self", "colleague"], ...], Field(alias="for", min_length=1, max_length=2)] = (
        "self",
        "colleague",
    )
    """For whom it can be requested."""
    pay_from: Annotated[tuple[Literal["allowance", "earned"], ...], Field(min_length=1, max_length=2)] = ("earned",)
    """Which karma pays for it; where a request does not say, the first one."""
    where: _Text | None = None
    """Where it is sold."""
    fulfilled_by: _Text | None = None
    """Who hands it out."""
    expires: Span | None = None
    """How long a request may wait for approval; without an end where nothing is said."""

    @model_validator(mode="after")
    def _can_be_bought(self) -> Self:
        for name, entries in (("for", self.buyable_for), ("pay_from", self.pay_from)):
            if len(set(entries)) != len(entries):
                raise PydanticCustomError("bad_value", "an entry of `{name}` stands twice; keep one", {"name": name})
        if self.pay_from == ("allowance",) and self.buyable_for == ("self",):
            raise PydanticCustomError(
                "bad_value",
                "an allowance is to be given away, never spent on oneself: add `earned` to `pay_from`, or `colleague` "
                "to `for`",
            )
        if self.expires is not None and self.approval == "none":
            raise PydanticCustomError(
                "bad_value", "`expires` is for requests that wait: add `approval: required`, or leave it out"
            )
        return self

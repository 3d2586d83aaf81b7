"""Karma: what members may give each other, within which limits, what it is worth, and how much of it there may be."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.rulebook_fairness import Fairness
from schemas.rulebook_money import Money
from schemas.rulebook_score import Section
from schemas.rulebook_words import Flag, Id, Span, Whole

KARMA_MAX = 1_000_000
"""One gift, price or allowance: at most this much karma."""

_CEILING_MAX = 1_000_000_000

KarmaAmount = Annotated[Whole, Field(ge=1, le=KARMA_MAX)]
"""Karma, a whole number."""

Period = Literal["day", "week", "month", "quarter", "year"]
"""A window of the calendar in which karma is counted."""


class Allowance(Section):
    """What a member gets to give away, at the start of each period."""

    per: Literal["week", "month", "quarter", "year"]
    """The period; what is left of it when it ends expires."""
    karma: KarmaAmount
    """How much of it."""
    on_joining: Literal["share", "whole", "nothing"] = "share"
    """What who joins gets in the period that is running: by the days that are left of it, all, or nothing."""


class GiftLimit(Section):
    """At most so much karma in one gift, or in each window of the calendar."""

    per: Literal["gift", "day", "week", "month", "quarter", "year"]
    """One gift to one member, or a window of the calendar."""
    karma: KarmaAmount
    """How much is given."""
    same: Literal["receiver"] | None = None
    """Counted from one giver to one receiver."""
    of: Literal["receiver"] | None = None
    """Counted by receiver, from whomever it comes; by giver where neither is said."""

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.same is not None and self.of is not None:
            raise PydanticCustomError(
                "bad_value",
                "`same: receiver` is from one giver to one receiver, `of: receiver` from all givers to one: keep one "
                "of them; two limits are two entries",
            )
        if self.per == "gift" and (self.same or self.of):
            raise PydanticCustomError(
                "bad_value",
                "one gift has one giver, and each receiver is counted alone: leave `{name}` out",
                {"name": "same" if self.same else "of"},
            )
        return self


class Gifts(Section):
    """How karma is given."""

    suggest: Annotated[tuple[KarmaAmount, ...], Field(max_length=10)] = ()
    """Amounts that are offered to choose from."""
    values: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    """What the company thanks for; where there are any, each gift names one of them."""
    message: Literal["required", "optional", "none"] = "optional"
    """Whether a gift has a message."""
    limits: Annotated[tuple[GiftLimit, ...], Field(max_length=20)] = ()
    """At most so much per gift, day, week, …; boosts count as gifts do."""

    @model_validator(mode="after")
    def _all_different(self) -> Self:
        for name, entries in (("values", self.values), ("suggest", self.suggest)):
            if len(set(entries)) != len(entries):
                raise PydanticCustomError("bad_value", "an entry of `{name}` stands twice; keep one", {"name": name})
        kinds = [(limit.per, limit.same, limit.of) for limit in self.limits]
        if len(set(kinds)) != len(kinds):
            raise PydanticCustomError("bad_value", "two limits of gifts count the same; keep the lower one")
        return self

    @model_validator(mode="after")
    def _suggestions_are_allowed(self) -> Self:
        least = min((limit.karma for limit in self.limits if limit.per == "gift"), default=KARMA_MAX)
        if self.suggest and max(self.suggest) > least:
            raise PydanticCustomError(
                "bad_value",
                "`suggest` offers {got}, and one gift is at most {least} by its limits; mend one of them",
                {"got": max(self.suggest), "least": least},
            )
        return self


class RedeemLimit(Section):
    """Rewards of at most so much worth for one person, in each window of the calendar."""

    per: Period
    """The window of the calendar."""
    worth: Money
    """Their worth, by `karma.worth` when they are requested."""


class Redeem(Section):
    """How much of it becomes rewards."""

    limits: Annotated[tuple[RedeemLimit, ...], Field(max_length=10)] = ()
    """By worth and person, since benefits in kind are free of tax up to a bound."""

    @model_validator(mode="after")
    def _all_different(self) -> Self:
        if len({limit.per for limit in self.limits}) != len(self.limits):
            raise PydanticCustomError("bad_value", "two limits of redeeming have the same `per`; keep the lower one")
        return self


class Budget(Section):
    """A ceiling of what rules mint, or of what is redeemed, in each window of the calendar."""

    per: Period
    """The window of the calendar."""
    minted: Annotated[Whole, Field(ge=0, le=_CEILING_MAX)] | None = None
    """Karma that rules give at most."""
    redeemed: Annotated[Whole, Field(ge=0, le=_CEILING_MAX)] | None = None
    """Karma for which rewards are requested at most."""
    by: Id | None = None
    """A kind of group, each of which has so much; the organisation as a whole where nothing is said."""
    at_ceiling: Literal["refuse", "queue"] = "refuse"
    """What exceeds it is refused, or waits for the next window."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.minted is None) == (self.redeemed is None):
            raise PydanticCustomError(
                "bad_value", "expected `minted: N` or `redeemed: N`, one of them; two ceilings are two entries"
            )
        return self


class Karma(Section):
    """The currency: what it is worth, where it comes from, and how it is given and redeemed."""

    worth: Money | None = None
    """What one karma is worth, such as 0.10 EUR."""
    allowance: Allowance | None = None
    """What members get to give away; nothing where it is not said."""
    earned_by_rule: Literal["allowance", "earned"] = "allowance"
    """Whether what rules give can be given away, or redeemed."""
    earned_expires: Span | None = None
    """How long after it was received earned karma is lost; never where nothing is said."""
    redeem_for_self: Flag = True
    """Whether members buy for themselves; otherwise only for others."""
    gifts: Gifts = Gifts()
    """What members offer each other, and within which limits."""
    redeem: Redeem = Redeem()
    """Within which limits it becomes rewards."""
    budgets: Annotated[tuple[Budget, ...], Field(max_length=20)] = ()
    """How much of it there is at most."""
    fairness: Fairness | None = None
    """What in the gifts admins are alerted of; nothing where it is not said."""

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        for limit in self.redeem.limits:
            if self.worth is None:
                raise PydanticCustomError(
                    "incomplete",
                    "`redeem` has a limit of {limit}, and nothing says what karma is worth: "
                    "add `worth: 0.10 {currency}`",
                    {"limit": str(limit.worth), "currency": limit.worth.currency},
                )
            if limit.worth.currency != self.worth.currency:
                raise PydanticCustomError(
                    "bad_value",
                    "karma is worth {worth}, and `redeem` has a limit in {other}: write both in {currency}",
                    {"worth": str(self.worth), "other": limit.worth.currency, "currency": self.worth.currency},
                )
        return self

    @model_validator(mode="after")
    def _all_different(self) -> Self:
        kinds = [(each.per, each.minted is None, each.by) for each in self.budgets]
        if len(set(kinds)) != len(kinds):
            raise PydanticCustomError("bad_value", "two budgets are of the same; keep the lower one")
        return self

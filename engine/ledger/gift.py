"""A gift, as long as something may still come of it: a boost, a withdrawal, a void."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from schemas.words import Instant, MemberId


class GiftStage(StrEnum):
    """What has become of a gift."""

    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"
    VOIDED = "VOIDED"


@dataclass(frozen=True, slots=True)
class Gift:
    """So much from one member to each of several; a boost is a gift of its own."""

    giver: MemberId
    receivers: tuple[MemberId, ...]
    amount: int
    """To each of them."""
    at: Instant
    until: Instant
    """When the allowance ended that it was taken from; 0 where that had no end."""
    stage: GiftStage = GiftStage.GIVEN

    def dump(self) -> list[Any]:
        """JSON data; `load` gives an equal gift."""
        return [self.giver, self.receivers, self.amount, self.at, self.until, self.stage]

    @classmethod
    def load(cls, raw: list[Any]) -> Self:
        """The gift of `dump`."""
        giver, receivers, amount, at, until, stage = raw
        return cls(giver, tuple(receivers), amount, at, until, GiftStage(stage))

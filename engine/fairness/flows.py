"""Whom a giver gives most, how much of all it is, and how unusual that is."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from engine.fairness.given import Given
from schemas.words import MemberId

_WHOLE = 1_000
"""Shares are thousandths."""


class Flow(NamedTuple):
    """What went from one giver to one receiver, beside all that the giver gave."""

    giver: MemberId
    receiver: MemberId
    karma: int
    of: int
    """Karma that the giver gave to all receivers."""
    squares: int
    """The sum of squares of all these gifts: the fewer and larger they are, the more is chance."""
    gifts: tuple[Given, ...]
    """To this receiver, by day and id."""

    @property
    def is_most(self) -> bool:
        """Whether it is more than half of what the giver gave, so that a giver has one at most."""
        return 2 * self.karma > self.of

    @property
    def share(self) -> int:
        """In thousandths, at least 1."""
        return max(1, _WHOLE * self.karma // self.of)

    def beyond(self, usual: int) -> int:
        """How far it is beyond a usual share, in hundredths of a squared standard deviation; 0 where it is not.

        If each gift went to this receiver by chance, with the usual share as its probability p, the karma would be
        p × of on average, with a variance of p × (1 − p) × squares.

        Args:
            usual: the share in thousandths, above 0.
        """
        more = _WHOLE * self.karma - usual * self.of
        if more <= 0:
            return 0
        return 100 * more * more // (usual * (_WHOLE - usual) * self.squares)


def favourite(gifts: Sequence[Given]) -> Flow:
    """The flow of one giver to whom most went, of several the least id; of at least one gift."""
    to: Counter[MemberId] = Counter()
    for each in gifts:
        to[each.receiver] += each.karma
    karma, of = max(to.values()), to.total()
    receiver = min(member for member, amount in to.items() if amount == karma)
    some = sorted((each for each in gifts if each.receiver == receiver), key=lambda each: (each.day, each.gift))
    squares = sum(each.karma * each.karma for each in gifts)
    return Flow(gifts[0].giver, receiver, karma, of, squares, tuple(some))

"""What a batch changed, in the engine's words; `streams.store` writes it in one atomic call."""

from collections import Counter
from dataclasses import dataclass, field

from engine.effects import FactRow
from engine.ledger.vault import Vault
from engine.member import Member
from schemas.words import MemberId

BoardKey = tuple[int, int, int, str]
"""(score number, kind of window, window, shelf): one list of scores."""

ShareKey = tuple[int, int, int, str, str, str]
"""(score number, kind of window, window, kind of group, group, shelf): what members on one shelf are to a group."""

BestRow = tuple[MemberId, int]
"""(member, month): the greatest value that a member reached for a group in the part of a window in a month."""


@dataclass(slots=True)
class Changes:
    """Everything that one batch of one organisation changed."""

    cells: dict[BoardKey, dict[MemberId, int | None]] = field(
        default_factory=dict[BoardKey, dict[MemberId, int | None]]
    )
    shares: dict[ShareKey, int] = field(default_factory=dict[ShareKey, int])
    lost: dict[ShareKey, set[BestRow]] = field(default_factory=dict[ShareKey, set[BestRow]])
    """Bests that do not hold any more; they are taken off before others are raised."""
    bests: dict[ShareKey, dict[BestRow, int]] = field(default_factory=dict[ShareKey, dict[BestRow, int]])
    """To what bests are raised, where they are not that great yet."""
    members: dict[MemberId, Member] = field(default_factory=dict[MemberId, Member])
    facts: list[FactRow] = field(default_factory=list[FactRow])
    outcomes: Counter[str] = field(default_factory=Counter[str])
    vault: Vault = field(default_factory=Vault)
    next_position: int = 0
    published: bool = False  # a rulebook was added

    def share(self, slot: ShareKey, by: int) -> None:
        """Moves what members added to a group."""
        self.shares[slot] = self.shares.get(slot, 0) + by

    def lose(self, slot: ShareKey, row: BestRow) -> None:
        """Takes off what a member was to a group."""
        self.lost.setdefault(slot, set()).add(row)

    def raise_best(self, slot: ShareKey, row: BestRow, best: int) -> None:
        """Raises what a member is to a group."""
        self.bests.setdefault(slot, {})[row] = best

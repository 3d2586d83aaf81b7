"""A member's badges once people have had their say, and collections, which are made of other badges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .by_hand import Said, decided
from .cel import comparable
from .contributions import Scalar
from .levels import Earned
from .rulebook import Badge, Level, Version
from .stories import name_in, open_at

Own: TypeAlias = Mapping[tuple[str, Level], Sequence[Earned]]
"""What a member did for badges that are no collections: by badge and level, one for each value of `each`."""


@dataclass(frozen=True)
class Shelf:
    """Everything that one member has."""

    newest: Version
    naming: Mapping[str, tuple[Version, str]]  # every badge: the newest version that names it, and how
    own: Own
    said: Said

    def everything(self) -> dict[tuple[str, Level], list[Earned]]:
        """All badges and levels that are there."""
        collections = {(badge, None) for badge in self.naming if self.defined(badge).kind == "collection"}
        places = {*self.own, *self.said, *collections}
        return {(badge, level): self.found(badge, level) for badge, level in places if badge in self.naming}

    def defined(self, badge: str) -> Badge:
        """What the newest version that names a badge says of it."""
        version, name = self.naming[badge]
        return version.badges[name]

    def found(self, badge: str, level: Level, asking: frozenset[str] = frozenset()) -> list[Earned]:
        """What is there of a badge and level; of a collection that needs itself (it is `asking`) nothing."""
        if badge in asking:
            return []
        is_collection = self.defined(badge).kind == "collection"
        own = self.collected(badge, asking | {badge}) if is_collection else self.own.get((badge, level), ())
        return decided(own, self.said.get((badge, level), ()))

    def collected(self, badge: str, asking: frozenset[str]) -> list[Earned]:
        """A collection, with `each` one by value."""
        defined = self.defined(badge)
        all_of = [self.part(badge, name, asking) for name in defined.all_of]
        any_of = [self.part(badge, name, asking) for name in defined.any_of]
        if defined.each is None:
            at = time_of(all_of, any_of, defined.need)
            return [] if at is None else [Earned(at)]
        values = {
            comparable(one.value): one.value for part in [*all_of, *any_of] for one in part if one.value is not None
        }
        found = []
        for value in values.values():
            at = time_of(of_value(all_of, value), of_value(any_of, value), defined.need)
            found += [] if at is None else [Earned(at, value=value)]
        return found

    def part(self, badge: str, named: str, asking: frozenset[str]) -> list[Earned]:
        """What is there of a part of a collection, and counts for it."""
        name, dot, level = named.partition(".")
        other = name_in(self.newest, "badges", name, self.naming[badge][0])
        found = self.found(other, level if dot else self.defined(other).alone, asking)
        return [one for one in found if open_at(self.newest, badge, one.at)]


def of_value(parts: Sequence[Sequence[Earned]], value: Scalar) -> list[list[Earned]]:
    """The parts by that value; what has no values counts for all of them."""
    return [[one for one in part if one.value is None or comparable(one.value) == comparable(value)] for part in parts]


def time_of(all_of: Sequence[Sequence[Earned]], any_of: Sequence[Sequence[Earned]], need: int) -> int | None:
    """When everything of `all_of` and as much as is needed of `any_of` was there; None: it is not."""
    have = [min(one.at for one in part) for part in all_of if part]
    some = sorted(min(one.at for one in part) for part in any_of if part)[:need]
    return max([*have, *some]) if len(have) == len(all_of) and len(some) == need else None

"""An alert: what the watch found, whom it is about, and the evidence with what is usual beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple, Self

from engine.fairness.flows import Flow
from schemas.rulebook_fairness import Fairness
from schemas.words import MemberId


class Kind(StrEnum):
    """What may be wrong."""

    PAIR = "PAIR"
    """Two who mostly give to each other."""
    RING = "RING"
    """Three to five of whom each mostly gives to the next."""
    RECEIVER = "RECEIVER"
    """One who has far more than is usual, most of it from a few who mostly give to them."""
    DUMPING = "DUMPING"
    """What would have expired goes to the same one, again and again."""


_WATCHED = {"pairs": Kind.PAIR, "rings": Kind.RING, "receivers": Kind.RECEIVER, "dumping": Kind.DUMPING}


def kinds(fairness: Fairness | None) -> frozenset[Kind]:
    """What a rulebook looks for; nothing where it says nothing."""
    return frozenset(() if fairness is None else (_WATCHED[each] for each in fairness.watch))


class Usual(NamedTuple):
    """What is usual in the organisation in the 90 days: the lower of the middle values."""

    given: int
    """Karma that a giver gave."""
    favourite: int
    """The share, in thousandths, that went to whom a giver gave most; of those who gave as much as is usual."""
    received: int
    """Karma that a receiver got."""


class Evidence(NamedTuple):
    """So much from one member to another, and of how much."""

    giver: MemberId
    receiver: MemberId
    karma: int
    of: int
    """What the giver gave in all; of dumping, in the last days of allowances."""
    received: int
    """What the receiver got in all, from whomever."""
    gifts: tuple[str, ...]
    """The stored ids of the records that gave it, by day; each with a boost of its own counts."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something for two admins to look at. It says what was given, never why."""

    ident: str
    """The same for the same kind and members on every day: 32 hex digits. A receiver's hangs on the receiver alone."""
    kind: Kind
    members: tuple[MemberId, ...]
    """Whom it is about, givers and receivers, sorted."""
    evidence: tuple[Evidence, ...]
    usual: Usual

    @property
    def receivers(self) -> frozenset[MemberId]:
        """Those who got what is in question, whose redemptions a hold would hold."""
        return frozenset(each.receiver for each in self.evidence)

    def gifts_of(self, member: MemberId) -> tuple[str, ...]:
        """The gifts in question that a member gave or received: all that they are shown of the evidence."""
        own = (each.gifts for each in self.evidence if member in {each.giver, each.receiver})
        return tuple(gift for gifts in own for gift in gifts)

    def dump(self) -> list[Any]:
        """JSON data; `load` gives an equal alert."""
        return [self.ident, self.kind, self.members, self.evidence, self.usual]

    @classmethod
    def load(cls, raw: list[Any]) -> Self:
        """The alert of `dump`."""
        ident, kind, members, evidence, usual = raw
        found = (Evidence(*each)._replace(gifts=tuple(each[-1])) for each in evidence)
        return cls(ident, Kind(kind), tuple(members), tuple(found), Usual(*usual))

    @classmethod
    def of(cls, kind: Kind, flows: Iterable[Flow], received: Mapping[MemberId, int], usual: Usual) -> Self:
        """The alert of some flows."""
        found = sorted(flows)
        givers, receivers = {flow.giver for flow in found}, {flow.receiver for flow in found}
        evidence = tuple(
            Evidence(
                flow.giver,
                flow.receiver,
                flow.karma,
                flow.of,
                received[flow.receiver],
                tuple(each.gift for each in flow.gifts),
            )
            for flow in found
        )
        pairs = [(flow.giver, flow.receiver) for flow in found]
        named = sorted(receivers) if kind is Kind.RECEIVER else [each for pair in pairs for each in pair]
        return cls(_ident(kind, named), kind, tuple(sorted(givers | receivers)), evidence, usual)


def _ident(kind: Kind, members: Iterable[MemberId]) -> str:
    text = "\0".join((kind, *members))  # no id holds a NUL
    return blake2b(text.encode(), digest_size=16).hexdigest()

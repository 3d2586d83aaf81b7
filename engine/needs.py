"""What the fold asks for while it runs: it does no I/O, so it yields a need and is sent the answer."""

from dataclasses import dataclass
from typing import Literal

from engine.claims import Page
from engine.ledger.vault import Drawer, Place
from engine.member import Kept, Stored
from schemas.records import Record
from schemas.words import Day, MemberId

Memory = Literal["identities", "instances"]


@dataclass(frozen=True, slots=True)
class NeedPages:
    """Parts of sealed segments; answered by their bytes, in order."""

    memory: Memory
    pages: list[Page]


@dataclass(frozen=True, slots=True)
class NeedRecords:
    """Records of the log that are no longer at hand; answered by record by position."""

    positions: list[int]


@dataclass(frozen=True, slots=True)
class NeedMembers:
    """Members that are not in memory; answered by what is kept of each, None for a new one.

    `distinct` and `tallies`: whether any member can have such.
    """

    members: list[MemberId]
    distinct: bool
    tallies: bool


@dataclass(frozen=True, slots=True)
class NeedStored:
    """The past of members for whom an event came late; answered by what is stored of each."""

    members: list[MemberId]


Row = tuple[MemberId, int]
"""A member's, or a group's, score on a board."""


@dataclass(frozen=True, slots=True)
class NeedRows:
    """A board as it is; answered by the rows of the members on these shelves, the highest `most` of each.

    With a kind of group: by the groups, and what members on these shelves added to them.
    """

    number: int
    kind: int
    window: int
    shelves: tuple[str, ...]
    most: int | None
    groups: str | None = None


@dataclass(frozen=True, slots=True)
class NeedKarma:
    """What is kept of karma in these places, and all that is in some drawers; answered by what was found there."""

    places: list[Place]
    whole: tuple[Drawer, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedGifts:
    """What was gathered of gifts on these local days; answered by the gifts, by their stored ids."""

    days: list[Day]


StoreNeed = NeedPages | NeedMembers | NeedStored | NeedRows | NeedKarma | NeedGifts
"""What the store has."""

Need = StoreNeed | NeedRecords
Answer = (
    list[bytes]
    | dict[int, Record]
    | dict[MemberId, Kept | None]
    | dict[MemberId, Stored]
    | list[Row]
    | dict[Place, bytes]
    | dict[str, bytes]
)

"""Where things lie in Redis: one hash slot an organisation, one prefix a build, so that a build can be thrown away."""

from urllib.parse import quote

from engine.ledger.vault import Drawer
from schemas.words import Day, MemberId, OrgId

BUILD = 1
"""The build that is written; a rebuild beside the live one would get the next number."""


class Keys:
    """The names of one organisation's keys in one build."""

    __slots__ = ("books", "build", "checkpoint", "heads", "org", "outbox", "pairs", "state", "steps", "tag")

    def __init__(self, org: OrgId, build: int = BUILD) -> None:
        self.org = org
        self.tag = "{" + quote(org, safe="") + "}"
        self.build = f"{self.tag}:v{build}"
        self.checkpoint = f"{self.build}:checkpoint"
        self.state = f"{self.build}:state"
        self.steps = f"{self.build}:steps"  # when how many more hidden members belonged to a group
        self.heads = f"{self.build}:heads"  # from when on how many more belonged to a group
        self.pairs = f"{self.build}:pairs"  # how many members two groups share
        self.books = f"{self.build}:books"
        self.outbox = f"{self.tag}:outbox"  # outside the build: what was said stays said

    def member(self, member: MemberId) -> str:
        """The member's record."""
        return f"{self.build}:m:{member}"

    def distinct(self, member: MemberId) -> str:
        """The member's distinct values."""
        return f"{self.build}:d:{member}"

    def tallies(self, member: MemberId) -> str:
        """What is kept of the member's badges that are there once per value."""
        return f"{self.build}:e:{member}"

    def past(self, member: MemberId) -> str:
        """The member's packed events, chunk by chunk, and copies of older totals."""
        return f"{self.build}:p:{member}"

    def board(self, number: int, kind: int, window: int, shelf: str) -> str:
        """The scores of one window of a board, of the members on one shelf."""
        return f"{self.build}:b:{number}:{kind}:{window}:{shelf}"

    def group_board(self, number: int, kind: int, window: int, group_kind: str, shelf: str) -> str:
        """What members on one shelf added to groups of one kind, in one window of a board."""
        return f"{self.build}:g:{number}:{kind}:{window}:{group_kind}:{shelf}"

    def best_board(self, number: int, kind: int, window: int, group_kind: str, shelf: str) -> str:
        """The greatest that members on one shelf reached for groups of one kind, in one window of a board."""
        return f"{self.build}:t:{number}:{kind}:{window}:{group_kind}:{shelf}"

    def windows(self, number: int) -> str:
        """Where a board has scores, as `kind:window:shelf`; for groups with their kind, and more, before the shelf."""
        return f"{self.build}:w:{number}"

    def karma(self, drawer: Drawer) -> str:
        """What is kept of karma in one drawer, by id."""
        return f"{self.build}:k:{drawer}"

    def gifts_of(self, day: Day) -> str:
        """The gifts of a local day that the fairness watch may look at, by stored id."""
        return f"{self.build}:kg:{day}"

    def statement(self, member: MemberId) -> str:
        """The postings that concern a member, by place."""
        return f"{self.build}:ks:{member}"

    def names(self) -> str:
        """Members' names as boards show them; a copy of the profiles, which are kept outside Redis."""
        return f"{self.tag}:names"

    def api_keys(self) -> str:
        """Hashes of API keys with their roles; a copy of what is kept outside Redis."""
        return f"{self.tag}:api-keys"

    def members(self) -> str:
        """Every member who has a record."""
        return f"{self.build}:members"

    def claims(self, memory: str, segment: int | None = None) -> str:
        """A memory's tail, or one of its sealed segments."""
        return f"{self.build}:{memory}:" + ("tail" if segment is None else str(segment))

    def leaf(self, memory: str, number: int) -> str:
        """A leaf of the filter of a memory's sealed segments."""
        return f"{self.build}:{memory}:filter:{number}"

"""What is kept of karma, by kind and id, as far as it is at hand: what a batch loads, and what it changes of it."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from engine.fairness.cases import Case
from engine.ledger.accounts import Account, Kind, Posting, What
from engine.ledger.budgets import Spent
from engine.ledger.draft import Accepted, Asked, Minted
from engine.ledger.gift import Gift
from engine.ledger.purse import Purse
from engine.ledger.redemption import OPEN, Redemption
from engine.ledger.refusals import Refused
from schemas.words import Day, MemberId


class Drawer(StrEnum):
    """A kind of thing, each kept as JSON under its id."""

    PURSES = "purses"
    """By member."""
    GIFTS = "gifts"
    """By the stored id of the record that gave it."""
    REDEMPTIONS = "redemptions"
    """By the stored id of the record that requested it."""
    OPEN = "open"
    """Of redemptions that are open: stage, and until when it may be approved, in ms (0: without an end)."""
    STOCKS = "stocks"
    """By reward: the pieces restocked less those taken."""
    BUDGETS = "budgets"
    """By name: how much is counted in which window."""
    MINTED = "minted"
    """By cause: how much it has given, and into which account."""
    TOLD = "told"
    """By cause: how much the log has told last that it gives, and how often it has told so."""
    DUE = "due"
    """By cause that gives something else than was told: how much, and how often it was told."""
    HELD = "held"
    """Likewise, of imported events, which give nothing until somebody says so: how much, and the import."""
    LINKS = "links"
    """By an id that turned out to be another member's: that member."""
    CASES = "cases"
    """By alert of the fairness watch: the evidence, and what has become of it."""
    OUTCOMES = "outcomes"
    """By the stored id of a request: its position, and a code and a sentence where it was refused."""


Place = tuple[Drawer, str]
"""Where one thing is kept."""

_LOAD: Mapping[Drawer, Callable[[str, Any], Any]] = {
    Drawer.PURSES: lambda member, raw: Purse.load(MemberId(member), raw),
    Drawer.GIFTS: lambda _, raw: Gift.load(raw),
    Drawer.REDEMPTIONS: lambda _, raw: Redemption.load(raw),
    Drawer.STOCKS: lambda _, raw: raw,
    Drawer.BUDGETS: lambda _, raw: tuple((window, karma) for window, karma in raw),
    Drawer.MINTED: lambda _, raw: Minted(raw[0], Kind(raw[1])),
    Drawer.TOLD: lambda _, raw: Told(*raw),
    Drawer.DUE: lambda _, raw: Told(*raw),
    Drawer.HELD: lambda _, raw: (raw[0], raw[1]),
    Drawer.LINKS: lambda _, raw: MemberId(raw),
    Drawer.CASES: lambda _, raw: Case.load(raw),
}
"""What the JSON of each drawer means."""


_NOBODY_ASKED = frozenset({"member.joined", "member.left", "reward.expired"})
"""What is decided and was nobody's wish: nobody waits for the answer."""


class Told(NamedTuple):
    """What the log tells that a rule gives for an event."""

    karma: int
    times: int
    """How often it was told: so that each telling has a name of its own."""


UNTOLD = Told(0, 0)


class Posted(NamedTuple):
    """A posting in the statement of one member."""

    member: MemberId
    place: str
    """It sorts as text: position of the request, and number among its postings."""
    content: bytes


class Vault:
    """What is at hand of an organisation's karma."""

    def __init__(self) -> None:
        self.purses: dict[MemberId, Purse] = {}
        self.gifts: dict[str, Gift] = {}
        self.redemptions: dict[str, Redemption] = {}
        self.stocks: dict[str, int] = {}
        self.spent: dict[str, Spent] = {}
        self.minted: dict[str, Minted] = {}
        self.told: dict[str, Told] = {}
        self.due: dict[str, Told] = {}
        self.held: dict[str, tuple[int, str]] = {}
        self.links: dict[str, MemberId] = {}
        self.cases: dict[str, Case] = {}
        self.gathered: dict[Day, dict[str, bytes | None]] = {}
        """By local day: gifts that the fairness watch may look at; None: taken back."""
        self.left: list[Day] = []
        """Local days whose gifts nobody looks at any more."""
        self.changed: dict[Drawer, dict[str, bytes | None]] = {}
        self.posted: list[Posted] = []
        self._looked: set[Place] = set()
        self._drawers: Mapping[Drawer, dict[Any, Any]] = {
            Drawer.PURSES: self.purses,
            Drawer.GIFTS: self.gifts,
            Drawer.REDEMPTIONS: self.redemptions,
            Drawer.STOCKS: self.stocks,
            Drawer.BUDGETS: self.spent,
            Drawer.MINTED: self.minted,
            Drawer.TOLD: self.told,
            Drawer.DUE: self.due,
            Drawer.HELD: self.held,
            Drawer.LINKS: self.links,
            Drawer.CASES: self.cases,
        }

    def missing(self, wanted: Iterable[Place]) -> list[Place]:
        """The places at which nobody has looked."""
        return [place for place in dict.fromkeys(wanted) if place not in self._looked]

    def learn(self, places: Iterable[Place], found: Mapping[Place, bytes]) -> None:
        """Takes in what was found at these places, if anything."""
        self._looked.update(places)
        for (drawer, ident), content in found.items():
            self._drawers[drawer][ident] = _LOAD[drawer](ident, from_json(content))

    def follow(self, ident: str) -> MemberId:
        """The member that an id means, as far as links are at hand."""
        while (found := self.links.get(ident)) is not None:
            ident = found
        return MemberId(ident)

    # What changes.

    def begin(self, purse: Purse) -> None:
        """Somebody has become known, so their purse begins."""
        self._put(Drawer.PURSES, purse.member, purse, purse.dump())

    def link(self, ident: str, same_as: str) -> None:
        """An id turns out to be a member's; nothing, where both are one already."""
        one, other = self.follow(ident), self.follow(same_as)
        if one != other:
            self._put(Drawer.LINKS, one, other, other)

    def accept(self, asked: Asked, accepted: Accepted) -> None:
        """Takes over what a request has changed."""
        self._tell(asked)
        for member, purse in accepted.purses.items():
            self._put(Drawer.PURSES, member, purse, purse.dump())
        for ident, gift in accepted.gifts.items():
            self._put(Drawer.GIFTS, ident, gift, gift.dump())
        for ident, redemption in accepted.redemptions.items():
            self._put(Drawer.REDEMPTIONS, ident, redemption, redemption.dump())
            is_open = redemption.stage in OPEN
            self._note(Drawer.OPEN, ident, [redemption.stage, redemption.deadline] if is_open else None)
        for reward, pieces in accepted.stocks.items():
            self._put(Drawer.STOCKS, reward, pieces, pieces)
        for name, spent in accepted.spent.items():
            self._put(Drawer.BUDGETS, name, spent, spent)
        for cause, minted in accepted.minted.items():
            self._put(Drawer.MINTED, cause, minted, minted)
        for number, posting in enumerate(accepted.postings):
            content = to_json([asked.ident, asked.data.get("cause"), *_flat(posting)])
            for member in dict.fromkeys((posting.source.member, posting.target.member)):
                self.posted.append(Posted(member, f"{asked.position:012}-{number:04}", content))

    def refuse(self, asked: Asked, refused: Refused) -> None:
        """Keeps why a request was refused."""
        self._tell(asked, refused.code, refused.detail)

    def _tell(self, asked: Asked, *why: str) -> None:
        if asked.type not in _NOBODY_ASKED:
            self._note(Drawer.OUTCOMES, asked.ident, [asked.position, *why])

    # The fairness watch.

    def open(self, case: Case) -> None:
        """Keeps an alert that is new."""
        self._put(Drawer.CASES, case.alert.ident, case, case.dump())

    def decide(self, asked: Asked, case: Case) -> None:
        """Takes over what a request has made of a case."""
        self._tell(asked)
        self.open(case)

    def forget(self, alert: str) -> None:
        """Deletes a case with its evidence."""
        del self.cases[alert]
        self._note(Drawer.CASES, alert, None)

    def gather(self, day: Day, ident: str, gift: Gift | None) -> None:
        """Keeps a gift with those of its local day; None: it was taken back."""
        self.gathered.setdefault(day, {})[ident] = None if gift is None else to_json(gift.dump())

    # What rules give.

    def tell(self, cause: str, karma: int) -> None:
        """The log tells how much a cause gives; it is due no more, unless it gives something else by now."""
        before = self.told.get(cause, UNTOLD)
        now = self.due[cause].karma if cause in self.due else self.held.get(cause, (before.karma, ""))[0]
        told = Told(karma, before.times + 1)
        self._put(Drawer.TOLD, cause, told, told)
        self.give(cause, now)

    def give(self, cause: str, karma: int, run: str | None = None) -> None:
        """A cause gives so much from now on; `run` is the import of an event of which nothing was told yet."""
        told = self.told.get(cause, UNTOLD)
        due = None if karma == told.karma or (run and not told.times) else Told(karma, told.times)
        held = (karma, run) if run and karma and not told.times else None
        for drawer, value, there in ((Drawer.DUE, due, self.due), (Drawer.HELD, held, self.held)):
            if value is not None:
                self._put(drawer, cause, value, value)
            elif cause in there:
                del there[cause]
                self._note(drawer, cause, None)

    def _put(self, drawer: Drawer, ident: str, value: object, raw: object) -> None:
        self._drawers[drawer][ident] = value
        self._note(drawer, ident, raw)

    def _note(self, drawer: Drawer, ident: str, raw: object) -> None:
        self.changed.setdefault(drawer, {})[ident] = None if raw is None else to_json(raw)


def _flat(posting: Posting) -> list[Any]:
    source, target = posting.source, posting.target
    ends = [source.kind, source.member, target.kind, target.member]
    return [posting.at, posting.what, *ends, posting.amount, posting.because]


def load_posting(content: bytes) -> tuple[str, str | None, Posting]:
    """A posting as statements have it, the stored id of the request that it came with, and the cause that it named."""
    ident, cause, at, what, source, giver, target, receiver, amount, because = from_json(content)
    accounts = Account(Kind(source), giver), Account(Kind(target), receiver)
    return ident, cause, Posting(at, What(what), *accounts, amount, because)

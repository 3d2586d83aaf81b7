"""A ledger in memory: requests come in one after another, as the log would bring them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.calendar import Calendar
from engine.ledger.accounts import Kind, Posting
from engine.ledger.deciding import applied, decide
from engine.ledger.draft import Accepted, Asked, State
from engine.ledger.passing import passed
from engine.ledger.persons import Person, Presence
from engine.ledger.policies import Policy, Timeline
from engine.ledger.purse import Purse
from engine.ledger.refusals import Refused
from schemas.rulebook import Rulebook
from schemas.words import Instant, MemberId, Position
from schemas.zones import zone


def moment(text: str) -> Instant:
    """`2026-03-01 12:00` in UTC."""
    return Instant(int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1_000))


def policy(start: Instant, position: int, timezone: str = "UTC", **sections: Any) -> Policy:
    """What a rulebook with these sections says of karma."""
    calendar = {"timezone": timezone}
    book = Rulebook.model_validate(
        {"apiVersion": "karmalog/v1", "kind": "Rulebook", "calendar": calendar, "groups": {"team": {}}, **sections}
    )
    return Policy(start, Position(position), Calendar(zone(timezone)), book.karma, book.shop)


class Bench:
    """An organisation's karma, and the log's time."""

    def __init__(self, *policies: Policy, at: Instant, people: Iterable[str] = ("anna", "ben", "cleo", "dan")) -> None:
        self.timeline = Timeline(*policies)
        self.at = at
        self.position = 100
        self.postings: list[Posting] = []
        self.heard: list[tuple[State, Asked, Accepted | Refused]] = []  # each with the state before it
        self.state = State({each: Person(MemberId(each), Presence.HERE) for each in people})

    def know(self, said: str, person: Person) -> None:
        """An id means somebody from now on."""
        self.state = replace(self.state, people={**self.state.people, said: person})

    def be(self, member: str, presence: Presence, *groups: tuple[str, str]) -> None:
        """Somebody is here, has left, is a bot, a group or unknown, and belongs to groups."""
        self.know(member, Person(MemberId(member), presence, self.state.people[member].since, frozenset(groups)))

    def joins(self, member: str, at: Instant) -> None:
        """Somebody joined at a time that may lie before the log's."""
        assert isinstance(self.ask("member.joined", member, time=at), Accepted)

    def ask(
        self, kind: str, sender: str, ident: str | None = None, time: Instant | None = None, **data: Any
    ) -> Accepted | Refused:
        """One request; what it changes is kept."""
        self.position += 1
        said = {name.rstrip("_"): value for name, value in data.items()}
        name, when = ident or f"e{self.position}", self.at if time is None else time
        asked = Asked(name, kind, sender, self.at, when, Position(self.position), said)
        found = decide(self.state, self.timeline, asked)
        self.heard.append((self.state, asked, found))
        if isinstance(found, Accepted):
            self.state = applied(self.state, found)
            self.postings += found.postings
        return found

    def done(self, kind: str, sender: str, **data: Any) -> str:
        """A request that has to be accepted; its id."""
        found = self.ask(kind, sender, **data)
        assert isinstance(found, Accepted), found
        return f"e{self.position}"

    def refused(self, kind: str, sender: str, **data: Any) -> str:
        """A request that has to be refused, and to change nothing; its code and sentence."""
        before = self.state
        found = self.ask(kind, sender, **data)
        assert isinstance(found, Refused), found
        assert self.state is before
        return f"{found.code}: {found.detail}"

    def purse(self, member: str) -> Purse:
        """A member's purse as it is now."""
        ident = MemberId(member)
        kept = self.state.purses.get(ident) or Purse(ident, self.state.people[member].since)
        return passed(kept, self.timeline, self.at)[0]

    def has(self, member: str) -> dict[str, int]:
        """A member's balances other than zero, as `allowance`, `earned`, `escrow`, `owed`."""
        purse = self.purse(member)
        return {kind.name.lower(): purse[kind] for kind in Kind if purse[kind]}

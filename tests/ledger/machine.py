"""The ledger in memory and its model side by side."""

from collections.abc import Mapping
from typing import Any

from engine.ledger.accounts import Posting
from engine.ledger.draft import Accepted
from engine.ledger.gift import Gift
from engine.ledger.passing import passed
from engine.ledger.persons import Person, Presence
from engine.ledger.policies import Timeline
from engine.ledger.purse import Purse
from engine.ledger.redemption import Redemption
from schemas.words import Instant, MemberId
from tests.ledger.bench import Bench, moment, policy
from tests.ledger.happenings import Happenings
from tests.ledger.lives import BLUE, PEOPLE
from tests.ledger.model import Model, day_of
from tests.ledger.model_requests import reasons

START = moment("2026-01-01 00:00")


class Ledger(Happenings):
    """`engine.ledger` alone; who people are is told to it."""

    def __init__(self) -> None:
        super().__init__()
        self.org = Bench(at=START, people=())
        self.model = Model(START)
        for said, (member, presence, groups) in PEOPLE.items():
            self.know(said, member, presence, groups)
        for name in ("anna", "ben", "cleo", "zoe"):
            self.model.members[name] = {"until": None, "here": True, "lots": [], "coming": []}

    @property
    def at(self) -> Instant:
        return self.org.at

    @at.setter
    def at(self, at: Instant) -> None:
        self.org.at = at

    @property
    def timeline(self) -> Timeline:
        return self.org.timeline

    def know(
        self, said: str, member: str, presence: str, groups: tuple[tuple[str, str], ...] = (), since: int = 0
    ) -> None:
        self.org.know(said, Person(MemberId(member), Presence(presence), Instant(since), frozenset(groups)))
        self.model.people[said] = (member, presence, frozenset(groups))

    def publish(self, start: Instant, book: dict[str, Any]) -> Instant:
        self.org.timeline = self.org.timeline.extended(policy(start, 1 + len(self.model.versions), **book))
        self.model.versions.append((start, book))
        return start

    def decide(self, kind: str, sender: str, time: Instant, said: dict[str, Any]) -> None:
        before = self.org.state
        found = self.org.ask(kind, sender, time=time, **said)
        against = reasons(self.model, f"e{self.org.position}", kind, sender, said)
        if isinstance(found, Accepted):
            assert against == set(), (kind, sender, said, found)
        else:
            assert found.code in against, (kind, sender, said, found, against)
            assert self.org.state is before

    def eve_joins(self, joined: Instant) -> None:
        if "eve" not in self.model.members:
            self.model.members["eve"] = {"until": None, "here": False, "lots": [], "coming": []}
            self.know("eve", "eve", "HERE", (BLUE,), self.at)
        elif self.model.members["eve"]["here"]:
            return
        self.know("eve", "eve", "HERE", (BLUE,), self.org.state.people["eve"].since)
        self.ask("member.joined", "eve", time=joined, joined=day_of(joined))

    def eve_leaves(self) -> None:
        if self.model.members.get("eve", {}).get("here"):
            self.know("eve", "eve", "FORMER", (BLUE,), self.org.state.people["eve"].since)
            self.ask("member.left", "eve")

    def zoe_is_cleo(self) -> None:
        self.ask("member.linked", "zoe", same_as="cleo")
        self.know("zoe", "cleo", "HERE", (BLUE,))

    def purses(self) -> Mapping[str, Purse]:
        return {name: self.org.purse(name) for name in self.model.members}

    def postings_of(self, member: str) -> list[Posting]:
        state = self.org.state
        kept = state.purses.get(MemberId(member)) or Purse(MemberId(member), state.people[member].since)
        due = passed(kept, self.timeline, self.at)[1]
        return [each for each in self.org.postings if member in {each.source.member, each.target.member}] + due

    def gifts(self) -> Mapping[str, Gift]:
        return self.org.state.gifts

    def redemptions(self) -> Mapping[str, Redemption]:
        return self.org.state.redemptions

    def stocks(self) -> Mapping[str, int]:
        return self.org.state.stocks

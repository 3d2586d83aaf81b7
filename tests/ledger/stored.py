"""The fold and a real store beside the model: a log is folded batch by batch, and the ledger read as it is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import redis
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from pydantic_core import from_json

from engine.ledger.accounts import Kind, Posting
from engine.ledger.gift import Gift
from engine.ledger.passing import passed
from engine.ledger.policies import Timeline
from engine.ledger.purse import Purse
from engine.ledger.redemption import OPEN, Redemption
from engine.ledger.vault import Drawer, load_posting
from schemas.words import MemberId
from streams.karma_books import books_of
from streams.keys import Keys
from tests.folding import ORG, Folding
from tests.ledger.laws import decided
from tests.ledger.told import Told

KEYS = Keys(ORG)
_OF_REQUESTS = {Drawer.OUTCOMES, Drawer.TOLD, Drawer.DUE}


@dataclass(frozen=True)
class Kept:
    """All that a store holds of karma, as it is written there."""

    drawers: Mapping[Drawer, Mapping[bytes, bytes]]
    statements: Mapping[str, Mapping[bytes, bytes]]
    purses: Mapping[str, Purse]
    """Of all members; of who has none it is made when it is read."""

    def read(self, drawer: Drawer) -> dict[str, Any]:
        """The contents of a drawer, by id."""
        return {ident.decode(): from_json(content) for ident, content in self.drawers[drawer].items()}

    def of_karma(self) -> object:
        """What a refused request must not change: all but what is noted of requests themselves."""
        kept = {drawer: each for drawer, each in self.drawers.items() if drawer not in _OF_REQUESTS}
        return kept, {name: lines for name, lines in self.statements.items() if lines}


def kept_by(folding: Folding, members: Iterable[str]) -> Kept:
    """What a store holds of karma, and of these members' statements."""
    names = list(members)
    pipe = folding.client.pipeline(transaction=False)
    for key in (*map(KEYS.karma, Drawer), *(KEYS.statement(MemberId(name)) for name in names)):
        pipe.hgetall(key)
    found = pipe.execute()
    drawers, statements = found[: len(Drawer)], found[len(Drawer) :]
    purses = {each.member: each for each in folding.answers.karma.purses()}
    return Kept(dict(zip(Drawer, drawers, strict=True)), dict(zip(names, statements, strict=True)), purses)


class Stored(Told):
    """A log, what a store holds of it, and the model."""

    def __init__(self, client: "redis.Redis") -> None:
        super().__init__()
        self.folding = Folding(client)
        self.kept = kept_by(self.folding, self.people.known)

    @property
    def is_decided(self) -> bool:
        return self.folding.org.position == len(self.log)

    def teardown(self) -> None:
        self.fold_all(1_000, again=True)
        self.check_all()

    @rule(batch=st.sampled_from([1, 2, 3, 7, 1_000]), again=st.booleans())
    def fold(self, batch: int, again: bool) -> None:  # noqa: FBT001
        self.fold_all(batch, again=again)

    def fold_all(self, batch: int, *, again: bool) -> None:
        """Folds all that waits in batches; with a restart after each, or without one."""
        folding = self.folding
        folding.append(*self.log[len(folding.log) :])
        while not self.is_decided:
            start, before = folding.org.position, self.kept
            folding.fold_next(batch)
            self.kept = kept_by(self.folding, self.people.known)
            places = range(start, folding.org.position)
            if all(place in self.repeats or self.against.get(place) for place in places):
                assert self.kept.of_karma() == before.of_karma(), self.log[start : places.stop]
            self.check_outcomes(places)
            if again:
                folding.restart()

    def check_outcomes(self, places: Iterable[int]) -> None:
        """What is told of requests is what the model says."""
        outcomes = self.kept.read(Drawer.OUTCOMES)
        for place in places:
            if place in self.against:
                asked, against, told = self.log[place], self.against[place], outcomes.get(self.log[place]["id"])
                if told is None:  # nobody waits for it, or it was taken for an activity's
                    assert asked["type"] == "reward.expired" or against == {"GIFT_UNKNOWN"}, asked
                else:
                    where, *why = told
                    assert where == place
                    assert why[0] in against if why else not against, (asked, told, against)

    # The ledger as it is kept.

    @property
    def timeline(self) -> Timeline:
        return self.folding.org.timeline

    def purses(self) -> Mapping[str, Purse]:
        assert self.kept.purses.keys() == self.model.members.keys()
        return {name: passed(purse, self.timeline, self.at)[0] for name, purse in self.kept.purses.items()}

    def postings_of(self, member: str) -> list[Posting]:
        due = passed(self.kept.purses[member], self.timeline, self.at)[1]
        return [load_posting(content)[-1] for _, content in sorted(self.kept.statements[member].items())] + due

    def gifts(self) -> Mapping[str, Gift]:
        return {ident: Gift.load(raw) for ident, raw in self.kept.read(Drawer.GIFTS).items()}

    def redemptions(self) -> Mapping[str, Redemption]:
        return {ident: Redemption.load(raw) for ident, raw in self.kept.read(Drawer.REDEMPTIONS).items()}

    def stocks(self) -> Mapping[str, int]:
        return self.kept.read(Drawer.STOCKS)

    # What holds of a store alone.

    @decided
    @invariant()
    def what_members_read_is_what_the_model_has(self) -> None:
        karma = self.folding.answers.karma
        for name in self.people.known:
            one, ident = self.people.one(name), MemberId(name)
            purse = karma.purse(ident, now=self.at)
            had = {kind: self.model.balance(kind.name.lower(), one) for kind in Kind}
            assert [purse[each] for each in ("to_give", "earned", "in_escrow", "coming", "owed")] == [
                had[Kind.ALLOWANCE], had[Kind.EARNED], had[Kind.ESCROW], had[Kind.BUDGET], -had[Kind.OWED],
            ]  # fmt: skip
            balances = {"allowance": 0, "earned": 0, "escrow": 0, "owed": 0}
            for line in karma.statement(ident, now=self.at)["lines"]:
                balances[line["account"]] += line["amount"]
                assert line["balance"] == balances[line["account"]]
            assert balances == {kind: had[Kind[kind.upper()]] for kind in balances}

    @decided
    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        accounts = books_of(self.folding.answers.karma, now=self.at)["accounts"]
        assert accounts == {kind.name.lower(): self.model.balance(kind.name.lower()) for kind in Kind}

    @decided
    @invariant()
    def what_is_open_is_listed(self) -> None:
        still = {ident: each for ident, each in self.redemptions().items() if each.stage in OPEN}
        assert self.kept.read(Drawer.OPEN) == {ident: [each.stage, each.deadline] for ident, each in still.items()}

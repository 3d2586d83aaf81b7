"""A year of an organisation's karma, by chance from a seed, folded month by month; what purses said is kept as read."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import redis

from engine.ledger.accounts import Posting
from engine.ledger.passing import passed
from engine.ledger.vault import load_posting
from schemas.karma_answers import PurseAnswer
from schemas.records import Record
from schemas.words import Instant, MemberId
from streams.karma_books import books_of
from tests.folding import Folding
from tests.ledger.told import number_of_talks, whole
from tests.strategies import published, record

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 1, 1)
MEMBERS = [f"m{number:02}" for number in range(60)]
TEAMS = ("red", "blue", "green", "gold")

_SHOP: dict[str, Any] = {
    "card": {"price": 60, "stock": 40, "approval": "required", "expires": "7d"},
    "tea": {"price": 8},
    "book": {"price": 25, "for": ["colleague"], "pay_from": ["allowance", "earned"]},
}
_MONTHS = {
    "worth": "0.10 EUR",
    "allowance": {"per": "month", "karma": 100},
    "earned_by_rule": "earned",
    "gifts": {"limits": [{"per": "gift", "karma": 40}, {"per": "week", "karma": 60, "same": "receiver"}]},
}
_QUARTERS = {
    **_MONTHS,
    "allowance": {"per": "quarter", "karma": 280, "on_joining": "whole"},
    "earned_expires": "60d",
    "budgets": [
        {"per": "month", "minted": 900, "at_ceiling": "queue"},
        {"per": "month", "redeemed": 400, "by": "team", "at_ceiling": "queue"},
    ],
}
_WEEKS = {
    **_MONTHS,
    "allowance": {"per": "week", "karma": 30, "on_joining": "nothing"},
    "earned_by_rule": "allowance",
    "redeem": {"limits": [{"per": "month", "worth": "12 EUR"}]},
}
BOOKS: dict[date, dict[str, Any]] = {
    FIRST: {"karma": _MONTHS, "shop": _SHOP},
    date(2026, 3, 11): {"karma": _QUARTERS, "shop": _SHOP},
    date(2026, 7, 4): {"shop": _SHOP},
    date(2026, 7, 20): {"karma": _WEEKS, "shop": _SHOP},
    date(2026, 10, 1): {"karma": _MONTHS, "shop": _SHOP},
}
"""The versions, by the day from which on they hold."""


def moment(day: date, minute: int = 0) -> Instant:
    """A minute of a local day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    return Instant(round(midnight.timestamp() * 1_000) + minute * 60_000)


class Year:
    """What happened, and what was read at the end of each month."""

    def __init__(self, client: "redis.Redis", seed: int) -> None:
        self.chance = Random(seed)
        self.folding = Folding(client)
        self.at = moment(FIRST - timedelta(days=2))
        self.log: list[Record] = []
        self.here: list[str] = []
        self.gifts: list[tuple[str, str]] = []
        """Ids and givers."""
        self.requests: list[str] = []
        self.causes: list[tuple[str, str]] = []
        """With the members."""
        self.purses: dict[date, list[PurseAnswer]] = {}
        """By the first day of the next month."""
        self.books: dict[date, dict[str, int]] = {}
        """The organisation's accounts, likewise."""
        self.publish(None, {})
        for name in MEMBERS[:48]:
            self.join(name)
        self.publish(FIRST, BOOKS[FIRST])

    def live(self) -> "Year":
        """All of it."""
        for ordinal in range(365):
            day = FIRST + timedelta(days=ordinal)
            for since, book in BOOKS.items():
                if since == day + timedelta(days=2):
                    self.publish(since, book)
            for minute in sorted(self.chance.sample(range(1, 1_380), 12)):
                self.at = max(self.at, moment(day, minute))
                self.chance.choice(self.happenings())()
            if (day + timedelta(days=1)).day == 1:
                self.read(day + timedelta(days=1))
        return self

    def happenings(self) -> list[Any]:
        """What happens, each as often as it stands there."""
        often = [self.give] * 24 + [self.mint] * 6 + [self.request] * 8 + [self.approve] * 4 + [self.fulfil] * 4
        taken = [self.boost] * 3 + [self.withdraw, self.void, self.unmint, self.decline, self.expire, self.cancel]
        return often + taken + [self.come_or_go] * (self.chance.random() < 0.3)

    # What happens.

    def say(self, kind: str, subject: str, /, **data: Any) -> str:
        """A record; its stored id."""
        named = {name.rstrip("_"): value for name, value in data.items()}
        self.log.append(record(kind, subject, self.at, named, len(self.log)))
        self.at = Instant(self.at + 1)
        return self.log[-1]["id"]

    def publish(self, since: date | None, book: dict[str, Any]) -> None:
        said = {**whole(book), "calendar": {"timezone": "Europe/Berlin"}}
        made = published(len(self.log) + 1, None if since is None else str(since), said, self.at)
        self.log.append({**made, "recorded": self.at})

    def join(self, name: str) -> None:
        self.say("member.joined", name)
        self.say("group.joined", name, kind="team", group=self.chance.choice(TEAMS))
        self.here.append(name)

    def come_or_go(self) -> None:
        """Somebody new comes, somebody leaves, or one of two ids turns out to be the other one's."""
        new = [name for name in MEMBERS if name not in {record["subject"] for record in self.log}]
        kind = self.chance.choice(["come", "come", "go", "link"])
        if kind == "come" and new:
            self.join(new[0])
        elif kind == "go":
            self.say("member.left", self.here.pop(self.chance.randrange(len(self.here))))
        elif kind == "link":
            one, other = self.several(2)
            self.say("member.linked", one, same_as=other)
            self.here.remove(one)

    def several(self, number: int) -> list[str]:
        return self.chance.sample(self.here, number)

    def give(self) -> None:
        giver, *to = self.several(self.chance.choice([2, 2, 2, 3, 5]))
        ident = self.say("karma.given", giver, to=to, amount=self.chance.randint(1, 45))
        self.gifts.append((ident, giver))

    def boost(self) -> None:
        if self.gifts:
            (name,) = self.several(1)
            gift, _ = self.chance.choice(self.gifts[-9:])
            self.gifts.append((self.say("karma.boosted", name, gift=gift, amount=self.chance.randint(1, 15)), name))

    def withdraw(self) -> None:
        if self.gifts:
            gift, giver = self.chance.choice(self.gifts[-4:])
            self.say("karma.withdrawn", giver, gift=gift)

    def void(self) -> None:
        if self.gifts:
            self.say("event.voided", "office", id=self.chance.choice(self.gifts[-90:])[0], reason="a mistake")

    def mint(self) -> None:
        (name,) = self.several(1)
        self.causes.append((f"{len(self.log)}/{number_of_talks()}/{name}", name))
        self._tell(self.causes[-1], self.chance.randint(5, 60))

    def unmint(self) -> None:
        if self.causes:
            self._tell(self.chance.choice(self.causes[-30:]), 0)

    def _tell(self, cause: tuple[str, str], karma: int) -> None:
        self.say("karma.minted", "karmalog", cause=cause[0], member=cause[1], karma=karma)

    def request(self) -> None:
        name, colleague = self.several(2)
        reward = self.chance.choice(["card", "tea", "book"])
        whom = {"for_": colleague} if reward == "book" or self.chance.random() < 0.3 else {}
        self.requests.append(self.say("reward.requested", name, reward=reward, **whom))

    def approve(self) -> None:
        self._go_on("reward.approved", "office")

    def fulfil(self) -> None:
        self._go_on("reward.fulfilled", "office")

    def decline(self) -> None:
        self._go_on("reward.declined", "office")

    def expire(self) -> None:
        for request in self.requests[-60:-20]:
            self.say("reward.expired", "karmalog", request=request)

    def cancel(self) -> None:
        self._go_on("reward.cancelled", self.several(1)[0])

    def _go_on(self, kind: str, sender: str) -> None:
        if self.requests:
            self.say(kind, sender, request=self.chance.choice(self.requests[-20:]))

    # What is read.

    def read(self, after: date) -> None:
        """Folds what happened up to the end of a month, and reads everybody's purse as it is then."""
        self.folding.fold(*self.log[len(self.folding.log) :], batch=self.chance.choice([7, 50, 1_000]))
        karma, now = self.folding.answers.karma, Instant(moment(after) - 1)
        known = [each.member for each in karma.purses()]
        answers = [karma.purse(name, now=now) for name in known]
        self.purses[after] = [answer for name, answer in zip(known, answers, strict=True) if answer["member"] == name]
        self.books[after] = books_of(karma, now=now)["accounts"]

    def postings(self) -> list[Posting]:
        """Every posting of the year, each once, as the statements have them; what time alone changed last as well."""
        client, keys, end = self.folding.client, self.folding.answers.keys, moment(date(2027, 1, 1)) - 1
        found: dict[bytes, Posting] = {}
        due: list[Posting] = []
        for purse in self.folding.answers.karma.purses():
            lines = client.hgetall(keys.statement(MemberId(purse.member)))
            found |= {place: load_posting(content)[-1] for place, content in lines.items()}
            due += passed(purse, self.folding.org.timeline, Instant(end))[1]
        return [*(found[place] for place in sorted(found)), *due]

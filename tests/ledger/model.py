"""The ledger once more, naively: every midnight of every member is lived through, and every sum is made anew.

It shares no code with the engine: what it knows is docs/karma.md. Days and windows are those of UTC.
"""

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

DAY_MS = 86_400_000
Account = tuple[str, str]


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at / 1_000, UTC).date()


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000


def window(per: str, day: date) -> Any:
    """What days have in common that lie in one window."""
    return {
        "day": day,
        "week": day.isocalendar()[:2],
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
    }[per]


def days_in(per: str, day: date) -> list[date]:
    """The days of a window, found by walking both ways."""
    first = day
    while window(per, date.fromordinal(first.toordinal() - 1)) == window(per, day):
        first = date.fromordinal(first.toordinal() - 1)
    found = []
    while window(per, first) == window(per, day):
        found.append(first)
        first = date.fromordinal(first.toordinal() + 1)
    return found


def next_window(per: str, day: date) -> date:
    return date.fromordinal(days_in(per, day)[-1].toordinal() + 1)


def spelled(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class Model:
    """Everything that was accepted, as lists."""

    def __init__(self, start: int) -> None:
        self.now = start - 1
        self.versions: list[tuple[int, dict[str, Any]]] = []
        self.people: dict[str, tuple[str, str, frozenset[tuple[str, str]]]] = {}  # said: member, presence, groups
        self.members: dict[str, dict[str, Any]] = {}
        self.postings: list[tuple[int, Account, Account, int]] = []
        self.gifts: dict[str, dict[str, Any]] = {}
        self.redemptions: dict[str, dict[str, Any]] = {}
        self.causes: dict[str, tuple[int, str]] = {}
        self.placed: list[tuple[str, Any, int, str]] = []  # budget, window, karma, whose request
        self.restocked: list[tuple[str, int]] = []
        self.asked = 0

    # What there is.

    def balance(self, kind: str, member: str | None = None) -> int:
        """The sum of what came into an account, less what went out; without a member, of all of that kind."""
        total = 0
        for _, source, target, amount in self.postings:
            total -= amount if source[0] == kind and member in {None, source[1]} else 0
            total += amount if target[0] == kind and member in {None, target[1]} else 0
        return total

    @property
    def book(self) -> dict[str, Any]:
        return self.book_at(self.now)

    def book_at(self, at: int) -> dict[str, Any]:
        return next((book for start, book in reversed(self.versions) if start <= at), {})

    @property
    def karma(self) -> dict[str, Any] | None:
        return self.book.get("karma")

    @property
    def today(self) -> date:
        return day_of(self.now)

    def expires(self) -> int | None:
        said = (self.karma or {}).get("earned_expires")
        return None if said is None else int(said[:-1])

    def who(self, said: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
        return self.people.get(said, (said, "UNKNOWN", frozenset()))

    def one(self, member: str) -> str:
        return self.people[member][0] if member in self.people else member

    # Time.

    def live_until(self, at: int) -> None:
        """Lives through every midnight up to a moment."""
        day = date.fromordinal(day_of(self.now).toordinal() + 1)
        while midnight(day) <= at:
            self.now = midnight(day)
            begins = any(start == self.now for start, _ in self.versions)
            for name in self.members:
                self.midnight_of(name, day, begins=begins)
            day = date.fromordinal(day.toordinal() + 1)
        self.now = at

    def midnight_of(self, name: str, day: date, *, begins: bool) -> None:
        member, allowance = self.members[name], (self.karma or {}).get("allowance")
        if begins:
            member["lots"] = [
                [(received or day) if self.expires() is not None else None, n] for received, n in member["lots"]
            ]
        if member["until"] == day:
            self.post(("allowance", name), ("expired", name), self.balance("allowance", name))
            member["until"] = None
        if member["until"] is None and member["here"] and allowance:
            self.post(("allowance", name), ("expired", name), self.balance("allowance", name))
            self.post(("issuance", name), ("allowance", name), allowance["karma"])
            member["until"] = next_window(allowance["per"], day)
        self.lose_what_is_old(name)
        for coming in [each for each in member["coming"] if each[0] == self.now]:
            member["coming"].remove(coming)
            into = "expired" if coming[1] == "allowance" and not member["here"] else coming[1]
            self.credit(("budget", name), (into, name), coming[2])

    def lose_what_is_old(self, name: str) -> None:
        lots = self.members[name]["lots"]
        days = sorted({received for received, _ in lots if received is not None})
        for old in [each for each in days if (self.today - each).days > (self.expires() or 0)]:
            self.post(("earned", name), ("expired", name), sum(n for received, n in lots if received == old))

    # Postings.

    def post(self, source: Account, target: Account, amount: int, lots: Any = None) -> None:
        if not amount:
            return
        assert amount > 0
        self.postings.append((self.now, source, target, amount))
        if source[0] == "earned":
            self.take_lots(source[1], amount)
        if target[0] == "earned":
            mine = self.members[target[1]]["lots"]
            today = None if self.expires() is None else self.today
            for received, part in lots or [[today, amount]]:
                mine.append([None if today is None else received or today, part])
            mine.sort(key=lambda lot: lot[0] or date.min)

    def take_lots(self, name: str, amount: int) -> list[list[Any]]:
        taken, lots = [], self.members[name]["lots"]
        while amount:
            part = min(amount, lots[0][1])
            taken.append([lots[0][0], part])
            lots[0][1] -= part
            amount -= part
            if not lots[0][1]:
                lots.pop(0)
        return taken

    def credit(self, source: Account, target: Account, amount: int, lots: Any = None) -> None:
        self.post(source, target, amount, lots)
        self.repay(target, amount)

    def repay(self, account: Account, amount: int) -> None:
        if account[0] in {"allowance", "earned"}:
            self.post(account, ("owed", account[1]), min(amount, -self.balance("owed", account[1])))

    def take_back(self, source: Account, target: Account, amount: int) -> None:
        there = min(amount, self.balance(*source))
        self.post(source, target, there)
        self.post(("owed", source[1]), target, amount - there)

    def returned_to(self, name: str, until: date | None) -> Account:
        still = self.members[name]["here"] and self.members[name]["until"] == until
        return ("allowance" if still else "expired", name)

    # What is counted.

    def counted_until_now(self, at: int, section: str, kind: tuple[Any, ...]) -> bool:
        """Whether every version in force since a moment has a limit of one kind, and the window is the same."""
        books = [self.book_at(at), *(book for start, book in self.versions if at < start <= self.now)]
        for book in books:
            limits = ((book.get("karma") or {}).get(section) or {}).get("limits", [])
            if kind not in [self.kind_of(limit) for limit in limits]:
                return False
        return bool(window(kind[0], day_of(at)) == window(kind[0], self.today))

    @staticmethod
    def kind_of(limit: dict[str, Any]) -> tuple[Any, ...]:
        currency = limit["worth"].split()[1] if "worth" in limit else None
        return (limit["per"], limit.get("same"), limit.get("of"), currency)

    def given(self, limit: dict[str, Any], giver: str | None, receiver: str | None) -> int:
        total = 0
        for gift in self.gifts.values():
            is_counted = gift["stage"] == "GIVEN" and giver in {None, self.one(gift["giver"])}
            if is_counted and self.counted_until_now(gift["at"], "gifts", self.kind_of(limit)):
                to = gift["receivers"] if limit.get("same") else [self.one(each) for each in gift["receivers"]]
                total += gift["amount"] * sum(receiver in {None, each} for each in to)
        return total

    def place(self, what: str, amount: int, groups: Any) -> tuple[int, list[tuple[str, Any]]] | None:
        """When the budgets have room, and the windows that count it; None where they refuse."""
        pots = [
            (f"{what} {budget['per']} {group}", budget)
            for budget in (self.karma or {}).get("budgets", [])
            if what in budget
            for group in ([""] if "by" not in budget else sorted(name for kind, name in groups if kind == budget["by"]))
        ]
        at = self.now
        for _ in range(24):
            for name, budget in pots:
                here = window(budget["per"], day_of(at))
                used = sum(karma for pot, when, karma, _ in self.placed if (pot, when) == (name, here))
                if used + amount > budget[what]:
                    if budget.get("at_ceiling") != "queue" or amount > budget[what]:
                        return None
                    at = midnight(next_window(budget["per"], day_of(at)))
                    break
            else:
                return at, [(name, window(budget["per"], day_of(at))) for name, budget in pots]
        return None

    def stock(self, reward: str) -> int:
        """Pieces that are left of what there ever was."""
        said = [
            book["shop"][reward]["stock"]
            for start, book in self.versions
            if start <= self.now and "stock" in book.get("shop", {}).get(reward, {})
        ]
        taken = sum(each["piece"] and each["reward"] == reward for each in self.redemptions.values() if self.kept(each))
        return (said[0] if said else 0) + sum(n for name, n in self.restocked if name == reward) - taken

    @staticmethod
    def kept(redemption: dict[str, Any]) -> bool:
        return redemption["stage"] in {"WAITING", "APPROVED", "FULFILLED"}

    def worth_so_far(self, limit: dict[str, Any], name: str) -> Decimal:
        return sum(
            (
                each["worth"][0]
                for each in self.redemptions.values()
                if self.kept(each) and self.one(each["receiver"]) == name and each["worth"] is not None
                if each["worth"][1] == limit["worth"].split()[1]
                if self.counted_until_now(each["at"], "redeem", self.kind_of(limit))
            ),
            Decimal(0),
        )

"""A long life of people who mean well, in which things add up that seldom come together by themselves."""

from random import Random
from typing import Any

from tests.ledger.happenings import Happenings


class Life:
    """Steps by chance, all of the same seed."""

    def __init__(self, seed: int, books: list[dict[str, Any]], ledger: Happenings) -> None:
        self.chance, self.books = Random(seed), books
        self.ledger = ledger
        self.ledger.begins(books.pop())

    def live(self, steps: int) -> None:
        often = [self.give] * 6 + [self.mint] * 3 + [self.request] * 4 + [self.go_on] * 5 + [self.pass_time] * 4
        seldom = [self.boost, self.withdraw, self.void, self.cancel, self.come_or_go, self.change, self.link]
        for _ in range(steps):
            self.chance.choice(often + seldom)()
            self.ledger.check_all()

    def member(self) -> str:
        return self.chance.choice(["anna", "ben", "cleo", "zoe"])

    def pick(self) -> int:
        return self.chance.randrange(1_000)

    def give(self) -> None:
        to = self.chance.sample(["anna", "ben", "cleo", "eve", "zoe"], 5)
        self.ledger.give_to_several(self.member(), to, self.chance.randint(1, 25))

    def mint(self) -> None:
        member = self.chance.choice(["anna", "ben", "cleo", "eve"])
        if self.ledger.model.who(member)[1] != "UNKNOWN":
            self.ledger.mint(member, self.chance.choice("vwxyz"), self.chance.randint(-5, 60))

    def request(self) -> None:
        self.ledger.request(
            self.member(),
            self.chance.choice(["card", "card", "tea", "book", "cup"]),
            self.chance.choice([None, "anna", "ben", "cleo"]),
        )

    def go_on(self) -> None:
        self.ledger.go_on(self.chance.choice(["approved", "approved", "fulfilled", "declined", "expired"]), self.pick())

    def pass_time(self) -> None:
        self.ledger.time_passes(self.chance.choice([0, 1, 11, 24, 24 * 4, 24 * 9]))

    def boost(self) -> None:
        self.ledger.boost(self.member(), self.chance.randint(1, 10), self.pick())

    def withdraw(self) -> None:
        self.ledger.withdraw(self.pick())

    def void(self) -> None:
        self.ledger.void(self.pick())

    def cancel(self) -> None:
        self.ledger.cancel(self.pick())

    def come_or_go(self) -> None:
        self.chance.choice([self.ledger.leave, lambda: self.ledger.join(self.chance.randint(0, 40))])()

    def link(self) -> None:
        if self.chance.random() < 0.2:
            self.ledger.link()

    def change(self) -> None:
        if self.books:
            self.ledger.another_rulebook(self.books.pop())

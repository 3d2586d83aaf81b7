"""A long life of people who mean well, in which things add up that seldom come together by themselves."""

from collections.abc import Callable
from random import Random
from typing import Any, cast

from tests.ledger.happenings import Happenings
from tests.ledger.stored import Stored
from tests.ledger.told import Told


class Life:
    """Steps by chance, all of the same seed."""

    def __init__(self, seed: int, books: list[dict[str, Any]], ledger: Happenings) -> None:
        self.chance, self.books = Random(seed), books
        self.ledger = ledger
        self.ledger.begins(books.pop())

    def live(self, steps: int) -> None:
        happenings = self.happenings()
        for _ in range(steps):
            self.chance.choice(happenings)()
            self.ledger.check_all()

    def happenings(self) -> list[Callable[[], None]]:
        """What happens, each as often as it stands there."""
        often = [self.give] * 6 + [self.mint] * 3 + [self.request] * 4 + [self.go_on] * 5 + [self.pass_time] * 4
        return [*often, self.boost, self.withdraw, self.void, self.cancel, self.come_or_go, self.change, self.link]

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


class ToldLife(Life):
    """The same in a log, in which much is told late, twice, or by a wrong clock, and people have several ids."""

    @property
    def told(self) -> Told:
        return cast("Told", self.ledger)

    def happenings(self) -> list[Callable[[], None]]:
        return [
            *super().happenings() * 2,
            self.move,
            self.move,
            self.talk,
            self.say_again,
            self.clocks_differ,
            self.meet,
        ]

    def anybody(self) -> str:
        return self.chance.choice(["anna", "ben", "cleo", "eve", "finn", "zoe", "a.smith"])

    def move(self) -> None:
        self.told.move(self.anybody(), self.chance.choice(["red", "blue"]), self.chance.random() < 0.7)

    def talk(self) -> None:
        self.told.do_what_counts(self.anybody())

    def say_again(self) -> None:
        self.told.say_again(self.pick(), self.chance.randint(1, 3), self.chance.random() < 0.2)

    def clocks_differ(self) -> None:
        self.told.clocks_differ(
            self.chance.choice([1, 60_000, 86_400_000, 40 * 86_400_000]), self.chance.random() < 0.3
        )

    def meet(self) -> None:
        """What is asked of who was not there from the beginning."""
        name = self.chance.choice(["eve", "finn", "a.smith"])
        self.told.ask("reward.requested", name, reward=self.chance.choice(["tea", "cup"]))
        self.told.give(name, self.chance.choice(["anna", "ben"]), self.chance.randint(1, 20))
        self.told.mint(name, self.chance.choice("vw"), self.chance.randint(1, 30))

    def change(self) -> None:
        if self.books and self.chance.random() < 0.3:
            self.told.announce(self.books.pop(), self.chance.randint(1, 9))
        super().change()

    def link(self) -> None:
        if self.chance.random() < 0.1:
            self.told.link_others(
                self.chance.choice([("zoe", "cleo"), ("eve", "ben"), ("finn", "eve"), ("zoe", "nobody")])
            )


class StoredLife(ToldLife):
    """The same, folded into a store every now and then."""

    def happenings(self) -> list[Callable[[], None]]:
        return [*super().happenings(), *[self.fold] * 4]

    def fold(self) -> None:
        cast("Stored", self.ledger).fold(self.chance.choice([1, 2, 3, 7, 1_000]), self.chance.random() < 0.3)

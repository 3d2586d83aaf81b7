"""An office in a log: people thank each other, two of them by arrangement, and days are closed."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

from tests.closings import closing
from tests.test_karma import DAY_MS, START, Life

WATCH: dict[str, Any] = {
    "allowance": {"per": "year", "karma": 1_000},
    "fairness": {"watch": True, "hold": True},
}
SHOP: dict[str, Any] = {
    "cup": {"price": 5, "approval": "required", "for": ["self", "colleague"]},
    "card": {"price": 5},
}
STAFF = ("s1", "s2", "s3", "s4")
ADMINS = ("ines", "otto", "hugo")
PAIR = ("ann", "ben")


class Office(Life):
    """People who thank each other evenly, and days that are closed."""

    def __init__(self, start: int = START, /, **karma: Any) -> None:
        super().__init__(start, karma={**WATCH, **karma}, shop=SHOP)
        self.join(*STAFF, *ADMINS, *PAIR)
        self.thank_each_other()

    def thank_each_other(self) -> list[str]:
        """What is usual: everybody gives as much to each of three; the gifts."""
        return [self.give(*two) for two in permutations(STAFF, 2)]

    def day(self, count: float) -> None:
        """Goes on so many days after the first."""
        assert self.start + count * DAY_MS >= self.now, "time does not go back"
        self.now = int(self.start + count * DAY_MS)

    def give(self, giver: str, receiver: str, amount: int = 10) -> str:
        return self.say("karma.given", giver, to=[receiver], amount=amount)

    def arranged(self, one: str = "ann", other: str = "ben") -> list[str]:
        """Two give mostly to each other, over 36 days; the gifts."""
        gifts = []
        for count in (2, 14, 26, 38):
            self.day(count)
            gifts += [self.give(one, other), self.give(other, one)]
        self.give(one, "s1", 5)
        self.give(other, "s2", 5)
        return gifts

    def close(self, count: int) -> None:
        """The end of the day that is so many days after the first."""
        self.day(max(count + 1, (self.now - self.start) / DAY_MS))
        day = (datetime.fromtimestamp(self.start / 1_000, UTC) + timedelta(days=count)).date()
        self._add(closing(day, ZoneInfo("UTC"), self.now))

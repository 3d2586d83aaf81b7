"""What a made-up organisation of a thousand members gives in 120 days, drawn from a seed; some of it by arrangement.

Nothing here is known to the watch, and nothing of the watch is known here. People give as people do: a few give a lot
and most give little; most of it inside their team; they thank mentors and whoever leads the team, and thank back; a
quarter leaves most of it to the last days of the month, and some of these give away what is left then; they go on
holiday; who joins thanks whoever helps them in. Those who have made an arrangement do so as well, with what it leaves.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from benchmarks.fairness_people import DAYS, MEMBERS, Person, Scheme, arranged, honest, perhaps
from engine.fairness.alerts import Kind
from engine.fairness.given import Given
from schemas.words import Day, MemberId

_YEAR = date(2026, 1, 1)
_ALLOWANCE = 100  # a month
_SMALL = (5, 5, 5, 5, 5, 10, 10, 10, 10)
_AMOUNTS = (*_SMALL, 15, 20, 25, 25, 50)
_LARGE = (10, 10, 10, 10, 15, 20, 25, 25, 50)
_SATURDAY = 5
_GIFTS_MAX = 40


@dataclass(frozen=True, slots=True)
class Plant:
    """An arrangement and who is in it; of a receiver the first one receives, of a dumper the second."""

    kind: Kind
    members: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True)
class World:
    """One organisation: who is there, what was given, the day of the watch, and what was planted."""

    members: tuple[MemberId, ...]
    gifts: tuple[Given, ...]
    today: Day
    plants: tuple[Plant, ...]


class _Month:
    """What one member gives in one month, within the allowance; days count from the first of the world."""

    def __init__(self, people: Sequence[Person], start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.left = _ALLOWANCE
        self.given: list[tuple[int, int, int]] = []
        """(day, whom, karma)"""
        self._people = people

    def give(self, day: int, whom: int, karma: int) -> None:
        karma = min(karma, self.left)
        if karma > 0 and self._people[whom].joined <= day:
            self.left -= karma
            self.given.append((day, whom, karma))


@dataclass(slots=True)
class _Making:
    """A world in the making."""

    chance: random.Random
    first: date
    people: list[Person]
    owed: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By member: whom they will thank back, and on which day."""

    def date(self, day: int) -> date:
        return self.first + timedelta(days=day)

    def months(self) -> Iterator[tuple[int, int]]:
        """The days of each calendar month, from and to; of the first and the last only a part may lie in the world."""
        starts = [0, *(day for day in range(1, DAYS) if self.date(day).day == 1), DAYS]
        return pairwise(starts)

    def month(self, who: int, start: int, end: int) -> list[tuple[int, int, int]]:
        person = self.people[who]
        month = _Month(self.people, max(start, person.joined), end)
        if month.start >= end:
            return []
        busy = person.gifts_a_month * (end - month.start) / 30 * self.chance.lognormvariate(0, 0.3)
        if person.scheme:
            self._arranged(person.scheme, month)
            beside = sum(karma for _, _, karma in month.given) * (1 - person.scheme.share) / person.scheme.share
            month.left, busy = min(month.left, int(beside)), max(busy, 3.0)
        self._thanks(who, month, busy)
        if person.empties and not person.scheme and self.date(end).day == 1:
            some = self._some(person, self.chance.randint(2, 5))
            each = month.left // len(some)
            for whom in some:
                month.give(end - 1 - self.chance.randrange(3), whom, each)
        for day, whom, _ in month.given:
            if perhaps(self.chance, 0.1):
                self.owed[whom].append((min(DAYS - 1, day + self.chance.randint(0, 6)), who))
        return month.given

    def _thanks(self, who: int, month: _Month, busy: float) -> None:
        person = self.people[who]
        for whom in self._some(person, min(_GIFTS_MAX, int(busy) + perhaps(self.chance, busy % 1))):
            day = self._day(person, month)
            if day is not None:
                month.give(day, whom, self.chance.choice(_AMOUNTS))
        for day, whom in self.owed.pop(who, ()):
            if month.start <= day < month.end:
                month.give(day, whom, self.chance.choice(_SMALL))
            else:
                self.owed[who].append((day, whom))

    def _some(self, person: Person, times: int) -> list[int]:
        return self.chance.choices(list(person.thanked), list(person.thanked.values()), k=times)

    def _day(self, person: Person, month: _Month) -> int | None:
        """A workday on which somebody is there; who leaves it to the end does so in the last four days."""
        for _ in range(4):
            start = max(month.start, month.end - 4) if perhaps(self.chance, person.late) else month.start
            day = self.chance.randrange(start, month.end)
            if self.date(day).weekday() < _SATURDAY and not person.away[0] <= day < person.away[1]:
                return day
        return None

    def _arranged(self, scheme: Scheme, month: _Month) -> None:
        start = max(month.start, scheme.since)
        if start >= month.end or perhaps(self.chance, scheme.skips):
            return
        karma = int(_ALLOWANCE * scheme.spends * scheme.share)
        if not scheme.dumps:
            karma = karma * (month.end - start) // 30
            while karma > 0:
                some = min(karma, self.chance.choice(_LARGE))
                karma -= some
                month.give(self.chance.randrange(start, month.end), scheme.receiver, some)
        elif self.date(month.end).day == 1:
            parts = self.chance.randint(1, 3)
            for part in range(parts):
                day = month.end - 1 - min(3, int(self.chance.expovariate(1.2)))  # a day too early now and then
                month.give(max(start, day), scheme.receiver, karma // parts + (karma % parts if not part else 0))


def world(seed: int, *, planted: bool = True) -> World:
    """The organisation of a seed, the same each time; without `planted` nobody has arranged anything."""
    chance = random.Random(seed)
    people = honest(chance)
    arrangements = arranged(chance, people) if planted else []
    making = _Making(chance, _YEAR + timedelta(days=chance.randrange(365)), people)
    names = [MemberId(f"m{number:04}") for number in chance.sample(range(MEMBERS), MEMBERS)]  # says nothing of teams
    gifts: list[Given] = []
    for start, end in making.months():
        last = Day(_last(making.date(start)).toordinal())
        for who in range(MEMBERS):
            for day, whom, karma in making.month(who, start, end):
                when = Day(making.date(day).toordinal())
                gifts.append(Given(f"{len(gifts):06}", names[who], names[whom], karma, when, last))
    plants = tuple(Plant(each.kind, tuple(names[at] for at in each.members)) for each in arrangements)
    return World(tuple(sorted(names)), tuple(gifts), Day(making.date(DAYS - 1).toordinal()), plants)


def _last(day: date) -> date:
    """The last day of a month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)

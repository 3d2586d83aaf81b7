"""Who works in a made-up organisation, whom they thank and how they go about it, and who has made an arrangement."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.fairness.alerts import Kind

MEMBERS = 1_000
DAYS = 120

_TEAM = (5, 12)
_MENTORS = 40
_PROJECTS = 60
_PLANTED = {"pairs": 6, "rings of 3, 4 and 5 each": 3, "receivers": 5, "dumpers": 8}


@dataclass(slots=True)
class Scheme:
    """What a planted giver does beside what others do."""

    receiver: int
    share: float  # of what they give in a month
    spends: float  # of their allowance
    since: int  # the day on which it begins
    skips: float  # how often a month is left out
    dumps: bool = False  # in the last days of a month, at once


@dataclass(slots=True)
class Person:
    """A member, as a number, and how they give."""

    team: int
    gifts_a_month: float
    thanked: dict[int, float] = field(default_factory=dict[int, float])
    """Whom they thank, with weights."""
    late: float = 0.0
    """The share of what they give that they leave to the last days of a month."""
    empties: bool = False
    """Gives away what is left at a month's end, to several."""
    joined: int = 0
    away: tuple[int, int] = (0, 0)
    scheme: Scheme | None = None

    def thanks(self, whom: int, weight: float) -> None:
        """Somebody more, or more often."""
        self.thanked[whom] = self.thanked.get(whom, 0.0) + weight


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who is in it; of a receiver the first one receives, of a dumper the second."""

    kind: Kind
    members: tuple[int, ...]


def perhaps(chance: random.Random, share: float) -> bool:
    """True so often."""
    return chance.random() < share


def honest(chance: random.Random) -> list[Person]:
    """A thousand members in teams of 5 to 12, none of whom has arranged anything.

    The one whom somebody thanks most gets a quarter of it in the middle, and half of it from one member in a hundred.
    """
    people, teams = _teams(chance)
    for team in teams:
        _team(chance, people, team)
    for mentor in chance.sample(range(MEMBERS), _MENTORS):
        for mentee in _others(chance, mentor, chance.randint(4, 18)):
            people[mentee].thanks(mentor, chance.uniform(0.5, 2.5))
            people[mentor].thanks(mentee, chance.uniform(0.0, 0.5))
    for _ in range(_PROJECTS):
        some = chance.sample(range(MEMBERS), chance.randint(3, 5))
        for one in some:
            for other in (each for each in some if each != one):
                people[one].thanks(other, chance.uniform(0.3, 1.5))
    for who, person in enumerate(people):
        for other in _others(chance, who, 6):  # whom one meets
            person.thanks(other, chance.uniform(0.05, 0.3))
        _ways(chance, person)
        if perhaps(chance, 0.08):
            person.joined = chance.randrange(10, DAYS - 5)
            helper = chance.choice([each for each in teams[person.team] if each != who])
            person.thanks(helper, chance.uniform(2, 6))
    return people


def _others(chance: random.Random, who: int, count: int) -> list[int]:
    return [each for each in chance.sample(range(MEMBERS), count) if each != who]


def _teams(chance: random.Random) -> tuple[list[Person], list[list[int]]]:
    people: list[Person] = []
    teams: list[list[int]] = []
    least, most = _TEAM
    while left := MEMBERS - len(people):
        size = left if left <= most else min(chance.randint(least, most), left - least)
        teams.append(list(range(len(people), len(people) + size)))
        few_or_many = [min(25.0, chance.lognormvariate(1.3, 0.9)) for _ in range(size)]
        people += [Person(len(teams) - 1, gifts) for gifts in few_or_many]
    return people, teams


def _team(chance: random.Random, people: Sequence[Person], team: Sequence[int]) -> None:
    for at, one in enumerate(team):
        for other in team[at + 1 :]:
            both = min(4.0, chance.lognormvariate(0, 0.7))
            people[one].thanks(other, both * chance.lognormvariate(0, 0.4))
            people[other].thanks(one, both * chance.lognormvariate(0, 0.4))
    for member in team[1:]:
        people[member].thanks(team[0], chance.uniform(0, 1.5))  # who leads the team
    if perhaps(chance, 0.25):  # two who work together all day
        one, other = chance.sample(team, 2)
        people[one].thanks(other, chance.uniform(0.5, 2.5))
        people[other].thanks(one, chance.uniform(0.5, 2.5))


def _ways(chance: random.Random, person: Person) -> None:
    if perhaps(chance, 0.25):
        person.late = chance.uniform(0.5, 0.95)
        person.empties = perhaps(chance, 0.4)
    else:
        person.late = chance.uniform(0.0, 0.3)
    if perhaps(chance, 0.4):
        begin = chance.randrange(DAYS)
        person.away = (begin, begin + chance.randint(5, 21))


def arranged(chance: random.Random, people: Sequence[Person]) -> list[Arrangement]:
    """Plants pairs, rings, receivers and dumpers among those who were there all the time, each in one of them.

    Half of them are from one team where it is large enough. Two in five are lazy: they give less, give up to half of
    it elsewhere, and leave out a month now and then.
    """
    free = {who for who, person in enumerate(people) if not person.joined}
    found: list[Arrangement] = []

    def some(size: int) -> list[int]:
        every = sorted(free)
        if perhaps(chance, 0.5):
            team = people[chance.choice(every)].team
            mates = [each for each in every if people[each].team == team]
            every = mates if len(mates) >= size else every
        members = chance.sample(every, size)
        free.difference_update(members)
        return members

    def circle(kind: Kind, size: int) -> None:
        members, lazy = some(size), perhaps(chance, 0.4)
        for giver, receiver in zip(members, [*members[1:], members[0]], strict=True):
            people[giver].scheme = _scheme(chance, receiver, lazy=lazy)
        found.append(Arrangement(kind, tuple(members)))

    for _ in range(_PLANTED["pairs"]):
        circle(Kind.PAIR, 2)
    for size in (3, 4, 5):
        for _ in range(_PLANTED["rings of 3, 4 and 5 each"]):
            circle(Kind.RING, size)
    for _ in range(_PLANTED["receivers"]):
        members, lazy = some(chance.randint(4, 7)), perhaps(chance, 0.4)
        for giver in members[1:]:
            people[giver].scheme = _scheme(chance, members[0], lazy=lazy)
        found.append(Arrangement(Kind.RECEIVER, tuple(members)))
    for _ in range(_PLANTED["dumpers"]):
        giver, receiver = some(2)
        scheme = _scheme(chance, receiver, lazy=perhaps(chance, 0.4))
        # once a month at most: who begins late or leaves out a month has not done so again and again
        scheme.dumps, scheme.since, scheme.skips = True, 0, 0.0
        people[giver].scheme = scheme
        found.append(Arrangement(Kind.DUMPING, (giver, receiver)))
    return found


def _scheme(chance: random.Random, receiver: int, *, lazy: bool) -> Scheme:
    since = chance.choice([0, 0, 0, 45])
    if lazy:
        return Scheme(receiver, chance.uniform(0.5, 0.75), chance.uniform(0.5, 0.9), since, skips=0.12)
    return Scheme(receiver, chance.uniform(0.7, 0.95), chance.uniform(0.75, 1.0), since, skips=0.0)

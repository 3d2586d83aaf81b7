"""What a member has of badges: what was reached, what was decided by hand, and what follows from these."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from engine.calendar import Calendar
from engine.catalogue import Catalogue
from engine.effects import level_of
from engine.plan import CollectionPlan, PartPlan, Plan
from engine.standing import Standing
from engine.totals import Totals
from schemas.words import Day, Instant

Marks = dict[str, int]
"""What was told of badges that do not hang on the member's own totals alone: times in ms, by name."""


class Held(NamedTuple):
    """A badge, or a level of one, by number; `value` is what it is for, as `engine.values.value_text` writes it."""

    badge: int
    level: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.badge}|{level_of(self.level, self.value)}"

    @classmethod
    def named(cls, name: str) -> "Held":
        """What a name of `Marks` stands for."""
        number, _, rest = name.partition("|")
        level, _, value = rest.partition("\0")
        return cls(int(number), level, value)


Times = dict[Held, int]
"""When each was completed, in ms."""


def dump_times(times: Times) -> Marks:
    """JSON data; `load_times` gives equal times."""
    return {str(what): at for what, at in times.items()}


def load_times(marks: Marks) -> Times:
    """The times of `dump_times`."""
    return {Held.named(name): at for name, at in marks.items()}


def reached(totals: Totals, catalogue: Catalogue) -> Times:
    """What scores, streaks and chains have reached."""
    found = {Held(number, level): at for number, levels in totals.levels.items() for level, at in levels.items()}
    for name, slots in totals.tallies.items():
        number, _, value = name.partition("|")
        places = catalogue.tallies[int(number)].levels.get(int(number), {})
        for level, place in places.items():
            if place < len(slots) and slots[place]:
                found[Held(int(number), level, value)] = slots[place] - 1
    return found


class Badges:
    """What the versions of a rulebook, each where it is the one that says it, make of what a member did."""

    def __init__(self, plans: Sequence[Plan], catalogue: Catalogue) -> None:
        self._plans = plans
        self._catalogue = catalogue
        self._scarce = {first.number for plan in plans for first in plan.firsts}
        self._named: tuple[int, dict[int, Plan]] = (-1, {})  # what `_naming` said last: members are asked at one moment

    def held(self, totals: Totals, standing: Standing, settled: Times, now: Instant) -> Times:
        """All badges and levels that a member has by the clock, those that have run out among them."""
        naming = self._naming(now)
        begun = {number: plan for number, plan in naming.items() if plan.since is None or plan.since <= now}
        found = {what: at for what, at in reached(totals, self._catalogue).items() if what.badge not in self._scarce}
        found |= settled
        for number, plan in begun.items():  # what follows from other things is there once somebody has invented it
            if number in plan.tenures:
                found |= dict(self._stayed(number, plan, standing, now))
        decided = standing.decided()
        # Reached for any value it was reached anyway: a later version may tell values apart.
        there = {(what.badge, what.level) for what in found}
        for (badge, level), given in decided.items():
            if given is not None and (badge, level) not in there:
                found[Held(badge, level)] = given
        for what in [what for what in found if decided.get((what.badge, what.level), 0) is None]:
            del found[what]
        collecting = _Collecting(self, naming, found, decided)
        for number, plan in begun.items():
            if number in plan.collections:
                collecting.collect(number)
        return found

    def until(self, what: Held, totals: Totals, standing: Standing) -> int | None:
        """Until when a level holds, in ms; None where it does not run out."""
        valid = next((plan.valid[what.badge] for plan in reversed(self._plans) if what.badge in plan.valid), None)
        if valid is None:
            return None
        layout, slots = totals.layout, totals.slots
        if what.value:
            layout, slots = self._catalogue.tallies[what.badge], totals.tallies[f"{what.badge}|{what.value}"]
        at = layout.validity.get((what.badge, what.level))
        earned = slots[at] - 1 if at is not None and at < len(slots) and slots[at] else None
        times = [each for each in (earned, standing.decided().get((what.badge, what.level))) if each is not None]
        return max(times) + valid if times else None

    def is_open(self, badge: int, at: int) -> bool:
        """Whether a badge could be reached at a moment, by the version that was in force then."""
        plan = self._in_force(at)
        last = plan.closing.get(badge)
        return last is None or plan.calendar.day(Instant(at)) <= last

    def _in_force(self, at: int) -> Plan:
        return next(plan for plan in reversed(self._plans) if plan.since is None or plan.since <= at)

    def _naming(self, now: int) -> dict[int, Plan]:
        """The newest version that names each badge; one that is not in force yet only for what no other names."""
        if self._named[0] != now:
            begun = [plan for plan in self._plans if plan.since is None or plan.since <= now]
            later = [plan for plan in self._plans if plan.since is not None and plan.since > now]
            named = {number: plan for plan in (*reversed(later), *begun) for number in plan.badges}
            self._named = (now, named)
        return self._named[1]

    def _stayed(self, badge: int, plan: Plan, standing: Standing, now: int) -> Iterator[tuple[Held, int]]:
        if standing.stay is None:
            return
        joined, left = standing.stay
        calendar = self._in_force(now).calendar
        for level, months in plan.tenures[badge]:
            at = _months_later(calendar, joined, months)
            if at is not None and at <= (now if left is None else min(now, left)) and self.is_open(badge, at):
                yield Held(badge, level), at


class _Collecting:
    """Works out collections, each after those that it names; one that needs itself is never there."""

    def __init__(
        self,
        badges: Badges,
        naming: Mapping[int, Plan],
        found: Times,
        decided: Mapping[tuple[int, str], int | None],
    ) -> None:
        self._badges = badges
        self._naming = naming
        self._found = found
        self._decided = decided
        self._asked: set[int] = set()

    def collect(self, badge: int) -> None:
        """Puts a collection down, if it is complete."""
        if badge in self._asked:
            return
        self._asked.add(badge)
        plan = self._naming[badge].collections[badge]
        for part in (*plan.all_of, *plan.any_of):
            if part.owner in self._naming and part.owner in self._naming[part.owner].collections:
                self.collect(part.owner)
        if self._decided.get((badge, ""), 0) is not None:
            complete = {Held(badge, "", value): at for value, at in self._complete(badge, plan)}
            if complete:
                self._found.pop(Held(badge, ""), None)  # by hand, perhaps; reached anyway it has its own time
            self._found.update(complete)

    def _complete(self, badge: int, plan: CollectionPlan) -> Iterator[tuple[str, int]]:
        """The values for which all is there that a collection asks for, and since when."""
        all_of, any_of = ([self._of(badge, part) for part in parts] for parts in (plan.all_of, plan.any_of))
        values = sorted({value for part in (*all_of, *any_of) for value in part if value}) if plan.each else [""]
        for value in values:
            have = [_first(part, value if plan.each else None) for part in all_of]
            some = sorted(at for part in any_of if (at := _first(part, value if plan.each else None)) is not None)
            there = [at for at in have if at is not None]
            if len(there) == len(have) and len(some) >= plan.need:
                yield value, max([*there, *some[: plan.need]])

    def _of(self, badge: int, part: PartPlan) -> dict[str, int]:
        """What is there of a part, by value, and counts for a collection."""
        level = self._naming[part.owner].alone.get(part.owner, "") if part.level is None else part.level
        return {
            what.value: at
            for what, at in self._found.items()
            if what.badge == part.owner and what.level == level and self._badges.is_open(badge, at)
        }


def _first(part: Mapping[str, int], value: str | None) -> int | None:
    """When a part was there: for a value, or for any."""
    return min((at for each, at in part.items() if value is None or not each or each == value), default=None)


def _months_later(calendar: Calendar, at: int, months: int) -> int | None:
    """The first moment of the local day so many months after that of a moment; the last day of a shorter month."""
    day = date.fromordinal(calendar.day(Instant(at)))
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    length = monthrange(year, month + 1)[1]
    return calendar.midnight(Day(date(year, month + 1, min(day.day, length)).toordinal()))

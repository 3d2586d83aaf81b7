"""What a member has of badges: what was reached, what was decided by hand, and what follows from these."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from engine.calendar import Calendar
from engine.catalogue import Catalogue
from engine.plan import CollectionPlan, PartPlan, Plan
from engine.standing import Standing
from engine.totals import Totals
from schemas.words import Day, Instant

Marks = dict[str, int]
"""Times in ms by name of a badge: those that differ from what the totals say; -1 where it was taken."""


class Held(NamedTuple):
    """A badge, or a level of one, by number; `value` is what it is for, as `engine.values.value_text` writes it."""

    badge: int
    level: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.badge}|{self.level}\0{self.value}" if self.value else f"{self.badge}|{self.level}"

    @classmethod
    def named(cls, name: str) -> "Held":
        """What a name of `Marks` stands for."""
        number, _, rest = name.partition("|")
        level, _, value = rest.partition("\0")
        return cls(int(number), level, value)


Times = dict[Held, int]
"""When each was completed, in ms."""


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


def held(totals: Totals, standing: Standing, plan: Plan, catalogue: Catalogue, now: Instant) -> Times:
    """All badges of a member, under the newest version of the rulebook."""
    found = reached(totals, catalogue)
    found |= dict(_tenures(standing, plan, now))
    for (badge, level), given in standing.decided().items():
        if given is None:
            found.pop(Held(badge, level), None)
        else:
            found.setdefault(Held(badge, level), given)
    for collection in plan.collections:
        for value, at in _collected(collection, found):
            if collection.last_day is None or plan.calendar.day(Instant(at)) <= collection.last_day:
                _decide(found, Held(collection.number, "", value), at, standing)
    return found


def _decide(found: Times, what: Held, at: int, standing: Standing) -> None:
    """Puts down what was collected, unless it was taken by hand."""
    decided = standing.decided()
    if decided.get((what.badge, what.level), at) is not None:
        found[what] = at


def marks_of(times: Times, totals: Totals, catalogue: Catalogue) -> Marks:
    """What of a member's badges the totals alone do not say."""
    plain = reached(totals, catalogue)
    marks = {str(what): at for what, at in times.items() if plain.get(what) != at}
    return marks | {str(what): -1 for what in plain if what not in times}


def until(what: Held, totals: Totals, plans: Sequence[Plan], catalogue: Catalogue) -> int | None:
    """Until when a level holds, in ms; None where it does not run out."""
    valid = next((plan.validity[what.badge] for plan in reversed(plans) if what.badge in plan.validity), None)
    if valid is None:
        return None
    layout, slots = totals.layout, totals.slots
    if what.value:
        layout, slots = catalogue.tallies[what.badge], totals.tallies.get(f"{what.badge}|{what.value}", [])
    at = layout.validity.get((what.badge, what.level))
    if at is None or at >= len(slots) or not slots[at]:
        return None
    return slots[at] - 1 + valid


def _tenures(standing: Standing, plan: Plan, now: Instant) -> Iterator[tuple[Held, int]]:
    stay = standing.stay
    if stay is None:
        return
    joined, left = stay
    over = now if left is None else min(now, left)
    for tenure in plan.tenures:
        for level, months in tenure.months:
            at = _months_later(plan.calendar, joined, months)
            if at <= over:
                yield Held(tenure.number, level), at


def _months_later(calendar: Calendar, at: int, months: int) -> int:
    """The first moment of the local day so many months after that of a moment; the last day of a shorter month."""
    day = date.fromordinal(calendar.day(Instant(at)))
    month = 12 * day.year + day.month - 1 + months
    first = date(month // 12, month % 12 + 1, 1)
    length = (date((month + 1) // 12, (month + 1) % 12 + 1, 1) - first).days
    return calendar.midnight(Day(first.toordinal() + min(day.day, length) - 1))


def _collected(plan: CollectionPlan, times: Mapping[Held, int]) -> Iterator[tuple[str, int]]:
    """The values for which all is there that a collection asks for, and since when."""
    values = [""]
    if plan.each:
        parts = {part.owner for part in (*plan.all_of, *plan.any_of) if part.each}
        values = sorted({what.value for what in times if what.badge in parts and what.value})
    for value in values:
        all_of = [_at(part, value, times) for part in plan.all_of]
        any_of = sorted(at for part in plan.any_of if (at := _at(part, value, times)) is not None)
        needed = [at for at in all_of if at is not None]
        if len(needed) == len(all_of) and len(any_of) >= plan.need:
            yield value, max([*needed, *any_of[: plan.need]])


def _at(part: PartPlan, value: str, times: Mapping[Held, int]) -> int | None:
    """When a part was reached: for a value, or for any."""
    if not part.each or value:
        return times.get(Held(part.owner, part.level, value if part.each else ""))
    return min(_of_any_value(part, times), default=None)


def _of_any_value(part: PartPlan, times: Mapping[Held, int]) -> Iterable[int]:
    return (at for what, at in times.items() if what.badge == part.owner and what.level == part.level)

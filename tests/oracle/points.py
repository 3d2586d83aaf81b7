"""From events to points: what each rule awards a member, after cool-down, limits and multipliers."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from .contributions import Event
from .limits import Use, limits_in, runs_on
from .periods import first_day
from .rulebook import Rule, Version
from .stories import name_in

Awards: TypeAlias = Mapping[tuple[Event, str, str], int]
"""(event, rule or challenge, member): the points that it was awarded."""

PERS = ("day", "workday", "week", "month", "quarter", "year", "all")


def awards_of(member: str, events: Sequence[Event], newest: Version) -> dict[tuple[Event, str, str], int]:
    """The points of one member, from all events that may give any, in canonical order."""
    awards: dict[tuple[Event, str, str], int] = {}
    passed: dict[tuple[str, date], int] = {}  # (rule, day): when the last event passed the cool-down
    uses: defaultdict[tuple[str, str, date], list[Use]] = defaultdict(list)  # of (rule, kind of window, window)
    for event in events:
        for name, amount in event.amounts.items():
            if member not in amount.to:
                continue
            rule, story = event.version.rules[name], name_in(newest, "rules", name, event.version)
            awards[event, name, member] = 0
            before = passed.get((story, event.day))
            if before is not None and event.time - before < rule.cooldown:
                continue
            passed[story, event.day] = event.time
            here = {per: first_day(event.day, per, event.version.calendar) for per in PERS}
            held = [
                (limit, [use for use in uses[story, per, window] if runs_on(use, event.version, name, per, window)])
                for per, window in here.items()
                for limit in limits_in(event.version, name, per, window)
            ]
            times_left = [
                limit.times - sum(use.counted for use in used) for limit, used in held if limit.times is not None
            ]
            points_left = [
                max(0, limit.points - sum(use.points for use in used))
                for limit, used in held
                if limit.points is not None
            ]
            counted = all(left > 0 for left in times_left)
            # What is left is never negative, so it cuts positive amounts only.
            award = min([multiplied(amount.points, rule, event), *points_left]) if counted else 0
            awards[event, name, member] = award
            for per, window in here.items():
                uses[story, per, window].append(Use(event.version, counted, max(0, award)))
    return awards


def points_of(awards: Awards, newest: Version) -> dict[str, dict[str, int]]:
    """Of each member, what each rule and challenge awarded, by the name that it has now; zero is left out."""
    points: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (event, name, member), award in awards.items():
        section = "rules" if name in event.version.rules else "challenges"
        points[member][name_in(newest, section, name, event.version)] += award
    return {member: {name: total for name, total in found.items() if total != 0} for member, found in points.items()}


def multiplied(points: int, rule: Rule, event: Event) -> int:
    """An amount by the greatest factor of the seasons that the event is in, rounded half-even."""
    seasons = event.version.seasons_of(event.day)
    return round(points * max((by for season, by in rule.multipliers if season in seasons), default=Fraction(1)))

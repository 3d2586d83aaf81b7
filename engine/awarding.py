"""What a rule awards of what an event would give: cool-down, then limits, in the order of a member's events.

Each of them is made into a function that knows where in a member's totals stands what is used of it. It lets what it
leaves of an amount through to the next one, and notes what comes back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.calendar import Windows

_ANY = 1 << 62

Award = Callable[[list[int], int, Windows, int], int | None]
"""What is awarded, by a member's totals, the amount, the event's windows and its time; None where it does not count."""

Most = tuple[int | None, int | None]
"""How many times, how many points; None: any number."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of a rule, per window of that kind."""

    per: int
    most: Most
    at: int
    """Where in the totals stands what is used of it."""
    early: int = -1
    """The window that had begun when the version took effect; in it this holds:"""
    early_most: Most = (None, None)


def award_of(caps: Sequence[Cap], cooldown: int, cooled: int) -> Award | None:
    """What a rule awards; None where that is every amount.

    Args:
        caps: Its limits.
        cooldown: In ms; 0 for none.
        cooled: Where in the totals it stands when an event passed last.
    """
    award: Award | None = None
    for cap in reversed(caps):
        award = _limited(cap, award)
    return _cooling(cooldown, cooled, award) if cooldown else award


def _cooling(cooldown: int, at: int, then: Award | None) -> Award:
    day_at = at + 1

    def award(slots: list[int], amount: int, windows: Windows, time: int) -> int | None:
        day = windows[0]  # it begins anew with every local day
        if slots[at] and slots[day_at] == day and time + 1 - slots[at] < cooldown:
            return None
        slots[at], slots[day_at] = time + 1, day
        return amount if then is None else then(slots, amount, windows, time)

    return award


def _limited(cap: Cap, then: Award | None) -> Award:
    per, at, times_at, points_at = cap.per, cap.at, cap.at + 1, cap.at + 2
    most_times, most_points = map(_or_any, cap.most)

    def award(slots: list[int], amount: int, windows: Windows, time: int) -> int | None:
        window = windows[per]
        if slots[at] != window:
            slots[at], slots[times_at], slots[points_at] = window, 0, 0
        times, points = slots[times_at], slots[points_at]
        if times >= most_times:
            return None
        left = most_points - points
        if left < amount and amount > 0:
            amount = max(left, 0)
        got = amount if then is None else then(slots, amount, windows, time)
        if got is None:
            return None
        slots[times_at] = times + 1
        if got > 0:
            slots[points_at] = points + got
        return got

    if cap.early < 0:
        return award
    early, before = cap.early, _limited(replace(cap, most=cap.early_most, early=-1), then)
    return lambda slots, amount, windows, time: (before if windows[per] == early else award)(
        slots, amount, windows, time
    )


def _or_any(most: int | None) -> int:
    """A limit as a number: where there is none, one that nothing comes to."""
    return _ANY if most is None else most

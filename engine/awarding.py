"""What a rule awards of what an event would give: cool-down, then limits, in the order of a member's events."""

from collections.abc import Sequence

from engine.calendar import Windows
from engine.plan import Cap, RulePlan
from schemas.words import Instant


def awarded(slots: list[int], rule: RulePlan, amount: int, windows: Windows, time: Instant) -> int:
    """What is awarded of an amount; notes in a member's totals what was used."""
    if rule.cooldown and not _passes(slots, rule, windows[0], time):
        return 0
    if len(rule.caps) == 1:
        return _capped(slots, rule.caps[0], amount, windows)
    return _limited(slots, rule.caps, amount, windows)


def _passes(slots: list[int], rule: RulePlan, day: int, time: Instant) -> bool:
    """Whether the cool-down is over; it begins anew with every local day."""
    at = rule.cooled
    if slots[at] and slots[at + 1] == day and time + 1 - slots[at] < rule.cooldown:
        return False
    slots[at], slots[at + 1] = time + 1, day
    return True


def _limited(slots: list[int], caps: Sequence[Cap], amount: int, windows: Windows) -> int:
    counted, given = True, amount
    for cap in caps:
        at, window = cap.at, windows[cap.per]
        if window == cap.early:
            times, points = cap.early_times, cap.early_points
        else:
            times, points = cap.times, cap.points
        if slots[at] != window:
            slots[at], slots[at + 1], slots[at + 2] = window, 0, 0
        elif times is not None and slots[at + 1] >= times:
            counted = False
        if points is not None and given > 0:
            left = points - slots[at + 2]
            if left < given:
                given = max(left, 0)
    if not counted:
        return 0
    for cap in caps:
        at = cap.at
        slots[at + 1] += 1
        if given > 0:
            slots[at + 2] += given
    return given


def _capped(slots: list[int], cap: Cap, amount: int, windows: Windows) -> int:
    """`_limited` of a rule with one limit, as nearly all have."""
    at, window = cap.at, windows[cap.per]
    if slots[at] != window:
        slots[at], slots[at + 1], slots[at + 2] = window, 0, 0
    times, points = (cap.early_times, cap.early_points) if window == cap.early else (cap.times, cap.points)
    if times is not None and slots[at + 1] >= times:
        return 0
    if points is not None and amount > 0:
        amount = min(amount, max(0, points - slots[at + 2]))
    slots[at + 1] += 1
    if amount > 0:
        slots[at + 2] += amount
    return amount

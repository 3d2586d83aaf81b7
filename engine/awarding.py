"""What a rule awards of what an event would give: cool-down, then limits, in the order of a member's events."""

from engine.calendar import Windows
from engine.plan import RulePlan
from schemas.words import Instant


def awarded(slots: list[int], rule: RulePlan, amount: int, windows: Windows, time: Instant) -> int:
    """What is awarded of an amount; notes in a member's totals what was used."""
    if rule.cooldown:
        at, day = rule.cooled, windows[0]  # a cool-down begins anew with every local day
        if slots[at] and slots[at + 1] == day and time + 1 - slots[at] < rule.cooldown:
            return 0
        slots[at], slots[at + 1] = time + 1, day
    for cap in rule.caps:
        at, window = cap.at, windows[cap.per]
        if slots[at] != window:
            slots[at], slots[at + 1], slots[at + 2] = window, 0, 0
        times, points = cap.most if window != cap.early else cap.early_most
        if times is not None and slots[at + 1] >= times:
            return 0
        if points is not None and amount > 0:
            left = points - slots[at + 2]
            if left < amount:
                amount = max(left, 0)
    for cap in rule.caps:
        at = cap.at
        slots[at + 1] += 1
        if amount > 0:
            slots[at + 2] += amount
    return amount

"""Which limits of a rule hold in a window, and what of them was used: a version changes them with the next window."""

from dataclasses import dataclass
from datetime import date

from .rulebook import Limit, Version
from .stories import names_of


@dataclass(frozen=True)
class Use:
    """What an event used of its rule's limits."""

    version: Version
    counted: bool  # by `times` limits
    points: int  # the positive ones


def limits_in(version: Version, rule: str, per: str, window: date) -> list[Limit]:
    """The limits that a version's events have in the window that begins on a day.

    Where that window had begun when the version took effect they are those of the version of its first moment, if
    that one has the rule; what has no windows, `all`, changes at once.
    """
    changes = per != "all" and version.before is not None
    holding = version.at(version.calendar.begins(window)) if changes else version
    rules = [holding.rules[name] for name in names_of(version, "rules", rule, holding)] or [version.rules[rule]]
    return [limit for found in rules for limit in found.limits if limit.per == per]


def runs_on(use: Use, version: Version, rule: str, per: str, window: date) -> bool:
    """Whether what was used in a window counts for events of a version: all from the one to the other limit it."""
    between = version
    while between is not use.version:
        if between.before is None:
            return False
        between = between.before
        if not any(is_limited(between, name, per, window) for name in names_of(version, "rules", rule, between)):
            return False
    return True


def is_limited(version: Version, rule: str, per: str, window: date) -> bool:
    """Whether a version has a limit of its own in windows of that kind, or an earlier one's runs on in this one."""
    own = any(limit.per == per for limit in version.rules[rule].limits)
    return own or bool(limits_in(version, rule, per, window))

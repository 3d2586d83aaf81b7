"""When a member met each distinct value: the first time, and the last local day, by which windows tell old from new."""

from engine.effects import Effects, Met
from engine.scores.plans import Season
from schemas.words import Day


def meet(number: int, value: str, time: int, day: Day, effects: Effects) -> Met | None:
    """Notes that a score's value was met on a local day; what was known of it before."""
    key, distinct = (number, value), effects.distinct
    before = distinct.get(key)
    if before is None:
        distinct[key] = (time, day)
    elif before[1] != day:
        distinct[key] = (before[0], day)
    else:
        return before
    if effects.undo is not None:
        effects.undo.append((key, before))
    return before


def is_new_in(season: Season, number: int, value: str, time: int, day: Day, effects: Effects) -> bool:
    """Notes that a value was met in a season; whether it was not met in it before."""
    if not season.first <= day <= season.last:
        return False
    return meet(number, in_season(season, value), time, day, effects) is None


def in_season(season: Season, value: str) -> str:
    """Under which a value is remembered that was met in a season, whose days may differ from version to version."""
    return f"\0{season.window}\0{value}"

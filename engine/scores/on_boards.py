"""Scores of boards and challenges: the newest window of each kind, seasons, and the groups for which a value counts.

What a window came to that is over is kept aside (`Effects.cells`) if it moved since it was shown last; the newest
windows stand in the member's sums.
"""

from engine.calendar import SEASON, Windows
from engine.effects import Effects
from engine.scores.conditions import Move
from engine.scores.meeting import is_new_in, meet
from engine.scores.plans import ScorePlan


def added(score: ScorePlan) -> Move:
    """Its values are added up."""
    number, all_time, spans, seasons, by = score.number, score.total, score.spans, score.seasons, score.by
    has_windows = bool(score.windows)

    def move(slots: list[int], value: int, _time: int, windows: Windows, effects: Effects) -> None:
        if not value:
            return
        slots[all_time] += value
        for span in spans:
            at, window = span.at, windows[span.kind]
            if slots[at] == window:
                slots[at + 1] += value
            else:
                _set_aside(number, slots, at, span.first, effects)
                slots[at], slots[at + 1] = window, value
        if has_windows:
            effects.moved[number] = score
        for season in seasons:
            if season.first <= windows[0] <= season.last:
                slots[season.at] = 1
                slots[season.at + 1] += value
                effects.moved[number] = score
        if by and effects.groups:
            _share(score, value, windows, effects)

    return move


def best(score: ScorePlan) -> Move:
    """Its greatest value holds; what it is to groups is worked out beside (`engine.bests`)."""
    number, all_time, met, spans, seasons = score.number, score.total, score.met, score.spans, score.seasons

    def move(slots: list[int], value: int, _time: int, windows: Windows, effects: Effects) -> None:
        slots[all_time] = max(slots[all_time], value) if slots[met] else value
        slots[met] = 1
        for season in seasons:
            if season.first <= windows[0] <= season.last:
                slots[season.at + 1] = max(slots[season.at + 1], value) if slots[season.at] else value
                slots[season.at] = 1
        for span in spans:
            at, window = span.at, windows[span.kind]
            if slots[at] != window:
                _set_aside(number, slots, at, span.first, effects)
                slots[at], slots[at + 1] = window, value
            elif slots[at + 1] < value:
                slots[at + 1] = value
        effects.moved[number] = score

    return move


def distinct(score: ScorePlan) -> Move:
    """A value counts once in each window."""
    number, all_time, spans, seasons = score.number, score.total, score.spans, score.seasons

    def move(slots: list[int], value: str, time: int, windows: Windows, effects: Effects) -> None:
        day = windows[0]
        before = meet(number, value, time, day, effects)
        known = effects.calendar.windows(before[1]) if before is not None else None
        if known is None:
            slots[all_time] += 1
            if score.whole:
                effects.moved[number] = score
        for span in spans:
            at, window = span.at, windows[span.kind]
            if known is not None and known[span.kind] == window:
                continue
            if slots[at] == window:
                slots[at + 1] += 1
            else:
                _set_aside(number, slots, at, span.first, effects)
                slots[at], slots[at + 1] = window, 1
            effects.moved[number] = score
        for season in seasons:
            if is_new_in(season, number, value, time, day, effects):
                slots[season.at] = 1
                slots[season.at + 1] += 1
                effects.moved[number] = score
        if score.by and effects.groups:
            _share_distinct(score, value, time, windows, effects)

    return move


def _set_aside(number: int, slots: list[int], at: int, first: int, effects: Effects) -> None:
    """A window is over; what it came to is shown if it moved since it was shown last."""
    if number in effects.moved and slots[at]:
        effects.cells[first | slots[at]] = slots[at + 1]


def _share(score: ScorePlan, value: int, windows: Windows, effects: Effects) -> None:
    number, day = score.number, windows[0]
    spans = [(kind, windows[kind]) for kind in score.windows]
    spans += [(SEASON, season.window) for season in score.seasons if season.first <= day <= season.last]
    for group_kind in score.by:
        for group in effects.groups.get(group_kind, ()):
            for kind, window in spans:
                effects.share((number, kind, window, group_kind, group), value)


def _share_distinct(score: ScorePlan, value: str, time: int, windows: Windows, effects: Effects) -> None:
    """A value counts once a window for each group in which the member met it."""
    number, day = score.number, windows[0]
    for group_kind in score.by:
        for group in effects.groups.get(group_kind, ()):
            named = f"{group_kind}\0{group}\0{value}"
            before = meet(number, named, time, day, effects)
            known = effects.calendar.windows(before[1]) if before is not None else None
            for kind in score.windows:
                if known is None or known[kind] != windows[kind]:
                    effects.share((number, kind, windows[kind], group_kind, group), 1)
            for season in score.seasons:
                if is_new_in(season, number, named, time, day, effects):
                    effects.share((number, SEASON, season.window, group_kind, group), 1)

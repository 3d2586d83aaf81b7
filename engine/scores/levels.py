"""When levels are reached: by the size of a score, by so many events within a time, and again once they ran out."""

from collections.abc import Callable

from engine.asked import Measure
from engine.effects import Effects, level_of
from engine.scores.plans import ScorePlan, Step

Levels = Callable[[list[int], int, int, Effects], None]
"""Looks at levels by a member's sums, what the score has come to, and the event's time."""


def levels_of(score: ScorePlan) -> Levels:
    """The function that looks at a score's levels."""
    if score.within:
        return _within(score)
    return _renewed(score) if is_timed(score) else _by_size(score)


def is_timed(score: ScorePlan) -> bool:
    """Whether its levels hang on when its values were: they are reached within a time, or run out."""
    return score.within > 0 or score.levels[0].validity >= 0


def _by_size(score: ScorePlan) -> Levels:
    owner, steps = score.owner, score.levels

    def look(slots: list[int], total: int, time: int, effects: Effects) -> None:
        for step in steps:
            if total < step.number:
                return
            if not slots[step.at]:
                _reach(owner, step, slots, time, effects)

    return look


def _renewed(score: ScorePlan) -> Levels:
    by_size, last = _by_size(score), score.levels[-1].at
    renewals = [_renewal(score, step) for step in score.levels]

    def look(slots: list[int], total: int, time: int, effects: Effects) -> None:
        for renew in renewals:
            renew(slots, total, time)
        if not slots[last]:
            by_size(slots, total, time, effects)

    return look


def _within(score: ScorePlan) -> Levels:
    """A level is reached by so many events that lie in so long a time; `ring` has the newest times in turn."""
    owner, steps = score.owner, [(step, _renewal(score, step)) for step in score.levels]
    ring, size, within = score.ring, score.ring_size, score.within

    def look(slots: list[int], total: int, time: int, effects: Effects) -> None:
        count = slots[ring]
        slots[ring + 1 + count % size] = time
        slots[ring] = count = count + 1
        for step, renew in steps:
            number = step.number
            if count < number:
                return
            if time - slots[ring + 1 + (count - number) % size] > within:
                continue
            if step.validity >= 0:
                renew(slots, total, time)
            if not slots[step.at]:
                _reach(owner, step, slots, time, effects)

    return look


def _reach(owner: int, step: Step, slots: list[int], time: int, effects: Effects) -> None:
    slots[step.at] = time + 1
    effects.reached = True
    if effects.facts is not None and not effects.standing.given:
        level = level_of(step.level, effects.value)
        effects.facts.append((effects.position, effects.member, [owner, level, 1, time]))


def _renewal(score: ScorePlan, step: Step) -> Callable[[list[int], int, int], None]:
    """A level that runs out is earned again whenever the score has grown by its number once more."""
    at, number, grows = step.validity, step.number, score.measure is not Measure.BEST

    def renew(slots: list[int], total: int, time: int) -> None:
        if (total - slots[at + 1] if grows else total) >= number:
            slots[at], slots[at + 1] = time + 1, total

    return renew

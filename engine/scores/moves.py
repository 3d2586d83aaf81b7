"""The function that moves a score, by what its plan says."""

from engine.asked import Measure
from engine.scores import for_badges, on_boards
from engine.scores.conditions import Move, conditioned
from engine.scores.plans import ScorePlan


def move_of(score: ScorePlan) -> Move:
    """The function that moves a score by a value of an event, or by points."""
    return conditioned(score, _unconditioned(score))


def _unconditioned(score: ScorePlan) -> Move:
    is_distinct, is_best = score.measure is Measure.DISTINCT, score.measure is Measure.BEST
    if score.streak is not None:
        counts = for_badges.streak_of_distinct if is_distinct else for_badges.streak
        return counts(score, score.streak)
    if score.levels:
        moves = for_badges.distinct if is_distinct else for_badges.best if is_best else for_badges.added
    else:
        moves = on_boards.distinct if is_distinct else on_boards.best if is_best else on_boards.added
    return moves(score)

"""Challenges and leagues made ready: what a challenge counts, and what is settled when a round or a week is over."""

from collections.abc import Callable, Sequence

from engine.asked import Measure
from engine.calendar import KINDS, NEVER, SEASON, WEEK
from engine.catalogue import Catalogue
from engine.cells import cell
from engine.plan import ChallengePlan, LeaguePlan, Plan
from engine.scores.plans import RoundPlan, ScorePlan, Season, Span
from engine.values import threshold
from schemas.rulebook import Board, Score
from schemas.rulebook_challenges import EVERYONE, MEMBER, Challenge
from schemas.words import Day


def challenge_plan(
    plan: Plan, catalogue: Catalogue, name: str, scale_of: Callable[[Score], int], counted: str | None
) -> ScorePlan:
    """What a challenge does with the values of its score; takes note of what is settled of it.

    `counted` is the kind of group in which hidden members are counted.
    """
    number, said = plan.numbers["challenge"][name], plan.rulebook.challenges[name]
    measure, scale, layout = Measure[said.score.kind.upper()], scale_of(said.score), catalogue.layout
    first, last = (None if day is None else Day(day.toordinal()) for day in (said.since, said.to))
    goal = None if said.goal is None else threshold(said.goal, scale)
    groups = {MEMBER: (), EVERYONE: (EVERYONE, *filter(None, [counted]))}.get(said.whose, (said.whose,))
    spans: tuple[Span, ...] = ()
    seasons: tuple[Season, ...] = ()
    if said.every is not None:
        kind, window = KINDS.index(said.every), 0
        spans = (Span(kind, layout.of_window(number, kind), cell(number, kind, 0)),)
    else:
        kind, window = SEASON, catalogue.number(f"round:{number}")
        days = plan.seasons[window] = (first or 0, last or 0)
        seasons = (Season(window, *days, layout.of_season(number, window), cell(number, SEASON, window)),)
    points = said.reward.points if said.reward is not None else 0
    if said.whose != MEMBER or said.by_rank:
        plan.challenges.append(
            ChallengePlan(number, kind, window, (first, last), said.whose, counted, goal, points, said.by_rank)
        )
    own_goal = goal if said.whose == MEMBER else None
    return ScorePlan(
        number=number,
        owner=number,
        measure=measure,
        scale=scale,
        total=layout.of_total(number),
        met=layout.of_met(number),
        windows=tuple(span.kind for span in spans),
        spans=spans,
        seasons=seasons,
        by=groups,
        members=True,
        gated=measure is Measure.POINTS and said.score.when is not None,
        days=None if first is None and last is None else (first or 0, NEVER if last is None else last),
        opt_in=said.opt_in,
        round=None if own_goal is None else RoundPlan(kind, window, layout.of_round(number), own_goal, points),
    )


def rewards(challenge: Challenge) -> bool:
    """Whether a challenge gives points."""
    return challenge.reward is not None or bool(challenge.by_rank)


def league_plan(plan: Plan, catalogue: Catalogue, name: str, board: Board, before: Sequence[Plan]) -> LeaguePlan | None:
    """What is settled of a board's weeks, if they are a league."""
    if board.league is None:
        return None
    number, said = plan.numbers["tier"][name], board.league
    tiers = tuple((tier, catalogue.number(f"of-tier:{number}.{tier}")) for tier in said.tiers)
    named = [tier for _, tier in tiers]
    of_old = [tier for each in before for league in each.leagues if league.number == number for _, tier in league.tiers]
    gone = tuple(tier for tier in dict.fromkeys(of_old) if tier not in named)
    return LeaguePlan(number, plan.numbers["board"][name], WEEK, tiers, gone, said.size, said.promote)

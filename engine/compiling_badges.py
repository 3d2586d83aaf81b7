"""Badges and ladders made ready: the scores that they hang on, level by level, and what follows from other things."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from engine.asked import Measure
from engine.calendar import KINDS, WORKDAY
from engine.catalogue import Catalogue
from engine.layout import Layout
from engine.plan import CollectionPlan, FirstPlan, PartPlan, Plan, RankPlan
from engine.scores.plans import ScorePlan, Step, StreakPlan
from engine.values import threshold
from schemas.rulebook import Badge, Score, Streak

Named = tuple[tuple[str, ...], Score, ScorePlan]
"""Where a score stands in the rulebook, the score, and its plan."""

ScaleOf = Callable[[Score], int]


def ladder_plan(plan: Plan, catalogue: Catalogue, name: str, scale_of: ScaleOf) -> ScorePlan:
    """What a ladder does with the values of its score."""
    number, ladder = plan.numbers["level"][name], plan.rulebook.levels[name]
    made = partial(_plan, catalogue.layout, number, number, ladder.score, scale_of(ladder.score))
    return made(steps=ladder.steps)


def badge_plans(book: Plan, catalogue: Catalogue, name: str, scale_of: ScaleOf) -> Iterator[Named]:
    """The scores of a badge: one, one for each step of a chain, or none."""
    owner, badge = book.numbers["badge"][name], book.rulebook.badges[name]
    if badge.retired:
        return
    layout, key = catalogue.layout, -1
    if badge.each is not None:
        layout = catalogue.tallies.setdefault(owner, Layout())
        key = catalogue.number(f"each:{owner}")
    days = None if badge.until is None else (0, badge.until.toordinal())
    made = partial(_plan, layout, owner, key=key, days=days)
    if badge.score is not None:
        plan = made(
            owner,
            badge.score,
            scale_of(badge.score),
            steps=_levels_of(badge),
            within=badge.within or 0,
            valid=badge.valid or 0,
        )
        yield ("badges", name, "score"), badge.score, plan
    if badge.streak is not None:
        scale = scale_of(badge.streak.score)
        plan = made(owner, badge.streak.score, scale, steps=_levels_of(badge), streak=badge.streak)
        yield ("badges", name, "streak", "score"), badge.streak.score, plan
    opens = -1
    for step, said in (badge.chain or {}).items():
        number = catalogue.number(f"step:{owner}.{step}")
        plan = made(number, said.score, scale_of(said.score), steps={step: said.at}, opens=opens)
        opens = plan.levels[0].at
        yield ("badges", name, "chain", step, "score"), said.score, plan


def _levels_of(badge: Badge) -> Mapping[str, float]:
    """The levels of a badge and their numbers; one without levels has one that is called nothing."""
    return badge.levels or {"": badge.at or 1}


def _plan(
    layout: Layout,
    owner: int,
    number: int,
    score: Score,
    scale: int,
    *,
    steps: Mapping[str, float],
    streak: Streak | None = None,
    key: int = -1,
    days: tuple[int, int] | None = None,
    opens: int = -1,
    within: int = 0,
    valid: int = 0,
) -> ScorePlan:
    measure = Measure[score.kind.upper()]
    levels = sorted(
        (
            Step(
                level,
                threshold(reach, 0 if streak is not None else scale),
                layout.of_level(owner, level),
                layout.of_validity(owner, level) if valid else -1,
            )
            for level, reach in steps.items()
        ),
        key=lambda step: step.number,
    )
    size = levels[-1].number if within else 0
    return ScorePlan(
        number=number,
        owner=owner,
        measure=measure,
        scale=scale,
        total=layout.of_total(number),
        met=layout.of_met(number),
        levels=tuple(levels),
        streak=None if streak is None else _streak(layout, number, streak, scale),
        gated=score.kind == "points" and score.when is not None,
        days=days,
        key=key,
        room=layout,
        opens=opens,
        within=within,
        ring=layout.of_ring(number, size) if within else -1,
        ring_size=size,
    )


def _streak(layout: Layout, number: int, streak: Streak, scale: int) -> StreakPlan:
    forgive, freezes = streak.forgive, streak.freezes
    return StreakPlan(
        WORKDAY if streak.every == "workday" else KINDS.index(streak.every),
        threshold(streak.at_least, scale),
        layout.of_streak(number),
        streak.in_a_row,
        layout.of_keeping(number) if forgive is not None or freezes is not None else -1,
        0 if forgive is None else forgive.misses,
        0 if forgive is None else (1 << forgive.of) - 1,
        freezes is not None,
        0 if freezes is None else freezes.every or 0,
        0 if freezes is None else freezes.most,
    )


def note_badge(plan: Plan, name: str, catalogue: Catalogue) -> None:
    """Notes what of a badge does not hang on a score."""
    numbers, badge = plan.numbers["badge"], plan.rulebook.badges[name]
    number = numbers[name]
    plan.badges[number] = name
    if badge.retired or badge.until is not None:
        plan.closing[number] = 0 if badge.retired or badge.until is None else badge.until.toordinal()
    if badge.valid is not None:
        plan.valid[number] = badge.valid
    if badge.chain or badge.levels:
        plan.alone[number] = next(reversed(badge.chain)) if badge.chain else next(iter(badge.levels))
    if badge.tenure is not None:
        months = 12 if badge.tenure == "year" else 1
        plan.tenures[number] = tuple((level, int(reach) * months) for level, reach in _levels_of(badge).items())
    if badge.rank is not None and not badge.retired:
        kind = KINDS.index(badge.rank.window)
        board = plan.numbers["board"][badge.rank.board]
        plan.ranks.append(
            RankPlan(number, board, kind, tuple((level, int(most)) for level, most in _levels_of(badge).items()))
        )
    if badge.first is not None and not badge.retired:
        for level in [*badge.levels, *(badge.chain or ())] or [""]:
            place = catalogue.layout.of_level(number, level)
            plan.firsts.append(FirstPlan(number, level, place, badge.first))
    if badge.all_of or badge.any_of:
        all_of, any_of = (tuple(_part(said, numbers) for said in names) for names in (badge.all_of, badge.any_of))
        need = (badge.need or 1) if badge.any_of else 0
        plan.collections[number] = CollectionPlan(all_of, any_of, need, badge.each is not None)


def _part(said: str, numbers: Mapping[str, int]) -> PartPlan:
    name, dot, level = said.partition(".")
    return PartPlan(numbers[name], level if dot else None)

"""A week of a league that is over: who goes up, and how many are active now. Nobody ever goes down."""

from collections import Counter
from collections.abc import Generator, Sequence
from typing import cast

from engine.calendar import ALL
from engine.disclosure import shelves
from engine.leagues import TIERS, cohort_of, cohorts_in, tier_in
from engine.needs import Answer, Need, NeedRows, Row
from engine.organisation import Organisation
from engine.plan import LeaguePlan, Plan
from engine.ranking import ranked
from schemas.words import Day, Instant, MemberId

Promotion = tuple[MemberId, int, str, int]
"""Who goes up, the number of the tier and its name, and the window from which on."""


def promoted(
    org: Organisation, plan: Plan, league: LeaguePlan, day: Day, at: Instant, before: Sequence[Promotion]
) -> Generator[Need, Answer, list[Promotion]]:
    """Who goes up for the window that ends with a local day, settled at a moment; none where none ends.

    `before` are promotions that are not written yet.
    """
    window = plan.calendar.windows(day)[league.kind]
    if plan.calendar.days(league.kind, window)[1] != day + 1:
        return []
    rows = cast("list[Row]", (yield NeedRows(league.board, league.kind, window, shelves(plan)[0], None)))
    since: dict[MemberId, list[tuple[int, int]]] = {}
    for place, (_, number) in enumerate(league.tiers):
        written = cast("list[Row]", (yield NeedRows(league.number, ALL, number, (TIERS,), None)))
        for ident, start in (*written, *((who, start) for who, tier, _, start in before if tier == number)):
            since.setdefault(ident, []).append((place, start))
    comes = _next_window(plan, league.kind, at)
    sizes = org.cohorts.get(str(league.number), [])
    tables: dict[tuple[int, int], list[Row]] = {}
    for ident, score in rows:
        tier = tier_in(since.get(ident, ()), window)
        cohort = cohort_of(league.kind, window, ident, cohorts_in(sizes, league, tier, window))
        tables.setdefault((tier, cohort), []).append((ident, score))
    found: list[Promotion] = []
    active: Counter[int] = Counter(tier_in(since.get(ident, ()), comes) for ident, _ in rows)
    for (tier, _), table in sorted(tables.items()):
        if tier + 1 == len(league.tiers):
            continue
        name, number = league.tiers[tier + 1]
        for _, ident in ranked(table, league.promote):
            if tier_in(since.get(ident, ()), comes) <= tier:
                found.append((ident, number, name, comes))
                active[tier] -= 1
                active[tier + 1] += 1
    by_number = {str(number): active[place] for place, (_, number) in enumerate(league.tiers)}
    org.cohorts[str(league.number)] = [*sizes[-_KEPT:], (comes, by_number)]
    return found


_KEPT = 12
"""So many windows back it may be asked how many cohorts there were; `settle` is at most 60 days."""


def _next_window(plan: Plan, kind: int, at: Instant) -> int:
    """The first window that does not begin before a moment."""
    window = plan.calendar.at(at)[kind]
    return window if plan.calendar.midnight(plan.calendar.days(kind, window)[0]) >= at else window + 1

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

_KEPT = 12
"""So many windows back it may be asked how many cohorts there were; `settle` is at most 60 days."""

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
    holding = yield from _holding(league, before)
    comes = _next_window(plan, league.kind, at)
    sizes = org.cohorts.get(str(league.number), [])
    cohorts = cohorts_in(sizes, league, window)
    tables: dict[tuple[int, int], list[Row]] = {}
    for ident, score in rows:
        tier = tier_in(league, holding.get(ident, ()), window)
        cohort = cohort_of(league.kind, window, ident, cohorts[tier])
        tables.setdefault((tier, cohort), []).append((ident, score))
    found: list[Promotion] = []
    for (tier, _), table in sorted(tables.items()):
        name, number = league.tiers[min(tier + 1, len(league.tiers) - 1)]
        for _, ident in ranked(table, league.promote if tier + 1 < len(league.tiers) else 0):
            held = holding.setdefault(ident, [])
            if all(each != number for each, _ in held):
                held.append((number, comes))
                found.append((ident, number, name, comes))
    active = Counter(tuple(sorted(number for number, _ in holding.get(ident, ()))) for ident, _ in rows)
    org.cohorts[str(league.number)] = [*sizes[-_KEPT:], (comes, sorted(active.items()))]
    return found


def _holding(
    league: LeaguePlan, before: Sequence[Promotion]
) -> Generator[Need, Answer, dict[MemberId, list[tuple[int, int]]]]:
    """Who was promoted to which tiers, of any version, and from which windows on."""
    found: dict[MemberId, list[tuple[int, int]]] = {}
    for number in (*(number for _, number in league.tiers), *league.gone):
        written = cast("list[Row]", (yield NeedRows(league.number, ALL, number, (TIERS,), None)))
        for ident, start in (*written, *((who, start) for who, tier, _, start in before if tier == number)):
            found.setdefault(ident, []).append((number, start))
    return found


def _next_window(plan: Plan, kind: int, at: Instant) -> int:
    """The first window that does not begin before a moment."""
    window = plan.calendar.at(at)[kind]
    return window if plan.calendar.midnight(plan.calendar.days(kind, window)[0]) >= at else window + 1

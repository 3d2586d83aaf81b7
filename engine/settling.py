"""What is settled: worked out once, some days after it closed, from the boards as they are then; never again.

Later events still move the board. What was settled stays, so nobody loses a prize to an event that came late.
"""

from collections.abc import Generator, Sequence
from datetime import date
from typing import cast

from engine.badges import Held, Times
from engine.batch import Batch
from engine.calendar import ALL
from engine.claiming import give
from engine.disclosure import shelves
from engine.evaluation import Entry
from engine.leagues import TIERS
from engine.loading import load_members
from engine.needs import Answer, Need, NeedRows, Row
from engine.plan import FirstPlan, LeaguePlan, Plan, RankPlan
from engine.ranking import ranked
from engine.settling_challenges import won_in
from engine.settling_leagues import Promotion, promoted
from schemas.records import Record
from schemas.words import Day, Instant, MemberId

CANDIDATES = "first"
"""The shelf of those who reached a badge that only the first get."""

Prize = tuple[MemberId, Held, int]
"""Who gets which badge, and when what it asks for was done, in ms."""


def settle(batch: Batch, position: int, record: Record) -> Generator[Need, Answer, None]:
    """Settles the local days that are over for so long, now that one more is closed."""
    org = batch.org
    closed = date.fromisoformat(str(record["data"]["day"])).toordinal()
    newest = org.plan_at(record["time"])
    last = closed - newest.rulebook.settle
    begins = max(org.settled_day + 1 if org.settled_day else last, org.day_of(org.began))
    won: dict[MemberId, list[tuple[int, int]]] = {}
    promotions: list[Promotion] = []
    for day in range(begins, last + 1):
        over = newest.calendar.midnight(Day(day + 1))
        plan = org.plan_at(over - 1)
        prizes: list[Prize] = []
        for rank in plan.ranks:
            prizes += yield from _by_rank(plan, rank, Day(day))
        for first in plan.firsts:
            prizes += yield from _the_first(batch, plan, first, Day(day))
        for league in plan.leagues:
            found = yield from promoted(org, plan, league, Day(day), record["time"], promotions)
            promotions += found
            prizes += (_tier(batch, plan, league, promotion) for promotion in found)
        for challenge in plan.challenges:
            points = yield from won_in(org, plan, challenge, Day(day))
            for ident, amount in points.items():
                won.setdefault(ident, []).append((challenge.number, amount))
        yield from load_members(org, [ident for ident, _, _ in prizes])
        for ident, what, at in prizes:
            _award(batch, position, ident, what, at)
    org.settled_day = max(org.settled_day, last)
    yield from load_members(org, won)
    for ident, awards in won.items():
        give(batch, ident, Entry(record["time"], "", _FIRST_OF_A_MOMENT, position, tuple(awards), ()))


_FIRST_OF_A_MOMENT = "00000000"
"""The id of what is given when a day is closed; with no source, it comes before all events of its moment."""


def _tier(batch: Batch, plan: Plan, league: LeaguePlan, promotion: Promotion) -> Prize:
    """A promotion as a prize; it is written down who is in the tier from when on."""
    ident, number, tier, window = promotion
    batch.changes.cells.setdefault((league.number, ALL, number, TIERS), {})[ident] = window
    return ident, Held(league.number, tier), plan.calendar.midnight(plan.calendar.days(league.kind, window)[0])


def candidates(plans: Sequence[Plan], times: Times) -> dict[tuple[int, int], int | None]:
    """A member's rows among those who may be the first, by badge and level; None where nothing is reached."""
    return {
        (first.number, first.place): None if (at := times.get(Held(first.number, first.level))) is None else -(at + 1)
        for plan in plans
        for first in plan.firsts
    }


def _by_rank(plan: Plan, rank: RankPlan, day: Day) -> Generator[Need, Answer, list[Prize]]:
    """The prizes for places on a board whose window ends with a local day."""
    window = plan.calendar.windows(day)[rank.kind]
    if plan.calendar.days(rank.kind, window)[1] != day + 1:
        return []
    rows = cast("list[Row]", (yield NeedRows(rank.board, rank.kind, window, shelves(plan)[0], None)))
    at = plan.calendar.midnight(Day(day + 1))
    return [
        (ident, Held(rank.number, level), at)
        for place, ident in ranked(rows, max(most for _, most in rank.levels))
        for level, most in rank.levels
        if place <= most
    ]


def _the_first(batch: Batch, plan: Plan, first: FirstPlan, day: Day) -> Generator[Need, Answer, list[Prize]]:
    """The prizes for those who were the first, up to and with a local day, as far as any are left."""
    what = Held(first.number, first.level)
    given = batch.org.firsts[str(what)]
    left = first.most - given
    if left <= 0:
        return []
    need = NeedRows(first.number, ALL, first.place, (CANDIDATES,), first.most + given)
    rows = cast("list[Row]", (yield need))
    yield from load_members(batch.org, [ident for ident, _ in rows])
    found = [
        (ident, what, -score - 1)
        for ident, score in sorted(rows, key=lambda row: (-row[1], row[0].encode()))
        if plan.calendar.day(Instant(-score - 1)) <= day and what not in batch.org.members[ident].settled
    ]
    batch.org.firsts[str(what)] += len(found[:left])
    return found[:left]


def _award(batch: Batch, position: int, ident: MemberId, what: Held, at: int) -> None:
    member, effects = batch.touch(ident), batch.effects_of(ident)
    if what in member.settled:
        return
    member.settled[what] = at
    effects.reached = True
    effects.cause = max(effects.cause, position)
    if not member.standing.given:
        batch.changes.facts.append((position, ident, [what.badge, what.level, 1, at]))

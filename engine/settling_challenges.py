"""What a round of a challenge gives when it is over: to those who got there together, and by rank."""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import cast

from engine.calendar import SEASON
from engine.counters import counters
from engine.disclosure import shelves
from engine.loading import load_members
from engine.needs import Answer, Need, NeedRows, Row
from engine.organisation import Organisation
from engine.plan import ChallengePlan, Plan
from engine.ranking import ranked
from schemas.rulebook_challenges import EVERYONE, MEMBER
from schemas.words import Day, MemberId

_ALL_SHELVES = ("listed", "open", "hidden")

Won = Mapping[MemberId, int]
"""Points by member."""


def won_in(org: Organisation, plan: Plan, challenge: ChallengePlan, day: Day) -> Generator[Need, Answer, Won]:
    """Who gets how many points for the round that ends with a local day; each is settled once, whatever its end."""
    window = _ending(plan, challenge, day)
    if window is None or org.rounds.get(str(challenge.number)) == window:
        return {}
    org.rounds[str(challenge.number)] = window
    if challenge.whose == MEMBER:
        return (yield from _by_rank_of_members(plan, challenge, window))
    scores = yield from counters(org, plan, challenge, window)
    got_there = {group for group, score in scores.items() if challenge.goal is not None and score >= challenge.goal}
    placed = {group: challenge.by_rank[place - 1] for place, group in ranked([*scores.items()], len(challenge.by_rank))}
    if not placed and not (challenge.points and got_there):
        return {}
    rows = yield from _rows(challenge, window, _ALL_SHELVES)
    if challenge.whose == EVERYONE:
        return dict.fromkeys((ident for ident, _ in rows), challenge.points)
    yield from load_members(org, [ident for ident, _ in rows])
    won: Counter[MemberId] = Counter()
    for ident, _ in rows:
        groups = org.members[ident].standing.groups(day).get(challenge.whose, ())
        won[ident] = _of_groups(groups, challenge.points, got_there, placed)
    return {ident: points for ident, points in won.items() if points}


def _ending(plan: Plan, challenge: ChallengePlan, day: Day) -> int | None:
    """The round that ends with a local day."""
    first, last = challenge.days
    if challenge.kind == SEASON:
        return challenge.window if day == last else None
    window = plan.calendar.windows(day)[challenge.kind]
    _, after = plan.calendar.days(challenge.kind, window)
    if day != min(after - 1, last or after):
        return None
    return window if first is None or first <= day else None


def _of_groups(groups: Iterable[str], points: int, got_there: set[str], placed: Mapping[str, int]) -> int:
    """What a member gets for their groups: once for getting there, and for the best place."""
    mine = {*groups}
    together = points if mine & got_there else 0
    return together + max((placed[group] for group in mine & placed.keys()), default=0)


def _by_rank_of_members(plan: Plan, challenge: ChallengePlan, window: int) -> Generator[Need, Answer, Won]:
    rows = yield from _rows(challenge, window, shelves(plan)[0])
    return {ident: challenge.by_rank[place - 1] for place, ident in ranked(rows, len(challenge.by_rank))}


def _rows(challenge: ChallengePlan, window: int, on: Sequence[str]) -> Generator[Need, Answer, list[Row]]:
    return cast("list[Row]", (yield NeedRows(challenge.number, challenge.kind, window, (*on,), None)))

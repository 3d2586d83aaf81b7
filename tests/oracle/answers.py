"""From a list of records to all answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypedDict

from schemas.records import Record

from .days import local_day, period
from .judge import Event, Judge
from .people import People
from .points import Awards, awards_of
from .scores import (
    Reached,
    Table,
    TableKey,
    levels_of,
    periods_of,
    streak_levels_of,
    streak_of,
    tables_of,
)


class Member(TypedDict):
    """What a member has: points by rule, badges by (time, badge, level), streaks that ever began."""

    points: dict[str, int]
    badges: list[Reached]
    streaks: dict[str, tuple[int, int]]  # (current, longest), in periods


@dataclass(frozen=True)
class Answers:
    """All that an organisation's log says; scores are in units of their scale, times in ms."""

    verdicts: dict[str, int]
    verdict_by_position: list[str]
    boards: dict[TableKey, Table]
    members: dict[str, Member]  # those who have anything


def answers(records: Sequence[Record], *, now: int) -> Answers:
    """All answers of one organisation's records, which come in log order.

    Args:
        records: as intake leaves them: `number` fields are floats, `integer` fields ints.
        now: the clock in ms: which version is the newest in force, which streaks are alive.

    Raises:
        ValueError: an activity stands before the first rulebook, or an expression is beyond the oracle's CEL.
    """
    judge = Judge()
    verdicts = [str(judge.verdict(record)) for record in records]
    if not judge.versions:
        return Answers(dict(Counter(verdicts)), verdicts, {}, {})
    newest = judge.in_force(now)
    today = local_day(now, newest.zone)
    counting = judge.counting()
    by_member = {
        member: list(events)
        for member, events in groupby(sorted(counting, key=lambda event: event.member), key=lambda event: event.member)
    }
    awards = {award: points for events in by_member.values() for award, points in awards_of(events).items()}
    periods = {every: period(today, every) for every in ("day", "week", "month", "quarter", "year")}
    members = {member: member_of(events, awards, periods) for member, events in by_member.items()}
    return Answers(
        verdicts=dict(Counter(verdicts)),
        verdict_by_position=verdicts,
        boards=tables_of(counting, awards, People(judge.people, newest, today)),
        members={member: found for member, found in members.items() if any(found.values())},
    )


def member_of(events: Sequence[Event], awards: Awards, periods: dict[str, int]) -> Member:
    """What a member has from their events, in canonical order; `periods` are the running ones."""
    points: Counter[str] = Counter()
    for event in events:
        for rule in event.amounts:
            points[rule] += awards[event, rule]
    badges: list[Reached] = []
    streaks: dict[str, tuple[int, int]] = {}
    for badge in {name for event in events for place, name in event.values if place == "badge"}:
        named = [event for event in events if ("badge", badge) in event.values]
        every = named[-1].version.badges[badge].every
        if every is None:
            badges += levels_of(named, badge, awards)
        elif completed := periods_of(named, badge, awards):
            badges += streak_levels_of(completed, badge)
            streaks[badge] = streak_of(completed, periods[every])
    return Member(
        points={rule: total for rule, total in points.items() if total != 0},
        badges=sorted(badges, key=lambda reached: (reached[2], reached[0], reached[1] or "")),
        streaks=streaks,
    )

"""From a list of records to all answers."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from schemas.records import Record

from .badges import Life, Now, Reached, StreakName
from .boards import Table, boards_of
from .contributions import Event
from .judge import Judge
from .people import People
from .points import Awards, awards_of
from .rulebook import Level, Version
from .scores import given_to
from .shares import TableKey, windows_of
from .stories import name_in
from .streaks import Standing


class Member(TypedDict):
    """What a member has: points by rule, badges in order of time, steps of ladders, streaks that ever began."""

    points: dict[str, int]
    badges: list[Reached]
    levels: dict[str, list[tuple[Level, int]]]  # ladder: (step, when it was reached in ms)
    streaks: dict[StreakName, Standing]


@dataclass(frozen=True)
class Answers:
    """All that an organisation's log says; scores are in units of their scale, times in ms."""

    verdicts: dict[str, int]
    verdict_by_position: list[str]
    boards: dict[TableKey, Table]
    operators: dict[TableKey, dict[str, int]]  # of boards by group, the scores that operators see
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
        return Answers(dict(Counter(verdicts)), verdicts, {}, {}, {})
    newest = judge.in_force(now)
    people = People(judge.people, newest, newest.calendar.day(now))
    counting = judge.counting()
    by_member: defaultdict[str, list[Event]] = defaultdict(list)
    for event in counting:
        for member in event.takers:
            by_member[member].append(event)
    awards: dict[tuple[Event, str, str], int] = {}
    for member, events in by_member.items():
        awards |= awards_of(member, events, newest)
    boards = boards_of(windows_of(counting, awards, people, judge.versions), people)
    everyone = {*by_member, *people.known, *(one.record["subject"] for one in judge.by_hand)}
    members = {}
    for name in everyone:
        given = given_to(name, by_member[name], awards, newest)
        life = Life(name, people.of(name), given, judge.by_hand, Now(now, newest, judge.versions))
        members[name] = member_of(life, points_of(name, by_member[name], awards, newest))
    return Answers(
        verdicts=dict(Counter(verdicts)),
        verdict_by_position=verdicts,
        boards=boards.tables,
        operators=boards.operators,
        members={name: found for name, found in members.items() if any(found.values())},
    )


def points_of(member: str, events: Sequence[Event], awards: Awards, newest: Version) -> dict[str, int]:
    """What each rule awarded, by the name that the rule has now; zero is left out."""
    points: Counter[str] = Counter()
    for event in events:
        for rule in event.amounts:
            points[name_in(newest, "rules", rule, event.version)] += awards.get((event, rule, member), 0)
    return {rule: total for rule, total in points.items() if total != 0}


def member_of(life: Life, points: dict[str, int]) -> Member:
    return Member(points=points, badges=life.badges(), levels=life.ladders(), streaks=life.streaks())

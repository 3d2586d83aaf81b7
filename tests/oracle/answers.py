"""From a list of records to all answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from schemas.records import Record
from schemas.verdicts import Verdict

from .badges import Reached, StreakName
from .boards import Table, boards_of, members_ranked
from .judge import Judge
from .leagues import tiers_of
from .moment import Moment
from .points import points_of
from .prizes import Settled
from .rounds import RoundKey, done_by
from .rulebook import Level
from .settled_rounds import public
from .settling import settle
from .shares import TableKey
from .streaks import Standing


class Member(TypedDict):
    """What a member has: points by rule and challenge, badges in order of time, steps of ladders, streaks that began.

    And of challenges for members how many rounds are done, and when the last of these; of leagues the tiers but the
    first, each with when it began to be theirs.
    """

    points: dict[str, int]
    badges: list[Reached]
    levels: dict[str, list[tuple[Level, int]]]  # ladder: (step, when it was reached in ms)
    streaks: dict[StreakName, Standing]
    challenges: dict[str, tuple[int, int]]  # (rounds done, when the last of them was in ms)
    leagues: dict[str, dict[str, int]]  # board: tier: since when in ms


@dataclass(frozen=True)
class Answers:
    """All that an organisation's log says; scores are in units of their scale, times in ms."""

    verdicts: dict[str, int]
    verdict_by_position: list[str]
    boards: dict[TableKey, Table]
    operators: dict[TableKey, dict[str, int]]  # of boards by group, the scores that operators see
    members: dict[str, Member]  # those who have anything
    rounds: dict[RoundKey, Table]  # of all challenges, members' rows
    counters: dict[RoundKey, dict[str, int]]  # of challenges for groups, or everyone, the scores that everyone sees


def answers(records: Sequence[Record], *, now: int) -> Answers:
    """All answers of one organisation's records, which come in log order.

    Args:
        records: as intake leaves them: `number` fields are floats, `integer` fields ints.
        now: the clock in ms: which version is the newest in force, which streaks are alive.

    Raises:
        ValueError: an activity stands before the first rulebook, or an expression is beyond the oracle's CEL.
    """
    judge, settled = Judge(), Settled()
    verdicts: list[str] = []
    for record in records:
        verdict = judge.verdict(record)
        verdicts.append(str(verdict))
        if record["type"] == "day.closed" and verdict is Verdict.APPLIED and judge.versions:
            settled = settle(judge, record, settled)
    if not judge.versions:
        return Answers(dict(Counter(verdicts)), verdicts, {}, {}, {}, {}, {})
    moment = Moment(judge, settled, judge.in_force(now), now)
    people, rounds = moment.people, moment.rounds
    boards = boards_of(moment.windows, people)
    rows = {key: members_ranked(found.by("member", people), people) for key, found in rounds.items()}
    counters = {key: dict(public(found, people)) for key, found in rounds.items()}
    return Answers(
        verdicts=dict(Counter(verdicts)),
        verdict_by_position=verdicts,
        boards=boards.tables,
        operators=boards.operators,
        members={name: found for name, found in members_of(moment).items() if any(found.values())},
        rounds={key: table for key, table in rows.items() if table.rows},
        counters={key: scores for key, scores in counters.items() if scores},
    )


def members_of(moment: Moment) -> dict[str, Member]:
    """What everyone has of whom the log says anything."""
    points = points_of(moment.awards, moment.newest)
    done = done_by(moment.rounds)
    tiers = tiers_of(moment.settled, moment.newest, moment.versions)
    found = {}
    by_hand = {one.record["subject"] for one in moment.judge.by_hand}
    for name in {*moment.by_member, *moment.people.known, *by_hand, *moment.settled.members()}:
        life = moment.life(name)
        found[name] = Member(
            points=points.get(name, {}),
            badges=life.badges(),
            levels=life.ladders(),
            streaks=life.streaks(),
            challenges=done.get(name, {}),
            leagues=tiers.get(name, {}),
        )
    return found

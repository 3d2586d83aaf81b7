"""Leagues: who plays in which tier and cohort in a week, and who goes up when it is settled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256

from .boards import Row
from .days import Calendar
from .periods import first_day, following, windows
from .prizes import Played, Promotion, Settled
from .rulebook import Board, League, Version
from .stories import last_named, name_in


@dataclass(frozen=True)
class Week:
    """A board with a league in one week, by the version of the week's last moment."""

    board: str
    defined: Board
    first: date
    version: Version

    @property
    def league(self) -> League:
        """Which it has."""
        assert self.defined.league is not None
        return self.defined.league

    def tier(self, member: str, settled: Settled) -> str:
        """The highest one to which a member was promoted by then; everyone has the first."""
        tiers = self.league.tiers
        promoted = {
            one.tier
            for one in settled.promotions
            if one.member == member and one.since <= self.first
            if name_in(self.version, "boards", one.board, one.version) == self.board
        }
        return max(promoted & {*tiers} | {tiers[0]}, key=tiers.index)

    def cohorts(self, tier: str, settled: Settled) -> int:
        """How many a tier has: by those who play in it now and played when a week was settled last."""
        begins = self.version.calendar.begins(self.first)
        before = [
            one
            for one in settled.weeks
            if one.closed <= begins and name_in(self.version, "boards", one.board, one.version) == self.board
        ]
        if not before:
            return 1
        last = max(before, key=lambda one: (one.closed, one.week))
        playing = sum(self.tier(member, settled) == tier for member in last.members)
        return max(1, round(Fraction(playing, self.league.size)))

    def cohort(self, member: str, settled: Settled) -> tuple[str, int]:
        """The tier and the cohort of a member."""
        tier = self.tier(member, settled)
        drawn = sha256(f"{windows(self.first)['week']} {member}".encode()).digest()
        return tier, 1 + int.from_bytes(drawn[:8], "big") % self.cohorts(tier, settled)


def played(week: Week, rows: Sequence[Row], settled: Settled, closed: int) -> Settled:
    """Who goes up when a week is settled, and who played in it; rows are those of the board."""
    scores = {row[1]: row[2] for row in rows if row[0] is not None}
    return Settled(
        promotions=list(promoted(week, scores, settled, closed)),
        weeks=[Played(week.version, week.board, week.first, closed, frozenset(scores))],
    )


def promoted(week: Week, scores: dict[str, int], settled: Settled, closed: int) -> Iterator[Promotion]:
    """The best of each cohort that is not of the highest tier."""
    tiers, calendar = week.league.tiers, week.version.calendar
    since = next_week(closed, calendar)
    for member, score in scores.items():
        mine = week.cohort(member, settled)
        others = [scores[other] for other in scores if week.cohort(other, settled) == mine]
        better = sum(other < score if week.defined.lowest_first else other > score for other in others)
        if better < week.league.promote and mine[0] != tiers[-1]:
            tier = tiers[tiers.index(mine[0]) + 1]
            yield Promotion(week.version, week.board, member, tier, since, calendar.begins(since))


def next_week(closed: int, calendar: Calendar) -> date:
    """The first day of the first week that does not begin before a moment."""
    running = first_day(calendar.day(closed), "week", calendar)
    return running if calendar.begins(running) == closed else following(running, "week", calendar)


def tiers_of(settled: Settled, newest: Version, versions: Sequence[Version]) -> dict[str, dict[str, dict[str, int]]]:
    """Of each member, by league, the tiers but the first, each with when it began to be theirs."""
    naming = last_named(newest, "boards", versions)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for one in settled.promotions:
        board = name_in(newest, "boards", one.board, one.version)
        version, name = naming[board]
        league = version.boards[name].league
        if league is not None and one.tier in league.tiers[1:]:
            tiers = found.setdefault(one.member, {}).setdefault(board, {})
            tiers[one.tier] = min(tiers.get(one.tier, one.at), one.at)
    return found

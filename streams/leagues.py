"""Leagues: the cohort in which a member plays in a week, as that member sees it, and the tier that they have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.badges import Held, Times
from engine.calendar import ALL, KINDS, name_of, named
from engine.disclosure import shelves
from engine.leagues import TIERS, cohort_of, cohorts_in, tier_in
from engine.plan import LeaguePlan, Plan
from schemas.answers import CohortAnswer, Tier
from schemas.rulebook import Board
from schemas.times import format_instant
from schemas.words import Instant, MemberId
from streams.asking import Read
from streams.keys import Keys
from streams.known import Known, UnknownError, Versions
from streams.rows import Row, first_rows, member_rows

Since = dict[str, list[tuple[int, int]]]
"""Who was promoted to which tiers, by number, and the windows from which on they are in them."""


@dataclass(frozen=True, slots=True)
class CohortQuery:
    """A member's cohort in a week of a league, the running one where nothing is said."""

    board: str
    member: MemberId
    window: str | None = None


@dataclass(frozen=True, slots=True)
class CohortPlace:
    """Where a query leads under some versions of the rulebook."""

    board: Board
    league: LeaguePlan
    scale: int
    window: int
    shown: tuple[str, ...]
    hidden: tuple[str, ...]

    @classmethod
    def of(cls, versions: Versions, query: CohortQuery, now: Instant) -> "CohortPlace":
        """Finds it.

        Raises:
            UnknownError: UNKNOWN_BOARD, NO_LEAGUE, UNKNOWN_WINDOW.
        """
        number, plan = versions.board(query.board), versions.in_force(now)
        league = next((league for league in plan.leagues if league.board == number), None)
        if league is None:
            raise UnknownError("NO_LEAGUE", f"board {query.board!r} is no league; ask for the board itself")
        today = plan.calendar.day(now)
        found = named(query.window or KINDS[league.kind], today)
        if found is None or found[0] != league.kind:
            example = name_of(league.kind, plan.calendar.windows(today)[league.kind])
            detail = f"a league is played week by week, and {query.window!r} is none; write one such as {example}"
            raise UnknownError("UNKNOWN_WINDOW", detail)
        board = next(board for name, board in plan.rulebook.boards.items() if plan.numbers["board"][name] == number)
        return cls(board, league, plan.scores[number].scale, found[1], *shelves(plan))

    def reads(self, query: CohortQuery, keys: Keys) -> list[Read]:
        """What has to be read: the listed of the week, who was promoted, and the member's own score where hidden."""
        at = (self.league.board, self.league.kind, self.window)
        whole: tuple[int | str, ...] = (0, -1, "WITHSCORES")
        tiers = [keys.board(self.league.number, ALL, number, TIERS) for _, number in self.league.tiers]
        return [
            *(("ZRANGE", [keys.board(*at, shelf)], whole) for shelf in self.shown),
            *(("ZRANGE", [tier], whole) for tier in tiers),
            *(("ZSCORE", [keys.board(*at, shelf)], [query.member]) for shelf in self.hidden),
        ]

    def answer(self, known: Known, query: CohortQuery, replies: Sequence[Any]) -> CohortAnswer:
        """The answer, from the replies to `reads`: the first rows, the member's own, and the two ahead of it."""
        league, seen = self.league, len(self.shown)
        since = self._since(replies[seen : seen + len(league.tiers)])
        cohorts = cohorts_in(known.cohorts(league.number), league, self.window)
        tier, cohort = self._where(cohorts, since, query.member)
        there = [
            row
            for rows in replies[:seen]
            for row in _rows(rows)
            if self._where(cohorts, since, MemberId(row.member.decode())) == (tier, cohort)
        ]
        ranked = first_rows([_flat(there)], 1, len(there))
        own = [float(score) for score in replies[seen + len(league.tiers) :] if score is not None]
        rows = _seen(ranked, self.board.top, query.member.encode(), round(own[0]) if own else None)
        sign = -1 if self.board.order == "lowest" else 1
        return {
            "board": query.board,
            "window": name_of(league.kind, self.window),
            "member": query.member,
            "tier": league.tiers[tier][0],
            "tiers": [name for name, _ in league.tiers],
            "cohort": cohort,
            "cohorts": cohorts[tier],
            "promote": league.promote if tier + 1 < len(league.tiers) else 0,
            "total": len(there),
            "rows": member_rows(rows, self.scale, sign),
            "position": known.position,
            "rulebook": known.plan.version,
            "clock": format_instant(known.clock) if known.clock else None,
        }

    def _where(self, cohorts: Sequence[int], since: Since, member: MemberId) -> tuple[int, int]:
        """The tier, by its place, and the cohort in which a member plays."""
        tier = tier_in(self.league, since.get(member, ()), self.window)
        return tier, cohort_of(self.league.kind, self.window, member, cohorts[tier])

    def _since(self, tiers: Sequence[Any]) -> Since:
        found: Since = {}
        for (_, number), rows in zip(self.league.tiers, tiers, strict=True):
            for row in _rows(rows):
                found.setdefault(row.member.decode(), []).append((number, -row.score))
        return found


def tiers(known: Known, settled: Times, now: Instant) -> dict[str, Tier]:
    """The tiers of a member in the leagues of the version in force, by board."""
    plan = known.in_force(now)
    return {
        name: _tier(plan, league, settled, now)
        for league in plan.leagues
        for name, number in plan.numbers["tier"].items()
        if number == league.number
    }


def _tier(plan: Plan, league: LeaguePlan, settled: Times, now: Instant) -> Tier:
    names = [name for name, _ in league.tiers]
    begun = plan.calendar.midnight(plan.calendar.days(league.kind, plan.calendar.at(now)[league.kind])[0])
    reached = {name: at for name in names if (at := settled.get(Held(league.number, name))) is not None and at <= begun}
    highest = next((name for name in reversed(names) if name in reached), names[0])
    at = reached.get(highest)
    return {"tier": highest, "since": None if at is None else format_instant(Instant(at)), "tiers": names}


def _rows(flat: Sequence[bytes]) -> Iterator[Row]:
    """Rows of a sorted set, from members and scores by turns."""
    for member, score in zip(flat[::2], flat[1::2], strict=True):
        yield Row(round(float(score)), member, None, None)


def _flat(rows: Sequence[Row]) -> tuple[list[bytes], list[bytes | None]]:
    """Rows as a shelf has them: from the best on, ties by id."""
    ordered = sorted(rows, key=lambda row: (row.score, row.member))
    return [part for row in ordered for part in (row.member, b"%d" % row.score)], []


def _seen(ranked: list[Row], top: int, member: bytes, own: int | None) -> list[Row]:
    """The rows that a member sees of their cohort; `own` is the score of one who is not listed."""
    place = next((index for index, row in enumerate(ranked) if row.member == member), None)
    rows = ranked
    if place is None and own is not None:
        place = sum((row.score, row.member) < (own, member) for row in ranked)
        rows = [*ranked[:place], Row(own, member, None, None), *ranked[place:]]
    if place is None:
        return rows[:top]
    return [row for index, row in enumerate(rows) if index < top or place - 2 <= index <= place]

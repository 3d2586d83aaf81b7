"""Challenges: which there are, and one round of one, its rows and its counter, as everyone is shown them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from engine.calendar import KINDS, SEASON, name_of, named
from engine.disclosure import shelves
from engine.plan import Plan, window_days
from engine.standing import Standing
from engine.totals import Totals
from schemas.answers import ChallengeInfo, ChallengesAnswer, Progress, Round, RoundAnswer
from schemas.rulebook_challenges import EVERYONE, MEMBER, Challenge
from schemas.times import format_instant
from schemas.words import Day, Instant, MemberId
from streams.asking import Read
from streams.boards import BoardQuery, Place
from streams.keys import Keys
from streams.known import Known, UnknownError, Versions
from streams.rows import Rows, group_scores, in_unit

ONCE = "once"
"""The name of the only round of a challenge."""

_TOP = 10


@dataclass(frozen=True, slots=True)
class RoundQuery:
    """One round of a challenge as somebody asks for it; equal queries have equal answers.

    `round`: its name, or the running one (the nearest, where none runs); `around` and `operator` as in `BoardQuery`.
    """

    challenge: str
    round: str | None = None
    around: MemberId | None = None
    operator: bool = False


@dataclass(frozen=True, slots=True)
class RoundPlace:
    """Where a query leads under some versions of the rulebook; a round lies in the store as a board's window does."""

    said: Challenge
    plan: Plan
    place: Place
    as_board: BoardQuery

    @classmethod
    def of(cls, versions: Versions, query: RoundQuery, now: Instant) -> "RoundPlace":
        """Finds it.

        Raises:
            UnknownError: UNKNOWN_CHALLENGE, UNKNOWN_ROUND.
        """
        plan, said = versions.challenge(query.challenge)
        score = plan.scores[plan.numbers["challenge"][query.challenge]]
        kind, window = _round(plan, query, said, now)
        start, _ = window_days(versions.plans, plan, kind, window)
        shown = shelves(versions.in_force(now))
        place = Place(score.number, kind, window, said.whose, False, score.scale, 1, None, start, _TOP, *shown)
        return cls(said, plan, place, BoardQuery(query.challenge, around=query.around, operator=query.operator))

    def reads(self, keys: Keys) -> list[Read]:
        """What has to be read for the answer."""
        place = self.place
        if place.by != EVERYONE:
            return place.reads(self.as_board, keys)
        at = (place.number, place.kind, place.window)
        boards = [keys.group_board(*at, kind, shelf) for kind, shelf in self._added()]
        return [("ZRANGE", [board], [0, -1, "WITHSCORES"]) for board in boards]

    def _added(self) -> list[tuple[str, str]]:
        """The kinds of group and shelves of which the shared counter is made: to operators all members are one."""
        place = self.place
        if self.as_board.operator:
            return [(EVERYONE, shelf) for shelf in place.shown + place.hidden]
        of_hidden = [(kind, shelf) for kind in self._counted() for shelf in place.hidden]
        return [*((EVERYONE, shelf) for shelf in place.shown), *of_hidden]

    def _counted(self) -> list[str]:
        """The kind of group in which everyone's hidden members are counted, if there is one."""
        return [kind for kind in self.plan.scores[self.place.number].by if kind != EVERYONE]

    def answer(self, known: Known, replies: Sequence[Any]) -> RoundAnswer:
        """The answer, from the replies to `reads`."""
        place = self.place
        answer: RoundAnswer = {
            "challenge": self.as_board.board,
            "round": _round_info(known.plans, self.plan, place.kind, place.window),
            "for": place.by,
            "goal": self.said.goal,
            "total": 0,
            "rows": [],
            "position": known.position,
            "rulebook": known.plan.version,
            "clock": format_instant(known.clock) if known.clock else None,
        }
        if place.by == EVERYONE:
            answer["score"] = in_unit(self._together(known, replies), place.scale)
        else:
            board = place.answer(known, self.as_board, replies)
            answer["rows"], answer["total"] = board["rows"], board["total"]
        return answer

    def _together(self, known: Known, replies: Sequence[Any]) -> int:
        """The shared counter: of the listed, and of hidden members where their groups are shown and cover them."""
        covering: dict[str, set[str]] = {EVERYONE: {EVERYONE}}
        for kind in self._counted():
            covering[kind] = self.place.covering(known, kind) & known.sizes(kind).keys() - known.withheld(kind)
        return sum(
            sum(group_scores([rows], 0, covering[kind]).values())
            for (kind, _), rows in zip(self._added(), cast("Sequence[Rows]", replies), strict=True)
        )


def all_challenges(known: Known, now: Instant) -> ChallengesAnswer:
    """The challenges of the newest rulebook, each with its running round, or the nearest one."""
    found: list[ChallengeInfo] = []
    for name, said in known.plan.rulebook.challenges.items():
        info: ChallengeInfo = {
            "challenge": name,
            "title": said.title if said.title is not None else name,
            "for": said.whose,
            "every": said.every,
            "goal": said.goal,
            "opt_in": said.opt_in,
            "by_rank": list(said.by_rank),
            "round": _round_info(known.plans, known.plan, *_round(known.plan, RoundQuery(name), said, now)),
        }
        if said.description is not None:
            info["description"] = said.description
        if said.icon is not None:
            info["icon"] = said.icon
        if said.reward is not None:
            info["reward"] = {"points": said.reward.points}
        found.append(info)
    return {"challenges": found, "position": known.position, "rulebook": known.plan.version}


def progress(known: Known, totals: Totals, standing: Standing, now: Instant) -> dict[str, Progress]:
    """How far a member is in the running rounds of the newest rulebook."""
    found: dict[str, Progress] = {}
    rounds = totals.rounds
    for name, said in known.plan.rulebook.challenges.items():
        number = known.plan.numbers["challenge"][name]
        kind, window = _round(known.plan, RoundQuery(name), said, now)
        done, last = rounds.get(number, (0, 0))
        mine: Progress = {
            "round": _round_info(known.plans, known.plan, kind, window),
            "score": in_unit(totals.score(number, kind, window), known.plan.scores[number].scale),
            "goal": said.goal if said.whose == MEMBER else None,
            "done": done,
            "at": format_instant(Instant(last)) if done else None,
        }
        if said.opt_in:
            mine["joined"] = standing.takes_part(number, (now + 1, "", ""))
        found[name] = mine
    return found


def _round(plan: Plan, query: RoundQuery, said: Challenge, now: Instant) -> tuple[int, int]:
    """The kind and the number of the window that a round is: the one asked for, the running or the nearest one."""
    number = plan.numbers["challenge"][query.challenge]
    if said.every is None:
        if query.round not in {None, ONCE}:
            raise UnknownError("UNKNOWN_ROUND", f"challenge {query.challenge!r} has one round alone: {ONCE}")
        return SEASON, next(season.window for season in plan.scores[number].seasons)
    kind, today = KINDS.index(said.every), plan.calendar.day(now)
    if query.round is not None:
        found = named(query.round, today)
        if found is None or found[0] != kind:
            example = name_of(kind, plan.calendar.windows(today)[kind])
            detail = f"{query.round!r} is no round of challenge {query.challenge!r}; write one such as {example}"
            raise UnknownError("UNKNOWN_ROUND", detail)
        return found
    if said.since is not None:
        today = Day(max(today, said.since.toordinal()))
    if said.to is not None:
        today = Day(min(today, said.to.toordinal()))
    return kind, plan.calendar.windows(today)[kind]


def _round_info(plans: Sequence[Plan], plan: Plan, kind: int, window: int) -> Round:
    first, last = (date.fromordinal(day).isoformat() for day in window_days(plans, plan, kind, window))
    return {"round": ONCE if kind == SEASON else name_of(kind, window), "from": first, "to": last}

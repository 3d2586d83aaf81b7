"""Answers: what the store says when asked for boards, members or itself, each from one call, at one position.

Nothing is computed here that the fold has decided: ranks are counted among the listed, what follows from time alone
(whether a streak is alive, which window `week` is) is worked out from the moment that is handed in.
"""

from collections.abc import Iterable
from typing import cast

import redis

from engine.disclosure import shelves
from engine.standing import Standing
from schemas.answers import (
    BoardAnswer,
    BoardsAnswer,
    ChallengesAnswer,
    CohortAnswer,
    MemberAnswer,
    RoundAnswer,
    WindowsAnswer,
)
from schemas.words import Instant, MemberId, OrgId
from streams.asking import Asking
from streams.boards import BoardQuery, Place, all_boards
from streams.challenges import RoundPlace, RoundQuery, all_challenges
from streams.fairness import FairnessAnswers
from streams.karma import KarmaAnswers, karma_of, purse_of, purse_reads
from streams.keys import Keys
from streams.known import Known, UnknownError
from streams.leagues import CohortPlace, CohortQuery
from streams.members import is_seen, member_answer, parts_of, standing_of
from streams.windows import names_of, windows_on


class Answers:
    """Reads one organisation's projections; may be used by many threads."""

    def __init__(self, client: "redis.Redis", org: OrgId) -> None:
        self.client = client
        self.keys = Keys(org)
        self.asking = Asking(client, self.keys)
        self.karma = KarmaAnswers(self.asking, self.keys)
        self.fairness = FairnessAnswers(self.karma)

    def known(self) -> Known:
        """The organisation's rulebooks and state at its newest position.

        Raises:
            UnknownError: NO_RULEBOOK, where nothing was folded yet.
        """
        return self.asking.ask()[0]

    def boards(self) -> BoardsAnswer:
        """The boards of the newest rulebook.

        Raises:
            UnknownError: NO_RULEBOOK.
        """
        return all_boards(self.known())

    def board(self, query: BoardQuery, *, now: Instant) -> BoardAnswer:
        """One window of a board.

        Raises:
            UnknownError: UNKNOWN_BOARD, UNKNOWN_WINDOW, UNKNOWN_GROUP_KIND, NO_RULEBOOK.
        """
        known, replies = self.asking.ask(lambda versions: Place.of(versions, query, now).reads(query, self.keys))
        return Place.of(known.versions, query, now).answer(known, query, replies)

    def windows(self, board: str, *, now: Instant, operator: bool = False) -> WindowsAnswer:
        """The windows in which a board has scores of somebody whom the caller may see, oldest first within each kind.

        Raises:
            UnknownError: UNKNOWN_BOARD, NO_RULEBOOK.
        """
        known, (found,) = self.asking.ask(
            lambda versions: [("SMEMBERS", [self.keys.windows(versions.board(board))], [])]
        )
        shown, hidden = shelves(known.in_force(now))
        seen = windows_on(found, shown + hidden if operator else shown)
        return {"board": board, "windows": names_of(seen, known.catalogue.names), "position": known.position}

    def challenges(self, *, now: Instant) -> ChallengesAnswer:
        """The challenges of the newest rulebook.

        Raises:
            UnknownError: NO_RULEBOOK.
        """
        return all_challenges(self.known(), now)

    def round(self, query: RoundQuery, *, now: Instant) -> RoundAnswer:
        """One round of a challenge.

        Raises:
            UnknownError: UNKNOWN_CHALLENGE, UNKNOWN_ROUND, NO_RULEBOOK.
        """
        known, replies = self.asking.ask(lambda versions: RoundPlace.of(versions, query, now).reads(self.keys))
        return RoundPlace.of(known.versions, query, now).answer(known, replies)

    def cohort(self, query: CohortQuery, *, now: Instant) -> CohortAnswer:
        """The cohort of a member in a week of a league.

        Raises:
            UnknownError: UNKNOWN_BOARD, NO_LEAGUE, UNKNOWN_WINDOW, NO_RULEBOOK.
        """
        known, replies = self.asking.ask(lambda versions: CohortPlace.of(versions, query, now).reads(query, self.keys))
        answer = CohortPlace.of(known.versions, query, now).answer(known, query, replies)
        members = [row["member"] for row in answer["rows"]]
        names = self.client.hmget(self.keys.names(), members) if members else []
        for row, name in zip(answer["rows"], cast("list[bytes | None]", names), strict=True):
            if name is not None:
                row["name"] = name.decode()
        return answer

    def member(self, member: MemberId, *, now: Instant, to_everyone: bool = False) -> MemberAnswer:
        """Points, badges and streaks of a member; `to_everyone`: only of one whom boards show to everyone.

        Raises:
            UnknownError: UNKNOWN_MEMBER, NO_RULEBOOK.
        """
        known, (purse, record, tallies) = self.asking.ask(
            lambda _: [*purse_reads(self.keys, member), ("HGETALL", [self.keys.tallies(member)], [])]
        )
        if record is not None:
            parts = parts_of(record, tallies, known.catalogue.layout)
            if not to_everyone or is_seen(parts[1], known.versions, now):
                answer = member_answer(known, member, parts, now, to_everyone=to_everyone)
                if not to_everyone:
                    answer["karma"] = karma_of(purse_of(known, member, (purse, record), now))
                return answer
        raise UnknownError("UNKNOWN_MEMBER", f"no event was ever counted for {member!r}")

    def standing(self, member: MemberId) -> Standing | None:
        """How a member stands with the organisation; None for one who is unknown."""
        record = cast("bytes | None", self.client.get(self.keys.member(member)))
        return None if record is None else standing_of(record)

    def members(self) -> Iterable[MemberId]:
        """Every member who has a record, in no order."""
        for name in self.client.sscan_iter(self.keys.members(), count=1_000):
            yield MemberId(cast("bytes", name).decode())

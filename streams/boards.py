"""One window of a board: where its scores lie, what of them is read, and the answer that is made of the replies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from engine.calendar import name_of
from engine.disclosure import shelves
from engine.heads import per_head, steps_of_groups
from engine.plan import window_days
from schemas.answers import TOP_MAX, BoardAnswer, BoardInfo, BoardsAnswer, GroupRow, MemberRow
from schemas.rulebook import Board
from schemas.times import format_instant
from schemas.words import Instant, MemberId
from streams.asking import Read
from streams.keys import Keys
from streams.known import Known, UnknownError, Versions
from streams.rows import first_rows, group_rows, group_scores, member_rows, rows_around
from streams.windows import window_of


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """One window of a board as somebody asks for it; equal queries have equal answers.

    `by`: None for members, or where the board is not kept by them for the first kind of group that it is kept by;
    `top`: the first so many rows, by default as many as the rulebook shows to everyone, and never more than those but
    for operators; `around`: also the two rows ahead of a member, and their own, which is shown to that member and to
    operators alone; `operator`: hidden members are shown, unranked, and groups count all of their members.
    """

    board: str
    window: str | None = None
    by: str | None = None
    top: int | None = None
    around: MemberId | None = None
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query leads under some versions of the rulebook."""

    number: int
    kind: int
    window: int
    by: str
    greatest: bool  # whether a group's score is the greatest of its members', not their sum
    scale: int
    sign: int  # -1 where the lowest score is the best
    heads: tuple[int, int] | None  # the days on which heads are counted, where scores are told per head
    start: int  # the local day with which the window begins; 0 for all time
    top: int
    shown: tuple[str, ...]  # shelves whose members are listed
    hidden: tuple[str, ...]  # the other ones

    @classmethod
    def of(cls, versions: Versions, query: BoardQuery, now: Instant) -> "Place":
        """Finds it.

        Raises:
            UnknownError: UNKNOWN_BOARD, UNKNOWN_WINDOW, UNKNOWN_GROUP_KIND.
        """
        number = versions.board(query.board)
        plan = versions.in_force(now)
        board, scale = _newest(versions, query.board, number)
        kind, window = window_of(board, query.board, plan.calendar, versions.catalogue, now, query.window)
        by = query.by or ("member" if "member" in board.by else board.by[0])
        if by not in board.by:
            raise UnknownError(
                "UNKNOWN_GROUP_KIND",
                f"board {query.board!r} is kept by {', '.join(board.by)}, not by {by!r}",
            )
        top = board.top if query.top is None else max(0, query.top)
        top = min(top, TOP_MAX if query.operator else board.top)
        start, end = window_days(versions.plans, plan, kind, window)
        heads = (start, min(end, plan.calendar.day(now))) if board.per_head and by != "member" else None
        sign = -1 if board.order == "lowest" else 1
        greatest = board.score.kind == "best"
        return cls(number, kind, window, by, greatest, scale, sign, heads, start, top, *shelves(plan))

    def reads(self, query: BoardQuery, keys: Keys) -> list[Read]:
        """What has to be read for the answer."""
        place, every = (self.number, self.kind, self.window), self.shown + self.hidden
        if self.by != "member":
            key_of = keys.best_board if self.greatest else keys.group_board
            boards = [key_of(*place, self.by, shelf) for shelf in every]
            reads: list[Read] = [("ZRANGE", [board], [0, -1, "WITHSCORES"]) for board in boards]
            return reads if self.heads is None else [*reads, ("HGETALL", [keys.heads], [])]
        names, boards = keys.names(), [keys.board(*place, shelf) for shelf in every]
        seen = boards if query.operator else boards[: len(self.shown)]
        reads = [("TOP", [names, board], [self.top]) for board in seen]
        if query.around is not None:
            reads.append(("AHEAD", [names, *boards], [query.around, len(self.shown)]))
        return reads

    def answer(self, known: Known, query: BoardQuery, replies: Sequence[Any]) -> BoardAnswer:
        """The answer, from the replies to `reads`."""
        is_of_members = self.by == "member"
        total, rows = self._members(query, replies) if is_of_members else self._groups(known, query, replies)
        clock = known.clock
        answer: BoardAnswer = {
            "board": query.board,
            "window": name_of(self.kind, self.window, known.catalogue.names),
            "by": self.by,
            "total": total,
            "position": known.position,
            "rulebook": known.plan.version,
            "rows": rows,
            "clock": format_instant(clock) if clock else None,
        }
        if is_of_members and known.hidden >= known.plan.rulebook.people.smallest_group:
            answer["hidden"] = known.hidden
        return answer

    def covering(self, known: Known, kind: str) -> set[str]:
        """The groups of a kind that count their hidden members here.

        What the newest rulebook covers holds as long as those are hidden whom it hides.
        """
        is_settled = shelves(known.plan) == (self.shown, self.hidden)
        return known.covering(kind, self.start) if is_settled else set()

    def _members(self, query: BoardQuery, replies: Sequence[Any]) -> tuple[int, list[MemberRow]]:
        boards = replies if query.around is None else replies[:-1]
        rows = first_rows([board[1:] for board in boards], len(self.shown), self.top)
        if query.around is not None and replies[-1] is not None:
            rows = rows_around(replies[-1], rows)
        return sum(count for count, _, _ in boards[: len(self.shown)]), member_rows(rows, self.scale, self.sign)

    def _groups(self, known: Known, query: BoardQuery, replies: Sequence[Any]) -> tuple[int, list[GroupRow]]:
        """To everyone a group's score is that of its listed members, and of the hidden ones where they are covered."""
        sizes, covering = known.sizes(self.by), cast("set[str] | None", None)
        if not query.operator:
            withheld = known.withheld(self.by)
            sizes = {group: size for group, size in sizes.items() if group not in withheld}
            covering = self.covering(known, self.by)
        boards, scale = replies[: len(self.shown + self.hidden)], self.scale
        scores: Mapping[str, int] = group_scores(boards, len(self.shown), covering, greatest=self.greatest)
        if self.heads is not None:
            steps, scale = steps_of_groups(self.by, _pairs(replies[-1])), scale + 2
            scores = {group: per_head(score, steps.get(group, {}), *self.heads) for group, score in scores.items()}
        return group_rows(scores, sizes, scale, self.top, self.sign)


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _newest(versions: Versions, name: str, number: int) -> tuple[Board, int]:
    """A board as the newest version that names it says, and the scale of its score."""
    for plan in reversed(versions.plans):
        if (board := plan.rulebook.boards.get(name)) is not None:
            return board, plan.scores[number].scale if number in plan.scores else 0
    raise AssertionError(f"board {name!r} has a number and no version names it")


def all_boards(known: Known) -> BoardsAnswer:
    """The boards of the newest rulebook."""
    found: list[BoardInfo] = []
    for name, board in known.plan.rulebook.boards.items():
        number = known.plan.numbers["board"][name]
        found.append(
            {
                "board": name,
                "title": board.title if board.title is not None else name,
                "windows": [kind.value for kind in board.windows],
                "by": list(board.by),
                "seasons": list(board.seasons),
                "order": board.order,
                "per_head": board.per_head,
                "top": board.top,
                "scale": known.plan.scores[number].scale,
            }
        )
    return {"boards": found, "position": known.position, "rulebook": known.plan.version}

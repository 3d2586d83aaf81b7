"""One window of a board: where its scores lie, what of them is read, and the answer that is made of the replies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.calendar import name_of
from schemas.answers import TOP_MAX, BoardAnswer, BoardInfo, BoardsAnswer, GroupRow, MemberRow
from schemas.rulebook import Board
from schemas.times import format_instant
from schemas.words import Instant, MemberId
from streams.asking import Read
from streams.keys import Keys
from streams.known import Known, UnknownError, Versions
from streams.rows import group_rows, member_rows, rows_around
from streams.windows import window_of


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """One window of a board as somebody asks for it; equal queries have equal answers.

    `top`: the first so many rows, by default as many as the rulebook shows to everyone, and never more than those but
    for operators; `around`: also the two rows ahead of a member, and their own; `operator`: hidden members are shown,
    unranked.
    """

    board: str
    window: str | None = None
    by: str = "member"
    top: int | None = None
    around: MemberId | None = None
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query leads under some versions of the rulebook."""

    number: int
    kind: int
    window: int
    scale: int
    top: int
    shown: tuple[str, ...]  # shelves whose members are listed
    hidden: tuple[str, ...]  # shelves that are shown to operators alone

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
        if query.by != "member" and query.by not in board.by:
            raise UnknownError(
                "UNKNOWN_GROUP_KIND",
                f"board {query.board!r} is kept by {', '.join(board.by)}, not by {query.by!r}",
            )
        top = board.top if query.top is None else max(0, query.top)
        open_is_hidden = plan.rulebook.people.visibility == "hidden"
        hidden = ("open", "hidden") if open_is_hidden else ("hidden",)
        return cls(
            number,
            kind,
            window,
            scale,
            min(top, TOP_MAX if query.operator else board.top),
            ("listed",) if open_is_hidden else ("listed", "open"),
            hidden if query.operator else (),
        )

    def reads(self, query: BoardQuery, keys: Keys) -> list[Read]:
        """What has to be read for the answer."""
        place = (self.number, self.kind, self.window)
        if query.by != "member":
            return [("ZRANGE", [keys.group_board(*place, query.by)], [0, -1, "WITHSCORES"])]
        names = keys.names()
        shelves = [keys.board(*place, shelf) for shelf in self.shown + self.hidden]
        reads: list[Read] = [("TOP", [names, shelf], [self.top]) for shelf in shelves]
        if query.around is not None:
            reads.append(("AHEAD", [names, *shelves[: len(self.shown)]], [query.around]))
        return reads

    def answer(self, known: Known, query: BoardQuery, replies: Sequence[Any]) -> BoardAnswer:
        """The answer, from the replies to `reads`."""
        rows: list[MemberRow] | list[GroupRow]
        if query.by != "member":
            smallest = known.plan.rulebook.people.smallest_group
            total, rows = group_rows(replies[0], known.rosters.get(query.by, {}), smallest, self.scale, self.top)
        else:
            shelves = replies[: len(self.shown) + len(self.hidden)]
            total = sum(count for count, _, _ in shelves[: len(self.shown)])
            rows = member_rows([shelf[1:] for shelf in shelves], len(self.shown), self.scale, self.top)
            if query.around is not None and replies[-1] is not None:
                rows += rows_around(replies[-1], rows, self.scale)
        clock = known.clock
        return {
            "board": query.board,
            "window": name_of(self.kind, self.window, known.catalogue.names),
            "by": query.by,
            "total": total,
            "position": known.position,
            "rulebook": known.plan.version,
            "rows": rows,
            "clock": format_instant(clock) if clock else None,
        }


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
        number = known.catalogue.known(f"board:{name}")
        found.append(
            {
                "board": name,
                "title": board.title if board.title is not None else name,
                "windows": [kind.value for kind in board.windows],
                "by": list(board.by),
                "top": board.top,
                "scale": 0 if number is None else known.plan.scores[number].scale,
            }
        )
    return {"boards": found, "position": known.position, "rulebook": known.plan.version}

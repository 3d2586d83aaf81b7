"""Answers: the shapes in which boards and members leave karmalog, over HTTP and on the command line alike."""

from typing import NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

TOP_MAX = 1_000
"""Rows that one answer holds at most."""

Title = str | dict[str, str]


class MemberRow(TypedDict):
    """A member on a board; a hidden one, shown to operators only, has no rank."""

    rank: int | None
    member: str
    score: int | float
    name: NotRequired[str]
    you: NotRequired[bool]


class GroupRow(TypedDict):
    """A group on a board, and how many belong to it."""

    rank: int
    group: str
    score: int | float
    members: int


class BoardAnswer(TypedDict):
    """One window of a board, as of a position of the log."""

    board: str
    window: str
    by: str
    total: int
    position: int
    rulebook: int
    rows: list[MemberRow] | list[GroupRow]
    clock: str | None  # RFC 3339: when the last event was recorded


class BoardInfo(TypedDict):
    """What there is to ask of a board."""

    board: str
    title: Title
    windows: list[str]
    by: list[str]
    top: int
    scale: int


class BoardsAnswer(TypedDict):
    """Every board."""

    boards: list[BoardInfo]
    position: int
    rulebook: int


class WindowsAnswer(TypedDict):
    """The windows of a board that have scores."""

    board: str
    windows: list[str]  # oldest first within each kind
    position: int


class Badge(TypedDict):
    """A badge, or a level of one, that a member has reached; `at` is when it was completed.

    `value` is what a badge is for that is there once per value; `until` says when it runs out.
    """

    badge: str
    level: str | None
    at: str
    value: NotRequired[str | int | float | bool]
    until: NotRequired[str]


class Level(TypedDict):
    """Where a member stands on a ladder, by its score; `next` is the step that comes, and the score it asks for."""

    level: str | None
    at: str | None
    score: int | float
    next: str | None
    needs: int | float | None


class Streak(TypedDict):
    """Periods in a row: now, and at best."""

    current: int
    longest: int
    freezes: NotRequired[int]  # at hand


class Karma(TypedDict):
    """What a member may give, has earned, and owes."""

    to_give: int
    earned: int
    owed: int


class MemberAnswer(TypedDict):
    """What a member has."""

    member: str
    points: dict[str, int]
    badges: list[Badge]
    run_out: NotRequired[list[Badge]]  # badges that have to be earned again
    levels: dict[str, Level]
    streaks: dict[str, Streak]
    karma: Karma
    position: int


BOARD: TypeAdapter[BoardAnswer] = TypeAdapter(BoardAnswer)
BOARDS: TypeAdapter[BoardsAnswer] = TypeAdapter(BoardsAnswer)
MEMBER: TypeAdapter[MemberAnswer] = TypeAdapter(MemberAnswer)

"""Answers: the shapes in which boards and members leave karmalog, over HTTP and on the command line alike."""

from typing import Literal, NotRequired

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
    hidden: NotRequired[int]  # members of the organisation who chose to be hidden, where they are enough to be told


class BoardInfo(TypedDict):
    """What there is to ask of a board."""

    board: str
    title: Title
    windows: list[str]
    by: list[str]
    seasons: list[str]
    order: Literal["highest", "lowest"]
    per_head: bool  # of groups
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


Round = TypedDict("Round", {"round": str, "from": str, "to": str})
"""A round of a challenge: its name (2026-W48, or `once`), and its first and last local day."""


class Progress(TypedDict):
    """How far a member is in the round of a challenge that runs now, or is the nearest."""

    round: Round
    score: int | float
    goal: int | float | None  # None where it is not for members alone
    done: int  # rounds in which the goal was reached
    at: str | None  # RFC 3339: when it was, in the last of them
    joined: NotRequired[bool]  # where only those take part who joined


class Points(TypedDict):
    """What a challenge gives."""

    points: int


ChallengeInfo = TypedDict(
    "ChallengeInfo",
    {
        "challenge": str,
        "title": Title,
        "description": NotRequired[Title],
        "icon": NotRequired[str],
        "for": str,
        "every": str | None,
        "goal": int | float | None,
        "opt_in": bool,
        "reward": NotRequired[Points],
        "by_rank": list[int],
        "round": Round,
    },
)
"""A challenge, and the round of it that runs now, or is the nearest."""


class ChallengesAnswer(TypedDict):
    """Every challenge."""

    challenges: list[ChallengeInfo]
    position: int
    rulebook: int


RoundAnswer = TypedDict(
    "RoundAnswer",
    {
        "challenge": str,
        "round": Round,
        "for": str,
        "goal": int | float | None,
        "score": NotRequired[int | float],
        "total": int,
        "rows": list[MemberRow] | list[GroupRow],
        "position": int,
        "rulebook": int,
        "clock": str | None,
    },
)
"""One round of a challenge, as of a position of the log; `score` is the counter of everyone together."""


class CohortAnswer(TypedDict):
    """The cohort of a league in which a member plays in a week, as far as that member sees it."""

    board: str
    window: str
    member: str
    tier: str
    tiers: list[str]
    cohort: int
    cohorts: int  # of the tier
    promote: int  # so many go up when the week is settled; none of the highest tier
    total: int
    rows: list[MemberRow]
    position: int
    rulebook: int
    clock: str | None


class Tier(TypedDict):
    """Where a member plays in a league this week; nobody is demoted."""

    tier: str
    since: str | None  # RFC 3339; None for the first tier, in which everyone begins
    tiers: list[str]


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
    challenges: dict[str, Progress]
    leagues: dict[str, Tier]  # by board
    karma: NotRequired[Karma]  # told to themselves and to operators alone
    position: int


BOARD: TypeAdapter[BoardAnswer] = TypeAdapter(BoardAnswer)
BOARDS: TypeAdapter[BoardsAnswer] = TypeAdapter(BoardsAnswer)
MEMBER: TypeAdapter[MemberAnswer] = TypeAdapter(MemberAnswer)

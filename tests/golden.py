"""Holds anything that answers for the reviews against the golden answers that were worked out by other means.

What is asked is given as functions, so the oracle, the engine, a command or a server can stand behind them.
Rows and members have the shapes of the contract's JSON. Every check returns the differences as sentences.

The golden tables have at most 20 rows, no shared ranks, and put the one first who got there earlier. Compared
are scores in every row, and members above the last score, where who is in the table does not hang on ties.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
"""{"rank", "member", "score"}"""

Board: TypeAlias = Callable[[str, str], Sequence[Row]]
"""(board, window) -> all of its rows, the highest first."""

Member: TypeAlias = Callable[[str], Mapping[str, Any]]
"""member -> {"badges": [{"badge", "level", "at"}], "streaks": {badge: {"current", "longest"}}, …}"""

Golden: TypeAlias = Mapping[str, Any]

LEVELS = {"10": "bronze", "100": "silver", "1000": "gold"}
"""Of the badge `reviewer`, by the number of reviews."""


def load(path: Path) -> Golden:
    """The golden answers in a file."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    golden: Golden = json.loads(text)
    return golden


def utc_differences(golden: Golden, board: Board, member: Member) -> list[str]:
    """All that does not hang on Berlin: tables of all time, years and weeks, streaks, times of levels."""
    tables = {"all": golden["top20_all_time"]}
    tables |= golden["top20_by_year_utc"]
    tables |= golden["top20_by_iso_week_utc"]
    everyone = [str(row["member"]) for row in board("reviews", "all")]
    return [
        *board_differences(tables, board),
        *streak_differences(golden["top20_longest_weekly_streak_utc"], everyone, member),
        *level_differences(golden["reached_level"], everyone, member),
    ]


def berlin_differences(golden: Golden, board: Board) -> list[str]:
    """The tables of every month by the clock on a wall in Berlin."""
    return board_differences(golden["top20_by_month_europe_berlin"], board)


def board_differences(tables: Mapping[str, Sequence[Mapping[str, Any]]], board: Board) -> list[str]:
    """Of the board `reviews` in each of the windows."""
    differences = []
    for window, expected in tables.items():
        rows = board("reviews", window)
        wanted = [(entry["subject"], entry["reviews"]) for entry in expected]
        given = [(row["member"], row["score"]) for row in rows]
        differences += [f"reviews {window}: {what}" for what in [*table_differences(wanted, given), *rank_faults(rows)]]
    return differences


def table_differences(wanted: Sequence[tuple[str, int]], given: Sequence[tuple[str, int]]) -> list[str]:
    """A table of (member, score), the highest first, against a longer one."""
    top = given[: len(wanted)]
    if len(wanted) < 20 and len(given) > len(wanted):
        return [f"{len(given)} rows, expected {len(wanted)}"]
    if [score for _, score in top] != [score for _, score in wanted]:
        return [f"scores {[score for _, score in top]}, expected {[score for _, score in wanted]}"]
    # A full table may have cut through the members of its last score.
    whole = 0 if len(wanted) < 20 else wanted[-1][1]
    given_above = {row for row in given if row[1] > whole}
    wanted_above = {row for row in wanted if row[1] > whole}
    return [f"{row} is on one side only" for row in sorted(given_above ^ wanted_above)]


def rank_faults(rows: Sequence[Row]) -> list[str]:
    """Rows whose rank is not 1 + the number of higher scores, and ties that are not in order of member id."""
    scores = [row["score"] for row in rows]
    faults = [
        f"{row['member']} has rank {row['rank']}, not {1 + sum(score > row['score'] for score in scores)}"
        for row in rows
        if row["rank"] != 1 + sum(score > row["score"] for score in scores)
    ]
    in_order = sorted(rows, key=lambda row: (-row["score"], row["member"].encode()))
    return faults if list(rows) == in_order else [*faults, "rows are not by score and member id"]


def streak_differences(expected: Sequence[Mapping[str, Any]], everyone: Iterable[str], member: Member) -> list[str]:
    """The longest runs of weeks, by the badge `steady`."""
    longest = [
        (name, streak["longest"]) for name in everyone if (streak := member(name)["streaks"].get("steady")) is not None
    ]
    wanted = [(entry["subject"], entry["weeks"]) for entry in expected]
    longest.sort(key=lambda row: -row[1])
    return [f"longest streaks: {what}" for what in table_differences(wanted, longest)]


def level_differences(
    expected: Mapping[str, Sequence[Mapping[str, Any]]], everyone: Iterable[str], member: Member
) -> list[str]:
    """Who reached which level of the badge `reviewer`, and exactly when."""
    reached: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name in everyone:
        for badge in member(name)["badges"]:
            if badge["badge"] == "reviewer":
                reached[badge["level"]][name] = badge["at"]
    differences = []
    for number, entries in expected.items():
        wanted = {(entry["subject"], entry["time"]) for entry in entries}
        given = set(reached[LEVELS[number]].items())
        differences += [f"{number} reviews: {one} is on one side only" for one in sorted(wanted ^ given)]
    return differences

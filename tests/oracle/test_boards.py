"""Windows, ranks, visibility and groups, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle import Row
from tests.oracle.story import MONDAY, SPENT, Story, boarded, ruled, scored


@pytest.mark.parametrize(
    ("time", "windows"),
    [
        ("2024-05-31T12:00Z", {"2024-05-31", "2024-W22", "2024-05", "2024-Q2", "2024", "all"}),
        ("2024-05-31T22:00Z", {"2024-06-01", "2024-W22", "2024-06", "2024-Q2", "2024", "all"}),
        ("2024-12-30T12:00Z", {"2024-12-30", "2025-W01", "2024-12", "2024-Q4", "2024", "all"}),
        ("2027-01-03T12:00Z", {"2027-01-03", "2026-W53", "2027-01", "2027-Q1", "2027", "all"}),
        ("2027-01-03T23:00Z", {"2027-01-04", "2027-W01", "2027-01", "2027-Q1", "2027", "all"}),
    ],
)
def test_windows_are_those_of_the_local_day(time: str, windows: set[str]) -> None:
    story = scored({"count": SPENT}, calendar={"timezone": "Europe/Berlin"})
    story.spent("ann", 1, time)
    assert {window for _, _, window in story.answers().boards} == windows


def test_highest_first_ties_by_the_bytes_of_their_ids_and_ranks_are_shared() -> None:
    story = scored({"sum": "data.minutes", "event": SPENT})
    for member, minutes in (("é", 2), ("z", 2), ("ann", 3), ("bob", 1), ("cid", 0), ("dan", -1)):
        story.spent(member, minutes)
    assert story.rows() == [(1, "ann", 3), (2, "z", 2), (2, "é", 2), (4, "bob", 1), (5, "dan", -1)]
    assert story.answers().boards["board", "member", "all"].total == 5


def test_a_window_without_a_score_has_no_rows() -> None:
    story = scored({"sum": "data.minutes", "event": SPENT})
    story.spent("ann", 3)
    story.spent("ann", -3)
    assert story.answers().boards == {}


def test_a_board_of_points_has_what_was_awarded_in_the_window() -> None:
    story = Story(**ruled({"per": "week", "points": 5}))
    story.spent("ann", 4, "2024-03-04T12:00Z")
    story.spent("ann", 4, "2024-03-05T12:00Z")
    assert story.rows(window="2024-03-05") == [(1, "ann", 1)]
    assert story.rows(window="2024-W10") == [(1, "ann", 5)]


def test_hidden_members_stand_where_their_score_belongs_without_a_rank() -> None:
    story = scored({"sum": "data.minutes", "event": SPENT})
    for member, minutes in (("ann", 3), ("bob", 2), ("cid", 1)):
        story.spent(member, minutes)
    story.event("member.visibility_changed", "bob", data={"visibility": "hidden"})
    story.event("member.visibility_changed", "cid", data={"visibility": "nickname"})
    assert story.answers().boards["board", "member", "all"] == (
        [(1, "ann", 3), (None, "bob", 2), (2, "cid", 1)],
        2,
    )


def test_visibility_is_the_last_that_was_said_else_the_rulebooks() -> None:
    story = scored({"count": SPENT}, people={"visibility": "hidden"})
    said: dict[str, list[tuple[str, dict[str, str]]]] = {
        "nothing": [],
        "joined": [("member.joined", {"visibility": "listed"})],
        "nothing more": [("member.visibility_changed", {"visibility": "listed"}), ("member.joined", {})],
        "changed": [
            ("member.joined", {"visibility": "listed"}),
            ("member.visibility_changed", {"visibility": "hidden"}),
        ],
    }
    for member, steps in said.items():
        story.spent(member, 1)
        # Written from the last to the first: what counts is when it happened.
        for minute, (kind, data) in reversed(list(enumerate(steps))):
            story.event(kind, member, f"2024-03-04T12:0{minute}Z", data)
    assert {row[1]: row[0] for row in story.rows()} == {
        "nothing": None,
        "joined": 1,
        "nothing more": 1,
        "changed": None,
    }


def test_visibility_of_the_rulebook_is_the_newest_versions_once_it_is_in_force() -> None:
    story = scored({"count": SPENT})
    story.publish("2024-03-06", MONDAY, people={"visibility": "hidden"})
    story.spent("ann", 1)
    assert story.answers("2024-03-05T12:00Z").boards["board", "member", "all"].rows == [(1, "ann", 1)]
    assert story.answers("2024-03-06T12:00Z").boards["board", "member", "all"].rows == [(None, "ann", 1)]


def test_former_members_have_no_row_until_they_join_again() -> None:
    story = scored({"count": SPENT})
    story.spent("ann", 1)
    story.spent("bob", 1)
    story.event("member.left", "ann", "2024-03-05T12:00Z")
    story.event("member.joined", "ann", "2024-03-01T12:00Z")
    assert story.rows() == [(1, "bob", 1)]
    story.event("member.joined", "ann", "2024-03-06T12:00Z")
    assert story.rows() == [(1, "ann", 1), (1, "bob", 1)]


def teams(score: dict[str, Any], *, smallest: int = 1, one_at_a_time: bool = True) -> Story:
    return Story(
        people={"smallest_group": smallest},
        groups={"team": {"one_at_a_time": one_at_a_time}},
        boards={"board": boarded(score, by=["member", "team"])},
    )


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ({"count": SPENT}, [(1, "red", 3, 2), (2, "blue", 1, 1)]),
        ({"sum": "data.minutes", "event": SPENT}, [(1, "blue", 8, 1), (2, "red", 7, 2)]),
        ({"best": "data.minutes", "event": SPENT}, [(1, "blue", 8, 1), (2, "red", 4, 2)]),
        ({"distinct": "data.minutes % 2", "event": SPENT}, [(1, "red", 3, 2), (2, "blue", 1, 1)]),
    ],
)
def test_a_group_has_what_its_members_earned(score: dict[str, Any], expected: list[Row]) -> None:
    story = teams(score)
    story.joined("red", ["ann", "bob"])
    story.joined("blue", ["cid"])
    for member, minutes in (("ann", 1), ("ann", 2), ("bob", 4), ("cid", 8), ("dan", 16)):
        story.spent(member, minutes)
    assert story.rows(by="team") == expected


def test_a_member_belongs_to_a_group_for_whole_local_days() -> None:
    story = teams({"sum": "data.minutes", "event": SPENT})
    story.joined("red", ["ann"], "2024-03-05T12:00Z")
    story.event("group.left", "ann", "2024-03-07T01:00Z", {"kind": "team", "group": "red"})
    story.joined("red", ["bob"], "2024-03-05T12:00Z")
    for number, time in enumerate(("2024-03-04T23:59Z", "2024-03-05T00:00Z", "2024-03-06T23:59Z", "2024-03-07T00:00Z")):
        story.spent("ann", 2**number, time)
    rows = story.answers("2024-03-08T12:00Z").boards["board", "team", "all"].rows
    assert rows == [(1, "red", 2 + 4, 1)]


def test_days_of_belonging_are_those_of_the_newest_time_zone() -> None:
    story = teams({"count": SPENT})
    story.publish(
        "2024-03-06",
        MONDAY,
        calendar={"timezone": "Asia/Tokyo"},
        people={"smallest_group": 1},
        groups={"team": {"one_at_a_time": True}},
    )
    story.joined("red", ["ann"], "2024-03-04T16:00Z")  # in Tokyo it is the fifth
    story.spent("ann", 1, "2024-03-04T17:00Z")
    assert story.rows(by="team") == [(1, "red", 1, 1)]
    assert ("board", "team", "all") not in story.answers("2024-03-07T12:00Z").boards


def test_joining_a_team_leaves_the_other_where_there_is_one_at_a_time() -> None:
    for one_at_a_time, expected in (
        (True, [(1, "red", 1, 1)]),
        (False, [(1, "blue", 1, 1), (1, "red", 1, 1)]),
    ):
        story = teams({"count": SPENT}, one_at_a_time=one_at_a_time)
        story.joined("red", ["ann"], "2024-01-02T08:00Z")
        story.joined("blue", ["ann"], "2024-01-01T08:00Z")
        story.spent("ann", 1)
        assert story.rows(by="team") == expected


def test_a_board_by_team_asks_for_teams_only() -> None:
    story = teams({"count": SPENT})
    story.joined("red", ["ann"])
    story.event("group.joined", "ann", "2024-01-02T08:00Z", {"kind": "community", "group": "tea"})
    story.event("group.left", "ann", "2024-01-03T08:00Z", {"kind": "community", "group": "red"})
    story.spent("ann", 1)
    assert story.rows(by="team") == [(1, "red", 1, 1)]


def test_small_groups_are_neither_shown_nor_ranked_and_former_members_do_not_belong() -> None:
    story = Story(boards={"board": boarded({"count": SPENT}, by="team")}, groups={"team": {}})
    story.joined("five", ["a1", "a2", "a3", "a4", "a5"])
    story.joined("four", ["b1", "b2", "b3", "b4"])
    story.joined("left", ["c1", "c2", "c3", "c4", "c5"])
    story.event("member.left", "c1")
    for member in ("a1", "b1", "b1", "c2", "c2"):
        story.spent(member, 1)
    assert story.answers().boards["board", "team", "all"] == ([(1, "five", 1, 5)], 1)


def test_lowest_first_where_the_board_says_so() -> None:
    story = Story(boards={"board": boarded({"sum": "data.minutes", "event": SPENT}, order="lowest")})
    for member, minutes in (("é", 2), ("z", 2), ("ann", 3), ("bob", 1), ("cid", 0), ("dan", -1)):
        story.spent(member, minutes)
    story.event("member.visibility_changed", "bob", data={"visibility": "hidden"})
    assert story.rows() == [(1, "dan", -1), (None, "bob", 1), (2, "z", 2), (2, "é", 2), (4, "ann", 3)]


def test_a_season_is_a_window_of_the_boards_that_name_it() -> None:
    story = Story(
        calendar={"timezone": "Europe/Berlin"},
        seasons={
            "spring": {"from": "2024-03-04", "to": "2024-03-05"},
            "summer": {"from": "2024-03-05", "to": "2024-03-06"},
            "autumn": {"from": "2024-03-01", "to": "2024-03-31"},
        },
        boards={"board": {"score": {"count": SPENT}, "windows": ["year"], "seasons": ["spring", "summer"]}},
    )
    for time in ("2024-03-03T22:59Z", "2024-03-03T23:00Z", "2024-03-04T23:00Z", "2024-03-06T22:59Z"):
        story.spent("ann", 1, time)
    scores = {window: table.rows[0][2] for (_, _, window), table in story.answers().boards.items()}
    # Of the 3rd, 4th, 5th and 6th in Berlin: the 4th and 5th; the 5th and 6th; all of them.
    assert scores == {"spring": 2, "summer": 2, "2024": 4}

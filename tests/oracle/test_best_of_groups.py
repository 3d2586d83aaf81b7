"""Boards of groups by a `best` score: the greatest value that counts, and what takes it back. By hand."""

from typing import Any

import pytest

from tests.oracle import Row
from tests.oracle.story import MONDAY, SPENT, Story, boarded

BEST = {"best": "data.minutes", "event": SPENT}

FIVE = ["m0", "m1", "m2", "m3", "m4"]


def teams(smallest: int = 1, *, one_at_a_time: bool = True, **board: Any) -> Story:
    return Story(
        people={"smallest_group": smallest},
        groups={"team": {"one_at_a_time": one_at_a_time}},
        boards={"board": boarded(BEST, by=["member", "team"], **board)},
    )


def red(*members: str, **said: Any) -> Story:
    """A story with one team from the beginning."""
    story = teams(**said)
    story.joined("red", members)
    return story


def scores(story: Story, window: str = "all", now: str = MONDAY) -> dict[str, int]:
    """What everyone sees of groups."""
    table = story.answers(now).boards.get(("board", "team", window))
    return {str(row[1]): row[2] for row in table.rows} if table else {}


def operators(story: Story, window: str = "all", now: str = MONDAY) -> dict[str, int]:
    return story.answers(now).operators.get(("board", "team", window), {})


def hide(story: Story, *members: str, time: str = "2024-01-01T08:00Z") -> None:
    for member in members:
        story.event("member.visibility_changed", member, time, {"visibility": "hidden"})


def test_a_group_has_the_greatest_value_of_any_member_and_equal_ones_share_a_rank() -> None:
    story = red("ann", "bob")
    story.joined("blue", ["cid"])
    story.joined("tan", ["dan"])
    for member, minutes in (("ann", 5), ("bob", 8), ("ann", 7), ("cid", 8), ("cid", 2), ("dan", 7), ("eve", 9)):
        story.spent(member, minutes)
    assert story.rows(by="team") == [(1, "blue", 8, 1), (1, "red", 8, 2), (3, "tan", 7, 1)]
    assert story.answers().boards["board", "team", "all"].total == 3
    assert story.rows() == [(1, "eve", 9), (2, "bob", 8), (2, "cid", 8), (4, "ann", 7), (4, "dan", 7)]


def test_lowest_first_ranks_by_the_least_of_the_greatest() -> None:
    story = red("ann", "bob", order="lowest")
    story.joined("blue", ["cid"])
    story.joined("tan", ["dan"])
    for member, minutes in (("ann", 1), ("bob", 8), ("cid", 7), ("cid", 2), ("dan", -1)):
        story.spent(member, minutes)
    assert story.rows(by="team") == [(1, "tan", -1, 1), (2, "blue", 7, 1), (3, "red", 8, 2)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ann": (-5, -3), "bob": (-4,)}, {"red": -3}),
        ({"ann": (-5, 2), "bob": (-4,)}, {"red": 2}),
        ({"ann": (-5,), "bob": (0, -4)}, {}),  # none is greater than zero, and zero is no row
        ({"ann": (0,), "bob": ()}, {}),
        ({"ann": (-5,), "bob": ()}, {"red": -5}),  # who did nothing has no value, not even zero
    ],
)
def test_values_may_be_negative_and_a_greatest_of_zero_is_no_row(
    values: dict[str, tuple[int, ...]], expected: dict[str, int]
) -> None:
    story = red("ann", "bob")
    for member, those in values.items():
        for minutes in those:
            story.spent(member, minutes)
    assert scores(story) == operators(story) == expected


def test_each_window_has_its_own_greatest_value() -> None:
    story = red("ann", "bob")
    for member, minutes, time in (
        ("ann", 9, "2024-02-29T12:00Z"),
        ("ann", 4, "2024-03-03T12:00Z"),
        ("bob", 6, "2024-03-04T12:00Z"),
        ("ann", -2, "2024-03-05T12:00Z"),
    ):
        story.spent(member, minutes, time)
    expected = {"2024-03-03": 4, "2024-03-05": -2, "2024-W09": 9, "2024-W10": 6, "2024-03": 6, "2024-Q1": 9, "all": 9}
    assert {window: scores(story, window)["red"] for window in expected} == expected
    assert scores(story, "2024-03-06") == {}


@pytest.mark.parametrize(("late", "week"), [(8, 8), (5, 6), (6, 6)])
def test_a_late_event_moves_the_windows_in_which_it_is_the_greatest(late: int, week: int) -> None:
    story = red("ann", "bob")
    story.spent("ann", 9, "2024-03-12T12:00Z")
    story.spent("ann", 6, "2024-03-05T12:00Z")
    story.spent("bob", late, "2024-03-06T12:00Z")
    assert (scores(story, "2024-W10"), scores(story, "2024-W11")) == ({"red": week}, {"red": 9})
    assert (scores(story, "2024-03-06"), scores(story)) == ({"red": late}, {"red": 9})


def test_without_what_is_voided_the_next_greatest_of_anybody_stands() -> None:
    story = red("ann", "bob")
    done = [story.spent(member, minutes) for member, minutes in (("ann", 9), ("bob", 8), ("ann", 8), ("bob", -1))]
    found = [scores(story)]
    for identity in done:
        story.void(identity)
        found.append(scores(story))
    assert found == [{"red": 9}, {"red": 8}, {"red": 8}, {"red": -1}, {}]


# Who belonged on which day.


def test_a_value_stays_with_the_group_to_which_the_member_belonged_on_its_day() -> None:
    story = red("ann", "bob")
    story.joined("blue", ["ann"], "2024-03-05T12:00Z")
    for minutes, time in ((9, "2024-03-04T23:59Z"), (7, "2024-03-05T00:00Z"), (-3, "2024-03-06T12:00Z")):
        story.spent("ann", minutes, time)
    story.spent("bob", 2, "2024-03-06T12:00Z")
    assert scores(story, now="2024-03-08T12:00Z") == {"blue": 7, "red": 9}
    assert scores(story, "2024-03-06", "2024-03-08T12:00Z") == {"blue": -3, "red": 2}


def test_who_turns_out_to_have_moved_earlier_takes_along_what_was_the_greatest() -> None:
    story = red("ann", "bob")
    story.spent("ann", 9)
    story.spent("bob", -4)
    story.joined("blue", ["ann"], "2024-03-08T12:00Z")
    assert scores(story, now="2024-03-10T12:00Z") == {"red": 9}  # nothing yet for blue
    story.joined("blue", ["ann"], "2024-03-04T13:00Z")
    assert scores(story, now="2024-03-10T12:00Z") == {"blue": 9, "red": -4}


def test_where_one_may_be_in_several_groups_each_has_the_value() -> None:
    story = red("ann", one_at_a_time=False)
    story.joined("blue", ["ann", "bob"])
    story.spent("ann", 5)
    story.spent("bob", 6)
    assert scores(story) == {"blue": 6, "red": 5}


def test_what_former_members_reached_stays_with_the_group_as_what_they_were() -> None:
    story = red("ann", "bob", "cid")
    for member, minutes in (("ann", 9), ("bob", 7), ("cid", 2)):
        story.spent(member, minutes)
    story.event("member.left", "ann", "2024-03-04T13:00Z")
    assert story.rows(by="team") == [(1, "red", 9, 2)]
    hide(story, "ann")
    assert story.rows(by="team") == [(1, "red", 7, 2)]
    assert operators(story) == {"red": 9}


# Hidden members.


@pytest.mark.parametrize("is_chosen", [True, False])
@pytest.mark.parametrize(("hidden", "public"), [(0, 9), (1, 8), (2, 7), (3, 9), (5, 9)])
def test_what_hidden_members_reached_is_shown_where_the_group_covers_them(
    hidden: int, public: int, *, is_chosen: bool
) -> None:
    story = Story(
        people={"visibility": "listed" if is_chosen else "hidden"},
        groups={"team": {}},
        boards={"board": boarded(BEST, by="team")},
    )
    story.joined("red", FIVE)
    for number, member in enumerate(FIVE):
        story.spent(member, 9 - number)
        if is_chosen and number < hidden:
            hide(story, member)
        elif not is_chosen and number >= hidden:
            story.event("member.visibility_changed", member, data={"visibility": "listed"})
    assert story.rows(by="team") == [(1, "red", public, 5)]
    assert operators(story) == {"red": 9}


def test_a_former_member_who_was_hidden_is_covered_by_those_who_still_are() -> None:
    story = red(*FIVE)
    story.spent("m0", 9)
    story.spent("m4", 2)
    hide(story, "m0", "m1", "m2", "m3")
    story.event("member.left", "m0", "2024-03-04T13:00Z")
    assert scores(story) == {"red": 9}
    story.event("member.left", "m1", "2024-03-04T13:00Z")
    assert scores(story) == {"red": 2}
    assert operators(story) == {"red": 9}


def test_hidden_members_are_covered_in_windows_that_begin_once_three_were_hidden() -> None:
    story = red(*FIVE)
    hide(story, "m0")
    hide(story, "m1", "m2", time="2024-03-05T08:00Z")
    for day in ("05", "06", "07"):
        story.spent("m0", 9, f"2024-03-{day}T12:00Z")
        story.spent("m4", -2, f"2024-03-{day}T12:00Z")
    now = "2024-03-12T12:00Z"
    story.spent("m1", 8, now)
    days = {"2024-03-05": -2, "2024-03-06": 9, "2024-03-07": 9, "2024-W10": -2, "2024-W11": 8, "2024-03": -2, "all": -2}
    assert {window: scores(story, window, now)["red"] for window in days} == days
    assert operators(story, "2024-W10", now) == {"red": 9}


def test_a_covered_value_of_zero_hides_those_below_it() -> None:
    story = red(*FIVE)
    story.spent("m0", 0)
    story.spent("m4", -2)
    hide(story, "m0", "m1")
    assert (scores(story), operators(story)) == ({"red": -2}, {})
    hide(story, "m2")
    assert (scores(story), operators(story)) == ({}, {})


def test_ranks_and_totals_follow_what_is_shown() -> None:
    story = red("ann", "bob")
    story.joined("blue", ["cid", "dan"])
    story.joined("tan", ["eve"])
    for member, minutes in (("ann", 9), ("bob", 3), ("cid", 5), ("dan", 4), ("eve", 7)):
        story.spent(member, minutes)
    hide(story, "ann", "eve")
    expected: list[Row] = [(1, "blue", 5, 2), (2, "red", 3, 2)]
    assert story.answers().boards["board", "team", "all"] == (expected, 2)
    assert operators(story) == {"red": 9, "tan": 7, "blue": 5}


# Groups that are not shown.


def test_groups_that_are_too_small_have_no_row_whatever_they_reached() -> None:
    story = red("ann", "bob", "cid", smallest=3)
    story.joined("blue", ["dan", "eve", "fay"])
    for member, minutes in (("ann", 9), ("bob", 3), ("dan", 5)):
        story.spent(member, minutes)
    assert scores(story) == {"blue": 5, "red": 9}
    story.event("member.left", "cid", "2024-03-04T13:00Z")
    assert scores(story) == operators(story) == {"blue": 5}


def test_a_group_that_is_withheld_has_a_score_for_operators_alone() -> None:
    story = Story(
        people={"smallest_group": 3},
        groups={"dept": {"one_at_a_time": True}, "team": {"one_at_a_time": True}},
        boards={"board": boarded(BEST, by=["dept", "team"])},
    )
    for number, member in enumerate("abcdefghi"):  # i has no team: all of the department but those in teams
        story.event("group.joined", member, "2024-02-01T08:00Z", {"kind": "dept", "group": "all"})
        story.spent(member, number - 2)
    story.joined("red", ["a", "b", "c"], "2024-02-01T08:00Z")
    story.joined("blue", ["d", "e", "f", "g", "h"], "2024-02-01T08:00Z")
    assert story.rows(by="dept") == [(1, "all", 6, 9)]
    assert story.rows(by="team") == [(1, "blue", 5, 5)]
    assert operators(story) == {"blue": 5}  # of red the greatest is zero
    story.spent("a", 9)
    assert story.rows(by="dept") == [(1, "all", 9, 9)]
    assert story.rows(by="team") == [(1, "blue", 5, 5)]
    assert operators(story) == {"blue": 5, "red": 9}

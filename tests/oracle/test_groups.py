"""Groups by their heads, and what hidden members add to their score, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, boarded

MINUTES: dict[str, Any] = {"sum": "data.minutes", "event": SPENT}


def per_head(score: dict[str, Any] | None = None, **sections: Any) -> Story:
    return Story(
        people={"smallest_group": 1},
        groups={"team": {"one_at_a_time": True}},
        boards={"board": boarded(score or MINUTES, by=["member", "team"], per_head=True)},
        **sections,
    )


def row(story: Story, window: str, now: str, group: str = "red") -> Any:
    """The row of a group; None where there is none."""
    table = story.answers(now).boards.get(("board", "team", window))
    return next((found for found in (table.rows if table else []) if found[1] == group), None)


@pytest.mark.parametrize(
    ("window", "now", "expected"),
    [
        # Ann from the 4th, Bob from the 6th of March on; ten minutes on the 4th.
        ("2024-03-04", "2024-03-20", 1000),  # 10 / 1
        ("2024-W10", "2024-03-07", 667),  # days 4 to 7: (1 + 1 + 2 + 2) / 4 = 3/2; 10 / (3/2) = 6.666…
        ("2024-W10", "2024-03-20", 583),  # days 4 to 10: 12/7; 10 / (12/7) = 5.833…
        ("2024-03", "2024-03-20", 531),  # days 4 to 20: (2 + 15 * 2) / 17 = 32/17; 10 / (32/17) = 5.3125
        ("2024-Q1", "2024-03-20", 531),
        ("all", "2024-03-20", 531),
        ("all", "2024-04-02", 517),  # days 4 to 33: (2 + 28 * 2) / 30 = 58/30; 10 / (58/30) = 5.172…
        ("2024-03", "2024-04-02", 519),  # days 4 to 31: (2 + 26 * 2) / 28 = 54/28; 10 / (54/28) = 5.185…
    ],
)
def test_a_score_per_head_is_divided_by_the_mean_of_the_days(window: str, now: str, expected: int) -> None:
    story = per_head()
    story.joined("red", ["ann"], "2024-03-04T23:00Z")
    story.joined("red", ["bob"], "2024-03-06T23:00Z")
    story.spent("ann", 10, "2024-03-04T01:00Z")
    assert row(story, window, f"{now}T12:00Z") == (1, "red", expected, 2)


@pytest.mark.parametrize(("minutes", "expected"), [(1, 12), (3, 38), (-1, -12), (8, 100)])
def test_it_is_rounded_half_even_to_two_places_more(minutes: int, expected: int) -> None:
    story = per_head()
    story.joined("red", [f"m{number}" for number in range(8)])
    story.spent("m0", minutes)  # 1/8 = 0.125, 3/8 = 0.375
    assert row(story, "all", MONDAY) == (1, "red", expected, 8)


def test_it_keeps_two_places_more_than_the_score_and_those_of_members_none() -> None:
    story = per_head({"sum": "data.hours", "event": "course.completed"})
    story.joined("red", ["ann", "bob", "cid"])
    story.event("course.completed", "ann", data={"course": "a", "hours": 0.25})
    assert row(story, "all", MONDAY) == (1, "red", 833, 3)  # 0.25 / 3 = 0.08333… of four places
    assert story.rows() == [(1, "ann", 25)]


def test_former_members_belong_up_to_the_day_before_they_left() -> None:
    story = per_head()
    story.joined("red", ["ann", "bob"], "2024-03-04T08:00Z")
    story.spent("ann", 10, "2024-03-04T12:00Z")
    story.event("member.left", "bob", "2024-03-06T12:00Z")
    # Days 4 to 7: (2 + 2 + 1 + 1) / 4 = 3/2.
    assert row(story, "2024-W10", "2024-03-07T12:00Z") == (1, "red", 667, 1)
    story.event("member.joined", "bob", "2024-03-09T12:00Z")  # never away: 2 on each day
    assert row(story, "2024-W10", "2024-03-07T12:00Z") == (1, "red", 500, 2)


def test_a_window_on_whose_days_nobody_belonged_has_no_score_per_head() -> None:
    story = per_head()
    story.joined("red", ["ann"], "2024-03-04T08:00Z")
    story.joined("red", ["bob"], "2024-03-05T08:00Z")
    story.spent("ann", 10, "2024-03-04T12:00Z")
    story.event("member.left", "ann", "2024-03-04T13:00Z")
    assert row(story, "2024-03-04", "2024-03-20T12:00Z") is None
    assert row(story, "2024-W10", "2024-03-10T12:00Z") == (1, "red", 1000, 1)  # from the 5th on: 1 each day


def test_days_without_members_count_once_the_group_has_had_one() -> None:
    story = per_head()
    story.joined("red", ["ann"], "2024-03-04T08:00Z")
    story.event("group.left", "ann", "2024-03-06T08:00Z", {"kind": "team", "group": "red"})
    story.joined("red", ["ann"], "2024-03-08T08:00Z")
    story.spent("ann", 10, "2024-03-04T12:00Z")
    # Days 4 to 9: (1 + 1 + 0 + 0 + 1 + 1) / 6 = 2/3; 10 / (2/3) = 15
    assert row(story, "2024-W10", "2024-03-09T12:00Z") == (1, "red", 1500, 1)


def test_a_season_has_the_days_that_the_newest_version_gives_it() -> None:
    def sections(last: str) -> dict[str, Any]:
        board = {"score": MINUTES, "windows": ["all"], "seasons": "spring", "by": "team", "per_head": True}
        return {
            "people": {"smallest_group": 1},
            "groups": {"team": {}},
            "seasons": {"spring": {"from": "2024-03-04", "to": last}},
            "boards": {"board": board},
        }

    story = Story(**sections("2024-03-05"))
    story.publish("2024-03-15", MONDAY, **sections("2024-03-07"))
    story.joined("red", ["ann"], "2024-03-01T08:00Z")
    story.joined("red", ["bob"], "2024-03-06T08:00Z")
    story.spent("ann", 12, "2024-03-04T12:00Z")
    assert row(story, "spring", "2024-03-14T12:00Z") == (1, "red", 1200, 2)  # 4 and 5: 1
    assert row(story, "spring", "2024-03-15T12:00Z") == (1, "red", 800, 2)  # 4 to 7: (1 + 1 + 2 + 2) / 4


def hiding(hidden: int, *, chosen: bool = True) -> Story:
    """A team of five who earn 1, 2, 4, 8 and 16 minutes, the first so many of whom are hidden; and one who left."""
    story = Story(
        people={"visibility": "listed" if chosen else "hidden"},
        groups={"team": {}},
        boards={"board": boarded(MINUTES, by="team")},
    )
    members = ["m0", "m1", "m2", "m3", "m4"]
    story.joined("red", [*members, "left"])
    for number, member in enumerate(members):
        story.spent(member, 2**number)
        visibility = "hidden" if number < hidden else "listed"
        if chosen or visibility == "listed":
            story.event("member.visibility_changed", member, data={"visibility": visibility})
    story.event("member.left", "left")
    return story


@pytest.mark.parametrize("chosen", [True, False])
@pytest.mark.parametrize(("hidden", "public"), [(0, 31), (1, 30), (2, 28), (3, 31), (5, 31)])
def test_what_hidden_members_earned_enters_the_public_score_if_three_of_the_group_are(
    hidden: int, public: int, *, chosen: bool
) -> None:
    story = hiding(hidden, chosen=chosen)
    assert story.rows(by="team") == [(1, "red", public, 5)]
    assert story.answers().operators["board", "team", "all"] == {"red": 31}


def test_former_members_are_hidden_as_they_were_and_hide_nobody() -> None:
    story = hiding(2)
    story.spent("left", 100, "2024-03-04T11:00Z")
    assert story.rows(by="team") == [(1, "red", 28 + 100, 5)]
    story.event("member.visibility_changed", "left", data={"visibility": "hidden"})
    assert story.rows(by="team") == [(1, "red", 28, 5)]  # two of those who belong now are hidden, and one who does not
    assert story.answers().operators["board", "team", "all"] == {"red": 131}


def test_a_group_of_whose_score_nothing_may_be_seen_has_no_row_and_ranks_are_public() -> None:
    story = hiding(2)
    story.joined("blue", [f"b{number}" for number in range(5)])
    story.event("member.visibility_changed", "b0", data={"visibility": "hidden"})
    story.spent("b0", 500)
    assert story.rows(by="team") == [(1, "red", 28, 5)]
    story.spent("b1", 29)
    assert story.rows(by="team") == [(1, "blue", 29, 5), (2, "red", 28, 5)]
    assert story.answers().operators["board", "team", "all"] == {"blue": 529, "red": 31}


def test_per_head_hidden_members_are_heads_as_well() -> None:
    story = per_head()
    story.joined("red", ["ann", "bob"])
    story.spent("ann", 10)
    story.spent("bob", 5)
    story.event("member.visibility_changed", "bob", data={"visibility": "hidden"})
    assert row(story, "all", MONDAY) == (1, "red", 500, 2)  # 10 / 2
    assert story.answers().operators["board", "team", "all"] == {"red": 750}  # 15 / 2

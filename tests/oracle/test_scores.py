"""Contributions, limits, windows, boards, points, badges and streaks, line by line and worked out by hand."""

from typing import Any

import pytest

from tests.oracle import Row
from tests.oracle.story import MONDAY, Story, at

SPENT = "learning_time.spent"


def ruled(*limits: dict[str, Any], award: Any = "data.minutes", **rule: Any) -> dict[str, Any]:
    """A rulebook with one rule about learning time, and a board of its points in all windows."""
    return {
        "rules": {"time": {"event": SPENT, "award": award, "limits": list(limits), **rule}},
        "boards": {"board": boarded({"points": ["time"]})},
    }


def boarded(score: dict[str, Any], **board: Any) -> dict[str, Any]:
    return {"score": score, "windows": ["day", "week", "month", "quarter", "year", "all"], **board}


def scored(score: dict[str, Any], **sections: Any) -> Story:
    """A story whose rulebook has one board."""
    return Story(**sections, boards={"board": boarded(score)})


def points(story: Story, member: str = "ann") -> int:
    return story.member(member)["points"].get("time", 0)


# Contributions


@pytest.mark.parametrize(
    ("award", "minutes", "awarded"),
    [
        (7, 1, 7),
        ("data.minutes * 2", 3, 6),
        ({"points": 40, "karma": 25}, 1, 40),
        ("data.minutes", -3, -3),
        ("data.minutes", 10**6, 10**6),
        ("data.minutes", 10**6 + 1, 0),
        ("1.0", 1, 0),
        ("true", 1, 0),
        ("data.absent", 1, 0),
        ("1 / 0", 1, 0),
    ],
)
def test_an_award_is_a_whole_number_of_at_most_a_million(award: Any, minutes: int, awarded: int) -> None:
    story = Story(**ruled(award=award))
    story.spent("ann", minutes)
    assert points(story) == awarded


@pytest.mark.parametrize(
    ("when", "awarded"),
    [("true", 1), ("data.minutes > 5", 1), ("data.minutes > 6", 0), ("data.absent", 0), ("1", 0)],
)
def test_a_rule_gives_only_when_its_condition_is_true(when: str, awarded: int) -> None:
    story = Story(**ruled(award=1, when=when))
    story.spent("ann", 6)
    assert points(story) == awarded


def test_a_rule_that_fails_stops_nothing_else() -> None:
    story = Story(
        rules={"broken": {"event": SPENT, "award": "1 / 0"}, "time": {"event": [SPENT], "award": 2}},
        boards={"broken": boarded({"sum": "1 / 0", "event": SPENT}), "board": boarded({"count": SPENT})},
    )
    story.spent("ann", 6)
    assert story.verdicts() == ["APPLIED"]
    assert (points(story), story.rows("broken"), story.rows()) == (2, [], [(1, "ann", 1)])


def test_a_rule_ends_after_its_last_local_day() -> None:
    story = Story(**ruled(award=1, until="2024-03-04"), calendar={"timezone": "Europe/Berlin"})
    story.spent("ann", 1, "2024-03-04T22:59Z")
    story.spent("ann", 1, "2024-03-04T23:00Z")
    assert points(story) == 1


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ({"count": SPENT}, 4),
        ({"count": SPENT, "when": "data.minutes > 1"}, 3),
        ({"count": SPENT, "when": "data.absent"}, None),
        ({"sum": "data.minutes", "event": SPENT}, 8),
        ({"sum": "data.minutes", "event": SPENT, "scale": 1}, 80),
        ({"best": "data.minutes", "event": SPENT}, 3),
        ({"distinct": "data.minutes", "event": SPENT}, 3),
        ({"count": "course.completed"}, None),
    ],
)
def test_what_each_kind_of_score_makes_of_1_2_2_and_3(score: dict[str, Any], expected: int | None) -> None:
    story = scored(score)
    for minutes in (1, 2, 2, 3):
        story.spent("ann", minutes)
    assert story.rows() == ([(1, "ann", expected)] if expected is not None else [])


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((0.125,), 12),
        ((0.375,), 38),
        ((-0.125, 1.0), 88),
        ((0.004, 0.004, 0.01), 1),
        ((1_000_000.5, 1.0), 100),
    ],
)
def test_a_number_is_rounded_half_even_to_hundredths_before_it_is_added(
    hours: tuple[float, ...], expected: int
) -> None:
    story = scored({"sum": "data.hours", "event": "course.completed"})
    for number, value in enumerate(hours):
        story.event("course.completed", "ann", data={"course": str(number), "hours": value})
    assert story.rows() == [(1, "ann", expected)]


def test_a_score_is_whole_only_where_its_types_say_so_for_all_of_its_events() -> None:
    schema = {"properties": {"size": {"type": "number"}}}
    for event, expected in (
        (["acme.thing.done"], 100),
        (["acme.thing.done", SPENT], 100),
        (["acme.box.done"], 1),
    ):
        story = scored(
            {"sum": "data.size", "event": event},
            activities={
                "acme.thing.done": {"data": schema},
                "acme.box.done": {"data": {"properties": {"size": {"type": "integer"}}}},
            },
        )
        kind = event[0]
        story.event(kind, "ann", data={"size": 1.0 if kind == "acme.thing.done" else 1})
        assert story.rows() == [(1, "ann", expected)]


def test_a_number_and_a_text_are_different_and_1_and_1_0_are_equal() -> None:
    story = scored({"distinct": "data.about", "event": "skill.applied"})
    for about in (1, 1.0, "1", True):
        story.event("skill.applied", "ann", data={"about": about})
    assert story.rows() == [(1, "ann", 3)]


# Limits


@pytest.mark.parametrize(
    ("limits", "minutes", "expected"),
    [
        ([{"per": "day", "times": 2}], (1, 2, 4), 3),
        ([{"per": "day", "times": 2}], (0, -1, 4), -1),
        ([{"per": "day", "points": 5}], (3, 3, 3), 5),
        ([{"per": "day", "points": 5}], (3, -4, 3), 1),
        ([{"per": "day", "points": 5}, {"per": "week", "points": 4}], (3, 3, 3), 4),
        ([{"per": "day", "times": 2}, {"per": "day", "points": 5}], (4, 4, -9), 5),
        ([{"per": "day", "points": 3}, {"per": "day", "times": 2}], (3, 3, 3), 3),
        ([{"per": "day", "points": 0}], (3, -1), -1),
    ],
)
def test_limits_are_applied_one_event_after_another(
    limits: list[dict[str, Any]], minutes: tuple[int, ...], expected: int
) -> None:
    story = Story(**ruled(*limits))
    for second, value in enumerate(minutes):
        story.spent("ann", value, f"2024-03-04T12:00:0{second}Z")
    assert points(story) == expected


def test_limits_follow_canonical_order_and_not_the_log() -> None:
    story = Story(**ruled({"per": "day", "times": 1}))
    story.spent("ann", 5, "2024-03-04T12:00Z")
    story.spent("ann", 7, "2024-03-04T11:00Z")
    assert points(story) == 7


def test_an_event_that_was_cut_by_one_times_limit_counts_for_no_other() -> None:
    story = Story(**ruled({"per": "day", "times": 1}, {"per": "week", "times": 2}))
    for minutes, time in (
        (1, "2024-03-04T12:00Z"),
        (2, "2024-03-04T13:00Z"),
        (4, "2024-03-05T12:00Z"),
        (8, "2024-03-06T12:00Z"),
    ):
        story.spent("ann", minutes, time)
    assert points(story) == 1 + 4


def test_limits_are_for_each_credited_member() -> None:
    story = Story(**ruled({"per": "ever", "times": 1}))
    story.spent("ann", 1)
    story.spent("bob", 2)
    assert (points(story), points(story, "bob")) == (1, 2)


@pytest.mark.parametrize(
    ("per", "expected"),
    [("day", 63), ("week", 61), ("month", 57), ("quarter", 49), ("year", 33), ("ever", 1)],
)
def test_a_limit_begins_anew_in_each_of_its_windows(per: str, expected: int) -> None:
    story = Story(**ruled({"per": per, "times": 1}))
    # 1 on a Monday, 2 the day after, then 4 in another week, 8 month, 16 quarter, 32 year.
    days = ("2024-01-15", "2024-01-16", "2024-01-22", "2024-02-05", "2024-04-08", "2025-04-07")
    for number, day in enumerate(days):
        story.spent("ann", 2**number, f"{day}T12:00Z")
    assert points(story) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"per": "week", "points": 5}, {"per": "week", "points": 6}, 3 + 3),  # 3 were used of 6
        ({"per": "week", "points": 5}, {"per": "month", "points": 6}, 3 + 4),  # a window of its own
        ({"per": "week", "points": 5}, {"per": "week", "points": 2}, 3 + 0),
        ({"per": "week", "times": 1}, {"per": "week", "times": 1}, 3 + 0),
        ({"per": "day", "times": 1}, {"per": "week", "times": 1}, 3 + 4),
    ],
)
def test_what_was_used_runs_on_where_the_next_version_limits_the_same_window(
    first: dict[str, Any], second: dict[str, Any], expected: int
) -> None:
    story = Story(**ruled(first))
    story.publish("2024-03-05", MONDAY, **ruled(second))
    story.spent("ann", 3, "2024-03-04T12:00Z")
    story.spent("ann", 4, "2024-03-05T12:00Z")
    assert points(story) == expected


def test_a_version_that_was_replaced_before_it_began_does_not_break_a_limit() -> None:
    limited = ruled({"per": "week", "times": 1})
    story = Story(**limited)
    story.publish("2024-03-05", MONDAY, **ruled())
    story.publish("2024-03-05", MONDAY, **limited)
    story.spent("ann", 3, "2024-03-04T12:00Z")
    story.spent("ann", 4, "2024-03-05T12:00Z")
    assert points(story) == 3


# Windows


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


# Boards


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


# Boards by group


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
    for number, time in enumerate(
        ("2024-03-04T23:59Z", "2024-03-05T00:00Z", "2024-03-06T23:59Z", "2024-03-07T00:00Z")
    ):
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


# Points, badges, streaks


def badged(score: dict[str, Any], **badge: Any) -> Story:
    return Story(badges={"badge": {"score": score, **badge}})


def test_points_are_by_rule_without_zeros() -> None:
    story = Story(
        rules={
            "time": {"event": SPENT, "award": "data.minutes"},
            "twice": {"event": SPENT, "award": "2 * data.minutes", "when": "data.minutes > 0"},
        }
    )
    story.spent("ann", 3)
    story.spent("ann", -3)
    assert story.member("ann")["points"] == {"twice": 6}


@pytest.mark.parametrize(
    ("score", "minutes", "reached"),
    [
        ({"count": SPENT}, (1, 1, 1, 1), {"low": 2, "high": 4}),
        ({"sum": "data.minutes", "event": SPENT}, (2, -2, 2, 4), {"low": 1, "high": 4}),
        ({"sum": "data.minutes", "event": SPENT}, (9, -2, 2, 4), {"high": 1, "low": 1}),
        ({"distinct": "data.minutes", "event": SPENT}, (1, 1, 5, 1), {"low": 3}),
        ({"best": "data.minutes", "event": SPENT}, (1, 1, 2, 4), {"low": 3, "high": 4}),
    ],
)
def test_a_level_is_reached_at_the_first_event_at_which_the_score_is_that_high(
    score: dict[str, Any], minutes: tuple[int, ...], reached: dict[str, int]
) -> None:
    story = badged(score, levels={"low": 2, "high": 4})
    for hour, value in reversed(list(enumerate(minutes, start=1))):  # what counts is when it happened
        story.spent("ann", value, f"2024-03-04T0{hour}:00Z")
    expected = [("badge", level, at(f"2024-03-04T0{hour}:00Z")) for level, hour in reached.items()]
    assert story.member("ann")["badges"] == expected


def test_what_was_reached_stays_reached_and_a_badge_with_at_has_no_level() -> None:
    story = badged({"sum": "data.minutes", "event": SPENT}, at=5)
    story.spent("ann", 5, "2024-03-04T01:00Z")
    story.spent("ann", -5, "2024-03-04T02:00Z")
    assert story.member("ann")["badges"] == [("badge", None, at("2024-03-04T01:00Z"))]


def test_a_badge_of_points_hangs_on_what_was_awarded_after_limits() -> None:
    story = Story(
        **ruled({"per": "day", "points": 3}), badges={"badge": {"score": {"points": ["time"]}, "at": 5}}
    )
    for time in ("2024-03-04T01:00Z", "2024-03-04T02:00Z", "2024-03-05T01:00Z"):
        story.spent("ann", 3, time)
    assert story.member("ann")["badges"] == [("badge", None, at("2024-03-05T01:00Z"))]


def test_thresholds_are_in_the_scores_own_unit() -> None:
    story = badged({"sum": "data.hours", "event": "course.completed"}, at=2.5)
    for hour, hours in ((1, 1.5), (2, 0.99), (3, 0.01)):
        story.event(
            "course.completed", "ann", f"2024-03-04T0{hour}:00Z", {"course": str(hour), "hours": hours}
        )
    assert story.member("ann")["badges"] == [("badge", None, at("2024-03-04T03:00Z"))]


def streaked(every: str = "week", at_least: float = 1, **score: Any) -> Story:
    return Story(
        badges={
            "steady": {
                "streak": {"every": every, "score": score or {"count": SPENT}, "at_least": at_least},
                "levels": {"two": 2, "three": 3},
            }
        }
    )


def test_a_run_is_a_row_of_consecutive_periods_and_its_levels_have_the_time_of_its_nth_period() -> None:
    story = streaked()
    # Weeks 9 and 10, then 12, 13 and 14.
    for day in ("03-24", "02-26", "03-04", "03-05", "03-18", "03-25", "04-07"):
        story.spent("ann", 1, f"2024-{day}T12:00Z")
    member = story.member("ann", "2024-04-14T12:00Z")
    assert member["badges"] == [
        ("steady", "two", at("2024-03-04T12:00Z")),
        ("steady", "three", at("2024-04-07T12:00Z")),
    ]
    assert member["streaks"] == {"steady": (3, 3)}
    assert story.member("ann", "2024-04-15T00:00Z")["streaks"] == {"steady": (0, 3)}


def test_an_event_completes_its_period_when_the_score_of_the_period_is_enough() -> None:
    story = streaked(at_least=3, sum="data.minutes", event=SPENT)
    for minutes, time in (
        (2, "2024-02-26T12:00Z"),
        (1, "2024-02-27T12:00Z"),
        (-3, "2024-02-28T12:00Z"),
        (2, "2024-03-03T12:00Z"),
        (3, "2024-03-04T13:00Z"),
        (2, "2024-03-04T12:00Z"),
    ):
        story.spent("ann", minutes, time)
    assert story.member("ann")["badges"] == [("steady", "two", at("2024-03-04T13:00Z"))]


def test_who_completed_no_period_has_no_streak() -> None:
    story = streaked(at_least=2)
    story.spent("ann", 1)
    story.spent("bob", 1)
    story.spent("bob", 1)
    assert story.member("ann")["streaks"] == {}
    assert story.member("bob")["streaks"] == {"steady": (1, 1)}


@pytest.mark.parametrize(
    ("every", "times", "expected"),
    [
        ("day", ("2024-02-29", "2024-03-01", "2024-03-03"), 2),
        ("week", ("2024-12-29", "2024-12-30", "2025-01-06"), 3),
        ("month", ("2023-12-31", "2024-01-01", "2024-02-29"), 3),
        ("quarter", ("2023-12-31", "2024-01-01", "2024-07-01"), 2),
        ("year", ("2023-12-31", "2024-01-01", "2026-01-01"), 2),
    ],
)
def test_periods_follow_each_other_across_the_year(every: str, times: tuple[str, ...], expected: int) -> None:
    story = streaked(every)
    for day in times:
        story.spent("ann", 1, f"{day}T12:00Z")
    assert story.member("ann", "2030-01-01T00:00Z")["streaks"] == {"steady": (0, expected)}


def test_a_streak_is_alive_by_the_clock_in_the_newest_calendar() -> None:
    story = streaked("day")
    story.publish("2024-03-10", MONDAY, calendar={"timezone": "Asia/Tokyo"})
    story.spent("ann", 1, "2024-03-08T12:00Z")
    assert story.member("ann", "2024-03-09T12:00Z")["streaks"] == {"steady": (1, 1)}
    assert story.member("ann", "2024-03-09T15:00Z")["streaks"] == {"steady": (0, 1)}

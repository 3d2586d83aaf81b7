"""What an event gives to rules and scores, and what limits leave of it, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, boarded, points, ruled, scored


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

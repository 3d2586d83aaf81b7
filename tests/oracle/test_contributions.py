"""What an event gives to rules and scores, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import SPENT, Story, boarded, points, ruled, scored


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

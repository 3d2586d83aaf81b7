"""Collections: badges that are made of others, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, reached

PARTS: dict[str, Any] = {
    "a": {"score": {"count": SPENT, "when": "data.minutes == 1"}, "at": 1},
    "b": {"score": {"count": SPENT, "when": "data.minutes == 2"}, "levels": {"two": 2, "one": 1}},
    "c": {"score": {"count": SPENT, "when": "data.minutes == 3"}, "at": 1},
}
"""Badges for minutes of 1, 2 and 3."""


def collected(*given: tuple[int, str], parts: dict[str, Any] | None = None, **badge: Any) -> Story:
    """A story with the collection `set`, and what was done on which days of March."""
    story = Story(badges={**PARTS, **(parts or {}), "set": badge})
    for minutes, day in given:
        story.spent("ann", minutes, f"2024-03-{day}T12:00Z")
    return story


def found(story: Story, badge: str = "set") -> list[Any]:
    return [one for one in story.badges() if one.badge == badge]


@pytest.mark.parametrize(
    ("badge", "given", "day"),
    [
        ({"all_of": ["a", "c"]}, ((1, "01"), (3, "02")), "02"),
        ({"all_of": ["a", "c"]}, ((3, "01"), (1, "02"), (3, "05")), "02"),
        ({"all_of": ["a", "c"]}, ((1, "01"),), None),
        ({"any_of": ["a", "b", "c"]}, ((2, "01"), (1, "02")), "01"),
        ({"any_of": ["a", "b", "c"], "need": 2}, ((2, "01"), (1, "02"), (3, "03")), "02"),
        ({"any_of": ["a", "b", "c"], "need": 3}, ((2, "01"), (1, "02")), None),
        # The latest of all of them, and the second of some.
        ({"all_of": ["a"], "any_of": ["b", "c", "b.two"], "need": 2}, ((2, "01"), (2, "03"), (1, "02")), "03"),
        ({"all_of": ["a"], "any_of": ["b", "c", "b.two"], "need": 2}, ((2, "01"), (3, "02"), (1, "05")), "05"),
        # Alone, a badge with levels is its lowest; a level may be named.
        ({"all_of": ["b"]}, ((2, "01"), (2, "02")), "01"),
        ({"all_of": ["b.two"]}, ((2, "01"), (2, "02")), "02"),
    ],
)
def test_a_collection_is_there_when_the_last_of_what_it_needs_is(
    badge: dict[str, Any], given: tuple[tuple[int, str], ...], day: str | None
) -> None:
    assert found(collected(*given, **badge)) == ([] if day is None else [reached("set", None, f"2024-03-{day}T12:00Z")])


def test_a_collection_may_be_made_of_collections_chains_and_streaks() -> None:
    parts = {
        "both": {"all_of": ["a", "c"]},
        "path": {"chain": {"x": {"score": {"count": SPENT}}, "y": {"score": {"count": SPENT}}}},
        "steady": {"streak": {"every": "day", "score": {"count": SPENT}}, "levels": {"three": 3}},
    }
    story = collected((1, "01"), (3, "02"), parts=parts, all_of=["both", "path"])
    assert found(story) == [reached("set", None, "2024-03-02T12:00Z")]  # the chain's last step: the 2nd
    story = collected((1, "01"), (3, "02"), (3, "03"), parts=parts, all_of=["both", "steady"])
    assert found(story) == [reached("set", None, "2024-03-03T12:00Z")]
    story = collected((1, "01"), parts=parts, all_of=["path.x"])
    assert found(story) == [reached("set", None, "2024-03-01T12:00Z")]


def test_collections_that_need_each_other_are_not_there() -> None:
    story = collected((1, "01"), parts={"other": {"all_of": ["set"]}}, all_of=["other", "a"])
    assert [badge.badge for badge in story.badges()] == ["a"]


def test_a_collection_is_there_on_the_day_it_is_invented_and_not_before() -> None:
    story = Story(badges=PARTS)
    story.spent("ann", 1, "2024-03-01T12:00Z")
    story.publish("2024-03-10", MONDAY, badges={**PARTS, "set": {"all_of": ["a"]}})
    assert [badge.badge for badge in story.badges(now="2024-03-09T23:59Z")] == ["a"]
    assert story.badges(now="2024-03-10T00:00Z") == [
        reached("a", None, "2024-03-01T12:00Z"),
        reached("set", None, "2024-03-01T12:00Z"),
    ]


def test_the_newest_version_that_names_a_collection_decides_and_what_none_names_any_more_stays() -> None:
    story = collected((1, "01"), (3, "05"), all_of=["a"])
    story.publish("2024-03-10", MONDAY, badges={**PARTS, "set": {"all_of": ["a", "c"]}})
    story.publish("2024-03-20", MONDAY)
    for now, day in (("2024-03-09", "01"), ("2024-03-10", "05"), ("2024-03-20", "05")):
        badges = story.badges(now=f"{now}T12:00Z")
        assert [badge for badge in badges if badge.badge == "set"] == [reached("set", None, f"2024-03-{day}T12:00Z")]


def test_parts_that_are_reached_after_until_or_while_it_is_retired_do_not_count() -> None:
    assert found(collected((1, "01"), (3, "02"), all_of=["a", "c"], until="2024-03-02")) != []
    assert found(collected((1, "01"), (3, "03"), all_of=["a", "c"], until="2024-03-02")) == []
    for day, there in (("09", True), ("10", False)):
        story = collected((1, "01"), (3, day), all_of=["a", "c"])
        story.publish("2024-03-10", MONDAY, badges={**PARTS, "set": {"all_of": ["a", "c"], "retired": True}})
        assert (found(story) != []) is there


def test_what_has_run_out_was_reached_all_the_same() -> None:
    parts = {"a": {**PARTS["a"], "valid": "1d"}}
    story = collected((1, "01"), (3, "20"), parts=parts, all_of=["a", "c"])
    assert found(story) == [reached("set", None, "2024-03-20T12:00Z")]


EACH: dict[str, Any] = {
    "user": {"score": {"count": "skill.applied"}, "each": "data.topic", "levels": {"once": 1, "twice": 2}},
    "speaker": {"score": {"count": "talk.presented"}, "each": "data.topic", "at": 1},
}


def expert(**badge: Any) -> Story:
    """Go was used on the 1st, 2nd and told of on the 5th; C told of on the 3rd and used on the 4th; tea on the 6th."""
    story = Story(badges={**PARTS, **EACH, "set": badge})
    for kind, day, topic in (
        ("skill.applied", "01", "go"),
        ("skill.applied", "02", "go"),
        ("talk.presented", "03", "c"),
        ("skill.applied", "04", "c"),
        ("talk.presented", "05", "go"),
        ("talk.presented", "06", "tea"),
    ):
        story.event(kind, "ann", f"2024-03-{day}T12:00Z", {"topic": topic})
    return story


def test_with_each_a_collection_is_one_for_every_value() -> None:
    story = expert(all_of=["user", "speaker"], each="data.topic")
    assert found(story) == [
        reached("set", None, "2024-03-04T12:00Z", value="c"),
        reached("set", None, "2024-03-05T12:00Z", value="go"),
    ]
    story = expert(all_of=["user.twice", "speaker"], each="'topic'")  # only the values of the parts are compared
    assert found(story) == [reached("set", None, "2024-03-05T12:00Z", value="go")]


def test_parts_without_each_count_for_all_values() -> None:
    story = expert(all_of=["speaker", "a"], each="data.topic")
    assert found(story) == []
    story.spent("ann", 1, "2024-03-05T12:00Z")
    assert found(story) == [
        reached("set", None, "2024-03-05T12:00Z", value="c"),
        reached("set", None, "2024-03-05T12:00Z", value="go"),
        reached("set", None, "2024-03-06T12:00Z", value="tea"),
    ]


def test_with_each_and_need_the_earliest_for_the_value_count() -> None:
    story = expert(any_of=["user", "speaker", "a"], need=2, each="data.topic")
    story.spent("ann", 1, "2024-03-02T12:00Z")
    # go: used on the 1st, `a` on the 2nd; c: told on the 3rd, `a` on the 2nd; tea: `a`, told on the 6th.
    assert found(story) == [
        reached("set", None, "2024-03-02T12:00Z", value="go"),
        reached("set", None, "2024-03-03T12:00Z", value="c"),
        reached("set", None, "2024-03-06T12:00Z", value="tea"),
    ]


def test_without_each_a_part_with_each_is_reached_with_the_earliest_of_its_values() -> None:
    assert found(expert(all_of=["user", "speaker"])) == [reached("set", None, "2024-03-03T12:00Z")]

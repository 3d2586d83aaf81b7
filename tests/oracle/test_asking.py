"""What expressions may ask of the company's focus and of groups, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, points, ruled


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("2024-03-04", True),
        ("2024-03-05", False),
        ("2024-W10", True),
        ("2024-W11", False),
        ("2024-03", True),
        ("2024-Q1", True),
        ("2024-Q2", False),
        ("2024", True),
        ("spring", True),
        ("summer", False),
    ],
)
def test_focus_is_true_of_the_topics_of_a_window_or_season_that_holds_the_day(key: str, *, expected: bool) -> None:
    story = Story(
        **ruled(award=1, when="focus('security')"),
        seasons={
            "spring": {"from": "2024-03-04", "to": "2024-03-04"},
            "summer": {"from": "2024-03-05", "to": "2024-03-05"},
        },
        focus={key: {"topics": ["testing", "security"]}, "2023": {"topics": ["security"]}},
    )
    story.spent("ann", 1)
    assert points(story) == expected


def test_topics_are_equal_texts() -> None:
    story = Story(**ruled(award=1, when="focus('Security')"), focus={"2024": {"topics": ["security"]}})
    story.spent("ann", 1)
    assert points(story) == 0


def test_a_focus_on_what_is_no_text_fails() -> None:
    story = Story(**ruled(award="focus(data.minutes) ? 1 : 1"), focus={"2024": {"topics": ["1"]}})
    story.spent("ann", 1)
    assert story.verdicts() == ["NO_RULE"]


def grouped(when: str, *, one_at_a_time: bool = True, **sections: Any) -> Story:
    return Story(**ruled(award=1, when=when), groups={"team": {"one_at_a_time": one_at_a_time}}, **sections)


def test_a_kind_of_group_gives_the_group_of_the_day_and_an_empty_text_without() -> None:
    for member, group in (("ann", "red"), ("bob", "")):
        story = grouped(f"team(subject) == '{group}'")
        story.joined("red", ["ann"])
        story.spent(member, 1)
        assert points(story, member) == 1


def test_where_there_may_be_several_it_gives_a_sorted_list() -> None:
    story = grouped("team(subject) == ['blue', 'red'] && team('bob') == []", one_at_a_time=False)
    story.joined("red", ["ann"])
    story.joined("blue", ["ann"], "2024-01-02T08:00Z")
    story.spent("ann", 1)
    assert points(story) == 1


def test_only_what_stands_before_the_event_in_the_log_is_known() -> None:
    story = grouped("team(subject) == 'red'")
    story.spent("ann", 1)
    story.joined("red", ["ann"])
    assert points(story) == 0
    story.spent("ann", 1)
    assert points(story) == 1


def test_it_is_the_whole_local_day_of_the_event_in_its_versions_time_zone() -> None:
    story = grouped("team(subject) == 'red'", calendar={"timezone": "Europe/Berlin"})
    story.joined("red", ["ann"], "2024-03-04T22:59Z")
    story.spent("ann", 1, "2024-03-03T23:00Z")  # the same local day, hours earlier
    story.spent("ann", 1, "2024-03-03T22:59Z")  # the day before
    assert points(story) == 1


def test_the_groups_of_others_may_be_asked_for_in_any_expression() -> None:
    story = Story(
        groups={"team": {"one_at_a_time": True}},
        activities={"code_review.given": {"counts": "team(data.author) != team(subject)"}},
        rules={"across": {"event": "code_review.given", "award": "size(team(data.author))", "to": "data.author"}},
    )
    story.joined("red", ["ann", "bob"])
    story.joined("blue", ["cid"])
    for author in ("bob", "cid", "dan"):
        story.event("code_review.given", "ann", data={"author": author, "change": author})
    assert story.verdicts()[3:] == ["DOES_NOT_COUNT", "APPLIED", "APPLIED"]
    assert story.member("cid")["points"] == {"across": len("blue")}
    assert story.member("dan")["points"] == {}  # an empty text has no letters


def test_an_unknown_function_stops_the_test_that_uses_it() -> None:
    story = Story(**ruled(award=1, when="guild(subject) == ''"))
    story.event(SPENT, "ann", MONDAY, {"minutes": 1})
    with pytest.raises(ValueError, match="guild"):
        story.answers()

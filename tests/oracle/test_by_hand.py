"""Badges that are granted and revoked, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, SPENT, Story, reached

COUNTED: dict[str, Any] = {"score": {"count": SPENT}, "at": 1}


def given(story: Story, what: str, day: str, badge: str = "badge", level: str | None = None) -> None:
    """Granted or revoked at noon of a day of March."""
    data = {"badge": badge} if level is None else {"badge": badge, "level": level}
    story.event(f"badge.{what}", "ann", f"2024-03-{day}T12:00Z", data)


def test_a_badge_without_a_kind_is_there_from_its_grant_on() -> None:
    story = Story(badges={"badge": {}, "other": {"levels": {"low": 1, "high": 2}}})
    given(story, "granted", "02")
    given(story, "granted", "01", "other", "high")
    assert story.badges() == [
        reached("other", "high", "2024-03-01T12:00Z"),
        reached("badge", None, "2024-03-02T12:00Z"),
    ]
    assert story.badges("bob") == []


def test_of_what_was_reached_anyway_the_own_time_stays() -> None:
    story = Story(badges={"badge": COUNTED})
    given(story, "granted", "01")
    assert story.badges() == [reached("badge", None, "2024-03-01T12:00Z")]
    story.spent("ann", 1, "2024-03-05T12:00Z")
    assert story.badges() == [reached("badge", None, "2024-03-05T12:00Z")]


@pytest.mark.parametrize(
    ("steps", "at"),
    [
        ((("revoked", "06"),), None),
        ((("revoked", "01"),), None),  # whatever is done for it
        ((("revoked", "06"), ("granted", "07")), "05"),  # granted again: reached anyway
        ((("granted", "07"), ("revoked", "06")), "05"),  # what counts is when it happened
        ((("granted", "06"), ("revoked", "07")), None),
    ],
)
def test_the_last_word_decides(steps: tuple[tuple[str, str], ...], at: str | None) -> None:
    story = Story(badges={"badge": COUNTED})
    story.spent("ann", 1, "2024-03-05T12:00Z")
    for what, day in steps:
        given(story, what, day)
    assert story.badges() == ([] if at is None else [reached("badge", None, f"2024-03-{at}T12:00Z")])


def test_revoked_then_granted_again_without_having_done_anything() -> None:
    story = Story(badges={"badge": {}})
    for what, day in (("granted", "01"), ("revoked", "02"), ("granted", "03")):
        given(story, what, day)
    assert story.badges() == [reached("badge", None, "2024-03-03T12:00Z")]


def test_each_level_is_decided_alone() -> None:
    story = Story(badges={"badge": {"score": {"count": SPENT}, "levels": {"one": 1, "two": 2, "three": 3}}})
    for day in ("01", "02"):
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    given(story, "revoked", "03", level="one")
    given(story, "granted", "04", level="three")
    assert story.badges() == [
        reached("badge", "two", "2024-03-02T12:00Z"),
        reached("badge", "three", "2024-03-04T12:00Z"),
    ]


@pytest.mark.parametrize(
    ("badge", "level", "verdict"),
    [
        ("plain", None, "APPLIED"),
        ("plain", "low", "REFUSED"),
        ("levels", "low", "APPLIED"),
        ("levels", "lower", "REFUSED"),
        ("levels", None, "REFUSED"),
        ("path", "x", "APPLIED"),
        ("path", None, "REFUSED"),
        ("set", None, "APPLIED"),
        ("here", None, "APPLIED"),
        ("each", None, "REFUSED"),
        ("nothing", None, "REFUSED"),
    ],
)
def test_what_nobody_can_have_is_refused(badge: str, level: str | None, verdict: str) -> None:
    story = Story(
        badges={
            "plain": COUNTED,
            "levels": {"score": {"count": SPENT}, "levels": {"low": 1, "high": 2}},
            "path": {"chain": {"x": {"score": {"count": SPENT}}, "y": {"score": {"count": SPENT}}}},
            "set": {"any_of": ["plain", "here"]},
            "here": {"tenure": "year", "at": 1},
            "each": {**COUNTED, "each": "data.minutes"},
        }
    )
    for what in ("granted", "revoked"):
        given(story, what, "01", badge, level)
    assert story.verdicts() == [verdict] * 2


def test_a_badge_is_known_by_the_versions_that_stand_before_in_the_log() -> None:
    story = Story()
    given(story, "granted", "01")
    story.publish("2024-03-05", MONDAY, badges={"badge": {}})
    given(story, "granted", "02")
    story.publish("2024-03-06", "2024-03-05T12:00Z")
    given(story, "granted", "03")
    assert story.verdicts() == ["REFUSED", "APPLIED", "APPLIED", "APPLIED", "APPLIED"]
    assert story.badges() == [reached("badge", None, "2024-03-03T12:00Z")]


def test_collections_are_made_of_what_is_there() -> None:
    story = Story(badges={"badge": COUNTED, "other": {}, "set": {"all_of": ["badge", "other"]}})
    story.spent("ann", 1, "2024-03-01T12:00Z")
    given(story, "granted", "02", "other")
    assert story.badges()[-1] == reached("set", None, "2024-03-02T12:00Z")
    given(story, "revoked", "03")
    assert [badge.badge for badge in story.badges()] == ["other"]
    given(story, "granted", "04", "set")
    assert story.badges()[-1] == reached("set", None, "2024-03-04T12:00Z")


def test_a_revoked_level_still_counts_within_its_badge() -> None:
    # What is done for a badge goes on: a step that was revoked has opened the next one.
    story = Story(badges={"badge": {"chain": {"x": {"score": {"count": SPENT}}, "y": {"score": {"count": SPENT}}}}})
    given(story, "granted", "01", level="x")
    for day in ("05", "06"):
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    assert [badge.level for badge in story.badges()] == ["x", "y"]  # the grant opened nothing: y is of the 6th
    given(story, "revoked", "07", level="x")
    assert story.badges() == [reached("badge", "y", "2024-03-06T12:00Z")]


@pytest.mark.parametrize(
    ("done", "granted", "at", "until"),
    [
        ((), "01", "01", "11"),
        (("01",), "05", "01", "15"),  # a grant earns it again
        (("01",), "20", "01", "30"),
        (("05",), "01", "05", "15"),
    ],
)
def test_a_grant_earns_what_runs_out_at_its_time(done: tuple[str, ...], granted: str, at: str, until: str) -> None:
    story = Story(badges={"badge": {**COUNTED, "valid": "10d"}})
    for day in done:
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    given(story, "granted", granted)
    assert story.badges() == [reached("badge", None, f"2024-03-{at}T12:00Z", until=f"2024-03-{until}T12:00Z")]

"""What is the same from version to version: ids, and with `was` others as well, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle import Standing
from tests.oracle.story import MONDAY, SPENT, Story, at, boarded, reached

LATER = "2024-03-10T12:00Z"


def named(name: str, was: str | None = None) -> dict[str, Any]:
    """A rulebook whose rule, board, badges and ladder have that name, and had another one."""
    score = {"points": [name]}
    said, days = ({}, {}) if was is None else ({"was": was}, {"was": f"{was}-days"})
    streak = {"every": "day", "score": {"count": SPENT}}
    return {
        "rules": {name: {"event": SPENT, "award": "data.minutes", "limits": [{"per": "week", "points": 9}], **said}},
        "boards": {name: {**boarded(score), **said}},
        "badges": {
            name: {"score": score, "levels": {"five": 5, "nine": 9}, **said},
            f"{name}-days": {"streak": streak, "levels": {"two": 2, "three": 3}, **days},
        },
        "levels": {name: {"score": score, "steps": {"five": 5, "nine": 9}, **said}},
    }


def spent(story: Story) -> Story:
    """5 on Monday, 3 on Tuesday, 4 on Wednesday, of which 1 is left of the week's 9."""
    for day, minutes in (("04", 5), ("05", 3), ("06", 4)):
        story.spent("ann", minutes, f"2024-03-{day}T12:00Z")
    return story


def test_was_makes_a_new_id_the_same_story_under_the_new_name() -> None:
    story = Story(**named("old"))
    story.publish("2024-03-06", MONDAY, **named("new", was="old"))
    spent(story)
    member = story.member("ann", LATER)
    assert member["points"] == {"new": 9}
    assert member["badges"] == [
        reached("new", "five", "2024-03-04T12:00Z"),
        reached("new-days", "two", "2024-03-05T12:00Z"),
        reached("new", "nine", "2024-03-06T12:00Z"),
        reached("new-days", "three", "2024-03-06T12:00Z"),
    ]
    assert member["levels"] == {"new": [("five", at("2024-03-04T12:00Z")), ("nine", at("2024-03-06T12:00Z"))]}
    assert member["streaks"] == {"new-days": Standing(0, 3, 0)}
    boards = story.answers(LATER).boards
    assert {board for board, _, _ in boards} == {"new"}
    assert boards["new", "member", "2024-W10"].rows == [(1, "ann", 9)]


def test_the_new_name_holds_from_its_version_on() -> None:
    story = Story(**named("old"))
    story.publish("2024-03-08", MONDAY, **named("new", was="old"))
    spent(story)
    assert story.member("ann", "2024-03-07T23:59Z")["points"] == {"old": 9}
    assert story.member("ann", "2024-03-08T00:00Z")["points"] == {"new": 9}


def test_without_was_a_new_id_is_a_new_story_and_the_old_one_keeps_what_it_has() -> None:
    story = Story(**named("old"))
    story.publish("2024-03-06", MONDAY, **named("new"))
    assert spent(story).member("ann", LATER)["points"] == {"old": 8, "new": 4}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((("a", []), ("b", ["a"]), ("c", ["b"])), {"c": 12}),
        ((("a", []), ("b", ["a"]), ("c", ["a", "b"])), {"c": 12}),  # `was` may say all that it ever was
        ((("a", []), ("b", ["a"]), ("b", ["a"])), {"b": 12}),
        ((("a", []), ("b", ["a"]), ("b", [])), {"b": 12}),  # said once is enough
        ((("a", []), ("b", ["a"]), ("a", [])), {"b": 8, "a": 4}),  # the story of `a` is that of `b`; `a` is a new one
        ((("a", []), ("b", []), ("c", ["a"])), {"c": 5 + 4, "b": 3}),  # over a version that named neither
    ],
)
def test_names_are_followed_through_all_versions(
    names: tuple[tuple[str, list[str]], ...], expected: dict[str, int]
) -> None:
    def rules(name: str, was: list[str]) -> dict[str, Any]:
        return {"rules": {name: {"event": SPENT, "award": "data.minutes", "was": was}}}

    story = Story(**rules(*names[0]))
    story.publish("2024-03-05", MONDAY, **rules(*names[1]))
    story.publish("2024-03-06", "2024-03-05T12:00Z", **rules(*names[2]))
    for day, minutes in (("04", 5), ("05", 3), ("06", 4)):
        story.spent("ann", minutes, f"2024-03-{day}T12:00Z")
    assert story.member("ann", LATER)["points"] == expected


def test_two_that_become_one_are_one_story() -> None:
    rule = {"event": SPENT, "award": "data.minutes"}
    story = Story(rules={"a": rule, "b": {**rule, "when": "data.minutes > 3"}})
    story.publish("2024-03-06", MONDAY, rules={"c": {**rule, "was": ["a", "b"]}})
    assert spent(story).member("ann", LATER)["points"] == {"c": (5 + 3) + 5 + 4}


def test_ids_may_change_places() -> None:
    def rules(was: bool) -> dict[str, Any]:  # noqa: FBT001
        one = {"event": SPENT, "award": 1, **({"was": "b"} if was else {})}
        ten = {"event": SPENT, "award": 10, **({"was": "a"} if was else {})}
        return {"rules": {"a": one, "b": ten}}

    story = Story(**rules(False))
    story.publish("2024-03-06", MONDAY, **rules(True))
    # Two events gave 1 to what is `b` now and 10 to what is `a` now; the third gave 1 to `a` and 10 to `b`.
    assert spent(story).member("ann", LATER)["points"] == {"a": 20 + 1, "b": 2 + 10}


def test_a_limit_that_changes_with_the_name_begins_with_its_next_window() -> None:
    def rules(name: str, most: int, **was: str) -> dict[str, Any]:
        rule = {"event": SPENT, "award": "data.minutes", "limits": [{"per": "week", "points": most}], **was}
        return {"rules": {name: rule}}

    story = Story(**rules("old", 5))
    story.publish("2024-03-05", MONDAY, **rules("new", 6, was="old"))
    for day in ("04", "05", "11"):
        story.spent("ann", 3 if day == "04" else 9, f"2024-03-{day}T12:00Z")
    assert story.member("ann", "2024-03-12T12:00Z")["points"] == {"new": 3 + (5 - 3) + 6}


def test_a_cool_down_runs_on_under_the_new_name() -> None:
    # In Tokyo the 5th begins at 15:00 UTC, so that both versions have the same local day of UTC and of Tokyo's 5th.
    rule = {"event": SPENT, "award": 1, "cooldown": "24h"}
    story = Story(rules={"old": rule}, calendar={"timezone": "Asia/Tokyo"})
    story.publish("2024-03-05", "2024-03-04T14:00Z", rules={"new": {**rule, "was": "old"}})
    story.spent("ann", 1, "2024-03-04T15:00Z")  # the first version's 5th: the second begins at midnight of UTC
    story.spent("ann", 1, "2024-03-05T00:00Z")
    story.spent("ann", 1, "2024-03-05T14:59Z")
    assert story.member("ann", "2024-03-06T12:00Z")["points"] == {"new": 1}


def test_what_was_given_by_hand_and_collections_follow_their_badges() -> None:
    def badges(name: str, **was: str) -> dict[str, Any]:
        streak = {"every": "day", "score": {"count": SPENT}, "freezes": {"most": 2}}
        return {
            "badges": {
                name: was,
                f"{name}-days": {"streak": streak, "at": 9, **({"was": "old-days"} if was else {})},
                "set": {"all_of": [name]},
            }
        }

    story = Story(**badges("old"))
    story.event("badge.granted", "ann", MONDAY, {"badge": "old"})
    story.event("freeze.granted", "ann", MONDAY, {"badge": "old-days"})
    story.publish("2024-03-06", MONDAY, **badges("new", was="old"))
    story.spent("ann", 1, "2024-03-04T12:00Z")
    story.spent("ann", 1, "2024-03-06T12:00Z")
    assert story.badges() == [reached("new", None, MONDAY), reached("set", None, MONDAY)]
    assert story.streak(badge="new-days", now="2024-03-06T12:00Z") == Standing(2, 2, 0)
    story.event("badge.revoked", "ann", "2024-03-06T12:00Z", {"badge": "new"})
    assert story.badges() == []

"""Order, identity, verdicts and versions, line by line and by hand."""

from typing import Any

from tests.oracle.story import COUNTED, MONDAY, Story, mentoring, reached

ONE_AND_ITS_MINUTES: dict[str, Any] = {
    "rules": {
        "time": {
            "event": "learning_time.spent",
            "award": "data.minutes",
            "limits": [{"per": "ever", "times": 1}],
        }
    }
}
"""Whose event is the first in canonical order is told by its minutes."""


def test_order_is_by_time_then_source_as_bytes_then_id() -> None:
    later, earlier = "2024-03-04T12:00:00.002Z", "2024-03-04T12:00:00.001Z"
    by_time = Story(**ONE_AND_ITS_MINUTES)
    by_time.event("learning_time.spent", "ann", later, {"minutes": 1}, source="/a")
    by_time.event("learning_time.spent", "ann", earlier, {"minutes": 2}, source="/b")
    assert by_time.member("ann")["points"] == {"time": 2}
    by_source = Story(**ONE_AND_ITS_MINUTES)
    by_source.event("learning_time.spent", "ann", data={"minutes": 1}, source="/é", identity="1" * 32)
    by_source.event("learning_time.spent", "ann", data={"minutes": 2}, source="/z", identity="f" * 32)
    assert by_source.member("ann")["points"] == {"time": 2}
    by_id = Story(**ONE_AND_ITS_MINUTES)
    by_id.event("learning_time.spent", "ann", data={"minutes": 1}, identity="b" * 32)
    by_id.event("learning_time.spent", "ann", data={"minutes": 2}, identity="a" * 32)
    assert by_id.member("ann")["points"] == {"time": 2}


def test_the_first_record_of_an_identity_claims_it_whatever_its_verdict() -> None:
    story = Story(**COUNTED, late="1d")
    story.event("course.completed", "ann", MONDAY, {"course": "a"}, recorded="2024-03-06T12:00Z", identity="1")
    story.event("course.completed", "ann", MONDAY, {"course": "a"}, identity="1")
    story.event("course.completed", "ann", MONDAY, {"course": "b"}, identity="1")
    assert story.verdicts() == ["TOO_LATE", "REPEATED", "CONFLICT"]
    assert story.rows() == []


def test_a_repeat_is_equal_in_its_stamp_and_anything_else_is_a_conflict() -> None:
    story = Story(**COUNTED)
    for time in (MONDAY, MONDAY, "2024-03-04T12:00:00.001Z", MONDAY):
        story.event("course.completed", "ann", time, {"course": "a"}, identity="1")
    assert story.verdicts() == ["APPLIED", "REPEATED", "CONFLICT", "REPEATED"]
    assert story.answers().verdicts == {"APPLIED": 2, "REPEATED": 2, "CONFLICT": 1}


def test_late_is_more_than_the_rulebook_allows_after_it_happened() -> None:
    story = Story(**COUNTED, late="30d")
    story.event("course.completed", "ann", MONDAY, {"course": "a"}, recorded="2024-04-03T12:00Z")
    story.event("course.completed", "ann", MONDAY, {"course": "b"}, recorded="2024-04-03T12:00:00.001Z")
    assert story.verdicts() == ["APPLIED", "TOO_LATE"]


def test_too_late_stands_before_does_not_count_and_that_before_pending_and_that_before_no_rule() -> None:
    story = Story(late="1d")
    mentoring(story, "ann", mentor="ann", mentee="ann")
    mentoring(story, "ann")
    mentoring(story, "bob", mentor="cid", mentee="bob")
    story.event("mentoring.held", "ann", MONDAY, {"mentor": "ann", "mentee": "ann"}, recorded="2024-03-09T12:00Z")
    assert story.verdicts() == ["DOES_NOT_COUNT", "PENDING", "NO_RULE", "TOO_LATE"]


def test_no_rule_means_that_no_rule_board_or_badge_got_anything() -> None:
    failing = {"event": "course.completed", "award": "1 / 0"}
    elsewhere = {"event": "course.completed", "award": 1, "when": "data.course == 'b'"}
    story = Story(rules={"failing": failing, "elsewhere": elsewhere})
    story.event("course.completed", "ann", data={"course": "a"})
    story.event("course.completed", "ann", data={"course": "b"})
    assert story.verdicts() == ["NO_RULE", "APPLIED"]
    of_points = Story(rules={"failing": failing}, boards={"board": {"score": {"points": ["failing"]}}})
    of_points.event("course.completed", "ann", data={"course": "a"})
    assert of_points.verdicts() == ["NO_RULE"]
    badge = Story(badges={"badge": {"score": {"count": "course.completed"}, "at": 9}})
    badge.event("course.completed", "ann", data={"course": "a"})
    assert badge.verdicts() == ["APPLIED"]


def test_what_a_limit_cuts_to_nothing_was_got_all_the_same() -> None:
    story = Story(**ONE_AND_ITS_MINUTES)
    story.spent("ann", 1)
    story.spent("ann", 2)
    assert story.verdicts() == ["APPLIED", "APPLIED"]


def test_people_and_days_are_applied() -> None:
    story = Story()
    story.event("member.joined", "ann", data={"visibility": "hidden"})
    story.event("member.left", "ann")
    story.event("day.closed", "karmalog", data={"day": "2024-03-03"})
    assert story.verdicts() == ["APPLIED"] * 3


def test_an_event_is_judged_by_the_version_in_force_when_it_occurred() -> None:
    berlin = {"calendar": {"timezone": "Europe/Berlin"}}
    story = Story(**berlin, rules={"time": {"event": "learning_time.spent", "award": 1}})
    story.publish(
        "2024-03-06",
        MONDAY,
        **berlin,
        late="1d",
        rules={"time": {"event": "learning_time.spent", "award": 10}},
    )
    story.spent("long ago", 5, "1999-01-01T00:00Z")
    story.spent("before", 5, "2024-03-05T22:59:59.999Z")
    story.spent("from", 5, "2024-03-05T23:00Z")
    for time in ("2024-03-05T22:00Z", "2024-03-05T23:00Z"):
        story.event("learning_time.spent", "late", time, {"minutes": 1}, recorded="2024-03-08T12:00Z")
    points = {name: member["points"]["time"] for name, member in story.answers().members.items()}
    assert points == {"long ago": 1, "before": 1, "from": 10, "late": 1}
    assert story.verdicts()[-2:] == ["APPLIED", "TOO_LATE"]


def test_a_later_rulebook_has_to_begin_after_it_was_recorded() -> None:
    story = Story()
    story.publish("2024-03-04", MONDAY)
    story.publish(None, MONDAY)
    story.publish("2024-03-05", MONDAY)
    assert story.verdicts() == ["REFUSED", "REFUSED", "APPLIED"]


def test_one_that_has_not_begun_is_replaced_by_one_for_the_same_day() -> None:
    story = Story()
    for award in (1, 2):
        story.publish("2024-03-05", MONDAY, rules={"time": {"event": "learning_time.spent", "award": award}})
    story.spent("ann", 1, "2024-03-05T12:00Z")
    assert story.member("ann")["points"] == {"time": 2}


def test_what_the_newest_version_no_longer_names_keeps_what_it_has() -> None:
    story = Story(
        rules={"time": {"event": "learning_time.spent", "award": 3}},
        boards={"board": {"score": {"points": ["time"]}}},
        badges={"one": {"score": {"count": "learning_time.spent"}, "at": 1}},
    )
    story.publish("2024-03-05", MONDAY)
    story.spent("ann", 1, MONDAY)
    story.spent("ann", 1, "2024-03-05T12:00Z")
    after = story.answers("2024-03-06T12:00Z")
    assert after.boards["board", "member", "all"].rows == [(1, "ann", 3)]
    assert after.members["ann"] == {
        "points": {"time": 3},
        "badges": [reached("one", None, MONDAY)],
        "levels": {},
        "streaks": {},
        "challenges": {},
        "leagues": {},
    }
    assert after.verdict_by_position[-1] == "NO_RULE"

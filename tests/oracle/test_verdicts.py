"""Order, identity, verdicts, and what one real instance is, line by line and worked out by hand."""

from typing import Any

import pytest

from tests.oracle.story import MONDAY, Story, at

COUNTED: dict[str, Any] = {
    "boards": {
        "board": {
            "score": {
                "count": [
                    "code_review.given",
                    "mentoring.held",
                    "pairing.held",
                    "course.completed",
                    "talk.presented",
                ]
            }
        }
    }
}
"""A rulebook whose only board counts all of these."""

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


def review(story: Story, subject: str, author: str, **data: Any) -> str:
    return story.event("code_review.given", subject, MONDAY, {"author": author, **data})


def mentoring(
    story: Story, subject: str, time: str = MONDAY, mentor: str = "ann", mentee: str = "bob"
) -> str:
    return story.event("mentoring.held", subject, time, {"mentor": mentor, "mentee": mentee})


# Order, identity, verdicts


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
    story.event(
        "course.completed", "ann", MONDAY, {"course": "a"}, recorded="2024-03-06T12:00Z", identity="1"
    )
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
    story.event(
        "mentoring.held", "ann", MONDAY, {"mentor": "ann", "mentee": "ann"}, recorded="2024-03-09T12:00Z"
    )
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


# Versions


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
        "badges": [("one", None, at(MONDAY))],
        "streaks": {},
    }
    assert after.verdict_by_position[-1] == "NO_RULE"


# One real instance


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ("true", "APPLIED"),
        ("false", "DOES_NOT_COUNT"),
        ("data.absent", "DOES_NOT_COUNT"),
        ("1", "DOES_NOT_COUNT"),
    ],
)
def test_counts_has_to_be_true(counts: str, verdict: str) -> None:
    story = Story(**COUNTED, activities={"course.completed": {"counts": counts}})
    story.event("course.completed", "ann", data={"course": "a"})
    assert story.verdicts() == [verdict]


@pytest.mark.parametrize(
    ("kind", "subject", "data", "verdict"),
    [
        ("code_review.given", "ann", {"author": "ann"}, "DOES_NOT_COUNT"),
        ("code_review.given", "ann", {"author": "bob"}, "NO_RULE"),
        ("pairing.held", "ann", {"with": "ann"}, "DOES_NOT_COUNT"),
        ("question.answered", "ann", {"question": "q", "asker": "ann"}, "DOES_NOT_COUNT"),
        ("question.answered", "ann", {"question": "q"}, "NO_RULE"),
        ("contribution.found_useful", "ann", {"author": "ann", "ref": "r"}, "DOES_NOT_COUNT"),
        ("thanks.given", "ann", {"to": ["bob", "ann"]}, "DOES_NOT_COUNT"),
        ("thanks.given", "ann", {"to": ["bob"]}, "NO_RULE"),
    ],
)
def test_what_counts_by_default(kind: str, subject: str, data: dict[str, Any], verdict: str) -> None:
    story = Story()
    story.event(kind, subject, data=data)
    assert story.verdicts() == [verdict]


def test_a_rulebook_replaces_only_the_field_that_it_names() -> None:
    story = Story(**COUNTED, activities={"code_review.given": {"counts": "true"}})
    review(story, "ann", "ann", change="x")
    review(story, "ann", "ann", change="x")
    assert story.verdicts() == ["APPLIED", "DOES_NOT_COUNT"]


def test_credit_goes_to_the_member_that_it_names() -> None:
    story = Story(**COUNTED)
    mentoring(story, "bob")
    assert story.rows() == [(1, "ann", 1)]


@pytest.mark.parametrize("credited", ["", "e\u0301", "a\u200bb", "a\nb", "é" * 129])
def test_a_credit_that_is_no_member_id_does_not_count(credited: str) -> None:
    story = Story(**COUNTED)
    mentoring(story, "bob", mentor=credited)
    assert story.verdicts() == ["DOES_NOT_COUNT"]


def test_of_one_key_the_earliest_counts_and_verdicts_follow_the_log() -> None:
    story = Story(
        rules={
            "course": {
                "event": "course.completed",
                "award": "data.score",
            }
        }
    )
    for time, score in (("2024-03-05T12:00Z", 5), ("2024-03-06T12:00Z", 6), ("2024-03-04T12:00Z", 4)):
        story.event("course.completed", "ann", time, {"course": "a", "score": score})
    story.event("course.completed", "bob", "2024-03-07T12:00Z", {"course": "a", "score": 7})
    story.event("course.completed", "ann", "2024-03-07T12:00Z", {"course": "b", "score": 10})
    assert story.verdicts() == ["APPLIED", "DOES_NOT_COUNT", "APPLIED", "APPLIED", "APPLIED"]
    assert story.member("ann")["points"] == {"course": 14}
    assert story.member("bob")["points"] == {"course": 7}


def test_a_key_is_of_one_type_and_one_credited_member() -> None:
    story = Story(**COUNTED)
    for kind, member in (("talk.presented", "ann"), ("workshop.hosted", "ann"), ("talk.presented", "bob")):
        story.event(kind, member, data={"topic": "tea"})
    assert story.verdicts() == ["APPLIED", "NO_RULE", "APPLIED"]


def test_the_day_of_a_key_is_local() -> None:
    story = Story(**COUNTED, calendar={"timezone": "Europe/Berlin"})
    for time in ("2024-03-04T22:59Z", "2024-03-04T23:00Z", "2024-03-05T22:59Z"):
        story.event("talk.presented", "ann", time, {"topic": "tea"})
    assert story.verdicts() == ["APPLIED", "APPLIED", "DOES_NOT_COUNT"]


def test_an_absent_optional_field_means_no_key() -> None:
    story = Story(**COUNTED)
    review(story, "ann", "bob")
    review(story, "ann", "cid")
    review(story, "ann", "bob", change="x")
    review(story, "ann", "cid", change="x")
    assert story.verdicts() == ["APPLIED", "APPLIED", "APPLIED", "DOES_NOT_COUNT"]


# Confirmation


def test_pending_until_who_has_to_confirm_does_and_then_it_counts_at_its_own_time() -> None:
    story = Story(boards={"board": {"score": {"count": "mentoring.held"}, "windows": ["day"]}})
    waiting = mentoring(story, "ann", "2024-03-04T12:00Z")
    assert story.rows(window="2024-03-04") == []
    story.event("activity.confirmed", "cid", "2024-03-05T12:00Z", {"id": waiting})
    assert story.rows(window="2024-03-04") == []
    story.event("activity.confirmed", "bob", "2024-03-06T12:00Z", {"id": waiting})
    assert story.rows(window="2024-03-04") == [(1, "ann", 1)]
    assert story.verdicts() == ["PENDING", "REFUSED", "APPLIED"]


def test_a_confirmation_may_come_before_the_event() -> None:
    story = Story(**COUNTED)
    identity = f"{2:032x}"
    story.event("activity.confirmed", "bob", data={"id": identity})
    assert mentoring(story, "ann") == identity
    assert story.verdicts() == ["APPLIED", "APPLIED"]
    assert story.rows() == [(1, "ann", 1)]


def test_confirming_again_is_applied_and_confirming_what_waits_for_nobody_is_refused() -> None:
    story = Story(**COUNTED)
    waiting = mentoring(story, "ann")
    course = story.event("course.completed", "ann", data={"course": "a"})
    self_mentoring = mentoring(story, "ann", mentee="ann")
    for identity in (waiting, waiting, course, self_mentoring):
        story.event("activity.confirmed", "bob", data={"id": identity})
    assert story.verdicts()[3:] == ["APPLIED", "APPLIED", "REFUSED", "REFUSED"]


def test_where_the_subject_has_to_confirm_it_is_valid_at_once() -> None:
    story = Story(**COUNTED)
    mentoring(story, "bob")
    assert story.verdicts() == ["APPLIED"]


def test_a_report_of_the_same_with_the_same_key_confirms_and_the_earlier_of_both_counts() -> None:
    story = Story(**COUNTED)
    mentoring(story, "ann", "2024-03-04T12:00Z")
    mentoring(story, "bob", "2024-03-04T13:00Z")
    assert story.verdicts() == ["PENDING", "DOES_NOT_COUNT"]
    assert story.rows() == [(1, "ann", 1)]


def test_a_report_that_names_the_first_one_confirms_and_both_count() -> None:
    story = Story(**COUNTED)
    story.event("pairing.held", "ann", "2024-03-04T12:00Z", {"with": "bob"})
    story.event("pairing.held", "bob", "2024-03-04T13:00Z", {"with": "ann"})
    assert story.verdicts() == ["PENDING", "APPLIED"]
    assert story.rows() == [(1, "ann", 1), (1, "bob", 1)]


@pytest.mark.parametrize(
    ("kind", "time", "recorded", "other"),
    [
        ("pairing.held", "2024-03-05T12:00Z", "2024-03-05T12:00Z", "ann"),  # another day
        ("pairing.held", MONDAY, "2024-06-04T12:00Z", "ann"),  # too late
        ("pairing.held", MONDAY, MONDAY, "cid"),  # about someone else
        ("pairing.held", MONDAY, MONDAY, "bob"),  # does not count
        ("code_review.given", MONDAY, MONDAY, "ann"),  # another type
    ],
)
def test_what_is_no_report_of_the_same_confirms_nothing(
    kind: str, time: str, recorded: str, other: str
) -> None:
    story = Story(**COUNTED)
    story.event("pairing.held", "ann", MONDAY, {"with": "bob"})
    story.event(kind, "bob", time, {"with": other, "author": other}, recorded=recorded)
    assert ("ann", 1) not in [row[1:] for row in story.rows()]


def test_what_still_waits_is_no_earlier_instance() -> None:
    story = Story(**COUNTED)
    mentoring(story, "ann", "2024-03-04T12:00Z")
    again = mentoring(story, "ann", "2024-03-04T13:00Z")
    story.event("activity.confirmed", "bob", data={"id": again})
    assert story.verdicts() == ["PENDING", "PENDING", "APPLIED"]
    assert story.rows() == [(1, "ann", 1)]

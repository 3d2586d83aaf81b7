"""What one real instance of an activity is: counts, credit, once and confirm, line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import COUNTED, MONDAY, Story, mentoring


def review(story: Story, subject: str, author: str, **data: Any) -> str:
    return story.event("code_review.given", subject, MONDAY, {"author": author, **data})


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
def test_what_is_no_report_of_the_same_confirms_nothing(kind: str, time: str, recorded: str, other: str) -> None:
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

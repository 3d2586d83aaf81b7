"""What is voided counts for nobody; what it had confirmed stays confirmed. Line by line and by hand."""

from typing import Any

import pytest

from tests.oracle.story import COUNTED, MONDAY, SPENT, Story, mentoring, points, reached, ruled, scored


def lesson(story: Story, time: str, course: str = "a") -> str:
    return story.event("course.completed", "ann", time, {"course": course})


def test_what_is_voided_counts_for_nobody_and_makes_room_in_limits() -> None:
    story = Story(**ruled({"per": "day", "times": 1}))
    first = story.spent("ann", 5, "2024-03-04T10:00Z")
    story.spent("ann", 7, "2024-03-04T11:00Z")
    assert points(story) == 5
    story.void(first)
    assert points(story) == 7
    assert story.verdicts() == ["APPLIED"] * 3
    assert story.answers().boards["board", "member", "2024-03-04"].rows == [(1, "ann", 7)]


def test_a_void_is_applied_again_and_again_and_refused_where_there_is_no_activity() -> None:
    story = scored({"count": SPENT})
    book = story.records[0]["id"]
    person = story.event("member.joined", "ann")
    late = story.event(SPENT, "ann", "2024-01-01T12:00Z", {"minutes": 1}, recorded=MONDAY)
    unknown, done = "f" * 32, story.spent("ann", 1)
    voids = [story.void(identity) for identity in (book, person, unknown, late, done, done)]
    story.void(voids[-1])
    assert story.verdicts()[3:] == ["REFUSED", "REFUSED", "REFUSED", "APPLIED", "APPLIED", "APPLIED", "REFUSED"]
    assert story.rows() == []


def test_an_event_that_comes_after_its_void_was_refused_counts_and_its_repeat_stays_out() -> None:
    story = scored({"count": SPENT})
    story.void("f" * 32)
    identity = story.event(SPENT, "ann", MONDAY, {"minutes": 1}, identity="f" * 32)
    assert story.rows() == [(1, "ann", 1)]
    story.void(identity)
    story.event(SPENT, "ann", MONDAY, {"minutes": 1}, identity=identity)
    story.event(SPENT, "ann", MONDAY, {"minutes": 2}, identity=identity)
    assert story.verdicts() == ["REFUSED", "APPLIED", "APPLIED", "REPEATED", "CONFLICT"]
    assert story.rows() == []


def test_of_one_instance_the_earliest_that_is_left_counts() -> None:
    story = Story(badges={"one": {"score": {"count": "course.completed"}, "at": 1}})
    second = lesson(story, "2024-03-04T11:00Z")
    third = lesson(story, "2024-03-04T12:00Z")
    first = lesson(story, "2024-03-04T10:00Z")
    assert story.badges() == [reached("one", None, "2024-03-04T10:00Z")]
    story.void(first)
    assert story.badges() == [reached("one", None, "2024-03-04T11:00Z")]
    story.void(second)
    assert story.badges() == [reached("one", None, "2024-03-04T12:00Z")]
    lesson(story, "2024-03-04T13:00Z")
    story.void(third)
    assert story.badges() == [reached("one", None, "2024-03-04T13:00Z")]
    lesson(story, "2024-03-04T09:00Z")
    lesson(story, "2024-03-04T14:00Z")
    assert story.verdicts() == [
        "APPLIED",
        "DOES_NOT_COUNT",  # the third: stays so, though it counts later
        "APPLIED",
        "APPLIED",
        "APPLIED",
        "DOES_NOT_COUNT",
        "APPLIED",
        "APPLIED",
        "DOES_NOT_COUNT",
    ]


def mentored(**sections: Any) -> Story:
    return Story(**{**COUNTED, **sections})


def test_a_report_of_the_same_that_is_voided_has_confirmed_what_stood_before() -> None:
    story = mentored()
    mine = mentoring(story, "ann")
    theirs = mentoring(story, "bob", "2024-03-04T13:00Z")
    assert story.rows() == [(1, "ann", 1)]
    story.void(theirs)
    assert story.rows() == [(1, "ann", 1)]
    story.void(mine)
    assert story.rows() == []


def test_a_report_of_the_same_that_was_voided_confirms_nothing_that_comes_after() -> None:
    story = mentored()
    theirs = mentoring(story, "bob", "2024-03-04T13:00Z")
    story.void(theirs)
    mentoring(story, "ann")
    assert story.verdicts() == ["APPLIED", "APPLIED", "PENDING"]
    assert story.rows() == []


def test_what_was_displaced_and_voided_still_had_confirmed() -> None:
    # Bob, whose own word is enough, reports after Ann; hers, the earlier one, counts through his.
    story = mentored()
    mentoring(story, "ann", "2024-03-04T11:00Z")
    theirs = mentoring(story, "bob", "2024-03-04T13:00Z")
    assert story.verdicts() == ["PENDING", "DOES_NOT_COUNT"]
    story.void(theirs)
    assert story.rows() == [(1, "ann", 1)]


def test_one_that_is_voided_while_it_waits_counts_no_more_when_it_is_confirmed() -> None:
    story = mentored()
    waiting = mentoring(story, "ann")
    story.void(waiting)
    story.event("activity.confirmed", "bob", data={"source": "/source", "id": waiting})
    assert story.rows() == []


def test_a_rule_that_asked_for_groups_gives_nothing_any_more_whoever_is_in_them_now() -> None:
    rule = {"event": SPENT, "award": 5, "when": "team(subject) == 'red'"}
    board = {"board": {"score": {"points": ["rule"]}}}
    story = Story(groups={"team": {"one_at_a_time": True}}, rules={"rule": rule}, boards=board)
    story.joined("red", ["ann"])
    done = story.spent("ann", 1)
    story.joined("blue", ["ann"], "2024-01-02T08:00Z")
    assert story.rows() == [(1, "ann", 5)]
    story.void(done)
    assert story.rows() == []


@pytest.mark.parametrize("award", [-3, 3])
def test_penalties_are_taken_out_as_well(award: int) -> None:
    story = Story(**ruled(award=award))
    done = story.spent("ann", 1)
    story.void(done)
    assert story.answers().members == {}

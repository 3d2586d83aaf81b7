"""Chains: what counts for a step is later than the step before it, line by line and by hand."""

from typing import Any

from tests.oracle.story import MONDAY, SPENT, Story, reached, ruled

COURSE = "course.completed"


def chained(**badge: Any) -> Story:
    """Two courses, then two hours of practice, then a talk."""
    return Story(
        badges={
            "path": {
                "chain": {
                    "learn": {"score": {"count": COURSE}, "at": 2},
                    "practise": {"score": {"sum": "data.minutes", "event": SPENT}, "at": 120},
                    "teach": {"score": {"count": "talk.presented"}},
                },
                **badge,
            }
        }
    )


def course(story: Story, time: str, name: str) -> None:
    story.event(COURSE, "ann", time, {"course": name})


def test_steps_open_one_after_another() -> None:
    story = chained()
    story.spent("ann", 500, "2024-03-01T12:00Z")  # before anything was learned: nothing
    story.event("talk.presented", "ann", "2024-03-01T13:00Z", {"topic": "tea"})
    course(story, "2024-03-02T12:00Z", "a")
    story.spent("ann", 500, "2024-03-02T13:00Z")  # one course is not two
    course(story, "2024-03-03T12:00Z", "b")
    story.spent("ann", 119, "2024-03-04T12:00Z")
    story.event("talk.presented", "ann", "2024-03-04T13:00Z", {"topic": "tea"})
    story.spent("ann", 1, "2024-03-05T12:00Z")  # 119 + 1
    assert story.badges() == [
        reached("path", "learn", "2024-03-03T12:00Z"),
        reached("path", "practise", "2024-03-05T12:00Z"),
    ]
    story.event("talk.presented", "ann", "2024-03-06T13:00Z", {"topic": "tea"})
    assert story.badges()[-1] == reached("path", "teach", "2024-03-06T13:00Z")


def test_what_happens_in_the_same_millisecond_is_not_later() -> None:
    story = chained()
    course(story, "2024-03-02T12:00Z", "a")
    course(story, "2024-03-03T12:00Z", "b")
    story.spent("ann", 120, "2024-03-03T12:00Z")
    assert [badge.level for badge in story.badges()] == ["learn"]
    story.spent("ann", 120, "2024-03-03T12:00:00.001Z")
    assert story.badges()[1:] == [reached("path", "practise", "2024-03-03T12:00:00.001Z")]


def test_a_late_event_that_completes_a_step_earlier_opens_the_next_earlier() -> None:
    story = chained()
    course(story, "2024-03-02T12:00Z", "a")
    story.spent("ann", 120, "2024-03-03T12:00Z")
    course(story, "2024-03-04T12:00Z", "b")
    assert [badge.level for badge in story.badges()] == ["learn"]
    course(story, "2024-03-01T12:00Z", "c")  # the second course is now that of the 2nd
    assert story.badges() == [
        reached("path", "learn", "2024-03-02T12:00Z"),
        reached("path", "practise", "2024-03-03T12:00Z"),
    ]


def test_steps_of_one_type_need_events_of_their_own() -> None:
    story = Story(badges={"path": {"chain": {step: {"score": {"count": SPENT}, "at": 2} for step in ("a", "b")}}})
    for day in ("01", "02", "03"):
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    assert story.badges() == [reached("path", "a", "2024-03-02T12:00Z")]
    story.spent("ann", 1, "2024-03-04T12:00Z")
    assert story.badges()[1:] == [reached("path", "b", "2024-03-04T12:00Z")]


def test_points_of_a_step_are_those_that_were_awarded() -> None:
    steps = {"course": {"score": {"count": COURSE}}, "points": {"score": {"points": ["time"]}, "at": 5}}
    story = Story(**{**ruled({"per": "day", "points": 4}), "badges": {"path": {"chain": steps}}})
    course(story, "2024-03-01T12:00Z", "a")
    for day in ("02", "02", "03"):
        story.spent("ann", 4, f"2024-03-{day}T12:00Z")  # 4, 0 and 4
    assert story.badges()[1:] == [reached("path", "points", "2024-03-03T12:00Z")]


def test_a_chain_with_each_is_one_for_every_value() -> None:
    each = "has(data.topic) ? data.topic : ''"
    steps = {"learn": {"score": {"count": COURSE}}, "teach": {"score": {"count": "talk.presented"}}}
    story = Story(badges={"path": {"chain": steps, "each": each}})
    story.event(COURSE, "ann", "2024-03-01T12:00Z", {"course": "a", "topic": "go"})
    story.event("talk.presented", "ann", "2024-03-02T12:00Z", {"topic": "c"})
    story.event("talk.presented", "ann", "2024-03-03T12:00Z", {"topic": "go"})
    assert story.badges() == [
        reached("path", "learn", "2024-03-01T12:00Z", value="go"),
        reached("path", "teach", "2024-03-03T12:00Z", value="go"),
    ]


def test_what_happens_after_until_counts_for_no_step() -> None:
    story = chained(until="2024-03-03")
    course(story, "2024-03-02T12:00Z", "a")
    course(story, "2024-03-03T12:00Z", "b")
    story.spent("ann", 120, "2024-03-04T12:00Z")
    assert [badge.level for badge in story.badges()] == ["learn"]
    assert story.verdicts()[-1] == "NO_RULE"


def test_each_event_counts_by_the_steps_of_its_version() -> None:
    # A step that is put in between opens for what comes after the first; who had done more keeps it.
    steps = {"learn": {"score": {"count": COURSE}}, "teach": {"score": {"count": "talk.presented"}, "at": 2}}
    between = {"learn": steps["learn"], "practise": {"score": {"count": SPENT}}, "teach": steps["teach"]}
    story = Story(badges={"path": {"chain": steps}})
    story.publish("2024-03-10", MONDAY, badges={"path": {"chain": between}})
    course(story, "2024-03-01T12:00Z", "a")
    for day in ("02", "10", "12"):
        story.event("talk.presented", "ann", f"2024-03-{day}T12:00Z", {"topic": "tea"})
    assert [badge.level for badge in story.badges()] == ["learn"]  # the talk of the 2nd, and none since practice
    story.spent("ann", 1, "2024-03-11T12:00Z")
    assert story.badges()[1:] == [
        reached("path", "practise", "2024-03-11T12:00Z"),
        reached("path", "teach", "2024-03-12T12:00Z"),
    ]

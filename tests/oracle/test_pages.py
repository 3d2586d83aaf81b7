"""The examples with numbers under docs/rules/: each page's own rulebook, its events, and the answers it promises."""

import re
from datetime import date
from pathlib import Path
from typing import Any, cast

from schemas.yaml_text import load

from .badges import Reached
from .story import Story, at, reached
from .streaks import Standing

PAGES = Path(__file__).parents[2] / "docs" / "rules"
BLOCK = re.compile(r"^```yaml rulebook\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WEEKS = {week: date.fromisocalendar(2027, week, 3).isoformat() for week in range(1, 14)}
"""The Wednesdays of the first weeks of 2027."""


def rulebook_of(page: str, block: int = 0) -> dict[str, Any]:
    """A rulebook that stands on a page."""
    text = BLOCK.findall((PAGES / f"{page}.md").read_text(encoding="utf-8"))[block]
    data, _, faults = load(text, page)
    assert not faults
    return cast("dict[str, Any]", data)


def told(page: str, *, block: int = 0, **sections: Any) -> Story:
    """A story under the rulebook of a page; the sections stand in place of its own."""
    return Story(**rulebook_of(page, block) | sections)


def of(story: Story, *badges: str, now: str = "2030-01-01T00:00Z") -> list[Reached]:
    return [each for each in story.badges(now=now) if each.badge in badges]


def review(story: Story, time: str, author: str = "ben") -> None:
    story.event("code_review.given", "ann", f"2027-{time}Z", {"author": author, "change": f"{time} {author}"})


def about(story: Story, kind: str, day: str, topic: str, **data: str) -> None:
    story.event(kind, "ann", f"2027-{day}T12:00Z", {"topic": topic, **data})


def mentors(story: Story, mentor: str, mentee: str, *days: str) -> None:
    for day in days:
        story.event("mentoring.held", mentee, f"2027-{day}T12:00Z", {"mentor": mentor, "mentee": mentee})


def test_points_pass_the_cool_down_then_the_limits() -> None:
    story = told("points", block=2)
    for time in ("01T09:00", "01T09:06", "01T09:10", "01T09:30", "01T09:35", "02T09:00", "02T10:00"):
        before = story.member("ann")["points"].get("module", 0)
        story.event("microlearning.completed", "ann", f"2027-03-{time}+01:00", {"module": time})
        gave = {"01T09:00": 4, "01T09:10": 4, "02T09:00": 2}.get(time, 0)
        assert story.member("ann")["points"]["module"] - before == gave, time
    late = {"module": "late"}
    story.event("microlearning.completed", "ann", "2027-03-01T08:55+01:00", late, recorded="2027-03-03T12:00Z")
    assert story.member("ann")["points"] == {"module": 10}


def test_badges_by_score_move_back_when_an_event_comes_late() -> None:
    story = told("badges-by-score")
    for day, author in enumerate(("ben", "ben", "cem", "dan", "ben"), start=1):
        review(story, f"03-0{day}T10:00", author)
    assert of(story, "reviewer", "many-minds") == [
        reached("reviewer", "bronze", "2027-03-03T10:00Z"),
        reached("many-minds", None, "2027-03-04T10:00Z"),
        reached("reviewer", "silver", "2027-03-05T10:00Z"),
    ]
    review(story, "03-01T15:00", "eva")
    assert of(story, "reviewer", "many-minds") == [
        reached("reviewer", "bronze", "2027-03-02T10:00Z"),
        reached("many-minds", None, "2027-03-03T10:00Z"),
        reached("reviewer", "silver", "2027-03-04T10:00Z"),
    ]
    for day, hours in enumerate((4.0, 3.5, 2.5), start=1):
        story.event("course.completed", "ann", f"2027-04-0{day}T10:00Z", {"course": str(day), "hours": hours})
    assert of(story, "well-read") == [reached("well-read", None, "2027-04-03T10:00Z")]


def test_within_a_time() -> None:
    story = told("within")
    for day in ("03-01", "03-20", "04-02", "04-10"):
        about(story, "workshop.hosted", day, "testing")
    assert of(story, "series") == [
        reached("series", "pair", "2027-03-20T12:00Z"),
        reached("series", "triple", "2027-04-10T12:00Z"),
    ]
    about(story, "workshop.hosted", "03-25", "testing")
    assert of(story, "series")[1] == reached("series", "triple", "2027-03-25T12:00Z")


def test_one_badge_for_each_value() -> None:
    story = told("each")
    about(story, "talk.presented", "03-02", "security")
    about(story, "workshop.hosted", "03-09", "testing")
    about(story, "talk.presented", "03-16", "security")
    about(story, "talk.presented", "03-23", "Security")
    about(story, "workshop.hosted", "03-30", "security")
    assert of(story, "taught") == [
        reached("taught", "once", "2027-03-02T12:00Z", value="security"),
        reached("taught", "once", "2027-03-09T12:00Z", value="testing"),
        reached("taught", "once", "2027-03-23T12:00Z", value="Security"),
        reached("taught", "often", "2027-03-30T12:00Z", value="security"),
    ]


def test_valid_for_a_while() -> None:
    story = told("valid")
    first = {"certificate": "K8S", "expires": "2028-03-01"}
    story.event("certification.earned", "ann", "2027-03-01T12:00Z", first)
    once = reached("certified", None, "2027-03-01T12:00Z", value="K8S", until="2028-02-29T12:00Z")
    assert of(story, "certified") == [once]
    story.event("certification.earned", "ann", "2028-02-10T12:00Z", first | {"expires": "2029-02-10"})
    assert of(story, "certified") == [once._replace(until=at("2029-02-09T12:00Z"))]
    for day in range(1, 7):
        about(story, "skill.applied", f"03-0{day}", "testing")
    assert of(story, "in-practice") == [
        reached("in-practice", None, "2027-03-03T12:00Z", until="2027-09-02T12:00Z")  # 180 days after 6 March
    ]


def test_chains() -> None:
    story = told("chains")
    mentors(story, "ann", "cem", "03-01")
    mentors(story, "zoe", "ann", "03-02", "03-09", "03-16")
    story.event("talk.presented", "ann", "2027-03-16T18:00Z", {"topic": "testing"})
    mentors(story, "ann", "cem", "03-18")
    mentors(story, "ann", "eva", "03-25")
    about(story, "talk.presented", "04-06", "security")
    done = [
        reached("passed-on", "mentored", "2027-03-16T12:00Z"),
        reached("passed-on", "mentoring", "2027-03-25T12:00Z"),
        reached("passed-on", "teaching", "2027-04-06T12:00Z"),
    ]
    assert of(story, "passed-on") == done
    mentors(story, "zoe", "ann", "02-23")
    assert of(story, "passed-on") == [done[0]._replace(at=at("2027-03-09T12:00Z")), *done[1:]]


def test_collections() -> None:
    by_hand: dict[str, Any] = {"guide": {}, "teacher": {}, "newcomer": {}}
    by_hand["reviewer"] = {"levels": {"bronze": 1, "silver": 2}}
    story = told("collections", badges=rulebook_of("collections")["badges"] | by_hand)
    for day, badge in {"04-01": "newcomer", "05-10": "teacher", "03-03": "guide", "06-20": "reviewer"}.items():
        level = {"level": "silver"} if badge == "reviewer" else {}
        story.event("badge.granted", "ann", f"2027-{day}T12:00Z", {"badge": badge, "reason": "an example", **level})
    assert of(story, "all-rounder") == [reached("all-rounder", None, "2027-05-10T12:00Z")]
    about(story, "course.completed", "02-02", "security", course="a")
    about(story, "course.completed", "02-05", "testing", course="b")
    about(story, "skill.applied", "02-20", "security")
    about(story, "talk.presented", "03-09", "testing")
    about(story, "talk.presented", "05-11", "security")
    assert of(story, "full-circle") == [reached("full-circle", None, "2027-05-11T12:00Z", value="security")]


def test_tenure() -> None:
    story = told("tenure")
    story.event("member.joined", "ann", "2027-01-31T09:00Z")
    story.event("member.left", "ann", "2031-11-30T09:00Z")
    assert of(story, "settled-in", "with-us", now="2035-01-01T00:00Z") == [
        reached("settled-in", None, "2027-04-29T22:00Z"),
        reached("with-us", "one", "2028-01-30T23:00Z"),
    ]


def test_by_hand_the_last_word_by_time_holds() -> None:
    story = told("by-hand")
    said = {"badge": "reviewer", "level": "bronze", "reason": "an example"}
    granted, tenth = (
        reached("reviewer", "bronze", "2027-03-02T12:00Z"),
        reached("reviewer", "bronze", "2027-03-10T09:00Z"),
    )
    for hour in range(9):
        review(story, f"03-01T1{hour}:00")
    story.event("badge.granted", "ann", "2027-03-02T12:00Z", said)
    assert of(story, "reviewer") == [granted]
    review(story, "03-10T09:00")
    assert of(story, "reviewer") == [tenth]
    story.event("badge.granted", "ann", "2027-03-20T12:00Z", said)
    story.event("badge.revoked", "ann", "2027-03-12T12:00Z", said, recorded="2027-03-21T12:00Z")
    assert of(story, "reviewer") == [tenth]
    story.event("badge.revoked", "ann", "2027-03-22T12:00Z", said)
    review(story, "03-23T09:00")
    assert of(story, "reviewer") == []


def test_ladders() -> None:
    story = told("ladders")
    review(story, "03-01T08:00")
    story.event("course.completed", "ann", "2027-03-03T12:00Z", {"course": "a"})
    for minute in range(10, 25):
        review(story, f"03-04T12:{minute}")
    assert story.member("ann")["points"] == {"review": 75, "course": 20}
    review(story, "03-08T12:00")
    assert story.member("ann")["levels"] == {
        "journey": [("first steps", at("2027-03-03T12:00Z")), ("on the way", at("2027-03-08T12:00Z"))]
    }


def weeks(*more: tuple[str, dict[str, str]], until: int = 13) -> Story:
    story = told("streaks")
    for week in (1, 2, 4, 5, 7, 9, 11, 13):
        if week <= until:
            story.event("learning_time.spent", "ann", f"{WEEKS[week]}T12:00Z", {"minutes": 30})
    story.event("member.away", "ann", "2027-02-19T12:00Z", {"first_day": "2027-02-22", "last_day": "2027-02-28"})
    for kind, data in more:
        story.event(kind, "ann", f"{WEEKS[12]}T12:00Z", data)
    return story


def test_streaks_forgive_freeze_and_know_time_off() -> None:
    now = f"{WEEKS[13]}T18:00Z"
    for until, current in {1: 1, 2: 2, 4: 3, 5: 4, 7: 5, 9: 6, 11: 7}.items():
        assert weeks(until=until).streak(badge="steady-learner", now=f"{WEEKS[until]}T18:00Z").current == current
    assert weeks(until=5).streak(badge="steady-learner", now=f"{WEEKS[5]}T18:00Z") == Standing(4, 4, 1)
    assert weeks().streak(badge="steady-learner", now=now) == Standing(1, 7, 0)
    assert of(weeks(), "steady-learner") == [reached("steady-learner", "bronze", f"{WEEKS[5]}T12:00Z")]
    frozen = weeks(("freeze.granted", {"badge": "steady-learner"}))
    assert frozen.streak(badge="steady-learner", now=now) == Standing(8, 8, 1)
    away = weeks(("member.away", {"first_day": "2027-03-22", "last_day": "2027-03-28"}))
    assert away.streak(badge="steady-learner", now=now) == Standing(8, 8, 1)


def test_a_sunday_counts_for_friday() -> None:
    story = told("streaks")
    for day, minutes in ((4, 25), (5, 10), (7, 10)):
        story.event("learning_time.spent", "ann", f"2027-03-0{day}T12:00Z", {"minutes": minutes})
    assert story.streak(badge="reader", now="2027-03-07T18:00Z") == Standing(2, 2, 0)


def test_boards_rank_the_listed() -> None:
    board = {"score": {"sum": "data.minutes", "event": "learning_time.spent"}}
    story = told("boards", rules={}, boards={"board": board})
    for member, minutes in {"ann": 60, "ben": 45, "cem": 45, "dan": 45, "eva": 20}.items():
        story.spent(member, minutes)
    story.event("member.visibility_changed", "cem", data={"visibility": "hidden"})
    assert story.rows() == [(1, "ann", 60), (2, "ben", 45), (None, "cem", 45), (2, "dan", 45), (4, "eva", 20)]
    assert story.answers().boards["board", "member", "all"].total == 4


def test_boards_compare_groups_per_head() -> None:
    score = {"sum": "data.minutes", "event": "learning_time.spent"}
    board = {"score": score, "windows": ["month"], "by": ["team"], "per_head": True}
    story = told("boards", rules={}, boards={"board": board})
    story.joined("red", [f"r{number}" for number in range(5)])
    story.joined("blue", [f"b{number}" for number in range(8)])
    story.joined("blue", ["b8", "b9"], "2027-04-16T08:00Z")
    story.spent("r0", 100, "2027-04-02T12:00Z")
    story.spent("b0", 161, "2027-04-02T12:00Z")
    rows = story.answers("2027-05-03T12:00Z").boards["board", "team", "2027-04"].rows
    assert rows == [(1, "red", 20_00, 5), (2, "blue", 17_89, 10)]
    rows = story.answers("2027-04-20T12:00Z").boards["board", "team", "2027-04"].rows
    assert rows[1] == (2, "blue", round(161 / 8.5 * 100), 10)


def test_people_who_are_hidden_enter_the_score_of_a_group_from_three_on() -> None:
    score = {"sum": "data.minutes", "event": "learning_time.spent"}
    story = told("people", boards={"board": {"score": score, "by": ["team"], "windows": ["month", "all"]}})
    earned = {"ann": 40, "ben": 30, "cem": 20, "dan": 10, "eva": 25, "fay": 15}
    story.joined("red", [*earned])
    for member, minutes in earned.items():
        story.spent(member, minutes)
    for member in ("ann", "ben", "cem", "dan"):
        story.event("member.visibility_changed", member, "2024-02-01T12:00Z", {"visibility": "listed"})
    assert story.rows(by="team", window="2024-03") == [(1, "red", 100, 6)]
    assert story.answers().operators["board", "team", "2024-03"] == {"red": 140}
    story.event("member.visibility_changed", "dan", "2024-02-05T12:00Z", {"visibility": "hidden"})
    assert story.rows(by="team", window="2024-03") == [(1, "red", 140, 6)]  # it began after that
    assert story.rows(by="team") == [(1, "red", 90, 6)]  # and this one before
    for member in ("dan", "fay"):
        story.event("member.left", member, "2024-02-06T12:00Z")
    assert story.rows(by="team", window="2024-03") == []


def test_versions_change_a_limit_with_its_next_window_and_names_at_once() -> None:
    def rule(award: int, times: int, **more: Any) -> dict[str, Any]:
        return {"event": "code_review.given", "award": award, "limits": [{"per": "week", "times": times}], **more}

    def reviewed(*times: str) -> int:
        for time in times:
            review(story, time)
        return story.member("ann", now="2027-03-20T12:00Z")["points"]["review"]

    story = Story(rules={"review": rule(5, 3)})
    story.publish("2027-03-10", "2027-03-05T12:00Z", rules={"review": rule(6, 5)})
    assert reviewed("03-08T12:00", "03-08T13:00") == 10
    assert reviewed("03-10T12:00") == 16
    assert reviewed("03-11T12:00") == 16
    assert reviewed(*(f"03-15T12:{minute}" for minute in range(10, 16))) == 46
    story.publish("2027-03-18", "2027-03-16T12:00Z", rules={"reviewing": rule(6, 5, was=["review"])})
    assert story.member("ann", now="2027-03-20T12:00Z")["points"] == {"reviewing": 46}
    late = {"author": "ben", "change": "late"}
    story.event("code_review.given", "ann", "2027-03-09T12:00Z", late, recorded="2027-03-12T12:00Z")
    assert story.member("ann", now="2027-03-20T12:00Z")["points"] == {"reviewing": 45}

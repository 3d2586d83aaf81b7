"""Challenges of members, and who takes part: rounds, goals and rewards at once. Line by line and by hand."""

from typing import Any

import pytest

from tests.oracle import Row
from tests.oracle.story import MONDAY, SPENT, Story, at, reached

SUM: dict[str, Any] = {"sum": "data.minutes", "event": SPENT}
MONTHLY: dict[str, Any] = {"score": SUM, "every": "month", "goal": 10, "reward": {"points": 20}}
FEBRUARY: dict[str, Any] = {"score": SUM, "from": "2024-02-05", "to": "2024-02-25"}
LATER = "2025-01-01T00:00Z"


def told(challenge: dict[str, Any] | None = None, **sections: Any) -> Story:
    return Story(**{"challenges": {"goal": challenge or MONTHLY}, "late": "400d", **sections})


def rows(story: Story, round_: str, challenge: str = "goal") -> list[Row]:
    table = story.answers(LATER).rounds.get((challenge, round_))
    return table.rows if table else []


def done(story: Story, member: str = "ann", challenge: str = "goal") -> tuple[int, int]:
    return story.member(member, LATER)["challenges"].get(challenge, (0, 0))


def given(story: Story, member: str = "ann") -> dict[str, int]:
    return story.member(member, LATER)["points"]


def said(story: Story, what: str, time: str, member: str = "ann", challenge: str = "goal") -> str:
    return story.event(f"challenge.{what}", member, time, {"challenge": challenge})


# Rounds.


@pytest.mark.parametrize(
    ("every", "names"),
    [
        ("week", ["2024-W09", "2024-W10"]),
        ("month", ["2024-02", "2024-03"]),
        ("quarter", ["2024-Q1", "2024-Q1"]),
        ("year", ["2024", "2024"]),
    ],
)
def test_every_window_is_a_round(every: str, names: list[str]) -> None:
    story = told({**MONTHLY, "every": every})
    story.spent("ann", 6, "2024-02-29T12:00Z")
    story.spent("ann", 7, "2024-03-04T12:00Z")
    shown = {name: sum(row[2] for row in rows(story, name)) for name in names}
    assert shown == ({names[0]: 6, names[1]: 7} if names[0] != names[1] else {names[0]: 13})
    assert done(story) == ((0, 0) if names[0] != names[1] else (1, at("2024-03-04T12:00Z")))


def test_from_and_to_are_both_included() -> None:
    story = told(FEBRUARY)
    for minutes, day in ((1, "02-04T23:59Z"), (2, "02-05T00:00Z"), (4, "02-25T23:59Z"), (8, "02-26T00:00Z")):
        story.spent("ann", minutes, f"2024-{day}")
    assert rows(story, "once") == [(1, "ann", 6)]
    assert story.verdicts() == ["NO_RULE", "APPLIED", "APPLIED", "NO_RULE"]


def test_from_and_to_bound_the_rounds() -> None:
    story = told({**MONTHLY, "from": "2024-02-15", "to": "2024-03-15"})
    for minutes, day in ((1, "02-14"), (2, "02-15"), (4, "03-15"), (8, "03-16")):
        story.spent("ann", minutes, f"2024-{day}T12:00Z")
    assert (rows(story, "2024-02"), rows(story, "2024-03")) == ([(1, "ann", 2)], [(1, "ann", 4)])


def test_days_are_local() -> None:
    story = told({**FEBRUARY, "to": "2024-02-05"}, calendar={"timezone": "Europe/Berlin"})
    for minutes, time in ((1, "02-04T22:59Z"), (2, "02-04T23:00Z"), (4, "02-05T22:59Z"), (8, "02-05T23:00Z")):
        story.spent("ann", minutes, f"2024-{time}")
    assert rows(story, "once") == [(1, "ann", 6)]


def test_rows_are_those_of_a_board() -> None:
    story = told({**MONTHLY, "every": "month"})
    for member, minutes in {"ann": 5, "bob": 7, "cem": 6, "dan": 5, "eva": 9}.items():
        story.spent(member, minutes)
    story.spent("fay", 0)
    story.event("member.visibility_changed", "cem", data={"visibility": "hidden"})
    story.event("member.left", "eva")
    assert rows(story, "2024-03") == [(1, "bob", 7), (None, "cem", 6), (2, "ann", 5), (2, "dan", 5)]
    assert story.answers().rounds["goal", "2024-03"].total == 3


# The goal of members.


def test_the_reward_comes_with_the_event_that_gets_there_and_moves_with_late_ones() -> None:
    story = told(boards={"board": {"score": {"points": ["goal"]}, "windows": ["day"]}})
    story.spent("ann", 6, "2024-03-04T10:00Z")
    story.spent("ann", 4, "2024-03-06T10:00Z")
    story.spent("ann", 50, "2024-03-07T10:00Z")
    assert (done(story), given(story)) == ((1, at("2024-03-06T10:00Z")), {"goal": 20})
    assert story.rows(window="2024-03-06") == [(1, "ann", 20)]
    story.spent("ann", 5, "2024-03-05T10:00Z")
    assert (done(story), given(story)) == ((1, at("2024-03-05T10:00Z")), {"goal": 20})
    assert (story.rows(window="2024-03-05"), story.rows(window="2024-03-06")) == ([(1, "ann", 20)], [])


def test_a_round_that_is_done_stays_done_and_each_is_rewarded_once() -> None:
    story = told()
    for minutes, time in ((10, "03-04"), (-9, "03-05"), (9, "03-06"), (12, "04-01")):
        story.spent("ann", minutes, f"2024-{time}T12:00Z")
    assert (done(story), given(story)) == ((2, at("2024-04-01T12:00Z")), {"goal": 40})
    assert rows(story, "2024-03") == [(1, "ann", 10)]


def test_goals_are_in_the_scores_own_unit() -> None:
    story = told({**MONTHLY, "score": {"sum": "data.hours", "event": "course.completed"}, "goal": 2.5})
    for course, hours in (("a", 2.49), ("b", 0.01)):
        assert done(story) == (0, 0)
        story.event("course.completed", "ann", data={"course": course, "hours": hours})
    assert done(story) == (1, at(MONDAY))


@pytest.mark.parametrize(
    ("score", "minutes", "done_at"),
    [
        ({"count": SPENT}, (1, 1, 1), 2),
        ({"count": SPENT, "when": "data.minutes > 1"}, (1, 2, 3), 3),
        ({"distinct": "data.minutes", "event": SPENT}, (5, 5, 7), 3),
        ({"best": "data.minutes", "event": SPENT}, (1, 1, 2), 3),
        ({"points": ["time"]}, (1, 1, 5), 3),  # a point once a day
    ],
)
def test_every_kind_of_score_may_be_the_goal(score: dict[str, Any], minutes: tuple[int, ...], done_at: int) -> None:
    rule = {"event": SPENT, "award": 1, "limits": [{"per": "day", "times": 1}]}
    story = told({**MONTHLY, "score": score, "goal": 2}, rules={"time": rule})
    for number, value in enumerate(minutes, start=1):
        story.spent("ann", value, f"2024-03-0{4 + number // 3}T1{number}:00Z")
    assert done(story) == (1, at(f"2024-03-0{4 + done_at // 3}T1{done_at}:00Z"))


def test_whom_a_rule_gives_points_has_them_in_challenges_as_well() -> None:
    rules = {"help": {"event": "code_review.given", "award": 5, "to": "data.author"}}
    story = told({**MONTHLY, "score": {"points": ["help"]}, "goal": 5}, rules=rules)
    story.event("code_review.given", "ann", data={"author": "bob"})
    assert (done(story), done(story, "bob")) == ((0, 0), (1, at(MONDAY)))
    assert given(story, "bob") == {"help": 5, "goal": 20}


def test_rewards_flow_wherever_points_of_the_challenge_are_named() -> None:
    story = told(
        rules={"time": {"event": SPENT, "award": 1}},
        badges={
            "rich": {"score": {"points": ["time", "goal"]}, "levels": {"some": 2, "much": 21, "more": 42}},
            "steady": {"streak": {"every": "day", "score": {"points": "goal"}, "at_least": 20}, "at": 1},
            "over": {"score": {"points": ["goal"]}, "at": 20, "until": "2024-03-04"},
        },
        levels={"ladder": {"score": {"points": ["goal"]}, "steps": {"first": 20}}},
    )
    story.spent("ann", 9, "2024-03-04T12:00Z")
    story.spent("ann", 1, "2024-03-05T12:00Z")  # 2 points of the rule, and 20 with them
    assert story.badges() == [
        reached("rich", "much", "2024-03-05T12:00Z"),
        reached("rich", "some", "2024-03-05T12:00Z"),
        reached("steady", None, "2024-03-05T12:00Z"),
    ]
    assert story.member("ann")["levels"] == {"ladder": [("first", at("2024-03-05T12:00Z"))]}


def test_hidden_and_former_members_reach_goals_of_their_own() -> None:
    story = told()
    story.event("member.visibility_changed", "ann", data={"visibility": "hidden"})
    story.event("member.left", "bob")
    for member in ("ann", "bob"):
        story.spent(member, 10)
        assert (done(story, member), given(story, member)) == ((1, at(MONDAY)), {"goal": 20})


def test_an_event_that_is_voided_undoes_the_round() -> None:
    story = told()
    event = story.spent("ann", 10)
    story.void(event)
    assert story.answers().members == {}


# Who takes part.


def test_with_opt_in_only_what_is_done_between_joining_and_leaving_counts() -> None:
    story = told({**MONTHLY, "opt_in": True})
    for minutes, day in ((1, 4), (2, 6), (4, 8), (8, 10), (16, 12), (32, 14)):
        story.spent("ann", minutes, f"2024-03-{day:02}T12:00Z")
    assert rows(story, "2024-03") == []
    for what, day in (("joined", 5), ("joined", 7), ("left", 9), ("left", 11), ("joined", 13)):
        said(story, what, f"2024-03-{day:02}T12:00Z")
    assert rows(story, "2024-03") == [(1, "ann", 2 + 4 + 32)]
    said(story, "joined", "2024-03-01T12:00Z", "bob")
    assert rows(story, "2024-03") == [(1, "ann", 2 + 4 + 32)]


def test_a_joining_holds_for_all_rounds_to_come_and_for_its_own_challenge_alone() -> None:
    joining = {**MONTHLY, "opt_in": True}
    story = told(challenges={"goal": joining, "other": joining})
    said(story, "joined", "2024-03-01T12:00Z")
    story.spent("ann", 10, "2024-03-04T12:00Z")
    story.spent("ann", 10, "2024-04-04T12:00Z")
    assert (done(story), done(story, "ann", "other")) == ((2, at("2024-04-04T12:00Z")), (0, 0))


def test_of_one_moment_canonical_order_says_what_came_first() -> None:
    story = told({**MONTHLY, "opt_in": True})
    story.event("challenge.joined", "ann", MONDAY, {"challenge": "goal"}, source="/b")
    story.event(SPENT, "ann", MONDAY, {"minutes": 1}, source="/a")
    story.event(SPENT, "ann", MONDAY, {"minutes": 2}, source="/c")
    assert rows(story, "2024-03") == [(1, "ann", 2)]


def test_joining_is_refused_where_there_is_nothing_to_join() -> None:
    joining = {**MONTHLY, "opt_in": True}
    story = told(challenges={"goal": joining, "open": MONTHLY, "later": MONTHLY})
    for name in ("goal", "open", "nothing"):
        for what in ("joined", "left"):
            said(story, what, MONDAY, challenge=name)
    assert story.verdicts() == ["APPLIED", "APPLIED", *["REFUSED"] * 4]
    story.publish("2024-03-10", MONDAY, challenges={"later": joining, "open": MONTHLY})
    for name in ("goal", "open", "later"):
        said(story, "joined", MONDAY, challenge=name)
    assert story.verdicts()[7:] == ["APPLIED", "REFUSED", "APPLIED"]


def test_joining_is_neither_late_nor_to_be_voided() -> None:
    story = told({**MONTHLY, "opt_in": True}, late="1h")
    joined = story.event("challenge.joined", "ann", "2024-03-04T10:00Z", {"challenge": "goal"}, recorded=MONDAY)
    story.void(joined)
    story.spent("ann", 10)
    assert story.verdicts() == ["APPLIED", "REFUSED", "APPLIED"]
    assert given(story) == {"goal": 20}


def test_who_joins_by_the_name_to_come_has_joined() -> None:
    joining = {**MONTHLY, "opt_in": True}
    story = told(joining)
    story.publish("2024-03-10", "2024-03-01T12:00Z", challenges={"new": {**joining, "was": "goal"}})
    said(story, "joined", "2024-03-02T12:00Z", challenge="new")
    story.spent("ann", 10)
    assert story.member("ann", MONDAY)["challenges"] == {"goal": (1, at(MONDAY))}
    assert story.member("ann", LATER)["challenges"] == {"new": (1, at(MONDAY))}


# From version to version.


def test_a_challenge_goes_on_under_its_new_name() -> None:
    joining = {**MONTHLY, "opt_in": True}
    story = told(joining)
    said(story, "joined", "2024-03-01T12:00Z")
    story.spent("ann", 6, "2024-03-04T12:00Z")
    new = {"challenges": {"new": {**joining, "was": "goal", "goal": 8, "reward": {"points": 1}}}}
    story.publish("2024-03-05", MONDAY, **new, boards={"board": {"score": {"points": "new"}}})
    story.spent("ann", 2, "2024-03-05T12:00Z")
    assert done(story, challenge="new") == (1, at("2024-03-05T12:00Z"))
    assert given(story) == {"new": 1}
    assert story.answers(LATER).boards["board", "member", "all"].rows == [(1, "ann", 1)]
    assert rows(story, "2024-03", "new") == [(1, "ann", 8)]
    said(story, "left", "2024-03-04T13:00Z")
    assert rows(story, "2024-03", "new") == [(1, "ann", 6)]


def test_what_was_taken_out_keeps_what_it_has() -> None:
    story = told()
    story.publish("2024-03-05", MONDAY)
    story.spent("ann", 10)
    story.spent("ann", 10, "2024-04-01T12:00Z")
    assert (done(story), given(story)) == ((1, at(MONDAY)), {"goal": 20})
    assert rows(story, "2024-03") == [(1, "ann", 10)]

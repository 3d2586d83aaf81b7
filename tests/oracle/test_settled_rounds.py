"""What rounds of challenges award when they are settled, and what everyone may see of shared ones, line by line."""

from typing import Any

import pytest

from tests.oracle.story import SPENT, Story, at, reached

SUM: dict[str, Any] = {"sum": "data.minutes", "event": SPENT}
SPRINT: dict[str, Any] = {"score": SUM, "from": "2024-03-04", "to": "2024-03-10"}
SETTLED = "2024-03-13T00:00Z"
"""When 12 March is over, two days after the last one."""
LATER = "2024-06-01T00:00Z"
DURING = "2024-03-06T12:00Z"


def told(challenge: dict[str, Any], *, smallest: int = 1, **sections: Any) -> Story:
    teams = {"people": {"smallest_group": smallest}, "groups": {"team": {"one_at_a_time": True}, "guild": {}}}
    return Story(**{**teams, "late": "90d", "challenges": {"sprint": {**SPRINT, **challenge}}, **sections})


def did(story: Story, **minutes: int) -> None:
    for member, number in minutes.items():
        story.spent(member, number, DURING)


def hide(story: Story, *members: str) -> None:
    for member in members:
        story.event("member.visibility_changed", member, "2024-01-01T09:00Z", {"visibility": "hidden"})


def close(story: Story, last: str = "2024-03-12") -> None:
    story.closed("2024-03-04", last)


def won(story: Story, challenge: str = "sprint") -> dict[str, int]:
    members = story.answers(LATER).members
    return {name: has["points"][challenge] for name, has in sorted(members.items()) if challenge in has["points"]}


def counter(story: Story, challenge: str = "sprint", round_: str = "once") -> dict[str, int]:
    return story.answers(LATER).counters.get((challenge, round_), {})


# By rank.


def test_places_are_worth_points_ties_share_them_and_hidden_members_take_none() -> None:
    story = told({"by_rank": [50, 30, 20, 10]})
    did(story, ann=9, bob=8, cat=8, dee=7, eva=20, fay=1, gus=30)
    hide(story, "eva")
    story.event("member.left", "gus", "2024-03-11T12:00Z")
    close(story, "2024-03-11")
    assert won(story) == {}
    story.closed("2024-03-12")
    assert won(story) == {"ann": 50, "bob": 30, "cat": 30, "dee": 10}


def test_what_comes_later_changes_rows_and_no_points() -> None:
    story = told({"by_rank": [50]})
    did(story, ann=9, bob=8)
    close(story)
    did(story, bob=5)
    assert story.answers(LATER).rounds["sprint", "once"].rows == [(1, "bob", 13), (2, "ann", 9)]
    assert won(story) == {"ann": 50}


def test_points_are_of_the_moment_of_settling_and_flow_from_there() -> None:
    board = {"score": {"points": ["time", "sprint"]}, "windows": ["day", "all"], "by": ["member", "team"]}
    story = told(
        {"by_rank": [50, 20]},
        rules={"time": {"event": SPENT, "award": 1}},
        boards={"board": board},
        badges={
            "rich": {"score": {"points": ["sprint"]}, "at": 50},
            "over": {"score": {"points": ["sprint"]}, "at": 50, "until": "2024-03-12"},
        },
    )
    story.joined("red", ["ann", "bob"])
    story.joined("blue", ["ann"], "2024-03-13T12:00Z")
    did(story, ann=9, bob=8)
    close(story)
    assert story.badges() == [reached("rich", None, SETTLED)]
    assert story.rows(window="2024-03-13") == [(1, "ann", 50), (2, "bob", 20)]
    assert story.rows(by="team", window="2024-03-06") == [(1, "red", 2, 2)]
    blue = story.answers(LATER).boards["board", "team", "2024-03-13"].rows
    assert blue == [(1, "blue", 50, 1), (2, "red", 20, 1)]


def test_it_comes_before_everything_else_of_its_moment() -> None:
    won, then = {"score": {"points": ["sprint"]}}, {"score": {"count": SPENT}}
    rich = {"score": {"points": ["sprint", "time"]}, "levels": {"l50": 50, "l51": 51}}
    story = told(
        {"by_rank": [49]},
        rules={"time": {"event": SPENT, "award": 1}},
        badges={"chain": {"chain": {"won": won, "then": then}}, "rich": rich},
    )
    did(story, ann=9)
    close(story)
    story.spent("ann", 1, SETTLED)
    story.spent("ann", 1, "2024-03-13T00:00:00.001Z")
    assert story.badges() == [
        reached("chain", "won", SETTLED),
        reached("rich", "l50", SETTLED),
        reached("rich", "l51", SETTLED),
        reached("chain", "then", "2024-03-13T00:00:00.001Z"),
    ]


def test_what_several_challenges_award_at_once_is_one_event() -> None:
    challenges = {name: {**SPRINT, "by_rank": [points]} for name, points in (("sprint", 3), ("other", 2))}
    badge = {"score": {"points": ["sprint", "other"]}, "at": 3, "valid": "100d"}
    story = Story(challenges=challenges, badges={"rich": badge})
    did(story, ann=9)
    close(story)
    assert story.member("ann", LATER)["points"] == {"sprint": 3, "other": 2}
    assert story.badges() == [reached("rich", None, SETTLED, until="2024-06-21T00:00Z")]


# Groups.


def test_who_added_to_a_group_that_reached_the_goal_gets_the_reward() -> None:
    story = told({"for": "team", "goal": 10, "reward": {"points": 5}})
    story.joined("red", ["ann", "bob", "cat"])
    story.joined("blue", ["dee"])
    did(story, ann=6, bob=4, cat=0, dee=9)
    close(story)
    assert counter(story) == {"red": 10, "blue": 9}
    assert won(story) == {"ann": 5, "bob": 5}


@pytest.mark.parametrize(
    ("moved", "expected"),
    [("2024-03-07", {"ann": 5}), ("2024-03-10", {"ann": 5}), ("2024-03-11", {"ann": 5, "bob": 5})],
)
def test_who_belongs_to_it_is_said_by_the_rounds_last_day(moved: str, expected: dict[str, int]) -> None:
    story = told({"for": "team", "goal": 10, "reward": {"points": 5}})
    story.joined("red", ["ann", "bob"])
    did(story, ann=6, bob=4)
    story.joined("blue", ["bob"], f"{moved}T08:00Z")
    close(story)
    assert won(story) == expected


def test_a_newcomer_who_did_something_elsewhere_is_one_of_the_group_on_its_last_day() -> None:
    story = told({"for": "team", "goal": 10, "reward": {"points": 5}})
    story.joined("red", ["ann", "bob"])
    did(story, ann=10, cat=1, dee=0)
    story.joined("red", ["cat", "dee"], "2024-03-10T08:00Z")
    close(story)
    assert won(story) == {"ann": 5, "cat": 5}


def test_a_goal_of_several_groups_is_rewarded_once_and_the_best_of_their_ranks() -> None:
    story = told({"for": "guild", "goal": 5, "reward": {"points": 5}, "by_rank": [1, 10, 100]})
    for guild, members in {"go": "ab", "chess": "b", "cards": "c", "darts": "d"}.items():
        for member in members:
            story.event("group.joined", member, "2024-01-01T08:00Z", {"kind": "guild", "group": guild})
    did(story, a=4, b=6, c=6, d=1)
    close(story)
    assert counter(story) == {"go": 10, "chess": 6, "cards": 6, "darts": 1}
    assert won(story) == {"a": 6, "b": 15, "c": 15}


def test_a_small_group_reaches_nothing_and_takes_no_rank() -> None:
    story = told({"for": "team", "goal": 5, "reward": {"points": 5}, "by_rank": [7]}, smallest=2)
    story.joined("red", ["ann", "bob"])
    story.joined("blue", ["cat"])
    did(story, ann=6, cat=9)
    close(story)
    assert (counter(story), won(story)) == ({"red": 6}, {"ann": 12})


@pytest.mark.parametrize(("hidden", "public", "expected"), [(2, 4, {}), (3, 7, {"a": 5, "b": 5, "c": 5, "d": 5})])
def test_hidden_members_count_and_win_from_three_on(hidden: int, public: int, expected: dict[str, int]) -> None:
    story = told({"for": "team", "goal": 7, "reward": {"points": 5}})
    story.joined("red", list("abcde"))
    hide(story, *"bcd"[:hidden])
    did(story, **({"a": 4, "b": 1, "c": 1, "d": 1} if hidden == 3 else {"a": 4, "b": 1, "c": 2}))
    close(story)
    assert (counter(story), won(story)) == ({"red": public}, expected)


# Everyone.


def test_everyone_who_added_anything_gets_it_hidden_or_not() -> None:
    story = told({"for": "everyone", "goal": 10, "reward": {"points": 5}})
    hide(story, "cat")
    did(story, ann=6, bob=4, cat=3, dee=0)
    story.event("member.left", "bob", "2024-03-11T12:00Z")
    close(story)
    assert counter(story) == {"everyone": 10}
    assert won(story) == {"ann": 5, "cat": 5}


def test_hidden_members_alone_reach_nothing() -> None:
    story = told({"for": "everyone", "goal": 10, "reward": {"points": 5}})
    hide(story, "ann", "bob", "cat")
    did(story, ann=6, bob=4, cat=3, dee=9)
    close(story)
    assert (counter(story), won(story)) == ({"everyone": 9}, {})


@pytest.mark.parametrize(
    ("smallest", "since", "public"),
    [(5, "2024-01-01", 16), (6, "2024-01-01", 9), (5, "2024-03-03", 16), (5, "2024-03-04", 9)],
)
def test_hidden_members_count_for_everyone_in_groups_that_cover_them(smallest: int, since: str, public: int) -> None:
    # It covers if it is shown, and has been so long before the round.
    story = told({"for": "everyone"}, smallest=smallest, boards={"board": {"score": SUM, "by": "team"}})
    story.joined("red", list("abcde"))
    story.event("member.visibility_changed", "a", "2024-01-01T07:00Z", {"visibility": "hidden"})
    for member in "bc":
        story.event("member.visibility_changed", member, f"{since}T09:00Z", {"visibility": "hidden"})
    did(story, a=1, b=2, c=4, d=8, z=1)
    assert counter(story) == {"everyone": public}
    hide(story, "y")
    did(story, y=32)
    assert counter(story) == {"everyone": public}


def test_different_values_are_counted_for_each_member() -> None:
    score = {"distinct": "data.minutes", "event": SPENT}
    story = told({"for": "everyone", "score": score})
    did(story, ann=5, bob=5)
    did(story, ann=5)
    assert counter(story) == {"everyone": 2}


# Rounds and versions.


def test_each_round_is_settled_for_its_last_day() -> None:
    challenge = {"score": SUM, "every": "month", "by_rank": [50]}
    story = Story(challenges={"sprint": challenge})
    for member, month in (("ann", 1), ("bob", 2), ("cat", 3)):
        story.spent(member, 1, f"2024-0{month}-29T12:00Z")
    story.closed("2024-01-01", "2024-03-02")
    assert won(story) == {"ann": 50, "bob": 50}


def test_a_round_that_is_cut_by_to_ends_with_that_day() -> None:
    story = told({"every": "month", "by_rank": [50]})
    did(story, ann=1)
    story.spent("bob", 5, "2024-03-11T12:00Z")
    close(story, "2024-03-11")
    assert won(story) == {}
    story.closed("2024-03-12", "2024-04-02")
    assert won(story) == {"ann": 50}


@pytest.mark.parametrize(
    ("start", "challenges", "expected"),
    [
        ("2024-03-10", {}, {}),  # taken out before its last moment
        ("2024-03-11", {}, {"ann": 50}),  # and after it
        ("2024-03-10", {"sprint": {**SPRINT, "by_rank": [3]}}, {"ann": 3}),
        ("2024-03-11", {"sprint": {**SPRINT, "by_rank": [3]}}, {"ann": 50}),
        ("2024-03-08", {"sprint": {**SPRINT, "to": "2024-03-20", "by_rank": [3]}}, {}),  # not over yet
        ("2024-03-08", {"sprint": {**SPRINT, "to": "2024-03-07", "by_rank": [3]}}, {}),  # never
    ],
)
def test_the_version_of_the_last_moment_settles(
    start: str, challenges: dict[str, Any], expected: dict[str, int]
) -> None:
    story = told({"by_rank": [50]})
    did(story, ann=9)
    story.publish(start, DURING, challenges=challenges)
    close(story)
    assert won(story) == expected


def test_a_prize_goes_by_the_name_that_the_challenge_has_when_it_is_given_and_later() -> None:
    story = told({"by_rank": [50]})
    did(story, ann=9)
    renamed = {"challenges": {"race": {**SPRINT, "was": "sprint"}}, "boards": {"b": {"score": {"points": ["race"]}}}}
    story.publish("2024-03-12", DURING, **renamed)
    close(story)
    assert won(story, "race") == {"ann": 50}
    assert story.answers(LATER).boards["b", "member", "all"].rows == [(1, "ann", 50)]
    story.publish("2024-03-20", LATER.replace("06-01", "03-19"), challenges={"run": {**SPRINT, "was": "race"}})
    assert won(story, "run") == {"ann": 50}


def test_prizes_are_settled_like_everything_else_in_what_is_settled_later() -> None:
    badges = {"podium": {"rank": {"board": "board", "window": "week"}, "at": 1}}
    board = {"board": {"score": {"points": ["sprint"]}, "windows": ["week"]}}
    story = told({"by_rank": [50]}, boards=board, badges=badges)
    did(story, ann=9)
    close(story, "2024-03-18")
    assert story.badges() == []
    story.closed("2024-03-19")
    assert story.badges() == [reached("podium", None, "2024-03-18T00:00Z")]
    assert at(SETTLED) < at("2024-03-18T00:00Z")

"""Places on boards and firsts, settled once some days after: line by line and by hand."""

from typing import Any

import pytest

from tests.oracle import Reached
from tests.oracle.story import SPENT, Story, reached

SUM: dict[str, Any] = {"sum": "data.minutes", "event": SPENT}
BOARD: dict[str, Any] = {"score": SUM, "windows": ["week", "all"]}
PODIUM: dict[str, Any] = {"rank": {"board": "board", "window": "week"}, "levels": {"winner": 1, "podium": 3}}
FIRST: dict[str, Any] = {"score": {"count": SPENT}, "at": 1, "first": 2}
TUESDAY = "2024-03-12"
"""With it the week of 4 to 10 March is settled."""

END = "2024-03-11T00:00Z"
"""The first moment after that week."""


def podium(**sections: Any) -> Story:
    return Story(**{"boards": {"board": BOARD}, "badges": {"podium": PODIUM}, "late": "90d", **sections})


def week(story: Story, **minutes: int) -> Story:
    for member, number in minutes.items():
        story.spent(member, number, "2024-03-06T12:00Z")
    return story


def won(story: Story) -> dict[str, list[str | None]]:
    """The levels of each member."""
    has = story.answers("2030-01-01T00:00Z").members
    return {member: [each.level for each in has[member]["badges"]] for member in sorted(has) if has[member]["badges"]}


# Places.


def test_ties_share_a_place_and_a_level_is_for_all_ranks_down_to_its_number() -> None:
    story = week(podium(), ann=9, bob=9, cat=8, dee=7)
    story.closed("2024-03-04", "2024-03-11")
    assert won(story) == {}
    story.closed(TUESDAY)
    assert won(story) == {"ann": ["podium", "winner"], "bob": ["podium", "winner"], "cat": ["podium"]}
    assert story.badges("cat") == [reached("podium", "podium", END)]


def test_what_comes_later_moves_the_board_and_not_the_prize() -> None:
    story = week(podium(badges={"podium": {**PODIUM, "levels": {"winner": 1}}}), ann=9, bob=8)
    last = story.spent("cat", 7, "2024-03-06T13:00Z")
    story.closed("2024-03-04", TUESDAY)
    story.event(SPENT, "bob", "2024-03-06T14:00Z", {"minutes": 50}, recorded="2024-03-13T12:00Z")
    story.void(last)
    story.event("member.visibility_changed", "ann", "2024-03-13T12:00Z", {"visibility": "hidden"})
    assert story.rows(window="2024-W10") == [(1, "bob", 58), (None, "ann", 9)]
    assert won(story) == {"ann": ["winner"]}


def test_a_void_that_comes_in_time_takes_the_place() -> None:
    story = week(podium(), bob=8)
    first = story.spent("ann", 9, "2024-03-06T13:00Z")
    story.closed("2024-03-04", "2024-03-11")
    story.void(first)
    story.closed(TUESDAY)
    assert won(story) == {"bob": ["podium", "winner"]}


def test_hidden_and_former_members_take_no_place() -> None:
    story = week(podium(), ann=9, bob=8, cat=7)
    story.event("member.visibility_changed", "ann", data={"visibility": "hidden"})
    story.event("member.left", "bob", "2024-03-11T10:00Z")
    story.closed("2024-03-04", TUESDAY)
    assert won(story) == {"cat": ["podium", "winner"]}


def test_a_badge_for_winning_is_had_once() -> None:
    story = week(podium(), ann=9)
    story.spent("ann", 1, "2024-03-13T12:00Z")
    story.closed("2024-03-04", "2024-03-19")
    assert story.badges() == [reached("podium", "podium", END), reached("podium", "winner", END)]


def test_with_the_lowest_first_the_lowest_wins() -> None:
    story = week(podium(boards={"board": {**BOARD, "order": "lowest"}}), ann=9, bob=8)
    story.closed("2024-03-04", TUESDAY)
    assert won(story)["bob"] == ["podium", "winner"]


@pytest.mark.parametrize(("settle", "closing"), [(0, "2024-03-10"), (1, "2024-03-11"), (5, "2024-03-15")])
def test_it_is_settled_so_many_days_after(settle: int, closing: str) -> None:
    story = week(podium(settle=settle), ann=9)
    story.closed("2024-03-04", closing)
    assert won(story) == {"ann": ["podium", "winner"]}
    del story.records[-1]
    assert won(story) == {}


def test_several_days_closed_at_once_are_settled_one_after_another() -> None:
    badge = {**PODIUM, "rank": {"board": "board", "window": "day"}, "levels": {"winner": 1}}
    story = Story(boards={"board": {"score": SUM, "windows": ["day"]}}, badges={"badge": badge})
    for number, member in enumerate(("ann", "bob", "cat"), start=4):
        story.spent(member, 1, f"2024-03-0{number}T12:00Z")
    story.closed("2024-03-04", "2024-03-07", recorded="2024-03-08T09:00Z")
    assert won(story) == {"ann": ["winner"], "bob": ["winner"]}
    assert story.badges("bob") == [reached("badge", "winner", "2024-03-06T00:00Z")]


def test_a_closing_that_comes_again_settles_nothing() -> None:
    story = week(podium(), ann=9)
    story.closed("2024-03-04", TUESDAY)
    week(story, bob=10)
    story.records.append(story.records[-2])
    assert won(story) == {"ann": ["podium", "winner"]}


def test_days_before_the_log_began_are_not_settled() -> None:
    story = week(podium(), ann=9)
    for record in story.records:
        record["run"] = "history"
    story.spent("bob", 1, "2024-03-11T12:00Z")
    story.closed("2024-03-11", "2024-03-19")
    assert won(story) == {"bob": ["podium", "winner"]}  # of the week after


def test_the_rulebook_is_that_of_the_days_last_moment() -> None:
    def settled(start: str, **sections: Any) -> dict[str, list[str | None]]:
        story = week(podium(), ann=9, bob=8)
        story.publish(start, "2024-03-06T12:00Z", **{"boards": {"board": BOARD}, **sections})
        story.closed("2024-03-04", "2024-03-20")
        return won(story)

    both = {"ann": ["podium", "winner"], "bob": ["podium"]}
    assert settled("2024-03-11") == both  # the badge is gone, from the day after on
    assert settled("2024-03-10") == {}
    assert settled("2024-03-10", badges={"podium": {**PODIUM, "retired": True}}) == {}
    assert settled("2024-03-10", badges={"podium": PODIUM}, settle=9) == both
    assert settled("2024-03-10", badges={"podium": PODIUM}, settle=11) == {}  # not yet
    assert settled("2024-03-10", badges={"podium": {**PODIUM, "levels": {"top": 2}}}) == {
        "ann": ["top"],
        "bob": ["top"],
    }
    assert settled("2024-03-10", badges={"stage": {**PODIUM, "was": "podium"}}) == both
    assert settled("2024-03-12", badges={"stage": {**PODIUM, "was": "podium"}}) == both


def test_a_badge_that_was_won_is_found_under_its_new_name() -> None:
    story = week(podium(), ann=9)
    story.closed("2024-03-04", TUESDAY)
    story.publish("2024-03-15", "2024-03-14T12:00Z", badges={"stage": {**PODIUM, "was": "podium"}})
    assert story.badges()[0] == reached("stage", "podium", END)


def test_people_may_take_it_back_and_collections_count_it() -> None:
    badges = {"podium": PODIUM, "set": {"all_of": ["podium.winner"]}}
    story = week(podium(badges=badges), ann=9)
    story.closed("2024-03-04", TUESDAY)
    assert reached("set", None, END) in story.badges()
    story.event("badge.revoked", "ann", "2024-03-13T12:00Z", {"badge": "podium", "level": "winner"})
    assert story.badges() == [reached("podium", "podium", END)]


def test_a_week_ends_at_its_local_midnight() -> None:
    story = podium(calendar={"timezone": "Europe/Berlin"})
    story.spent("ann", 1, "2024-03-10T22:59Z")
    story.spent("bob", 5, "2024-03-10T23:00Z")
    story.closed("2024-03-04", TUESDAY, where="Europe/Berlin")
    assert story.badges() == [
        reached("podium", "podium", "2024-03-10T23:00Z"),
        reached("podium", "winner", "2024-03-10T23:00Z"),
    ]
    assert story.badges("bob") == []


# Firsts.


def first(story: Story) -> dict[str, list[Reached]]:
    has = story.answers("2030-01-01T00:00Z").members
    return {member: has[member]["badges"] for member in has if has[member]["badges"]}


def test_who_did_it_earlier_and_reported_later_is_not_passed_over() -> None:
    story = Story(badges={"pioneer": FIRST})
    story.spent("cat", 1, "2024-03-04T14:00Z")
    story.spent("bob", 1, "2024-03-04T13:00Z")
    story.closed("2024-03-04")
    story.event(SPENT, "ann", "2024-03-04T12:00Z", {"minutes": 1}, recorded="2024-03-05T12:00Z")
    story.closed("2024-03-05")
    assert first(story) == {}
    story.closed("2024-03-06")
    expected = {
        "ann": [reached("pioneer", None, "2024-03-04T12:00Z")],
        "bob": [reached("pioneer", None, "2024-03-04T13:00Z")],
    }
    assert first(story) == expected
    story.event(SPENT, "dee", "2024-03-04T01:00Z", {"minutes": 1}, recorded="2024-03-07T12:00Z")
    story.closed("2024-03-07", "2024-03-12")
    assert first(story) == expected


def test_ties_go_by_member_and_what_is_left_goes_to_the_next_days() -> None:
    story = Story(badges={"pioneer": FIRST})
    story.spent("dee", 1, "2024-03-04T12:00Z")
    story.closed("2024-03-04", "2024-03-06")
    for member in ("cat", "bob"):
        story.event(SPENT, member, "2024-03-07T12:00Z", {"minutes": 1})
    story.closed("2024-03-07", "2024-03-09")
    assert sorted(first(story)) == ["bob", "dee"]


def test_what_was_reached_after_the_end_of_the_day_waits() -> None:
    story = Story(badges={"pioneer": {**FIRST, "first": 1}})
    story.spent("bob", 1, "2024-03-05T00:00Z")
    story.spent("ann", 1, "2024-03-06T00:00Z")
    story.closed("2024-03-04", "2024-03-06")
    assert first(story) == {}
    story.event(SPENT, "cat", "2024-03-04T23:59:59.999Z", {"minutes": 1}, recorded="2024-03-07T12:00Z")
    story.closed("2024-03-07")
    assert [*first(story)] == ["cat"]


def test_once_it_is_retired_nobody_gets_it_any_more() -> None:
    story = Story(badges={"pioneer": FIRST})
    story.publish("2024-03-06", "2024-03-04T08:00Z", badges={"pioneer": {**FIRST, "retired": True}})
    story.spent("ann", 1, "2024-03-05T12:00Z")
    story.closed("2024-03-04", "2024-03-07")
    story.event(SPENT, "bob", "2024-03-05T12:00Z", {"minutes": 1}, recorded="2024-03-08T08:00Z")
    story.closed("2024-03-08", "2024-03-12")
    assert sorted(first(story)) == ["ann"]


def test_each_level_is_for_so_many_and_hidden_members_count() -> None:
    story = Story(badges={"pioneer": {"score": {"count": SPENT}, "levels": {"one": 1, "two": 2}, "first": 1}})
    story.spent("ann", 1, "2024-03-04T12:00Z")
    for hour in (13, 14):
        story.spent("bob", 1, f"2024-03-04T{hour}:00Z")
    story.event("member.visibility_changed", "ann", data={"visibility": "hidden"})
    story.closed("2024-03-04", "2024-03-06")
    assert won(story) == {"ann": ["one"], "bob": ["two"]}


def test_a_void_takes_nothing_back_that_was_settled() -> None:
    story = Story(badges={"pioneer": {**FIRST, "first": 1}})
    done = story.spent("ann", 1, "2024-03-04T12:00Z")
    story.spent("bob", 1, "2024-03-04T13:00Z")
    story.closed("2024-03-04", "2024-03-06")
    story.void(done)
    story.closed("2024-03-07", "2024-03-12")
    assert first(story) == {"ann": [reached("pioneer", None, "2024-03-04T12:00Z")]}


def test_streaks_and_chains_have_firsts_as_well() -> None:
    streak = {"streak": {"every": "day", "score": {"count": SPENT}}, "at": 2, "first": 1}
    chain = {"chain": {"x": {"score": {"count": SPENT}}, "y": {"score": {"count": SPENT}}}, "first": 1}
    story = Story(badges={"streak": streak, "chain": chain})
    for member in ("bob", "ann"):
        for day in (4, 5):
            story.spent(member, 1, f"2024-03-0{day}T12:00Z")
    story.closed("2024-03-04", "2024-03-07")
    assert first(story) == {
        "ann": [
            reached("chain", "x", "2024-03-04T12:00Z"),
            reached("chain", "y", "2024-03-05T12:00Z"),
            reached("streak", None, "2024-03-05T12:00Z"),
        ]
    }


def test_a_badge_by_hand_takes_no_place_of_the_firsts() -> None:
    story = Story(badges={"pioneer": {**FIRST, "first": 1}})
    story.event("badge.granted", "bob", "2024-03-04T10:00Z", {"badge": "pioneer"})
    assert [*first(story)] == ["bob"]
    story.spent("ann", 1, "2024-03-04T12:00Z")
    story.closed("2024-03-04", "2024-03-06")
    assert sorted(first(story)) == ["ann", "bob"]

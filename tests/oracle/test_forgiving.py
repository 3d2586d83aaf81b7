"""Missed periods that are forgiven, and freezes, line by line and by hand: c is a completed period, m one missed."""

import pytest

from tests.oracle import Standing
from tests.oracle.story import MONDAY, SPENT, Story, away, done, reached, steady, streak


def frozen(story: Story, time: str, badge: str = "steady", member: str = "ann") -> str:
    return story.event("freeze.granted", member, time, {"badge": badge})


# Forgiveness.


@pytest.mark.parametrize(
    ("days", "current", "longest"),
    [
        (("01", "03"), 2, 2),  # c m: one of the last two, which are all there are
        (("01", "03", "05"), 1, 2),  # c m c m: of m c m two
        (("01", "03", "04", "06"), 4, 4),  # c m c c m: of c c m one
        (("01", "04"), 1, 1),  # c m m
        (("01", "02", "03", "05", "06", "08"), 6, 6),
        (("01", "03", "05", "07"), 2, 2),  # the run of the 5th begins with nothing missed
    ],
)
def test_one_missed_of_three_is_forgiven(days: tuple[str, ...], current: int, longest: int) -> None:
    story = done(steady(forgive={"misses": 1, "in": 3}), *days)
    assert story.streak(now=f"2024-03-{days[-1]}T12:00Z") == Standing(current, longest, 0)


@pytest.mark.parametrize(
    ("days", "current", "longest"),
    [
        (("01", "03", "05"), 3, 3),  # c m c m: two
        (("01", "03", "05", "07"), 1, 3),  # c m c m c m: of m c m c m three
        (("01", "03", "05", "06", "08"), 5, 5),  # c m c m c c m: of c m c c m two
        (("01", "04", "06"), 1, 2),  # c m m c m: three of all five
        (("01", "04", "05", "06", "09"), 5, 5),  # c m m c c c m m: of m c c c m two, and of c c c m m two
    ],
)
def test_two_missed_of_five_are_forgiven_as_the_five_slide(days: tuple[str, ...], current: int, longest: int) -> None:
    story = done(steady(forgive={"misses": 2, "in": 5}), *days)
    assert story.streak(now=f"2024-03-{days[-1]}T12:00Z") == Standing(current, longest, 0)


def test_what_is_forgiven_adds_nothing_to_the_length() -> None:
    story = done(steady(forgive={"misses": 1, "in": 2}), "01", "03", "05")
    assert story.badges() == [
        reached("steady", "l2", "2024-03-03T12:00Z"),
        reached("steady", "l3", "2024-03-05T12:00Z"),
    ]


def test_what_is_off_is_none_of_the_last_periods() -> None:
    # c m c off m: of m c m two, though the first m is four days before.
    story = done(steady(calendar={"holidays": ["2024-03-04"]}, forgive={"misses": 1, "in": 3}), "01", "03", "06")
    assert story.streak(now="2024-03-06T12:00Z") == Standing(1, 2, 0)


def test_for_the_running_run_the_periods_up_to_now_are_looked_at_in_the_same_way() -> None:
    story = done(steady(forgive={"misses": 1, "in": 3}), "04")
    for day, current in (("04", 1), ("05", 1), ("06", 1), ("07", 0)):
        assert story.streak(now=f"2024-03-{day}T12:00Z") == Standing(current, 1, 0)


# Freezes.


def test_a_freeze_is_earned_with_every_so_many_periods_of_a_run() -> None:
    story = steady(freezes={"every": 2, "most": 2})
    at_hand = []
    for day in ("01", "02", "03", "04", "05", "06"):
        done(story, day)
        at_hand.append(story.streak().freezes)
    assert at_hand == [0, 1, 1, 2, 2, 2]  # with the sixth two are at hand, which is the most


def test_a_freeze_keeps_a_run_over_a_missed_period_and_is_used_up() -> None:
    story = done(steady(freezes={"every": 2}), "01", "02", "04")
    assert story.streak(now="2024-03-04T12:00Z") == Standing(3, 3, 0)
    done(story, "05")  # the fourth: another freeze
    assert story.streak(now="2024-03-05T12:00Z") == Standing(4, 4, 1)
    done(story, "08")  # the 6th takes it, the 7th breaks the run
    assert story.streak(now="2024-03-08T12:00Z") == Standing(1, 4, 0)


def test_a_freeze_is_used_up_even_where_the_run_breaks_anyway() -> None:
    story = steady(freezes={"most": 2})
    frozen(story, "2024-03-01T12:00Z")
    done(story, "04")
    assert story.streak(now="2024-03-04T12:00Z") == Standing(1, 1, 1)
    done(story, "07")  # the 5th is frozen, the 6th is not
    assert story.streak(now="2024-03-07T12:00Z") == Standing(1, 1, 0)


@pytest.mark.parametrize(
    ("every", "days", "time", "longest"),
    [
        ("day", ("04", "06"), "2024-03-05T22:59:59.999Z", 2),  # the last millisecond of the 5th in Berlin
        ("day", ("04", "06"), "2024-03-05T23:00Z", 1),
        ("workday", ("07", "11"), "2024-03-10T22:59:59.999Z", 2),  # Friday's end is that of the Sunday after it
        ("workday", ("07", "11"), "2024-03-10T23:00Z", 1),
        ("week", ("04", "18"), "2024-03-17T22:59:59.999Z", 2),
        ("week", ("04", "18"), "2024-03-17T23:00Z", 1),
    ],
)
def test_a_freeze_has_to_be_granted_before_the_end_of_the_missed_period(
    every: str, days: tuple[str, str], time: str, longest: int
) -> None:
    story = done(steady(every, calendar={"timezone": "Europe/Berlin"}, freezes={"most": 1}), *days)
    frozen(story, time)
    assert story.streak()[1:] == (longest, 2 - longest)  # it is used up, or it is not


def test_asking_uses_up_nothing() -> None:
    story = done(steady(freezes={"most": 1}), "04")
    frozen(story, "2024-03-04T12:00Z")
    for day, current in (("04", 1), ("05", 1), ("06", 1), ("07", 0)):
        assert story.streak(now=f"2024-03-{day}T12:00Z") == Standing(current, 1, 1)


def test_what_can_be_forgiven_takes_no_freeze_and_what_is_frozen_was_not_missed() -> None:
    story = steady(forgive={"misses": 1, "in": 3}, freezes={"most": 1})
    frozen(story, "2024-03-04T12:00Z")
    done(story, "04", "06")  # c m
    assert story.streak(now="2024-03-06T12:00Z") == Standing(2, 2, 1)
    done(story, "08")  # c m c m: not forgiven, frozen
    assert story.streak(now="2024-03-08T12:00Z") == Standing(3, 3, 0)
    done(story, "10")  # c m c f c m: of f c m one was missed
    assert story.streak(now="2024-03-10T12:00Z") == Standing(4, 4, 0)


def test_what_is_off_takes_no_freeze() -> None:
    story = done(steady(freezes={"most": 1}), "04", "06")
    frozen(story, "2024-03-04T12:00Z")
    away(story, "2024-03-05", "2024-03-05")
    assert story.streak(now="2024-03-06T12:00Z") == Standing(2, 2, 1)


def test_freezes_that_are_given_are_not_held_back_but_count_as_at_hand() -> None:
    story = steady(freezes={"every": 1, "most": 2})
    for minute in range(3):
        frozen(story, f"2024-03-04T11:0{minute}Z")
    done(story, "04")
    assert story.streak().freezes == 3  # none was earned at noon
    done(story, "07")  # two are used up before the second is completed, so one is earned
    assert story.streak(now="2024-03-07T12:00Z") == Standing(2, 2, 3 - 2 + 1)


def test_a_freeze_that_is_given_after_a_period_does_not_hold_back_the_one_it_earns() -> None:
    story = done(steady(freezes={"every": 1, "most": 1}), "04")
    frozen(story, "2024-03-04T12:00:00.001Z")
    assert story.streak().freezes == 2


def test_a_freeze_is_of_one_member_and_one_badge() -> None:
    story = done(steady(freezes={"most": 1}), "04", "06")
    frozen(story, "2024-03-04T12:00Z", member="bob")
    assert story.streak().longest == 1


def test_without_freezes_in_the_version_of_the_event_none_are_used() -> None:
    story = steady(freezes={"every": 1})
    story.publish("2024-03-06", MONDAY, badges=streak("day"))
    done(story, "04", "06")
    assert story.streak(now="2024-03-06T12:00Z") == Standing(1, 1, 1)


def test_freezes_are_refused_where_nothing_could_use_them() -> None:
    story = Story(
        badges={
            **streak("day", freezes={"most": 1}),
            "plain": streak("day")["steady"],
            "count": {"score": {"count": SPENT}, "at": 1},
        }
    )
    for badge in ("steady", "plain", "count", "nothing"):
        frozen(story, MONDAY, badge)
    assert story.verdicts() == ["APPLIED", "REFUSED", "REFUSED", "REFUSED"]


# Not in a row, and by value.


def test_where_periods_need_not_be_in_a_row_all_of_them_count() -> None:
    story = done(steady("day", in_a_row=False), "01", "05", "05", "20")
    assert story.badges() == [
        reached("steady", "l2", "2024-03-05T12:00Z"),
        reached("steady", "l3", "2024-03-20T12:00Z"),
    ]
    assert story.streak(now="2030-01-01T00:00Z") == Standing(3, 3, 0)


def test_a_streak_with_each_has_runs_and_freezes_for_every_value() -> None:
    badge = {**streak("day", freezes={"every": 2})["steady"], "each": "data.minutes"}
    story = Story(badges={"steady": badge})
    for day, minutes in (("01", 1), ("02", 2), ("02", 1), ("04", 1), ("04", 2)):
        story.spent("ann", minutes, f"2024-03-{day}T12:00Z")
    # Of 1 the 1st, 2nd and 4th, with a freeze from the 2nd for the 3rd; of 2 the 2nd and the 4th apart.
    assert story.badges() == [
        reached("steady", "l2", "2024-03-02T12:00Z", value=1),
        reached("steady", "l3", "2024-03-04T12:00Z", value=1),
    ]
    assert story.member("ann", "2024-03-04T12:00Z")["streaks"] == {
        ("steady", "number 1"): Standing(3, 3, 0),
        ("steady", "number 2"): Standing(1, 1, 0),
    }
    frozen(story, "2024-03-03T12:00Z")  # one for each value
    assert story.member("ann", "2024-03-04T12:00Z")["streaks"] == {
        ("steady", "number 1"): Standing(3, 3, 1),
        ("steady", "number 2"): Standing(2, 2, 1),
    }

"""What each kind of alert means, by hand: what is one, and what is almost one and none."""

import pytest

from engine.fairness.alerts import Evidence, Kind, Usual
from engine.fairness.given import UNENDING, Given
from schemas.words import Day
from tests.fairness.office import alerts, gift, named, spread


def test_an_office_in_which_everybody_thanks_several_is_quiet() -> None:
    assert alerts([]) == []


# --- pairs -------------------------------------------------------------------------------------------------


def pair(there: int = 10, back: int = 10, elsewhere: int = 2) -> list[Given]:
    """Twelve gifts each way, and some karma to somebody else on each of these days."""
    return [
        *spread("ann", "ben", there),
        *spread("ben", "ann", back),
        *spread("ann", "s01", elsewhere),
        *spread("ben", "s02", elsewhere),
    ]


def test_two_who_mostly_give_to_each_other_are_a_pair_with_its_figures_and_gifts() -> None:
    (alert,) = alerts(pair())
    assert (alert.kind, alert.members, alert.receivers) == (Kind.PAIR, ("ann", "ben"), {"ann", "ben"})
    assert alert.usual == Usual(given=120, favourite=250, received=120)
    there, back = (tuple(f"{way} {at}" for at in range(12)) for way in ("ann>ben", "ben>ann"))
    assert alert.evidence == (
        Evidence("ann", "ben", karma=120, of=144, received=120, gifts=there),  # type: ignore[arg-type]
        Evidence("ben", "ann", karma=120, of=144, received=120, gifts=back),  # type: ignore[arg-type]
    )


def test_an_alert_has_one_id_whatever_else_is_given_meanwhile() -> None:
    (before,), (after,) = alerts(pair()), alerts([*pair(there=11), *spread("s03", "s04", 1)])
    assert before.ident == after.ident
    assert before.evidence != after.evidence
    assert len(before.ident) == 32


@pytest.mark.parametrize(
    ("gifts", "why"),
    [
        (pair(back=0), "one alone gives"),
        (pair(elsewhere=10), "it is half of what each gives, not more"),
        (pair(there=24, back=5), "what comes back is less than a quarter"),
        (pair(there=3, back=3, elsewhere=0), "it is less than a third of what is usual"),
    ],
)
def test_what_is_almost_a_pair_is_none(gifts: list[Given], why: str) -> None:
    assert alerts([each for each in gifts if each.karma]) == [], why


def hesitant(giver: str, to: str) -> list[Given]:
    """Two gifts of 40 to one receiver, and one of 75 to another: more than half, and well within chance."""
    return [gift(giver, to, 40, "2026-04-14"), gift(giver, to, 40, "2026-06-09"), gift(giver, "s02", 75, "2026-05-12")]


def test_each_of_a_pair_stands_out_where_in_a_ring_it_is_enough_that_all_together_do() -> None:
    assert alerts([*spread("ann", "ben", 10), *hesitant("ben", "ann")]) == []
    circle = [*spread("ann", "ben", 10), *spread("ben", "cleo", 10), *hesitant("cleo", "ann")]
    assert named(alerts(circle)) == [("RING", ("ann", "ben", "cleo"))]


def test_three_weeks_of_a_project_are_no_pair() -> None:
    days = [f"2026-05-{day:02}" for day in range(4, 24, 2)]
    together = [gift(*way, 12, day) for day in days for way in (("ann", "ben"), ("ben", "ann"))]
    assert alerts(together) == []
    assert named(alerts([*together, gift("ann", "ben", 5, "2026-06-10")])) == [("PAIR", ("ann", "ben"))]


def test_a_few_large_gifts_are_chance_where_as_many_small_ones_are_a_habit() -> None:
    few = [gift(*way, 60, day) for day in ("2026-04-10", "2026-06-10") for way in (("ann", "ben"), ("ben", "ann"))]
    few += [gift(who, "s01", 60, "2026-05-10") for who in ("ann", "ben")]
    many = [*spread("ann", "ben", 10), *spread("ben", "ann", 10)]
    many += [*spread("ann", "s01", 10, 6), *spread("ben", "s01", 10, 6)]
    assert alerts(few) == []
    assert named(alerts(many)) == [("PAIR", ("ann", "ben"))]


def test_a_team_of_three_that_thanks_each_other_is_quiet() -> None:
    team = ("ann", "ben", "cleo")
    assert alerts([each for one in team for other in team if one != other for each in spread(one, other, 10)]) == []


def test_where_everybody_has_one_favourite_two_who_have_are_not_unusual() -> None:
    friends = [each for who in range(0, 24, 2) for each in spread(f"s{who:02}", f"s{who + 1:02}", 40, 9)]
    friends += [each for who in range(0, 24, 2) for each in spread(f"s{who + 1:02}", f"s{who:02}", 40, 9)]
    assert alerts([*friends, *pair()]) == []


# --- rings -------------------------------------------------------------------------------------------------


def ring(size: int, karma: int = 10) -> list[Given]:
    members = [f"r{at}" for at in range(size)]
    return [
        each
        for at, giver in enumerate(members)
        for each in [*spread(giver, members[(at + 1) % size], karma), *spread(giver, "s01", 2)]
    ]


@pytest.mark.parametrize("size", [3, 4, 5])
def test_three_to_five_of_whom_each_mostly_gives_to_the_next_are_a_ring(size: int) -> None:
    (alert,) = alerts(ring(size))
    assert (alert.kind, alert.members) == (Kind.RING, tuple(f"r{at}" for at in range(size)))
    assert {(each.giver, each.receiver) for each in alert.evidence} == {
        (f"r{at}", f"r{(at + 1) % size}") for at in range(size)
    }


def test_a_circle_of_six_is_none() -> None:
    assert alerts(ring(6)) == []


def test_a_ring_that_is_open_is_none() -> None:
    assert alerts([each for each in ring(4) if each.giver != "r3"]) == []


def test_the_other_way_round_is_another_ring() -> None:
    turned = [each._replace(giver=each.receiver, receiver=each.giver) for each in spread("a", "b", 10)]
    assert turned[0].giver == "b"
    there = [*spread("a", "b", 10), *spread("b", "c", 10), *spread("c", "a", 10)]
    back = [*spread("a", "c", 10), *spread("c", "b", 10), *spread("b", "a", 10)]
    (one,), (other,) = alerts(there), alerts(back)
    assert one.members == other.members
    assert one.ident != other.ident


# --- receivers ---------------------------------------------------------------------------------------------


def star(givers: int, karma: int = 9) -> list[Given]:
    return [each for at in range(givers) for each in [*spread(f"g{at}", "top", karma), *spread(f"g{at}", "s01", 1)]]


def test_one_who_has_more_than_twice_the_usual_from_three_who_mostly_give_to_them_is_outsized() -> None:
    (alert,) = alerts(star(3))
    assert (alert.kind, alert.members, alert.receivers) == (Kind.RECEIVER, ("g0", "g1", "g2", "top"), {"top"})
    assert {each.received for each in alert.evidence} == {3 * 12 * 9}


def test_the_id_of_an_outsized_receiver_does_not_hang_on_who_gives() -> None:
    (three,), (four,) = alerts(star(3)), alerts(star(4))
    assert three.ident == four.ident
    assert three.members != four.members


@pytest.mark.parametrize(
    ("gifts", "why"),
    [
        (star(2, karma=14), "two give to them"),
        ([*star(2, karma=14), *spread("g2", "top", 2)], "a third one gives them less than a third of what is usual"),
        (star(3, karma=6), "they have less than twice what is usual"),
        ([*star(3), *(each for at in range(24) for each in spread(f"s{at:02}", "top", 15, 1))], "most is from others"),
    ],
)
def test_what_is_almost_an_outsized_receiver_is_none(gifts: list[Given], why: str) -> None:
    assert alerts(gifts) == [], why


def test_a_mentor_whom_many_thank_among_others_is_not_named() -> None:
    thanks = [each for at in range(24) for each in spread(f"s{at:02}", "mentor", 20, 3)]
    assert alerts(thanks) == []


# --- dumping -----------------------------------------------------------------------------------------------


def dump(*days: str, to: str = "ben", karma: int = 60) -> list[Given]:
    return [*(gift("ann", to, karma, day) for day in days), *spread("ann", "s01", 3), *spread("ann", "s02", 3)]


def test_what_would_have_expired_and_goes_to_the_same_one_again_is_dumping() -> None:
    (alert,) = alerts(dump("2026-04-29", "2026-05-30", "2026-06-28"))
    assert (alert.kind, alert.members, alert.receivers) == (Kind.DUMPING, ("ann", "ben"), {"ben"})
    (evidence,) = alert.evidence
    assert (evidence.karma, evidence.of, len(evidence.gifts)) == (180, 180, 3)


@pytest.mark.parametrize(
    ("gifts", "why"),
    [
        (dump("2026-04-29", "2026-05-28", "2026-06-27"), "one lies in the last three days of its month"),
        (dump("2026-05-29", "2026-05-30", "2026-05-31", karma=40), "it happened in one month"),
        ([gift("ann", "ben", 10, "2026-05-30", f"{at}") for at in range(12)], "ann gives in one month alone"),
        (dump("2026-04-29", "2026-05-30", "2026-06-28", karma=15), "it is less than half of what ann gives"),
        ([*dump("2026-04-29"), *dump("2026-05-30", to="cleo"), *dump("2026-06-28", to="dan")], "each to another one"),
    ],
)
def test_what_is_almost_dumping_is_none(gifts: list[Given], why: str) -> None:
    assert [each for each in named(alerts(gifts)) if each[0] == "DUMPING"] == [], why


def test_two_large_gifts_are_chance_where_several_small_ones_are_dumping() -> None:
    days = ("2026-04-29", "2026-05-30")
    favourites = [each for at in range(24) for each in spread(f"s{at:02}", f"s{at + 1 if at < 23 else 0:02}", 70, 3)]
    few = [gift("ann", "ben", 120, day) for day in days]
    many = [gift("ann", "ben", 10, day, f"{day} {at}") for day in days for at in range(12)]
    assert alerts([*favourites, *few]) == []
    assert named(alerts([*favourites, *many])) == [("DUMPING", ("ann", "ben"))]


def test_two_weeks_of_a_dozen_are_no_dumping_of_a_weekly_allowance() -> None:
    def weekly(gifts: list[Given]) -> list[Given]:
        return [each._replace(last=Day(each.day - (each.day - 1) % 7 + 6)) for each in gifts]

    sundays = [f"2026-{day}" for day in ("04-12", "04-26", "05-10", "05-24", "06-07", "06-21")]
    days = ("2026-04-07", "2026-04-15", "2026-05-05", "2026-05-12")
    now_and_then = weekly([gift("ann", "s01", 1, day) for day in days])
    assert alerts([*weekly([gift("ann", "ben", 60, day) for day in sundays[:2]]), *now_and_then]) == []
    dumps = weekly([gift("ann", "ben", 20, day) for day in sundays])
    assert named(alerts([*dumps, *now_and_then])) == [("DUMPING", ("ann", "ben"))]


def test_nothing_is_dumped_of_an_allowance_without_an_end() -> None:
    dumps = dump("2026-04-29", "2026-05-30", "2026-06-28")
    endless = [each._replace(last=UNENDING) for each in spread("ann", "s03", 9)]
    assert named(alerts([*dumps[:3], *endless])) == [("DUMPING", ("ann", "ben"))]
    assert [each.evidence[0].of for each in alerts([*dumps[:3], *endless])] == [180]
    assert alerts([each._replace(last=UNENDING) for each in dumps]) == []


def test_dumping_is_more_than_half_of_all_that_was_given() -> None:
    dumps = [gift("ann", "ben", 10, day, f"{day} {at}") for day in ("2026-04-29", "2026-05-30") for at in range(6)]
    june = [gift("ann", "s01", 10, f"2026-06-{6 + at:02}") for at in range(13)]
    assert named(alerts([*dumps, *june[:11]])) == [("DUMPING", ("ann", "ben"))]
    assert alerts([*dumps, *june]) == []


def test_who_gives_late_but_to_several_does_not_dump() -> None:
    days = ("2026-04-29", "2026-05-30", "2026-06-28")
    late = [gift("ann", to, 20, day) for day in days for to in ("ben", "cleo", "dan")]
    assert alerts(late) == []

"""What holds of every answer of the watch, in drawn organisations that are small, dense and full of arrangements."""

import random
from collections import Counter
from collections.abc import Container

from hypothesis import given as drawn
from hypothesis import strategies as st

from engine.fairness.alerts import Alert, Kind
from engine.fairness.given import WATCHED_DAYS, Given, by_giver
from engine.fairness.watch import watched
from schemas.words import Day, MemberId
from tests.fairness.office import ALL, TODAY, staff

NAMES = [f"m{number}" for number in range(9)]
TODAY_IS = Day(TODAY.toordinal())
EVERYBODY = {*NAMES, *(each.giver for each in staff())}


def organisation(seed: int) -> list[Given]:
    """An office, and nine more of whom most have somebody to whom most goes; some of it at the end of an allowance."""
    chance = random.Random(seed)
    found = staff()
    for giver in NAMES:
        others = [each for each in NAMES if each != giver]
        mate = others[chance.randrange(chance.choice([1, 2, len(others)]))]  # so that circles and receivers are many
        late = chance.random() < 0.5
        for _ in range(chance.randint(0, 14)):
            receiver = mate if chance.random() < 0.85 else chance.choice(others)
            last = TODAY_IS - 30 * chance.randrange(4)
            day = last - chance.randrange(3 if late and receiver == mate else 30)
            karma = chance.choice([5, 10, 20, 50])
            ident = f"g{len(found)}"
            found.append(Given(ident, MemberId(giver), MemberId(receiver), karma, Day(day), Day(last)))
    return found


ORGANISATIONS = st.builds(organisation, st.integers(0, 1 << 32))


def alerts(gifts: list[Given], here: Container[str] = EVERYBODY, kinds: frozenset[Kind] = ALL) -> list[Alert]:
    return list(watched(by_giver(gifts), here, TODAY_IS, kinds))


@drawn(ORGANISATIONS, st.randoms(use_true_random=False))
def test_the_order_of_gifts_and_givers_changes_nothing(gifts: list[Given], order: random.Random) -> None:
    assert alerts(order.sample(gifts, len(gifts))) == alerts(gifts)


@drawn(ORGANISATIONS, st.permutations(NAMES))
def test_members_under_other_names_are_found_just_so(gifts: list[Given], others: list[str]) -> None:
    name = {each: each for each in EVERYBODY} | dict(zip(NAMES, others, strict=True))

    def rename(each: Given) -> Given:
        return each._replace(giver=MemberId(name[each.giver]), receiver=MemberId(name[each.receiver]))

    def told(found: list[Alert]) -> set[tuple[Kind, frozenset[str], frozenset[tuple[str, str, int]]]]:
        return {
            (each.kind, frozenset(each.members), frozenset((f.giver, f.receiver, f.karma) for f in each.evidence))
            for each in found
        }

    expected = {
        (kind, frozenset(name[each] for each in members), frozenset((name[one], name[two], k) for one, two, k in flows))
        for kind, members, flows in told(alerts(gifts))
    }
    assert told(alerts([rename(each) for each in gifts])) == expected


@drawn(ORGANISATIONS)
def test_what_is_older_than_90_days_or_later_than_today_is_as_if_it_never_was(gifts: list[Given]) -> None:
    seen = [each for each in gifts if 0 <= TODAY_IS - each.day < WATCHED_DAYS]
    later = [each._replace(day=Day(TODAY_IS + 1)) for each in gifts]
    assert alerts([*gifts, *later]) == alerts(seen)


@drawn(ORGANISATIONS, st.sets(st.sampled_from(NAMES)))
def test_nobody_is_named_who_is_not_here_and_others_as_if_all_were(gifts: list[Given], here: set[str]) -> None:
    found = alerts(gifts, here)
    assert {member for alert in found for member in alert.members} <= here
    whole = {alert.ident: alert for alert in alerts(gifts)}
    assert all(whole[each.ident] == each for each in found if each.kind is not Kind.RECEIVER)
    assert [each for each in whole.values() if set(each.members) <= here and each not in found] == []


@drawn(ORGANISATIONS, st.sets(st.sampled_from(sorted(Kind))))
def test_a_kind_that_is_not_looked_for_is_left_out_and_changes_no_other(gifts: list[Given], kinds: set[Kind]) -> None:
    found = [each for each in alerts(gifts) if each.kind in kinds]
    assert alerts(gifts, kinds=frozenset(kinds)) == found


@drawn(ORGANISATIONS)
def test_evidence_is_what_was_given(gifts: list[Given]) -> None:
    by_ident = {each.gift: each for each in gifts}
    for alert in alerts(gifts):
        assert alert.members == tuple(sorted({each for flow in alert.evidence for each in (flow.giver, flow.receiver)}))
        for flow in alert.evidence:
            some = [by_ident[each] for each in flow.gifts]
            assert {(each.giver, each.receiver) for each in some} == {(flow.giver, flow.receiver)}
            assert sum(each.karma for each in some) == flow.karma
            assert 2 * flow.karma > flow.of
            assert flow.received >= flow.karma


@drawn(ORGANISATIONS, st.sets(st.sampled_from(sorted(EVERYBODY))))
def test_it_is_enough_to_know_who_is_here_of_those_who_would_be_named(gifts: list[Given], away: set[str]) -> None:
    here = EVERYBODY - away
    named = {member for alert in alerts(gifts) for member in alert.members}
    assert alerts(gifts, here & named) == alerts(gifts, here)


@drawn(ORGANISATIONS)
def test_one_alert_an_id(gifts: list[Given]) -> None:
    idents = [each.ident for each in alerts(gifts)]
    assert len(set(idents)) == len(idents)


@drawn(ORGANISATIONS, st.randoms(use_true_random=False))
def test_gifts_elsewhere_take_nothing_away_while_what_is_usual_stays(gifts: list[Given], chance: random.Random) -> None:
    before = alerts(gifts)
    named = {member for alert in before for member in alert.members}
    elsewhere = [each for each in gifts if each.giver not in named and each.receiver not in named]
    more = [each._replace(gift=f"more{at}") for at, each in enumerate(chance.choices(elsewhere, k=3))]
    after = alerts([*gifts, *more])
    if before and after[:1] and before[0].usual == after[0].usual:
        assert {each.ident for each in before} <= {each.ident for each in after}


def test_the_organisations_have_alerts_of_every_kind() -> None:
    kinds = Counter(alert.kind for seed in range(100) for alert in alerts(organisation(seed)))
    assert min(kinds[kind] for kind in Kind) >= 10, kinds

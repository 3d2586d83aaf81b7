"""The fairness watch through the whole fold and a real store: what is gathered, raised, decided, held and forgotten."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import redis
from pydantic_core import from_json

from engine.fairness.cases import Case, Stage
from engine.ledger.vault import Drawer
from schemas.words import Day
from streams.answers import Answers
from streams.digesting import digest_of
from tests.fairness.life import PAIR, WATCH, Office
from tests.folding import Folding
from tests.test_karma import BATCHES, DAY_MS, START, code


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as made:
        yield made


def cases(answers: Answers) -> dict[str, Case]:
    """What is kept of alerts."""
    found = answers.client.hgetall(answers.keys.karma(Drawer.CASES))
    return {ident.decode(): Case.load(from_json(content)) for ident, content in found.items()}


def gathered(answers: Answers) -> dict[int, list[str]]:
    """The gathered gifts, by how many days after the first they were given."""
    first, client = date(2026, 3, 1).toordinal(), answers.client
    prefix = answers.keys.gifts_of(Day(0))[:-1].encode()
    days = sorted(int(key.removeprefix(prefix)) for key in client.keys("*") if key.startswith(prefix))
    return {
        day - first: sorted(each.decode() for each in client.hkeys(answers.keys.gifts_of(Day(day)))) for day in days
    }


def decide(client: "redis.Redis", office: Office, *steps: tuple[str, str]) -> list[str]:
    """Requests about the one alert, with a reason each."""
    (alert,) = cases(office.folded(client, 1_000))
    return [office.say(f"fairness.{kind}", who, alert=alert, reason=True) for kind, who in steps]


CONFIRM = (("reviewed", "ines"), ("confirmed", "otto"))


@BATCHES
def test_a_pair_is_raised_when_the_day_is_closed_with_its_gifts(client: "redis.Redis", batch: int) -> None:
    office = Office()
    gifts = office.arranged()
    assert cases(office.folded(client, batch)) == {}
    office.close(38)
    office.close(39)
    answers = office.folded(client, batch)
    (case,) = cases(answers).values()
    assert (case.alert.kind, case.alert.members, case.stage) == ("PAIR", PAIR, Stage.RAISED)
    assert [(each.giver, each.karma, each.of, each.gifts) for each in case.alert.evidence] == [
        ("ann", 40, 45, tuple(gifts[0::2])),
        ("ben", 40, 45, tuple(gifts[1::2])),
    ]
    assert case.raised == START + 39 * DAY_MS
    assert [*gathered(answers)] == [0, 2, 14, 26, 38]


@BATCHES
def test_what_is_taken_back_before_the_day_is_closed_is_not_looked_at(client: "redis.Redis", batch: int) -> None:
    office = Office()
    gifts = office.arranged()
    office.say("event.voided", "admin", id=gifts[0], reason="x")
    office.say("event.voided", "admin", id=gifts[2], reason="x")
    office.say("karma.withdrawn", "ann", gift=gifts[6])
    office.close(38)
    answers = office.folded(client, batch)
    assert cases(answers) == {}
    left = {ident for day in gathered(answers).values() for ident in day}
    assert {*gifts} - left == {gifts[0], gifts[2], gifts[6]}


@pytest.mark.parametrize("fairness", [None, {"watch": False}])
def test_nothing_is_gathered_where_nothing_is_watched(client: "redis.Redis", fairness: dict[str, Any] | None) -> None:
    office = Office(fairness=fairness)
    office.arranged()
    office.close(38)
    answers = office.folded(client, 3)
    assert (cases(answers), gathered(answers)) == ({}, {})


@BATCHES
def test_gifts_are_gathered_from_when_a_version_is_published_until_none_watches(
    client: "redis.Redis", batch: int
) -> None:
    office = Office(fairness=None)
    office.rules("2026-03-05", karma=WATCH)
    early = office.thank_each_other()  # it is published, and not in force yet
    office.arranged()
    office.close(38)
    answers = office.folded(client, batch)
    assert len(cases(answers)) == 1
    assert {*gathered(answers)[0], *gathered(answers)[1]} == {*early}
    office.rules("2026-04-20", karma={**WATCH, "fairness": None})
    late = office.give("ann", "ben")
    office.close(40)
    assert late in gathered(office.folded(client, batch))[39]
    office.close(52)
    office.give("ann", "ben")
    answers = office.folded(client, batch)
    assert gathered(answers) == {}
    assert len(cases(answers)) == 1, "what was raised stays until its time is over"


@BATCHES
def test_who_is_not_here_is_not_named_and_two_ids_of_one_member_are_one(client: "redis.Redis", batch: int) -> None:
    office = Office()
    office.join("a.smith", "gone")
    for count in (2, 14, 26, 38):
        office.day(count)
        office.give("ann" if count < 20 else "a.smith", "ben")
        office.give("ben", "a.smith" if count < 20 else "ann")
    office.say("member.left", "ben")
    office.close(38)
    assert cases(office.folded(client, batch)) == {}
    office.say("member.joined", "ben")
    office.close(39)
    assert cases(office.folded(client, batch)) == {}, "of two ids neither gets most"
    office.say("member.linked", "a.smith", same_as="ann")
    office.close(40)
    (case,) = cases(office.folded(client, batch)).values()
    assert case.alert.members == PAIR
    assert [(each.giver, each.karma) for each in case.alert.evidence] == [("ann", 40), ("ben", 40)]


@BATCHES
def test_two_admins_confirm_and_neither_may_be_concerned(client: "redis.Redis", batch: int) -> None:
    office = Office()
    office.arranged()
    office.close(38)
    steps = [
        ("reviewed", "ann"), ("reviewed", "nobody"), ("confirmed", "otto"), ("reviewed", "ines"), ("reviewed", "otto"),
        ("confirmed", "ines"), ("confirmed", "ben"), ("answered", "ann"), ("confirmed", "otto"), ("confirmed", "hugo"),
        ("answered", "ann"), ("answered", "s1"),
    ]  # fmt: skip
    asked = decide(client, office, *steps)
    unknown = office.say("fairness.reviewed", "ines", alert="f" * 32)
    answers = office.folded(client, batch)
    assert [code(answers, each) for each in (*asked, unknown)] == [
        "CONCERNED", "SENDER_UNKNOWN", "NOT_REVIEWED", "accepted", "ALREADY_REVIEWED",
        "SECOND_ADMIN", "CONCERNED", "ALERT_UNKNOWN", "accepted", "ALREADY_CONFIRMED",
        "accepted", "ALERT_UNKNOWN", "ALERT_UNKNOWN",
    ]  # fmt: skip
    (case,) = cases(answers).values()
    assert (case.stage, case.reviewer, case.answered) == (Stage.CONFIRMED, "ines", {"ann"})
    places = {each["id"]: place for place, each in enumerate(office.log)}
    assert case.said == {"ines": places[asked[3]], "otto": places[asked[8]], "ann": places[asked[10]]}
    assert case.held_until == office.log[places[asked[8]]]["recorded"] + 14 * DAY_MS


@BATCHES
def test_a_hold_refuses_that_rewards_are_handed_out_and_ends_by_itself(client: "redis.Redis", batch: int) -> None:
    office = Office()
    office.arranged()
    office.close(38)
    waiting = office.say("reward.requested", "ann", reward="cup")
    own = office.say("reward.requested", "ben", reward="card")
    gift = office.say("reward.requested", "s3", reward="cup", for_="ben")
    free = office.say("reward.requested", "s3", reward="card")
    decide(client, office, *CONFIRM)
    asked = [
        office.say("reward.approved", "hugo", request=waiting),
        office.say("reward.fulfilled", "hugo", request=own),
        office.say("reward.approved", "hugo", request=gift),
        office.say("reward.fulfilled", "hugo", request=free),
        office.say("reward.fulfilled", "hugo", request="f" * 32),
        office.say("reward.requested", "ann", reward="card"),
        office.say("reward.declined", "hugo", request=gift),
        office.say("reward.approved", "hugo", request=gift),
    ]
    answers = office.folded(client, batch)
    held = "HELD_FOR_REVIEW"
    assert [code(answers, each) for each in asked] == [
        held, held, held, "accepted", "REQUEST_UNKNOWN", "accepted", "accepted", "REQUEST_OVER",
    ]  # fmt: skip
    (case,) = cases(answers).values()
    until = "2026-04-23T06:00:00Z"
    assert answers.karma.outcome(asked[0])["detail"] == (
        f"it waits for a review, until {until} at most; decline it, or ask again then"
    )
    office.now = case.held_until - 1
    last = office.say("reward.fulfilled", "hugo", request=own)
    office.now = case.held_until
    first = office.say("reward.fulfilled", "hugo", request=own)
    answers = office.folded(client, batch)
    assert [code(answers, each) for each in (last, first)] == [held, "accepted"]


@BATCHES
def test_who_dismisses_an_alert_ends_its_hold_and_it_does_not_come_back(client: "redis.Redis", batch: int) -> None:
    office = Office()
    office.arranged()
    office.close(38)
    own = office.say("reward.requested", "ann", reward="card")
    decide(client, office, *CONFIRM)
    before = office.say("reward.fulfilled", "hugo", request=own)
    (alert,) = cases(office.folded(client, 1_000))
    office.say("fairness.dismissed", "hugo", alert=alert)
    after = office.say("reward.fulfilled", "hugo", request=own)
    office.give("ann", "ben")
    office.close(39)
    office.close(40)
    answers = office.folded(client, batch)
    assert [code(answers, each) for each in (before, after)] == ["HELD_FOR_REVIEW", "accepted"]
    (case,) = cases(answers).values()
    assert (case.stage, case.raised) == (Stage.DISMISSED, START + 39 * DAY_MS)


@BATCHES
def test_without_hold_in_the_rulebook_nothing_waits(client: "redis.Redis", batch: int) -> None:
    office = Office(fairness={"watch": True})
    office.arranged()
    office.close(38)
    own = office.say("reward.requested", "ann", reward="card")
    decide(client, office, *CONFIRM)
    paid = office.say("reward.fulfilled", "hugo", request=own)
    assert code(office.folded(client, batch), paid) == "accepted"


@BATCHES
def test_after_90_days_case_and_evidence_are_gone(client: "redis.Redis", batch: int) -> None:
    office = Office()
    gifts = office.arranged()
    office.close(38)
    decide(client, office, *CONFIRM)
    office.close(127)
    answers = office.folded(client, batch)
    assert len(cases(answers)) == 1
    assert gathered(answers) == {}, "of the gifts themselves the watch keeps 90 days"
    office.day(129)
    (alert,) = cases(answers)
    late = office.say("fairness.dismissed", "hugo", alert=alert)
    office.close(128)
    gone = office.say("fairness.dismissed", "hugo", alert=alert)
    answers = office.folded(client, batch)
    assert [code(answers, each) for each in (late, gone)] == ["ALERT_OVER", "ALERT_UNKNOWN"]
    assert cases(answers) == {}
    kept = client.hvals(answers.keys.karma(Drawer.CASES))
    assert not [gift for gift in gifts if any(gift.encode() in each for each in kept)]


def whole_life(client: "redis.Redis") -> Office:
    """A bit of everything."""
    office = Office()
    office.arranged()
    office.close(38)
    own = office.say("reward.requested", "ann", reward="card")
    decide(client, office, *CONFIRM, ("answered", "ben"))
    office.say("reward.fulfilled", "hugo", request=own)
    office.say("member.linked", "s4", same_as="s3")
    office.give("s1", "s2")
    office.close(40)
    office.close(41)
    return office


def test_the_answers_are_the_same_in_whatever_batches_and_after_a_restart(client: "redis.Redis") -> None:
    office = whole_life(client)
    found = set()
    for batch in (1, 2, 5, 1_000):
        answers = office.folded(client, batch)
        assert len(cases(answers)) == 1
        found.add((digest_of(answers)[0], str(gathered(answers))))
    folding = Folding(client)
    for each in office.log:
        folding.fold(each)
        folding.restart()
    found.add((digest_of(folding.answers)[0], str(gathered(folding.answers))))
    assert len(found) == 1
    before = digest_of(folding.answers)[0]
    client.hdel(folding.answers.keys.karma(Drawer.CASES), *cases(folding.answers))
    assert digest_of(folding.answers)[0] != before, "the digest holds cases"

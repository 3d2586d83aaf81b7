"""The life of an alert: every step, every refusal with its whole text, and what ends by itself."""

import pytest

from engine.fairness.alerts import Alert, Evidence, Kind, Usual
from engine.fairness.cases import Case, Stage, is_forgotten, is_held, is_over, is_told, raised
from engine.fairness.deciding import REQUESTS, decide
from engine.ledger.draft import Asked
from engine.ledger.persons import Person, Presence
from engine.ledger.refusals import Refused
from schemas.words import DAY_MS, Instant, MemberId, Position
from tests.ledger.bench import moment

START = moment("2026-03-01 00:00")
TOP, ANN, BEN, CLEO = (MemberId(each) for each in ("top", "ann", "ben", "cleo"))
ALERT = Alert(
    "a1",
    Kind.RECEIVER,
    (ANN, BEN, CLEO, TOP),
    tuple(Evidence(each, TOP, 90, 100, 300, (f"g-{each}",)) for each in (ANN, BEN, CLEO)),
    Usual(120, 250, 120),
)
PEOPLE = {each: Person(MemberId(each), Presence.HERE) for each in (*ALERT.members, "hugo", "ines", "otto")} | {
    "a.smith": Person(ANN, Presence.HERE),
    "i.meyer": Person(MemberId("ines"), Presence.HERE),
    "gone": Person(MemberId("gone"), Presence.FORMER),
}


def days(count: float) -> Instant:
    """So long after the alert was raised."""
    return Instant(START + int(count * DAY_MS))


def ask(case: Case | None, kind: str, sender: str, at: float = 1, *, hold: bool = True, reason: str = "") -> Case | str:
    """The case after a request, or the refusal as `CODE: sentence`."""
    data = {"alert": "a1", **({"reason": reason} if reason else {})}
    asked = Asked("e1", f"fairness.{kind}", sender, days(at), days(at), Position(7), data)
    answer = decide(case, PEOPLE, asked, hold=hold)
    return f"{answer.code}: {answer.detail}" if isinstance(answer, Refused) else answer


def after(*steps: tuple[str, str], at: float = 1, hold: bool = True) -> Case:
    """The case after requests that are accepted."""
    case = Case(ALERT, START)
    for kind, sender in steps:
        answer = ask(case, kind, sender, at, hold=hold, reason="a text")
        assert isinstance(answer, Case), answer
        case = answer
    return case


SEEN = (("reviewed", "ines"),)
CONFIRMED = (*SEEN, ("confirmed", "otto"))


def held(case: Case, who: str, at: float) -> bool:
    return is_held(case, PEOPLE[who], PEOPLE, days(at))


def told(case: Case, who: str, at: float = 2) -> bool:
    return is_told(case, PEOPLE[who], PEOPLE, days(at))


def test_two_admins_one_after_the_other_confirm_and_those_concerned_are_told_and_can_answer() -> None:
    case = after(*CONFIRMED)
    assert (case.stage, case.reviewer) == (Stage.CONFIRMED, "ines")
    answered = ask(case, "answered", "a.smith", 2, reason="we built it together")
    assert isinstance(answered, Case)
    assert (answered.stage, answered.answered) == (Stage.CONFIRMED, {ANN})
    assert case.answered == frozenset()


@pytest.mark.parametrize("steps", [(), SEEN])
def test_nobody_is_told_or_held_before_a_second_admin_has_confirmed(steps: tuple[tuple[str, str], ...]) -> None:
    case = after(*steps)
    assert not any(told(case, who) or held(case, who, 2) for who in PEOPLE)


def test_those_it_is_about_are_told_and_nobody_else() -> None:
    case = after(*CONFIRMED)
    assert {who for who in PEOPLE if told(case, who)} == {"ann", "a.smith", "ben", "cleo", "top"}


def test_of_the_evidence_each_is_shown_what_they_gave_and_received() -> None:
    shown = {each: ALERT.gifts_of(each) for each in (ANN, BEN, TOP, MemberId("hugo"))}
    assert shown == {ANN: ("g-ann",), BEN: ("g-ben",), TOP: ("g-ann", "g-ben", "g-cleo"), "hugo": ()}


def test_a_hold_is_for_who_received_and_ends_by_itself_after_14_days() -> None:
    case = after(*CONFIRMED)
    assert [who for who in PEOPLE if held(case, who, 2)] == ["top"]
    assert held(case, "top", 14.99)
    assert not held(case, "top", 15)
    assert told(case, "top", 15)


def test_nothing_is_held_where_the_rulebook_does_not_say_so() -> None:
    case = after(*CONFIRMED, hold=False)
    assert not held(case, "top", 1)
    assert told(case, "top")


def test_a_hold_never_outlives_its_evidence() -> None:
    case = after(*CONFIRMED, at=80)
    assert held(case, "top", 89.99)
    assert not held(case, "top", 90)


def test_who_dismisses_ends_a_hold_at_once_and_nobody_is_told_any_more() -> None:
    case = after(*CONFIRMED, ("dismissed", "hugo"))
    assert (case.stage, held(case, "top", 2), told(case, "top")) == (Stage.DISMISSED, False, False)


@pytest.mark.parametrize("steps", [(), SEEN, CONFIRMED])
def test_any_admin_who_is_not_concerned_may_dismiss_at_any_stage(steps: tuple[tuple[str, str], ...]) -> None:
    assert is_over(after(*steps, ("dismissed", "ines")), days(1))


REFUSED = [
    ((), "reviewed", "nobody", "SENDER_UNKNOWN: nobody who is here is called nobody"),
    ((), "reviewed", "gone", "SENDER_UNKNOWN: nobody who is here is called gone"),
    ((), "reviewed", "ann", "CONCERNED: it is about you: another admin has to look at it"),
    ((), "reviewed", "a.smith", "CONCERNED: it is about you: another admin has to look at it"),
    ((), "dismissed", "top", "CONCERNED: it is about you: another admin has to look at it"),
    (SEEN, "confirmed", "ben", "CONCERNED: it is about you: another admin has to look at it"),
    (SEEN, "reviewed", "otto", "ALREADY_REVIEWED: another admin has looked at it already: confirm it, or dismiss it"),
    ((), "confirmed", "otto", "NOT_REVIEWED: nobody has looked at it yet: one admin reviews, another one confirms"),
    (SEEN, "confirmed", "ines", "SECOND_ADMIN: you have looked at it first: another admin has to confirm it"),
    (SEEN, "confirmed", "i.meyer", "SECOND_ADMIN: you have looked at it first: another admin has to confirm it"),
    (CONFIRMED, "confirmed", "hugo", "ALREADY_CONFIRMED: it was confirmed already"),
    ((("dismissed", "ines"),), "reviewed", "otto", "ALERT_OVER: the alert was dismissed"),
    ((("dismissed", "ines"),), "dismissed", "otto", "ALERT_OVER: the alert was dismissed"),
    (SEEN, "answered", "ann", "ALERT_UNKNOWN: there is no such alert"),
    (CONFIRMED, "answered", "hugo", "ALERT_UNKNOWN: there is no such alert"),
    ((*CONFIRMED, ("dismissed", "ines")), "answered", "ann", "ALERT_UNKNOWN: there is no such alert"),
    (CONFIRMED, "answered", "ann", "REASON_MISSING: write your answer into `reason`"),
]


@pytest.mark.parametrize(("steps", "kind", "sender", "said"), REFUSED)
def test_what_cannot_be_is_refused_with_its_reason(
    steps: tuple[tuple[str, str], ...], kind: str, sender: str, said: str
) -> None:
    assert ask(after(*steps), kind, sender) == said


@pytest.mark.parametrize("kind", sorted(REQUESTS))
def test_what_nobody_raised_is_unknown(kind: str) -> None:
    said = ask(None, kind.removeprefix("fairness."), "ines", reason="a text")
    assert said == "ALERT_UNKNOWN: there is no such alert"


def test_after_90_days_nothing_can_be_asked_and_the_evidence_goes() -> None:
    case = after(*SEEN)
    assert not is_forgotten(case, days(89.99))
    assert is_forgotten(case, days(90))
    assert ask(case, "confirmed", "otto", 90) == "ALERT_OVER: the alert was raised more than 90 days ago"
    assert not told(after(*CONFIRMED), "top", 90)


def test_an_alert_is_raised_once_until_its_case_is_forgotten() -> None:
    first = raised({}, [ALERT], START)
    assert first == {"a1": Case(ALERT, START)}
    dismissed = {"a1": after(("dismissed", "ines"))}
    assert raised(first, [ALERT], days(1)) == raised(dismissed, [ALERT], days(89)) == {}
    assert raised(dismissed, [ALERT], days(90)) == {"a1": Case(ALERT, days(90))}

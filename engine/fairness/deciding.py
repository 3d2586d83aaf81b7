"""Deciding what admins and those concerned ask about an alert: once, in the order of the log, with one answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.fairness.cases import HELD_MS, KEPT_MS, Case, People, Stage, is_concerned, is_over, is_told
from engine.fairness.refusals import Code
from engine.ledger.draft import Asked
from engine.ledger.persons import Person, Presence, is_same
from engine.ledger.purse import NONE
from engine.ledger.refusals import Refused, RefusedRequest
from schemas.words import Instant


@dataclass(frozen=True, slots=True)
class _Request:
    """What a request is decided by."""

    case: Case
    asked: Asked
    sender: Person
    people: People
    hold: bool


def decide(case: Case | None, people: People, asked: Asked, *, hold: bool) -> Case | Refused:
    """What becomes of a request: the case after it, or why it is refused.

    A record is decided once: that it is no repeat is known before, by its identity. That a sender is an admin is for
    whoever lets the request into the log; `fairness.answered` may come from any member.

    Args:
        case: the one that the request's `alert` names; None where there is none.
        people: at least the sender, and whom the alert is about.
        asked: a request of one of the types in `REQUESTS`.
        hold: whether the rulebook in force says `hold: true`.
    """
    try:
        request = _checked(case, people, asked, hold=hold)
        decided = _DECIDE[asked.type](request)
    except RefusedRequest as refusal:
        return refusal.refused
    return replace(decided, said={**decided.said, request.sender.ident: asked.position})


def _checked(case: Case | None, people: People, asked: Asked, *, hold: bool) -> _Request:
    sender = people.get(asked.sender)
    if sender is None or sender.presence is not Presence.HERE:
        raise RefusedRequest(Code.SENDER_UNKNOWN, f"nobody who is here is called {asked.sender}")
    if case is None:
        raise _unknown()
    return _Request(case, asked, sender, people, hold)


def _unknown() -> RefusedRequest:
    return RefusedRequest(Code.ALERT_UNKNOWN, "there is no such alert")


def _check_admin(request: _Request) -> None:
    """Refuses who is concerned, and what is over."""
    if is_concerned(request.case, request.sender, request.people):
        raise RefusedRequest(Code.CONCERNED, "it is about you: another admin has to look at it")
    if is_over(request.case, request.asked.at):
        how = "dismissed" if request.case.stage is Stage.DISMISSED else "raised more than 90 days ago"
        raise RefusedRequest(Code.ALERT_OVER, f"the alert was {how}")


def _reviewed(request: _Request) -> Case:
    _check_admin(request)
    if request.case.stage is not Stage.RAISED:
        raise RefusedRequest(Code.ALREADY_REVIEWED, "another admin has looked at it already: confirm it, or dismiss it")
    return replace(request.case, stage=Stage.REVIEWED, reviewer=request.sender.ident)


def _confirmed(request: _Request) -> Case:
    _check_admin(request)
    case, at = request.case, request.asked.at
    if case.stage is Stage.CONFIRMED:
        raise RefusedRequest(Code.ALREADY_CONFIRMED, "it was confirmed already")
    if case.reviewer is None:
        raise RefusedRequest(Code.NOT_REVIEWED, "nobody has looked at it yet: one admin reviews, another one confirms")
    first = request.people.get(case.reviewer, Person(case.reviewer, Presence.UNKNOWN))
    if is_same(first, request.sender):
        raise RefusedRequest(Code.SECOND_ADMIN, "you have looked at it first: another admin has to confirm it")
    # a hold never outlives its evidence
    until = Instant(min(at + HELD_MS, case.raised + KEPT_MS)) if request.hold else NONE
    return replace(case, stage=Stage.CONFIRMED, held_until=until)


def _dismissed(request: _Request) -> Case:
    _check_admin(request)
    return replace(request.case, stage=Stage.DISMISSED, held_until=NONE)


def _answered(request: _Request) -> Case:
    case, sender = request.case, request.sender
    if not is_told(case, sender, request.people, request.asked.at):
        raise _unknown()  # whoever guesses an id learns nothing
    if not request.asked.data.get("reason"):
        raise RefusedRequest(Code.REASON_MISSING, "write your answer into `reason`")
    return replace(case, answered=case.answered | {sender.ident})


_DECIDE: Mapping[str, Callable[[_Request], Case]] = {
    "fairness.reviewed": _reviewed,
    "fairness.confirmed": _confirmed,
    "fairness.dismissed": _dismissed,
    "fairness.answered": _answered,
}

REQUESTS = frozenset(_DECIDE)
"""The types of requests about alerts; each has `alert`, the id, and may have `reason`, a text."""

"""Requests about alerts of the fairness watch as they come, and the steps of redemptions that a confirmed one holds."""

from collections.abc import Generator, Iterable
from typing import cast

from engine.batch import Batch
from engine.fairness.cases import Case, is_held
from engine.fairness.deciding import REQUESTS, decide
from engine.ledger.draft import Asked
from engine.ledger.persons import Person
from engine.ledger.purse import NONE
from engine.ledger.redemption import OPEN
from engine.ledger.refusals import Code, Refused
from engine.ledger.vault import Drawer
from engine.loading import load_members
from engine.needs import Answer, Need
from engine.requests import look, person_of, recall_links
from schemas.members import is_member
from schemas.times import format_instant
from schemas.verdicts import Verdict
from schemas.words import Instant

_HELD = frozenset({"reward.approved", "reward.fulfilled"})
"""The steps by which a reward is handed out."""


def recall_cases(batch: Batch) -> Generator[Need, Answer, None]:
    """Loads the cases that the requests of a batch are about, or may have to wait for, and whom those are about."""
    vault, asked = batch.vault, [each for each in batch.asked.values() if each.type in REQUESTS]
    named = {_alert(each) for each in asked}
    if any(each.type in _HELD for each in batch.asked.values()):
        named |= batch.org.holds.keys()
    yield from look(batch, Drawer.CASES, named)
    said = {each.sender for each in asked}
    said |= {each for ident in named if ident in vault.cases for each in _ids(vault.cases[ident])}
    yield from recall_links(batch, said)
    yield from load_members(batch.org, (each for each in sorted({*map(vault.follow, said)}) if is_member(each)))


def ask_about_alert(batch: Batch, asked: Asked) -> Verdict:
    """Decides a request about an alert."""
    org, vault, case = batch.org, batch.vault, batch.vault.cases.get(_alert(asked))
    policy = org.timeline.at(asked.at)
    hold = policy is not None and policy.fairness is not None and policy.fairness.hold
    people = _people(batch, {asked.sender, *(() if case is None else _ids(case))}, asked.at)
    decided = decide(case, people, asked, hold=hold)
    if isinstance(decided, Refused):
        vault.refuse(asked, decided)
        return Verdict.REFUSED
    vault.decide(asked, decided)
    if decided.held_until == NONE:
        org.holds.pop(decided.alert.ident, None)
    else:
        org.holds[decided.alert.ident] = decided.held_until
    return Verdict.APPLIED


def has_to_wait(batch: Batch, asked: Asked) -> bool:
    """Refuses to hand out an open request for a reward while who pays or gets it is held; whether it did."""
    redemption = batch.vault.redemptions.get(str(asked.data.get("request"))) if asked.type in _HELD else None
    if redemption is None or redemption.stage not in OPEN:
        return False
    whose = [person_of(batch, each, asked.at) for each in (redemption.sender, redemption.receiver)]
    until = NONE
    for alert in batch.org.holds:
        case = batch.vault.cases[alert]
        people = _people(batch, case.alert.members, asked.at)
        if any(is_held(case, who, people, asked.at) for who in whose):
            until = max(until, case.held_until)
    if until == NONE:
        return False
    detail = f"it waits for a review, until {format_instant(until)} at most; decline it, or ask again then"
    batch.vault.refuse(asked, Refused(Code.HELD_FOR_REVIEW, detail))
    return True


def _alert(asked: Asked) -> str:
    return cast("str", asked.data["alert"])


def _ids(case: Case) -> list[str]:
    """Everybody whom a decision about a case has to know, as they are written there."""
    return [*case.alert.members, *(() if case.reviewer is None else (case.reviewer,))]


def _people(batch: Batch, said: Iterable[str], at: Instant) -> dict[str, Person]:
    return {each: person_of(batch, each, at) for each in said}

"""Answers about alerts of the fairness watch, for admins and for those concerned; what is over is not there."""

from collections.abc import Iterable
from typing import cast

from pydantic_core import from_json

from engine.fairness.cases import Case, Stage, is_concerned, is_forgotten, is_held, is_told, names_of
from engine.ledger.persons import Person, Presence
from engine.ledger.purse import NONE
from engine.ledger.vault import Drawer
from schemas.fairness_answers import AlertAnswer, AlertsAnswer, Kind, ToldAlert, ToldAnswer
from schemas.records import REFERENCE
from schemas.times import format_instant
from schemas.words import Instant, MemberId
from streams.karma import KarmaAnswers
from streams.known import UnknownError


class FairnessAnswers:
    """Reads one organisation's alerts; may be used by many threads."""

    def __init__(self, karma: KarmaAnswers) -> None:
        self.karma = karma

    def alerts(self, *, now: Instant, by: MemberId | None = None) -> AlertsAnswer:
        """Every alert; without those that are about `by` and not confirmed.

        Raises:
            UnknownError: NO_RULEBOOK.
        """
        cases, _, position = self._cases(now)
        shown = [case for case in cases if by is None or self._may_see(by, case)]
        return {"alerts": [alert_answer(case) for case in shown], "position": position}

    def case(self, alert: str, *, now: Instant, by: MemberId | None = None) -> tuple[Case, int]:
        """One alert, and the position; there is none for whom it is about, before it is confirmed.

        Raises:
            UnknownError: ALERT_UNKNOWN, NO_RULEBOOK.
        """
        place = [self.karma.keys.karma(Drawer.CASES)]
        known, (kept,) = self.karma.asking.ask(lambda _: [("HGET", place, [alert])])
        case = None if kept is None else Case.load(from_json(kept))
        if case is None or is_forgotten(case, Instant(max(now, known.clock))) or not self._may_see(by, case):
            raise UnknownError("ALERT_UNKNOWN", "there is no such alert")
        return case, known.position

    def told(self, member: MemberId, *, now: Instant) -> ToldAnswer:
        """What a member is told: of confirmed alerts that are about them, their own part.

        Raises:
            UnknownError: NO_RULEBOOK.
        """
        cases, at, position = self._cases(now)
        told: list[ToldAlert] = []
        for case in cases:
            people = self._people(case.alert.members) if case.stage is Stage.CONFIRMED else {}
            who = self._person(member)
            if is_told(case, who, people, at):
                mine = names_of(case, who, people)
                told.append(
                    {
                        "alert": case.alert.ident,
                        "kind": _kind(case),
                        "gifts": [f"{REFERENCE}{gift}" for each in mine for gift in case.alert.gifts_of(each)],
                        "held_until": format_instant(case.held_until) if is_held(case, who, people, at) else None,
                        "answered": not case.answered.isdisjoint({who.ident, *mine}),
                    }
                )
        return {"alerts": told, "position": position}

    def _cases(self, now: Instant) -> tuple[list[Case], Instant, int]:
        """What is not over, oldest first, as of when, and the position."""
        place = [self.karma.keys.karma(Drawer.CASES)]
        known, (flat,) = self.karma.asking.ask(lambda _: [("HGETALL", place, [])])
        at = Instant(max(now, known.clock))
        found = [case for kept in flat[1::2] if not is_forgotten(case := Case.load(from_json(kept)), at)]
        order = sorted(found, key=lambda case: (case.raised, case.alert.kind, case.alert.members, case.alert.ident))
        return order, at, known.position

    def _may_see(self, by: MemberId | None, case: Case) -> bool:
        if by is None or case.stage is Stage.CONFIRMED:
            return True
        return not is_concerned(case, self._person(by), self._people(case.alert.members))

    def _people(self, members: Iterable[MemberId]) -> dict[str, Person]:
        return {each: self._person(each) for each in members}

    def _person(self, member: MemberId) -> Person:
        """Whom an id means; whether they are here plays no part in what they see."""
        return Person(self.karma.follow(member), Presence.HERE)


def alert_answer(case: Case) -> AlertAnswer:
    """An alert as admins see it."""
    alert = case.alert
    return {
        "alert": alert.ident,
        "kind": _kind(case),
        "stage": cast("AlertAnswer", {"stage": case.stage.lower()})["stage"],
        "raised": format_instant(case.raised),
        "members": [*alert.members],
        "evidence": [
            {
                "giver": each.giver,
                "receiver": each.receiver,
                "karma": each.karma,
                "of": each.of,
                "received": each.received,
                "gifts": [f"{REFERENCE}{gift}" for gift in each.gifts],
            }
            for each in alert.evidence
        ],
        "usual": {
            "given": alert.usual.given,
            "favourite": alert.usual.favourite,
            "received": alert.usual.received,
        },
        "reviewer": case.reviewer,
        "held_until": None if case.held_until == NONE else format_instant(case.held_until),
        "answered": sorted(case.answered),
    }


def _kind(case: Case) -> Kind:
    return cast("Kind", case.alert.kind.lower())

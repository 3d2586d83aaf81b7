"""The life of an alert: raised, looked at by one admin, confirmed by another one, told and answered; or dismissed.

It ends by itself: a hold after 14 days, the case with its evidence 90 days after it was raised.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from engine.fairness.alerts import Alert
from engine.ledger.persons import Person, Presence, is_same
from engine.ledger.purse import NONE
from schemas.words import DAY_MS, Instant, MemberId, Position

KEPT_MS = 90 * DAY_MS
"""So long after it was raised a case is kept, with its evidence."""

HELD_MS = 14 * DAY_MS
"""So long after it was confirmed redemptions are held at most."""

People = Mapping[str, Person]
"""Whom an id means; an id that is not there is nobody's."""


class Stage(StrEnum):
    """What has become of an alert."""

    RAISED = "RAISED"
    REVIEWED = "REVIEWED"
    """One admin has looked at it."""
    CONFIRMED = "CONFIRMED"
    """Another one as well: those whom it is about are told."""
    DISMISSED = "DISMISSED"


@dataclass(frozen=True, slots=True)
class Case:
    """An alert and what has become of it."""

    alert: Alert
    """As it was when it was raised."""
    raised: Instant
    stage: Stage = Stage.RAISED
    reviewer: MemberId | None = None
    held_until: Instant = NONE
    """Up to when redemptions are held; 0: none are."""
    answered: frozenset[MemberId] = frozenset()
    """Those who have answered."""
    said: Mapping[MemberId, Position] = field(default_factory=dict[MemberId, Position])
    """Of everybody who has asked something about it: their newest record, whose text may be kept outside the log."""

    def dump(self) -> list[Any]:
        """JSON data; `load` gives an equal case."""
        held = [self.reviewer, self.held_until, sorted(self.answered), self.said]
        return [self.alert.dump(), self.raised, self.stage, *held]

    @classmethod
    def load(cls, raw: list[Any]) -> Self:
        """The case of `dump`."""
        alert, at, stage, reviewer, held_until, answered, said = raw
        return cls(Alert.load(alert), at, Stage(stage), reviewer, held_until, frozenset(answered), said)


def raised(cases: Mapping[str, Case], alerts: Iterable[Alert], at: Instant) -> dict[str, Case]:
    """The cases that a day's alerts are new in, by the alert's id.

    What has a case already changes nothing in it, until that is forgotten: what was dismissed is not told every day.
    """
    return {
        alert.ident: Case(alert, at)
        for alert in alerts
        if alert.ident not in cases or is_forgotten(cases[alert.ident], at)
    }


def is_forgotten(case: Case, at: Instant) -> bool:
    """Whether its time is over: nothing can be asked of it any more, and its evidence is to be deleted."""
    return at - case.raised >= KEPT_MS


def is_over(case: Case, at: Instant) -> bool:
    """Whether it was dismissed, or is forgotten."""
    return case.stage is Stage.DISMISSED or is_forgotten(case, at)


def names_of(case: Case, who: Person, people: People) -> list[MemberId]:
    """The ids under which an alert is about a person; none where it is about others."""
    return [each for each in case.alert.members if _is(each, who, people)]


def is_concerned(case: Case, who: Person, people: People) -> bool:
    """Whether a person is one of those whom the alert is about, under whatever id."""
    return bool(names_of(case, who, people))


def is_told(case: Case, who: Person, people: People, at: Instant) -> bool:
    """Whether a person may know of it: it is about them, two admins have confirmed it, and it is not over."""
    return case.stage is Stage.CONFIRMED and not is_over(case, at) and is_concerned(case, who, people)


def is_held(case: Case, who: Person, people: People, at: Instant) -> bool:
    """Whether a person's redemptions wait now because of it; only those who got the karma in question can be held."""
    held = case.stage is Stage.CONFIRMED and at < case.held_until
    return held and any(_is(each, who, people) for each in case.alert.receivers)


def _is(member: MemberId, who: Person, people: People) -> bool:
    return is_same(people.get(member, Person(member, Presence.UNKNOWN)), who)

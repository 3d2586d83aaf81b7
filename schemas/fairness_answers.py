"""Answers about alerts of the fairness watch: all of it for admins, their own part for those whom one is about."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

Kind = Literal["pair", "ring", "receiver", "dumping"]


class EvidenceAnswer(TypedDict):
    """So much from one member to another, and of how much."""

    giver: str
    receiver: str
    karma: int
    of: int  # what the giver gave in all; of dumping, in the last days of allowances
    received: int  # what the receiver got in all, from whomever
    gifts: list[str]  # by reference


class UsualAnswer(TypedDict):
    """What was usual in the organisation on the day of the alert."""

    given: int
    favourite: int  # thousandths of what a giver gave
    received: int


class SaidAnswer(TypedDict):
    """The newest that somebody asked about an alert: an admin, or somebody concerned."""

    member: str
    what: Literal["reviewed", "confirmed", "dismissed", "answered"]
    at: str  # RFC 3339
    reason: NotRequired[str]  # until it is deleted


class AlertAnswer(TypedDict):
    """An alert, and what has become of it."""

    alert: str
    kind: Kind
    stage: Literal["raised", "reviewed", "confirmed", "dismissed"]
    raised: str  # RFC 3339
    members: list[str]
    evidence: list[EvidenceAnswer]
    usual: UsualAnswer
    reviewer: str | None
    held_until: str | None  # up to when redemptions wait
    answered: list[str]
    said: NotRequired[list[SaidAnswer]]  # where one alert is asked for


class OneAlertAnswer(AlertAnswer):
    """One alert, as of a position."""

    position: int


class AlertsAnswer(TypedDict):
    """Every alert of the last 90 days, oldest first."""

    alerts: list[AlertAnswer]
    position: int


class ToldAlert(TypedDict):
    """What somebody is told of a confirmed alert that is about them: nothing of others, and nothing of admins."""

    alert: str
    kind: Kind
    gifts: list[str]  # those that one gave or received, by reference
    held_until: str | None  # up to when one's own redemptions wait
    answered: bool


class ToldAnswer(TypedDict):
    """The confirmed alerts about one member."""

    alerts: list[ToldAlert]
    position: int

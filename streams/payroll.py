"""Payroll: the rewards that were handed out in a month, in money, since they are benefits that somebody has to tax."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby

from engine.calendar import KINDS, MONTH, Calendar, named
from engine.ledger.redemption import Redemption, Stage
from schemas.karma_answers import PaidInAll, PaidOut, PayrollAnswer
from schemas.karma_tables import whose
from schemas.records import REFERENCE
from schemas.words import Day, Instant
from streams.answers import Answers
from streams.known import UnknownError

_MILLION = 1_000_000


def payroll(answers: Answers, month: str, *, now: Instant) -> PayrollAnswer:
    """What was handed out in a month of the calendar in force, such as 2026-10; reads every request for a reward.

    Raises:
        UnknownError: UNKNOWN_MONTH, NO_RULEBOOK.
    """
    known = answers.known()
    calendar = known.in_force(now).calendar
    start, end = _bounds(calendar, month)
    paid = [
        _paid(ident, each, answers.karma.follow(each.receiver), calendar)
        for ident, each in answers.karma.redemptions()
        if each.stage is Stage.FULFILLED and start <= each.changed < end
    ]
    paid.sort(key=lambda each: (each["receiver"], each["currency"] or "", each["day"], each["request"]))
    return {"month": month, "rewards": paid, "sums": [*_sums(paid)], "position": known.position}


def _bounds(calendar: Calendar, month: str) -> tuple[Instant, Instant]:
    """The first moment of a month, and the first one after it."""
    found = named(month, Day(1)) if month[:1].isdigit() else None
    if found is None or found[0] != MONTH:
        raise UnknownError("UNKNOWN_MONTH", f"{month!r} is no {KINDS[MONTH]}; write it like 2026-10")
    first, after = calendar.days(*found)
    return calendar.midnight(first), calendar.midnight(after)


def _paid(ident: str, redemption: Redemption, receiver: str, calendar: Calendar) -> PaidOut:
    worth = redemption.worth
    return {
        "receiver": receiver,
        "sender": redemption.sender,
        "reward": redemption.reward,
        "karma": redemption.price,
        "worth": None if worth is None else _money(worth.millionths),
        "currency": None if worth is None else worth.currency,
        "day": date.fromordinal(calendar.day(redemption.changed)).isoformat(),
        "request": f"{REFERENCE}{ident}",
    }


def _sums(paid: Iterable[PaidOut]) -> Iterator[PaidInAll]:
    """By receiver and currency; what had no worth stands apart."""
    for (receiver, currency), rewards in groupby(paid, whose):
        mine = list(rewards)
        worth = sum((Decimal(each["worth"] or 0) for each in mine), Decimal())
        yield {
            "receiver": receiver,
            "karma": sum(each["karma"] for each in mine),
            "worth": None if currency is None else str(worth),
            "currency": currency,
        }


def _money(millionths: int) -> str:
    """Two decimal places, more where they are needed."""
    plain = (Decimal(millionths) / _MILLION).normalize()
    return f"{plain:.2f}" if plain == round(plain, 2) else f"{plain:f}"

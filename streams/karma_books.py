"""The books of an organisation: its trial balance, and what moved in a period. Both read every member's purse."""

from collections import Counter
from collections.abc import Iterator
from typing import cast

from engine.calendar import ALL, name_of, named
from engine.ledger.accounts import Kind, Posting, What
from engine.ledger.passing import passed
from engine.ledger.trial_balance import liabilities, trial_balance
from engine.ledger.vault import load_posting
from schemas.karma_answers import BooksAnswer, PeriodAnswer
from schemas.times import format_instant
from schemas.words import Instant
from streams.karma import KarmaAnswers
from streams.known import Known, UnknownError


def books_of(karma: KarmaAnswers, *, now: Instant) -> BooksAnswer:
    """The trial balance at a moment.

    Raises:
        UnknownError: NO_RULEBOOK.
    """
    known, _ = karma.asking.ask()
    at = Instant(max(now, known.clock))
    totals = trial_balance(karma.purses(), known.timeline, at)
    policy = known.timeline.at(at)
    worth = None if policy is None or policy.karma is None else policy.karma.worth
    answer: BooksAnswer = {
        "accounts": _named(totals),
        "worth": None if worth is None else str(worth),
        "at": format_instant(at),
        "position": known.position,
    }
    if worth is not None:
        owed = liabilities(totals, worth)
        answer["outstanding"] = f"{owed.outstanding} {owed.currency}"
        answer["requested"] = f"{owed.requested} {owed.currency}"
        answer["expected"] = f"{owed.expected} {owed.currency}"
        answer["redeemed"] = f"{owed.redeemed} {owed.currency}"
    return answer


def period_of(karma: KarmaAnswers, window: str, *, now: Instant) -> PeriodAnswer:
    """What moved in a window of the calendar in force, such as 2026-10, up to now.

    Raises:
        UnknownError: UNKNOWN_WINDOW, NO_RULEBOOK.
    """
    known, _ = karma.asking.ask()
    at = Instant(max(now, known.clock))
    calendar = known.in_force(at).calendar
    found = named(window, calendar.day(at))
    if found is None or found[0] == ALL:
        detail = f"{window!r} names no period; write 2026, 2026-Q4, 2026-10, 2026-W41, 2026-10-05, month or last-month"
        raise UnknownError("UNKNOWN_WINDOW", detail)
    start, end = (calendar.midnight(day) for day in calendar.days(*found))
    opening, closing, moved = Counter[Kind](), Counter[Kind](), Counter[What]()
    for posting in _postings(karma, known, at):
        for balances, until in ((opening, start), (closing, end)):
            if posting.at < until:
                balances[posting.source.kind] -= posting.amount
                balances[posting.target.kind] += posting.amount
        if start <= posting.at < end:
            moved[posting.what] += posting.amount
    return {
        "period": name_of(*found, known.catalogue.names),
        "from": format_instant(start),
        "to": format_instant(end),
        "opening": _named(opening),
        "moved": dict(sorted(moved.items())),
        "closing": _named(closing),
        "position": known.position,
    }


def _postings(karma: KarmaAnswers, known: Known, at: Instant) -> Iterator[Posting]:
    """Every posting up to a moment, once: from the statement of the member whose account it came from."""
    client = karma.asking.client
    for purse in karma.purses():
        lines = cast("list[bytes]", client.hvals(karma.keys.statement(purse.member)))
        kept = (load_posting(content)[2] for content in lines)
        yield from (posting for posting in kept if posting.source.member == purse.member)
        yield from passed(purse, known.timeline, at)[1]


def _named(totals: dict[Kind, int]) -> dict[str, int]:
    return {kind.name.lower(): totals.get(kind, 0) for kind in Kind}

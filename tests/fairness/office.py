"""A small office in which nothing is unusual, and gifts by hand beside it."""

from collections.abc import Iterable
from datetime import date, timedelta

from engine.fairness.alerts import Alert, Kind
from engine.fairness.given import WATCHED_DAYS, Given, by_giver
from engine.fairness.watch import watched
from schemas.words import Day, MemberId

TODAY = date(2026, 6, 30)
STAFF = 24
ALL = frozenset(Kind)


def day(text: str) -> Day:
    """The local day of a date."""
    return Day(date.fromisoformat(text).toordinal())


def gift(giver: str, receiver: str, karma: int, when: str | date, ident: str = "") -> Given:
    """One gift; its allowance ends with the calendar month."""
    at = date.fromisoformat(when) if isinstance(when, str) else when
    last = (at.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    ident = ident or f"{giver}>{receiver} {at} {karma}"
    return Given(ident, MemberId(giver), MemberId(receiver), karma, Day(at.toordinal()), Day(last.toordinal()))


def spread(giver: str, receiver: str, karma: int, times: int = 12) -> list[Given]:
    """So much each time, evenly over the 90 days, and never in the last days of a month."""
    every = [TODAY - timedelta(days=back) for back in reversed(range(WATCHED_DAYS))]
    days = [each for each in every if 5 <= each.day <= 20]
    return [
        gift(giver, receiver, karma, days[at * (len(days) - 1) // max(1, times - 1)], f"{giver}>{receiver} {at}")
        for at in range(times)
    ]


def staff() -> list[Given]:
    """Everybody gives 120 karma, a quarter of it to each of four colleagues, and gets 120."""
    return [
        each
        for who in range(STAFF)
        for step in (1, 2, 3, 5)
        for each in spread(f"s{who:02}", f"s{(who + step) % STAFF:02}", 10, 3)
    ]


def alerts(gifts: Iterable[Given], *, here: Iterable[str] | None = None, kinds: Iterable[Kind] = ALL) -> list[Alert]:
    """What the watch says of the office with some more gifts; everybody is here unless it is said who is."""
    every = [*staff(), *gifts]
    members = {member for each in every for member in (each.giver, each.receiver)}
    chosen = members if here is None else {MemberId(each) for each in here}
    return list(watched(by_giver(every), chosen, Day(TODAY.toordinal()), frozenset(kinds)))


def named(found: Iterable[Alert]) -> list[tuple[str, tuple[str, ...]]]:
    """Kind and members of each alert."""
    return [(alert.kind.value, alert.members) for alert in found]

"""What the watch looks at: so much karma from one member to another on a local day, and when it would have expired."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.calendar import Calendar
from engine.ledger.gift import Gift, GiftStage
from schemas.words import Day, Instant, MemberId

WATCHED_DAYS = 90
"""So many local days are looked at, the last of them the day of the watch; what is older is as if it never was."""

UNENDING = Day(0)
"""The last day of an allowance that has no end."""


class Given(NamedTuple):
    """What one receiver got of one gift or boost."""

    gift: str
    """The stored id of the record that gave it."""
    giver: MemberId
    receiver: MemberId
    karma: int
    """Above zero."""
    day: Day
    """The local day on which it was given."""
    last: Day
    """The last local day of the allowance that it was taken from."""


def given(ident: str, gift: Gift, calendar: Calendar) -> Iterator[Given]:
    """A gift of the ledger, under its stored id, once for each receiver; nothing of one that was taken back.

    Its members stay as it names them: of linked accounts the caller hands in the one member that they are.
    """
    if gift.stage is not GiftStage.GIVEN:
        return
    last = calendar.day(Instant(gift.until - 1)) if gift.until else UNENDING
    for receiver in gift.receivers:
        yield Given(ident, gift.giver, receiver, gift.amount, calendar.day(gift.at), last)


def by_giver(gifts: Iterable[Given]) -> Iterable[tuple[Given, ...]]:
    """The gifts of each giver together, as the watch takes them."""
    found: dict[MemberId, list[Given]] = {}
    for each in gifts:
        found.setdefault(each.giver, []).append(each)
    return map(tuple, found.values())

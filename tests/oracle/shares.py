"""What each event gave each member on each board, in which windows, and for which owners it counts there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import NamedTuple, TypeAlias

from .contributions import Event, Value
from .people import People
from .periods import first_day, last_day, windows
from .points import Awards
from .rulebook import Board, Place, Version
from .scores import got
from .stories import chain, last_named, name_in

TableKey: TypeAlias = tuple[str, str, str]
"""(board, `member` or a kind of group, window)."""

Days: TypeAlias = tuple[date, date]
"""The first and the last."""


class Share(NamedTuple):
    """What one event gave one member on a board, or in a challenge."""

    name: str  # as it is called now
    called: str  # as the event's version calls it
    event: Event
    member: str
    value: Value


@dataclass
class Window:
    """What is known of a board in one window: its days, and what each owner's members got."""

    defined: Board
    by: str
    days: Days
    got: dict[str, defaultdict[str, list[Value]]] = field(default_factory=dict)

    def add(self, share: Share, people: People) -> None:
        """Counts one more for those whose it is."""
        for owner in owners(share, self.by, people):
            self.got.setdefault(owner, defaultdict(list))[share.member].append(share.value)


def shares_of(events: Sequence[Event], awards: Awards, newest: Version) -> Iterator[Share]:
    """Of events in canonical order."""
    for event in events:
        for name in event.version.boards:
            place = Place("boards", name)
            for member in sorted(event.takers):
                value = got(event, place, member, awards)
                if value is not None:
                    yield Share(name_in(newest, "boards", name, event.version), name, event, member, value)


def windows_of(
    events: Sequence[Event], awards: Awards, people: People, newest: Version, versions: Sequence[Version]
) -> dict[TableKey, Window]:
    """Every board in every window in which anybody got anything."""
    naming = last_named(newest, "boards", versions)
    found: dict[TableKey, Window] = {}
    for share in shares_of(events, awards, newest):
        version, name = naming[share.name]
        defined = share.event.version.boards[share.called]
        for by, (window, days) in product(defined.by, days_of_windows(share, defined, newest).items()):
            fresh = Window(version.boards[name], by, days)
            found.setdefault((share.name, by, window), fresh).add(share, people)
    return found


def owners(share: Share, by: str, people: People) -> set[str]:
    """Whose score it counts for: the member's own, or that of the groups of that kind on the day."""
    return {share.member} if by == "member" else people.of(share.member).groups(by, share.event.day)


def days_of_windows(share: Share, defined: Board, newest: Version) -> dict[str, Days]:
    """The windows and seasons that the event is in, with their days; those of a season as they stand now."""
    event, calendar = share.event, share.event.version.calendar
    found = {}
    for per in defined.windows:
        first = first_day(event.day, per, calendar)
        last = date.max if per == "all" else last_day(first, per, calendar)
        found[windows(event.day)[per]] = first, last
    for season in event.version.seasons_of(event.day) & {*defined.seasons}:
        said = [version.seasons[season] for version in chain(newest) if season in version.seasons]
        found[season] = said[-1] if said else event.version.seasons[season]
    return found

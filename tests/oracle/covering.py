"""Which groups cover their hidden members: so many of them for so long that a sum tells of none."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from .days import EVER
from .people import People, Person
from .rulebook import Version
from .stories import chain

ENOUGH = 3
"""So many hidden members of a group cannot be told apart in its score."""


def kinds_kept(versions: Iterable[Version]) -> set[str]:
    """The kinds of group by which a board or a challenge of any version is kept."""
    return {
        kind
        for version in versions
        for board in [*version.boards.values(), *(each.board for each in version.challenges.values())]
        for kind in board.by
        if kind != "member"
    }


def covering_kind(versions: Sequence[Version]) -> str | None:
    """The only kind of group that may cover; the last of the versions is the one that was published last."""
    kinds = {kind: alone for kind, alone in versions[-1].kinds.items() if kind in kinds_kept(versions)}
    return next(iter([kind for kind, alone in kinds.items() if alone] or kinds), None)


def covers(kind: str, group: str, begins: date, people: People) -> bool:
    """Whether the hidden members of a group are counted with it in a window that begins on a day."""
    after = covers_after(kind, group, people)
    return after is not None and (begins > after or after == EVER)


@lru_cache(maxsize=256)
def covers_after(kind: str, group: str, people: People) -> date | None:
    """In windows that begin after that day, EVER: in all; None: in none."""
    last = people.versions[-1]
    if kind != covering_kind(people.versions) or hides(last) != hides(people.newest):
        return None
    days = sorted({EVER, people.today, *(day for person in people.known.values() for day in turns(person, people))})
    fine = {day: is_fine(kind, group, day, people) for day in days}
    unbroken = [day for day in days if all(fine[later] for later in days if later >= day)]
    if not unbroken or unbroken[0] > people.today:
        return None
    since = unbroken[0]
    return since if any(concealed(kind, group, day, people) for day in days if day < since) else EVER


def hides(version: Version) -> bool:
    """Whether a rulebook hides those who chose nothing."""
    return version.visibility == "hidden"


def turns(person: Person, people: People) -> list[date]:
    """The days on which it may change whether a member is concealed, and in which groups they are."""
    since = hidden_since(person, people)
    said = [people.newest.calendar.day(record["time"]) for record in person.said]
    return said if since is None else [*said, since]


def is_fine(kind: str, group: str, day: date, people: People) -> bool:
    """Whether enough are concealed in a group on a day, none of them in another one of its kind as well."""
    those = concealed(kind, group, day, people)
    return len(those) >= ENOUGH and all(person.groups(kind, day) == {group} for person in those)


def concealed(kind: str, group: str, day: date, people: People) -> list[Person]:
    """Those in a group on a day who have been hidden ever since."""
    return [
        person
        for person in people.known.values()
        if group in person.counted_in(kind, day)
        if (since := hidden_since(person, people)) is not None and since <= day
    ]


def hidden_since(person: Person, people: People) -> date | None:
    """The day since which a member is hidden without a break; None for those who are not."""
    choices = person.choices
    others = [number for number, record in enumerate(choices) if record["data"]["visibility"] != "hidden"]
    hiding = choices[others[-1] + 1 :] if others else choices
    calendar = people.newest.calendar
    by_choice = [calendar.day(hiding[0]["time"])] if hiding else []
    by_rulebook = []
    if not others:
        last = people.versions[-1]
        by_rulebook = hidden_until(last.at(hiding[0]["time"]) if hiding else last)
    return min([*by_choice, *by_rulebook], default=None)


def hidden_until(version: Version) -> list[date]:
    """The first day of the versions in a row, up to that one, that hide who chose nothing; none if it does not."""
    since: list[date] = []
    for each in reversed(chain(version)):
        if not hides(each):
            break
        since = [each.start]
    return since

"""Who is listed, who has left, who is away, and who belonged to which group on which day."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from schemas.records import Record

from .canonical import order
from .days import ONE, Calendar
from .rulebook import Version


def groups_on(day: date, kind: str, said: Sequence[Record], calendar: Calendar, *, one_at_a_time: bool) -> set[str]:
    """The groups of a kind that a member belonged to at the end of a day, and so on the whole of it.

    `said`: the events about that member.
    """
    groups: set[str] = set()
    for record in sorted(said, key=order):
        if record["data"].get("kind") != kind or calendar.day(record["time"]) > day:
            continue
        group = str(record["data"]["group"])
        if record["type"] == "group.left":
            groups -= {group}
        elif one_at_a_time:
            groups = {group}
        else:
            groups |= {group}
    return groups


class Person:
    """What people's events say about one member, judged by the newest version in force."""

    def __init__(self, said: Sequence[Record], newest: Version) -> None:
        self.said = sorted(said, key=order)
        self.newest = newest

    @cached_property
    def listed(self) -> bool:
        """Whether the member takes part in ranks; someone with a nickname does."""
        said = self.choices[-1]["data"]["visibility"] if self.choices else self.newest.visibility
        return said != "hidden"

    @cached_property
    def choices(self) -> list[Record]:
        """What the member chose to be seen as, in canonical order."""
        kinds = {"member.joined", "member.visibility_changed"}
        return [record for record in self.said if record["type"] in kinds and "visibility" in record["data"]]

    @cached_property
    def stay(self) -> tuple[int | None, int | None]:
        """When the member came, and left again, the last time; None where neither is known."""
        came: int | None = None
        left: int | None = None
        here = False
        for record in self.said:
            if record["type"] == "member.joined":
                came, left, here = (came if here else record["time"]), None, True
            elif record["type"] == "member.left":
                left, here = (record["time"] if left is None else left), False
        return came, left

    @property
    def former(self) -> bool:
        """Whether the member has left and not joined again."""
        return self.stay[1] is not None

    @cached_property
    def away(self) -> list[tuple[date, date]]:
        """The time off, each from its first to its last day."""
        return [
            (date.fromisoformat(str(record["data"]["first_day"])), date.fromisoformat(str(record["data"]["last_day"])))
            for record in self.said
            if record["type"] == "member.away"
        ]

    def groups(self, kind: str, day: date) -> set[str]:
        """The groups of a kind that the member belonged to on a day."""
        one_at_a_time = self.newest.kinds.get(kind, False)
        return groups_on(day, kind, self.said, self.newest.calendar, one_at_a_time=one_at_a_time)

    def counted_in(self, kind: str, day: date) -> set[str]:
        """The groups of which the member was one of the heads on a day: who left was none from that day on."""
        left = self.stay[1]
        return set() if left is not None and self.newest.calendar.day(left) <= day else self.groups(kind, day)


class People:
    """Everyone, by the newest version in force and on its day; `versions` are all, the last of them the newest."""

    def __init__(self, records: Sequence[Record], versions: Sequence[Version], newest: Version, today: date) -> None:
        self.versions = versions
        self.newest = newest
        self.today = today
        self.known: dict[str, Person] = {
            member: Person([record for record in records if record["subject"] == member], newest)
            for member in {record["subject"] for record in records}
        }

    def of(self, member: str) -> Person:
        """One of them; of some nothing has been said."""
        return self.known.get(member) or Person((), self.newest)

    def belonging(self, kind: str, group: str) -> list[Person]:
        """Those who belong to a group now; who has left the organisation does not."""
        return [
            person for person in self.known.values() if not person.former and group in person.groups(kind, self.today)
        ]

    def heads(self, kind: str, group: str, first: date, last: date) -> list[int]:
        """How many belonged to a group on each day of a time, without the days before it had any member."""
        joined = {
            self.newest.calendar.day(record["time"])
            for person in self.known.values()
            for record in person.said
            if record["type"] == "group.joined" and record["data"] == {"kind": kind, "group": group}
        }
        begun = [day for day in joined if self.count(kind, group, day)]
        counts = []
        day = max(first, min(begun, default=date.max))
        while day <= last:
            counts.append(self.count(kind, group, day))
            day += ONE
        return counts

    def count(self, kind: str, group: str, day: date) -> int:
        """How many belonged to a group on a day."""
        return sum(group in person.counted_in(kind, day) for person in self.known.values())

"""Reads the log from its first record to its last, and says of each record what became of it."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from schemas.records import Record
from schemas.verdicts import Verdict

from .canonical import order
from .contributions import Event, real
from .days import EVER
from .reading import read
from .rounds import JOINED, LEFT, TakingPart
from .rulebook import Badge, Version
from .time_off import is_time_off

PEOPLE = frozenset(
    {"member.joined", "member.left", "member.visibility_changed", "member.away", "group.joined", "group.left"}
)
BY_HAND = frozenset({"badge.granted", "badge.revoked", "freeze.granted"})
TAKING_PART = frozenset({JOINED, LEFT})


class ByHand(NamedTuple):
    """Something that people gave or took, and the version by which the badge had that name."""

    record: Record
    version: Version


@dataclass
class Judge:
    """Everything that the log said so far."""

    versions: list[Version] = field(default_factory=list)  # by the day from which they hold
    people: list[Record] = field(default_factory=list)
    by_hand: list[ByHand] = field(default_factory=list)
    began: int | None = None  # when the first record was recorded that no import brought
    taking_part: list[TakingPart] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)  # identity: stamp of the record that claimed it
    activities: set[str] = field(default_factory=set)  # identities, whatever became of them
    voided: set[str] = field(default_factory=set)  # identities
    events: dict[str, Event] = field(default_factory=dict)
    same_key: defaultdict[Hashable, list[Event]] = field(default_factory=lambda: defaultdict(list))
    reports: defaultdict[Hashable, list[Event]] = field(default_factory=lambda: defaultdict(list))
    confirmed: set[tuple[str, str]] = field(default_factory=set)  # (identity, member)

    def verdict(self, record: Record) -> Verdict:
        """Takes the next record of the log.

        Raises:
            ValueError: an activity stands before the first rulebook.
        """
        if self.began is None and "run" not in record:
            self.began = record["recorded"]
        claimed = self.stamps.get(record["id"])
        if claimed is not None:
            return Verdict.REPEATED if claimed == record["stamp"] else Verdict.CONFLICT
        verdict = self.first(record)
        self.stamps[record["id"]] = record["stamp"]
        return verdict

    def first(self, record: Record) -> Verdict:
        """The verdict of a record whose identity is new."""
        if record["type"] == "day.closed":
            return Verdict.APPLIED
        takes = {
            "rulebook.published": self.publish,
            "activity.confirmed": self.confirm,
            "event.voided": self.void,
            **dict.fromkeys(BY_HAND, self.give),
            **dict.fromkeys(PEOPLE, self.hear),
            **dict.fromkeys(TAKING_PART, self.take_part),
        }
        return takes.get(record["type"], self.activity)(record)

    def publish(self, record: Record) -> Verdict:
        """The first rulebook holds for all time before; a later one has to begin after it was recorded."""
        book, start = record["data"]["rulebook"], record["data"]["from"]
        assert isinstance(book, dict)
        if not self.versions:
            self.versions = [read(book)]
            return Verdict.APPLIED
        first_day = EVER if start is None else date.fromisoformat(str(start))
        earlier = [version for version in self.versions if version.start < first_day]
        if not earlier or read(book).calendar.day(record["recorded"]) >= first_day:
            return Verdict.REFUSED
        # What had been published for that day or a later one, and has not begun, is replaced.
        self.versions = [*earlier, read(book, first_day, earlier[-1])]
        return Verdict.APPLIED

    def confirm(self, record: Record) -> Verdict:
        """What waits for a member may be confirmed by that member, also before it arrives."""
        identity, member = str(record["data"]["id"]), record["subject"]
        event = self.events.get(identity)
        if identity in self.stamps and (event is None or event.confirm != member):
            return Verdict.REFUSED
        self.confirmed.add((identity, member))
        return Verdict.APPLIED

    def void(self, record: Record) -> Verdict:
        """Takes out an activity that stands before; what it had confirmed by reporting the same stays confirmed."""
        identity = str(record["data"]["id"])
        if identity not in self.activities:
            return Verdict.REFUSED
        event = self.events.get(identity)
        if event is not None and identity not in self.voided:
            confirmed = [other for other in self.events.values() if other.confirm and reports_the_same(event, other)]
            self.confirmed |= {(other.record["id"], str(other.confirm)) for other in confirmed}
        self.voided.add(identity)
        return Verdict.APPLIED

    def hear(self, record: Record) -> Verdict:
        """What is said of a member; time off has to be one."""
        if record["type"] == "member.away" and not is_time_off(record["data"]):
            return Verdict.REFUSED
        self.people.append(record)
        return Verdict.APPLIED

    def give(self, record: Record) -> Verdict:
        """A badge, a level or a freeze that a member may have by hand, as the newest version that names it says."""
        badge = str(record["data"]["badge"])
        naming = [version for version in self.versions if badge in version.badges]
        if not naming or not may_be_given(naming[-1].badges[badge], record):
            return Verdict.REFUSED
        self.by_hand.append(ByHand(record, naming[-1]))
        return Verdict.APPLIED

    def take_part(self, record: Record) -> Verdict:
        """Joining a challenge or leaving it, as the newest version that names it says."""
        challenge = str(record["data"]["challenge"])
        naming = [version for version in self.versions if challenge in version.challenges]
        if not naming or not naming[-1].challenges[challenge].opt_in:
            return Verdict.REFUSED
        self.taking_part.append(TakingPart(record, naming[-1]))
        return Verdict.APPLIED

    def activity(self, record: Record) -> Verdict:
        """Too late, not real, not yet confirmed, of no use to anyone, or applied."""
        version = self.in_force(record["time"])
        self.activities.add(record["id"])
        if record["recorded"] - record["time"] > version.late:
            return Verdict.TOO_LATE
        event = real(record, version, self.people)
        if event is None:
            return Verdict.DOES_NOT_COUNT
        self.events[record["id"]] = event
        self.reports[record["type"], event.day, record["subject"]].append(event)
        if event.key is not None:
            self.same_key[event.key].append(event)
        earlier = [other for other in self.same_key[event.key] if order(other.record) < order(record)]
        if any(self.stands(other) and self.valid(other) for other in earlier):
            return Verdict.DOES_NOT_COUNT
        if not self.valid(event):
            return Verdict.PENDING
        return Verdict.APPLIED if event.amounts or event.values else Verdict.NO_RULE

    def stands(self, event: Event) -> bool:
        """Whether nobody voided it."""
        return event.record["id"] not in self.voided

    def in_force(self, instant: int) -> Version:
        """The newest version that holds at an instant (ms)."""
        holding = [version for version in self.versions if version.holds(instant)]
        if not holding:
            raise ValueError("no rulebook stands in the log before this; put a rulebook.published first")
        return holding[-1]

    def valid(self, event: Event) -> bool:
        """Whether nobody has to confirm it, or who has to did, by saying so or by reporting the same."""
        asked = event.confirm
        reports = self.reports[event.record["type"], event.day, asked]
        return (
            asked is None
            or asked == event.record["subject"]
            or (event.record["id"], asked) in self.confirmed
            or any(self.stands(other) and reports_the_same(other, event) for other in reports)
        )

    def counting(self) -> list[Event]:
        """The valid events, of one key only the first, in canonical order."""
        taken: set[Hashable] = set()
        counting = []
        for event in sorted(self.events.values(), key=lambda event: order(event.record)):
            if self.stands(event) and self.valid(event) and event.key not in taken:
                counting.append(event)
                taken |= set() if event.key is None else {event.key}
        return counting


def reports_the_same(other: Event, event: Event) -> bool:
    """Whether one event is the report by which another one, of which its subject was asked, is confirmed."""
    return (
        (other.record["type"], other.day, other.record["subject"]) == (event.record["type"], event.day, event.confirm)
    ) and (other.confirm == event.record["subject"] or (other.key is not None and other.key == event.key))


def may_be_given(badge: Badge, record: Record) -> bool:
    """Whether that badge can be given or taken by hand, or a freeze for it."""
    if record["type"] == "freeze.granted":
        return badge.streak is not None and badge.streak.freezes is not None
    return badge.each is None and record["data"].get("level") in badge.levels

"""Reads the log from its first record to its last, and says of each record what became of it."""

import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from pydantic import JsonValue

from schemas.records import Record
from schemas.verdicts import Verdict

from .cel import CelError, comparable, evaluate
from .days import EVER, local_day
from .rulebook import Activity, Rule, Score, Version, read

LARGEST = 10**6
"""The greatest size of one amount or value, before scaling."""

PEOPLE = frozenset({"member.joined", "member.left", "member.visibility_changed", "group.joined", "group.left"})

Place: TypeAlias = tuple[str, str]
"""Where a score stands: ("board" or "badge", id)."""

Value: TypeAlias = int | tuple[str, object]


def order(record: Record) -> tuple[int, bytes, bytes]:
    """Sorts into canonical order."""
    return record["time"], record["source"].encode(), record["id"].encode()


@dataclass(frozen=True, eq=False)
class Event:
    """An activity that is neither too late nor ruled out by `counts` or `credit`."""

    record: Record
    version: Version
    day: date
    member: str  # the credited one
    key: Hashable  # None: it has none, and is never the same as another
    confirm: str | None  # who has to confirm it
    amounts: Mapping[str, int]  # rule: points, before limits
    values: Mapping[Place, Value]  # what each score got, see `value_of`


@dataclass
class Judge:
    """Everything that the log said so far."""

    versions: list[Version] = field(default_factory=list)  # by the day from which they hold
    people: list[Record] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)  # identity: stamp of the record that claimed it
    events: dict[str, Event] = field(default_factory=dict)
    same_key: defaultdict[Hashable, list[Event]] = field(default_factory=lambda: defaultdict(list))
    reports: defaultdict[Hashable, list[Event]] = field(default_factory=lambda: defaultdict(list))
    confirmed: set[tuple[str, str]] = field(default_factory=set)  # (identity, member)

    def verdict(self, record: Record) -> Verdict:
        """Takes the next record of the log.

        Raises:
            ValueError: an activity stands before the first rulebook.
        """
        claimed = self.stamps.get(record["id"])
        if claimed is not None:
            return Verdict.REPEATED if claimed == record["stamp"] else Verdict.CONFLICT
        verdict = self.first(record)
        self.stamps[record["id"]] = record["stamp"]
        return verdict

    def first(self, record: Record) -> Verdict:
        """The verdict of a record whose identity is new."""
        match record["type"]:
            case "rulebook.published":
                return self.publish(record)
            case "activity.confirmed":
                return self.confirm(record)
            case "day.closed":
                return Verdict.APPLIED
            case kind if kind in PEOPLE:
                self.people.append(record)
                return Verdict.APPLIED
        return self.activity(record)

    def publish(self, record: Record) -> Verdict:
        """The first rulebook holds for all time before; a later one has to begin after it was recorded."""
        book, start = record["data"]["rulebook"], record["data"]["from"]
        assert isinstance(book, dict)
        if not self.versions:
            self.versions = [read(book)]
            return Verdict.APPLIED
        first_day = EVER if start is None else date.fromisoformat(str(start))
        earlier = [version for version in self.versions if version.start < first_day]
        if not earlier or local_day(record["recorded"], read(book).zone) >= first_day:
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

    def activity(self, record: Record) -> Verdict:
        """Too late, not real, not yet confirmed, of no use to anyone, or applied."""
        version = self.in_force(record["time"])
        if record["recorded"] - record["time"] > version.late:
            return Verdict.TOO_LATE
        event = real(record, version)
        if event is None:
            return Verdict.DOES_NOT_COUNT
        self.events[record["id"]] = event
        self.reports[record["type"], event.day, record["subject"]].append(event)
        if event.key is not None:
            self.same_key[event.key].append(event)
        if any(order(other.record) < order(record) and self.valid(other) for other in self.same_key[event.key]):
            return Verdict.DOES_NOT_COUNT
        if not self.valid(event):
            return Verdict.PENDING
        return Verdict.APPLIED if event.amounts or event.values else Verdict.NO_RULE

    def in_force(self, instant: int) -> Version:
        """The newest version that holds at an instant (ms)."""
        holding = [version for version in self.versions if local_day(instant, version.zone) >= version.start]
        if not holding:
            raise ValueError("no rulebook stands in the log before this; put a rulebook.published first")
        return holding[-1]

    def valid(self, event: Event) -> bool:
        """Whether nobody has to confirm it, or who has to did, by saying so or by reporting the same."""
        asked, subject = event.confirm, event.record["subject"]
        return (
            asked is None
            or asked == subject
            or (event.record["id"], asked) in self.confirmed
            or any(
                other.confirm == subject or (other.key is not None and other.key == event.key)
                for other in self.reports[event.record["type"], event.day, asked]
            )
        )

    def counting(self) -> list[Event]:
        """The valid events, of one key only the first, in canonical order."""
        taken: set[Hashable] = set()
        counting = []
        for event in sorted(self.events.values(), key=lambda event: order(event.record)):
            if self.valid(event) and event.key not in taken:
                counting.append(event)
                taken |= set() if event.key is None else {event.key}
        return counting


def real(record: Record, version: Version) -> Event | None:
    """The record as an activity of that version; None if `counts` or a member id says it is none."""
    variables: dict[str, JsonValue] = {"subject": record["subject"], "data": record["data"]}
    activity = version.activities.get(record["type"], Activity())
    try:
        if not holds(activity.counts, variables):
            return None
        member = person(activity.credit, variables) if activity.credit else record["subject"]
        confirm = person(activity.confirm, variables) if activity.confirm else None
    except CelError:
        return None
    day = local_day(record["time"], version.zone)
    amounts = {
        name: amount
        for name, rule in version.rules.items()
        if record["type"] in rule.types and day <= rule.until
        if (amount := amount_of(rule, variables)) is not None
    }
    values = {
        (place, name): value
        for place, named in (("board", version.boards), ("badge", version.badges))
        for name, what in named.items()
        if record["type"] in what.score.types
        if (value := value_of(what.score, variables, amounts)) is not None
    }
    key = key_of(record["type"], member, activity.once, day, variables)
    return Event(record, version, day, member, key, confirm, amounts, values)


def holds(condition: str | None, variables: Mapping[str, JsonValue]) -> bool:
    """Whether a condition is true or absent."""
    return condition is None or evaluate(condition, variables) is True


def person(expression: str, variables: Mapping[str, JsonValue]) -> str:
    """A member id: NFC, 1 to 256 bytes of UTF-8, nothing that cannot be seen.

    Raises:
        CelError: it is something else.
    """
    member = evaluate(expression, variables)
    if (
        not isinstance(member, str)
        or not unicodedata.is_normalized("NFC", member)
        or any(unicodedata.category(letter) in {"Cc", "Cf", "Cn", "Cs"} for letter in member)
        or not 1 <= len(member.encode()) <= 256
    ):
        raise CelError(f"{member!r} is no member id")
    return member


def key_of(kind: str, member: str, once: Sequence[str], day: date, variables: Mapping[str, JsonValue]) -> Hashable:
    """What two reports of the same have in common; None where `once` says nothing or has no value here."""
    if not once:
        return None
    try:
        parts = [day if part == "day" else comparable(evaluate(part, variables)) for part in once]
    except CelError:
        return None
    return (kind, member, *parts)


def amount_of(rule: Rule, variables: Mapping[str, JsonValue]) -> int | None:
    """What a rule awards before its limits; None if it does not apply or fails (RULE_FAILED)."""
    try:
        if not holds(rule.when, variables):
            return None
        amount = evaluate(rule.award, variables) if isinstance(rule.award, str) else rule.award
    except CelError:
        return None
    return amount if type(amount) is int and abs(amount) <= LARGEST else None


def value_of(score: Score, variables: Mapping[str, JsonValue], amounts: Mapping[str, int]) -> Value | None:
    """What a score gets; None if nothing, also where its expressions fail (RULE_FAILED).

    `count` 1; `sum`, `best` the number in units of its scale; `distinct` the value; `points` 0, since what
    its rules award is known only after limits.
    """
    try:
        if not holds(score.when, variables):
            return None
        if score.kind == "count":
            return 1
        if score.kind == "points":
            return 0 if any(rule in amounts for rule in score.rules) else None
        value = evaluate(score.value, variables)
    except CelError:
        return None
    if score.kind == "distinct":
        return comparable(value)
    return scaled(value, score.scale)


def scaled(value: JsonValue, scale: int) -> int | None:
    """The number in units of its scale, rounded half-even; None if it is none or too large."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return None
    return round(Fraction(value) * int(10**scale))

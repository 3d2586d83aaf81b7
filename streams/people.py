"""People from a table: what a personnel system knows, as events (joined, left, groups) and as profiles (names).

Names and identities in other systems are profiles: they stand outside the log and can be deleted. Events carry ids
made from what they say, so the same table can be brought again and again; what it no longer says is taken back.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from pydantic_core import to_json

from engine.calendar import Calendar
from engine.standing import Standing
from schemas.members import member_id_fault
from schemas.times import format_instant
from schemas.words import Day, Instant, MemberId, OrgId
from streams.quarantine import Message

COLUMNS = ("member", "name", "identities", "groups", "joined", "left")
SOURCE = "karmalog/members"


class RefusedTableError(ValueError):
    """A table cannot be read; the message names file, line and what to do."""


@dataclass(slots=True)
class Person:
    """One line of the table."""

    place: str
    member: MemberId
    name: str = ""
    identities: list[str] = field(default_factory=list)
    groups: list[tuple[str, str]] = field(default_factory=list)
    joined: date | None = None
    left: date | None = None

    def profile(self) -> bytes:
        """What is kept outside the log."""
        return to_json({"name": self.name, "identities": self.identities})


def read_people(lines: Iterable[str], name: str) -> list[Person]:
    """The people of a CSV table (RFC 4180) with a header; `groups` are `kind:group`, several with semicolons.

    Raises:
        RefusedTableError: a column or a value is wrong; nothing is read then.
    """
    reader = csv.DictReader(lines)
    unknown = [column for column in reader.fieldnames or () if column not in COLUMNS]
    if "member" not in (reader.fieldnames or ()) or unknown:
        raise RefusedTableError(
            f"{name}:1: the header must name {', '.join(COLUMNS)} (only `member` is required)"
            + (f"; it names {', '.join(map(repr, unknown))}" if unknown else "")
        )
    return [_person(row, f"{name}:{reader.line_num}") for row in reader]


def _person(row: dict[str, str | None], place: str) -> Person:
    said = {column: (row.get(column) or "").strip() for column in COLUMNS}
    fault = member_id_fault(said["member"])
    if fault is not None:
        raise RefusedTableError(f"{place}: member {said['member']!r} is no member id: {fault}")
    groups: list[tuple[str, str]] = []
    for part in filter(None, (each.strip() for each in said["groups"].split(";"))):
        kind, colon, group = part.partition(":")
        if not colon or not kind or not group:
            raise RefusedTableError(f"{place}: group {part!r} must be `kind:group`, such as team:Harbour")
        groups.append((kind, group))
    return Person(
        place,
        MemberId(said["member"]),
        said["name"],
        [each.strip() for each in said["identities"].split(";") if each.strip()],
        groups,
        _day(said["joined"], place, "joined"),
        _day(said["left"], place, "left"),
    )


def _day(text: str, place: str, column: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedTableError(f"{place}: {column} {text!r} is no date; write it like 2026-12-01") from None


def events_of(person: Person, standing: Standing | None, calendar: Calendar, now: Instant) -> Iterator[Message]:
    """What a line says that is not so yet, as events for the log."""
    known = standing or Standing()
    joined = now if person.joined is None else calendar.midnight(Day(person.joined.toordinal()))
    if known.left_at is None or (known.left and person.left is None):
        yield _message(person, "member.joined", {}, joined if known.left_at is None else now)
    held = {(kind, group) for kind, groups in known.groups().items() for group in groups}
    for kind, group in person.groups:
        if (kind, group) not in held:
            first = not any(move[4] == kind for move in known.moves)
            yield _message(person, "group.joined", {"kind": kind, "group": group}, joined if first else now)
    for kind, group in sorted(held - set(person.groups)):
        yield _message(person, "group.left", {"kind": kind, "group": group}, now)
    if person.left is not None and not known.left:
        yield _message(person, "member.left", {}, calendar.midnight(Day(person.left.toordinal())))


def _message(person: Person, kind: str, data: dict[str, str], at: Instant) -> Message:
    event = {
        "specversion": "1.0",
        "id": "/".join([person.member, kind, *data.values(), str(at)]),
        "source": SOURCE,
        "type": kind,
        "subject": person.member,
        "time": format_instant(at),
        "data": data,
    }
    return Message(to_json(event), place=person.place)


def profile_key(org: OrgId, member: MemberId) -> str:
    """Where a member's profile is kept."""
    return f"profile/{org}/{member}"

"""People from a table: what a personnel system knows, as events (joined, left, groups) and as profiles (names).

Names and identities in other systems are profiles: they stand outside the log and can be deleted. Events carry ids
made from what they say, so the same table can be brought again and again; what it no longer says is taken back.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import redis
from pydantic_core import from_json, to_json

from engine.calendar import Calendar
from engine.standing import Standing
from schemas.failures import Refused
from schemas.members import member_id_fault
from schemas.times import format_instant
from schemas.words import Day, Instant, MemberId, OrgId
from streams.copies import Copy
from streams.keys import Keys
from streams.quarantine import Message
from streams.shelf import Shelf

COLUMNS = ("member", "name", "identities", "groups", "joined", "left")
SOURCE = "karmalog/members"


class RefusedTableError(Refused, ValueError):
    """A table cannot be read; the message names file, line and what to do."""


@dataclass(slots=True)
class Person:
    """One line of the table; None: the table has no such column, and says nothing of it."""

    place: str
    member: MemberId
    name: str | None = None
    identities: list[str] | None = None
    groups: list[tuple[str, str]] | None = None
    joined: date | None = None
    left: date | None = None

    def profile(self, before: bytes | None) -> bytes:
        """What is kept outside the log; what the table says nothing of stays as it was `before`."""
        known = {"name": "", "identities": []} if before is None else from_json(before)
        said = {"name": self.name, "identities": self.identities}
        return to_json(known | {name: value for name, value in said.items() if value is not None})


class Table(NamedTuple):
    """A table as somebody wrote it."""

    name: str  # what faults call it
    text: str

    def people(self) -> list[Person]:
        """See `read_people`."""
        return read_people(io.StringIO(self.text, newline=""), self.name)


def read_people(lines: Iterable[str], name: str) -> list[Person]:
    """The people of a CSV table (RFC 4180) with a header; `groups` are `kind:group`, several with semicolons.

    A column that is not there says nothing; one that is empty says that there is none.

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
    try:
        return [_person(row, f"{name}:{reader.line_num}") for row in reader]
    except csv.Error as error:
        raise RefusedTableError(f"{name}:{reader.line_num}: this is no line of a CSV table: {error}") from error


def _person(row: dict[str, str | None], place: str) -> Person:
    if None in row:
        raise RefusedTableError(
            f"{place}: it has more fields than the header: put what has a comma in it into quotation marks, and "
            "several groups apart with semicolons"
        )
    said = {column: (row.get(column) or "").strip() for column in COLUMNS}
    fault = member_id_fault(said["member"])
    if fault is not None:
        raise RefusedTableError(f"{place}: member {said['member']!r} is no member id: {fault}")
    groups: list[tuple[str, str]] = []
    for part in _parts(said["groups"]):
        kind, colon, group = part.partition(":")
        if not colon or not kind or not group:
            raise RefusedTableError(f"{place}: group {part!r} must be `kind:group`, such as team:Harbour")
        groups.append((kind, group))
    return Person(
        place,
        MemberId(said["member"]),
        said["name"] if "name" in row else None,
        _parts(said["identities"]) if "identities" in row else None,
        groups if "groups" in row else None,
        _day(said["joined"], place, "joined"),
        _day(said["left"], place, "left"),
    )


def _parts(text: str) -> list[str]:
    return [each.strip() for each in text.split(";") if each.strip()]


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
    if not known.presence or (known.left and person.left is None):
        yield _message(person, "member.joined", {}, now if known.presence else joined)
    held = {(kind, group) for kind, groups in known.groups().items() for group in groups}
    said = sorted(held) if person.groups is None else person.groups
    for kind, group in said:
        if (kind, group) not in held:
            first = not any(move[4] == kind for move in known.moves)
            yield _message(person, "group.joined", {"kind": kind, "group": group}, joined if first else now)
    for kind, group in sorted(held - set(said)):
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


def profiles(org: OrgId) -> str:
    """Under which the profiles of an organisation stand, followed by the member."""
    return f"profile/{org}/"


def names_of(client: "redis.Redis", shelf: Shelf, org: OrgId) -> Copy:
    """Members' names as boards show them, by member; what stands on the shelf are the profiles."""
    return Copy(client, Keys(org).names(), shelf, profiles(org), _name)


def _name(profile: bytes) -> bytes | None:
    name = from_json(profile)["name"]
    return name.encode() or None

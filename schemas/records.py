"""A record of the log: an event as intake left it, with nothing about a person but member ids."""

from typing import NotRequired

from pydantic import JsonValue, TypeAdapter, with_config
from typing_extensions import TypedDict  # pydantic needs this one on Python 3.11

from schemas.words import Instant, MemberId, OrgId


@with_config(extra="forbid")
class Record(TypedDict):
    """One line of `karmalog.log`; kept for ever, written by karmalog alone."""

    org: OrgId
    id: str  # 32 hex digits: keyed hash of (source, the publisher's id); this is the event's identity
    source: str
    type: str
    subject: MemberId  # karmalog itself, in what it writes of its own
    time: Instant  # occurred
    recorded: Instant  # when the log took it, or when the publisher's history says so
    stamp: str  # 16 hex digits: keyed hash of type, subject, instant and data as received
    data: dict[str, JsonValue]
    run: NotRequired[str]  # the import that brought it; imported history does not move the clock


REFERENCE = "karmalog:"
"""How the name begins by which karmalog tells others of a record; then its `id` follows."""

RECORD: TypeAdapter[Record] = TypeAdapter(Record)
"""Reads (`validate_json`) and writes (`dump_json`) a record; 2 to 3 µs each."""

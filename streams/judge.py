"""Judges what comes in, before the log: one pure function for Kafka, HTTP and import, so all three agree.

An event is either taken, as a record that holds nothing about a person but member ids with its texts beside
it, or it waits in quarantine with the first verdict that applies, in the order of `schemas.verdicts`.
"""

import re
from collections.abc import Callable, Collection
from typing import Final, NamedTuple, cast

from pydantic import JsonValue

from engine.fairness.deciding import REQUESTS as ABOUT_ALERTS
from engine.ledger.deciding import REQUESTS
from schemas.activities import INTERNAL, PEOPLE
from schemas.envelope import Event, Undecodable, attribute_headers, received
from schemas.members import member_id_fault
from schemas.records import REFERENCE, Record
from schemas.shapes import Misfit
from schemas.strict_json import BYTES_MAX, RefusedJson, loads, quoted
from schemas.times import format_instant
from schemas.verdicts import Verdict
from schemas.words import FUTURE_MS_MAX, Instant, MemberId, OrgId
from streams.catalogue import Catalogue, Declared
from streams.hashing import Hasher
from streams.quarantine import Code, Message, Quarantined
from streams.texts import text_key

Allowed = Callable[[Event], bool]
"""Tells whether the publisher of an event that is no activity may send it."""


class Taken(NamedTuple):
    """An event that is ready for the log."""

    record: Record
    texts: dict[str, str]
    """What is kept outside the log, by field; empty for most."""

    @property
    def text_key(self) -> str:
        """Where its texts are kept."""
        record = self.record
        return text_key(record["org"], record["subject"], record["id"], record["stamp"])


class RefusedEvent(ValueError):
    """An event cannot be taken.

    Attributes:
        verdict: One of intake's.
        code: Why, for programs; stable.
        path: The attribute or field that is wrong; empty for the whole.
        detail: Why, for people, and what to do.
    """

    def __init__(self, verdict: Verdict, code: Code, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}" if path else detail)
        self.verdict: Final = verdict
        self.code: Final[Code] = code
        self.path: Final = path
        self.detail: Final = detail


def activities_only(_event: Event) -> bool:
    """Allow an ordinary publisher nothing but activities."""
    return False


def everything(_event: Event) -> bool:
    """Allow an operator all types but those that karmalog itself writes."""
    return True


def from_sources(sources: Collection[str]) -> Allowed:
    """Allow events that are no activities from these sources alone."""
    known = frozenset(sources)
    return lambda event: event["source"] in known


class Judge:
    """Intake's judgement for one kind of publisher; pure: message and moment decide the answer."""

    __slots__ = ("_allowed", "_catalogue_of", "_default_org", "_hasher", "_trust_recorded")

    def __init__(
        self,
        catalogue_of: Callable[[OrgId], Catalogue],
        hasher: Hasher,
        default_org: OrgId,
        *,
        allowed: Allowed = activities_only,
        trust_recorded: bool = False,
    ) -> None:
        """Take what is known.

        Args:
            catalogue_of: The types that an organisation knows, by its newest rulebook.
            hasher: Keyed with the secret of the installation.
            default_org: Whose an event is that names no organisation, where the publisher has none either.
            allowed: Which events that are no activities the publisher may send.
            trust_recorded: Whether it is history that says itself when it was recorded: its
                `recordedtime`, else its own time, never later than now.
        """
        self._catalogue_of: Final = catalogue_of
        self._hasher: Final = hasher
        self._default_org: Final = default_org
        self._allowed: Final = allowed
        self._trust_recorded: Final = trust_recorded

    def read(self, message: Message, *, now: Instant) -> Taken | Quarantined:
        """Return what became of one message.

        Nothing that a publisher sends makes this raise; what `catalogue_of` raises passes through.
        """
        event: Event | None = None
        try:
            event = received(message.headers, message.body)
            return self.judge(event, now=now, org=message.org)
        except Undecodable as why:
            reason = RefusedEvent(Verdict.UNDECODABLE, why.code, why.path, why.detail)
        except RefusedEvent as why:
            reason = why
        waiting = _quarantined(message, event, reason, now)
        if self._trust_recorded:
            waiting["history"] = True
        return waiting

    def judge(self, event: Event, *, now: Instant, org: str | None = None) -> Taken:
        """Return the record of an event, and its texts.

        Args:
            event: As its publisher sent it.
            now: The moment it came in.
            org: The organisation that the publisher may speak for; None: any.

        Raises:
            RefusedEvent: It cannot be taken; the first reason, in the order of the verdicts.
        """
        owner = self._owner(event, org)
        kind = event["type"]
        if kind in _NOT_ORDINARY:
            self._check_allowed(event)
        recorded = _recorded(event, now) if self._trust_recorded else now
        if event["time"] > recorded + FUTURE_MS_MAX:
            raise _future(event["time"], recorded)
        catalogue = self._catalogue_of(owner)
        known = catalogue.get(kind)
        if known is None:
            raise _unknown(kind, drops=catalogue.drops_undeclared)
        subject = _checked_subject(event["subject"])
        data, texts = _fitting(known, event["data"])
        if known.names_event:
            data["id"] = self._stored_id(cast("str", data.pop("source")), cast("str", data["id"]))
        for field in known.names_requests & data.keys():
            data[field] = self._stored_id(event["source"], cast("str", data[field]))
        if (text := _ASKED_FOR.get(kind)) in texts:
            data[text] = True
        record: Record = {
            "org": owner,
            "id": self._hasher.identity(event["source"], event["id"]),
            "source": event["source"],
            "type": kind,
            "subject": MemberId(subject),
            "time": event["time"],
            "recorded": recorded,
            "stamp": self._hasher.stamp(kind, subject, event["time"], event["data"]),
            "data": data,
        }
        return Taken(record, texts)

    def _stored_id(self, source: str, said: str) -> str:
        """Return the identity of an event: of one of the same source by its publisher's id, of any by its reference."""
        return said.removeprefix(REFERENCE) if _REFERENCE.fullmatch(said) else self._hasher.identity(source, said)

    def _owner(self, event: Event, org: str | None) -> OrgId:
        """Return whose the event is; refuse one that speaks for others."""
        named = event["org"]
        if named is not None and org is not None and named != org:
            raise RefusedEvent(
                Verdict.NOT_ALLOWED,
                "OTHER_ORGANISATION",
                "org",
                f"this publisher may speak for {quoted(org)} only; leave org out, or use a key (with a command: "
                f"KARMALOG_ORG) of {named}",
            )
        return OrgId(org or named or self._default_org)

    def _check_allowed(self, event: Event) -> None:
        """Refuse an event that is no activity from a publisher who may not send it."""
        kind = event["type"]
        if kind in INTERNAL:
            raise RefusedEvent(Verdict.NOT_ALLOWED, "RESERVED_TYPE", "type", f"only karmalog itself writes {kind}")
        if not self._allowed(event):
            raise RefusedEvent(
                Verdict.NOT_ALLOWED,
                "RESERVED_TYPE",
                "type",
                f"{kind} comes through the API, the commands or a source that the configuration names; "
                f"{quoted(event['source'])} is none",
            )


# What only some may send. A confirmation is an activity's other half: who may report the one may report both.
_NOT_ORDINARY: Final = (PEOPLE.keys() | INTERNAL) - {"activity.confirmed"}

# The text without which a request may be refused: the fold has to know that there is one, not what it says.
_ASKED_FOR: Final = dict.fromkeys(REQUESTS, "message") | dict.fromkeys(ABOUT_ALERTS, "reason")

_REFERENCE: Final = re.compile(rf"{REFERENCE}[0-9a-f]{{32}}")

_EMAIL: Final = re.compile(r"[^\s@]@[^\s@]")


def _recorded(event: Event, now: Instant) -> Instant:
    """Return when history says that the event was recorded; never later than now."""
    said = event["recordedtime"]
    return min(event["time"] if said is None else said, now)


def _unknown(kind: str, *, drops: bool) -> RefusedEvent:
    said = f"no activity is called {quoted(kind)}"
    if drops:
        said += ", and the rulebook keeps no such events (undeclared: drop)"
    return RefusedEvent(
        Verdict.UNKNOWN_TYPE,
        "DROPPED_TYPE" if drops else "UNDECLARED_TYPE",
        "type",
        f"{said}; correct it, or declare it in the rulebook",
    )


def _future(time: Instant, recorded: Instant) -> RefusedEvent:
    return RefusedEvent(
        Verdict.FUTURE,
        "FUTURE_TIME",
        "time",
        f"{format_instant(time)} is more than 5 minutes after {format_instant(recorded)}, when it was "
        "recorded; send what has happened, and check the clock and the offset",
    )


def _checked_subject(subject: str | None) -> str:
    """Return the member who did it; refuse what is no member id, and what should not be one."""
    if subject is None:
        raise RefusedEvent(Verdict.INVALID, "SUBJECT_MISSING", "subject", "it is missing; it says which member did it")
    if looks_like_an_email_address(subject):
        raise RefusedEvent(Verdict.INVALID, "EMAIL_SUBJECT", "subject", _NO_EMAIL)
    if (fault := member_id_fault(subject)) is not None:
        raise RefusedEvent(Verdict.INVALID, "BAD_SUBJECT", "subject", fault)
    return subject


def _fitting(known: Declared, data: JsonValue) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Return the declared fields of the data and its texts; refuse data that does not fit its type."""
    try:
        fitting = known.shape.check(data)
    except Misfit as why:
        path = f"data.{why.path}" if why.path else "data"
        raise RefusedEvent(Verdict.INVALID, "BAD_DATA", path, why.detail) from None
    for field in known.members:
        named = fitting.data.get(field)
        if isinstance(named, list):
            named = next(filter(looks_like_an_email_address, cast("list[str]", named)), None)
        if named is not None and looks_like_an_email_address(cast("str", named)):
            raise RefusedEvent(Verdict.INVALID, "EMAIL_MEMBER", f"data.{field}", _NO_EMAIL)
    return fitting


_NO_EMAIL: Final = "it looks like an e-mail address, which the log never keeps; send the member's id"


def looks_like_an_email_address(text: str) -> bool:
    """Tell whether something stands on both sides of an @; `@ann` is a handle and may be a member id."""
    return "@" in text and _EMAIL.search(text) is not None


def _quarantined(message: Message, event: Event | None, reason: RefusedEvent, now: Instant) -> Quarantined:
    headers = attribute_headers(message.headers)
    size = len(message.body) + sum(len(name) + len(value) for name, value in headers)
    return {
        "verdict": reason.verdict,
        "code": reason.code,
        "path": reason.path,
        "detail": reason.detail,
        "place": message.place,
        "at": now,
        "id": _claimed_id(message) if event is None else event["id"],
        "type": None if event is None else event["type"],
        "org": message.org,
        "headers": headers if size <= BYTES_MAX else [],
        "body": message.body[:BYTES_MAX],
        "size": size,
    }


def _claimed_id(message: Message) -> str | None:
    """Return the id of what is no event, where one can be read, so that its publisher finds it again."""
    for name, value in message.headers:
        if name.lower() in {"ce_id", "ce-id"} and value is not None:
            return value[:256].decode(errors="replace")
    try:
        said = loads(message.body)
    except RefusedJson:
        return None
    claimed = said.get("id") if isinstance(said, dict) else None
    return claimed[:256] if isinstance(claimed, str) else None

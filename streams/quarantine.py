"""What could not be taken, kept outside the log with its reason, so that it can be judged again."""

from base64 import b64encode
from typing import Annotated, Literal, NamedTuple, NotRequired

from pydantic import PlainSerializer, TypeAdapter, with_config
from typing_extensions import TypedDict  # pydantic needs this one on Python 3.11

from schemas.envelope import EnvelopeCode, Headers
from schemas.verdicts import Verdict
from schemas.words import Instant

Code = (
    EnvelopeCode
    | Literal[
        "RESERVED_TYPE",
        "OTHER_ORGANISATION",
        "FUTURE_TIME",
        "UNDECLARED_TYPE",
        "DROPPED_TYPE",
        "SUBJECT_MISSING",
        "EMAIL_SUBJECT",
        "BAD_SUBJECT",
        "EMAIL_MEMBER",
        "BAD_DATA",
    ]
)
"""Why, for programs: stable."""


class Message(NamedTuple):
    """One event as it came in, before anybody has read it."""

    body: bytes
    headers: Headers = ()
    place: str = ""
    """Where it can be found again: `karmalog.events/3/1042`, `history.jsonl:17`, `events[4]`."""
    org: str | None = None
    """The organisation that the publisher may speak for; None: any, on Kafka."""


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


# Said per field: a TypedDict's own `ser_json_bytes` is not asked when an adapter writes it.
Base64 = Annotated[bytes, PlainSerializer(_base64, when_used="json")]
"""Bytes that stand in JSON as base64."""


@with_config(extra="forbid", val_json_bytes="base64")
class Quarantined(TypedDict):
    """An event that waits outside the log."""

    verdict: Verdict
    code: Code
    path: str  # the attribute or field, such as `data.author`; empty for the whole
    detail: str  # a sentence: what is wrong and what to do
    place: str  # where the publisher put it
    at: Instant  # when it was judged
    id: str | None  # the publisher's, where it could be read
    type: str | None
    org: str | None  # the organisation that the publisher may speak for
    headers: list[tuple[str, Base64]]  # those of the event; never a credential
    body: Base64  # as received; of what is too large only the beginning
    size: int  # of body and headers as received, in bytes
    history: NotRequired[bool]  # it came with an import, whose recorded times are believed


QUARANTINED: TypeAdapter[Quarantined] = TypeAdapter(Quarantined)
"""Reads (`validate_json`) and writes (`dump_json`) a quarantined event; bytes are in base64."""


def waits(found: Quarantined) -> bool:
    """Whether it is taken by itself as soon as a rulebook declares its type."""
    return found["code"] == "UNDECLARED_TYPE"


def dropped(found: Quarantined) -> bool:
    """Whether its organisation wants no such events kept (`undeclared: drop`)."""
    return found["code"] == "DROPPED_TYPE"


def message_of(waiting: Quarantined) -> Message:
    """Return the message as it came in, to be judged again."""
    return Message(waiting["body"], waiting["headers"], waiting["place"], waiting["org"])

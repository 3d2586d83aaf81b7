"""CloudEvents 1.0: the three ways in which an event comes in, and the one shape that it has from here on.

Structured (the whole event is one JSON object), batch (an array of those) and binary (attributes in headers,
data in the body; Kafka writes `ce_id`, HTTP `ce-id` with percent-encoding) say the same thing: whichever way
an event came, its `Event` is equal. After CloudEvents 1.0.2, its JSON format, its HTTP and Kafka bindings.
"""

import base64
import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal, Required
from urllib.parse import unquote_to_bytes

from pydantic import JsonValue, SkipValidation, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict  # pydantic needs this one on Python 3.11

from schemas.strict_json import BYTES_MAX, DEPTH_MAX, JsonCode, RefusedJson, elements, loads, quoted
from schemas.times import RefusedTime, TimeCode, parse_instant
from schemas.words import Instant

Headers = Sequence[tuple[str, bytes | None]]
"""Names and values of a Kafka record or an HTTP request, as they came; one without a value says nothing."""

EnvelopeCode = (
    JsonCode
    | TimeCode
    | Literal[
        "NOT_AN_OBJECT",
        "SPEC_VERSION",
        "MISSING_ATTRIBUTE",
        "EMPTY_ATTRIBUTE",
        "WRONG_TYPE",
        "BAD_CHARACTER",
        "ID_TOO_LONG",
        "SOURCE_TOO_LONG",
        "TYPE_TOO_LONG",
        "BAD_ORGANISATION",
        "CONTENT_TYPE",
        "BAD_BASE64",
        "DUPLICATE_HEADER",
    ]
)


class Event(TypedDict):
    """An event as its publisher sent it, whatever the way."""

    id: str  # the publisher's; 1 to 256 bytes; never enters the log
    source: str  # 1 to 1,024 bytes
    type: str  # 1 to 256 bytes
    subject: str | None
    time: Instant  # occurred
    data: JsonValue  # an object if it fits its type; {} where none was sent
    org: str | None
    recordedtime: Instant | None  # believed of an import only


class Undecodable(ValueError):
    """What came in is no CloudEvents 1.0 event in strict JSON.

    Attributes:
        code: Which rule it breaks; stable.
        path: The attribute or header that is wrong; empty for the whole.
        detail: A sentence that says what is wrong and what to do.
    """

    def __init__(self, code: EnvelopeCode, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}" if path else detail)
        self.code: Final[EnvelopeCode] = code
        self.path: Final = path
        self.detail: Final = detail


def received(headers: Headers, body: bytes) -> Event:
    """Return the event of one message, in whichever mode it was sent.

    A content type that begins with `application/cloudevents` says structured; else attributes in headers say
    binary; else the body has to be the whole event, whatever its content type says.

    Raises:
        Undecodable: It is none.
    """
    if not headers:
        return structured(body)
    content_type = next((value for name, value in headers if name.lower() == "content-type"), None) or b""
    media_type = content_type.split(b";")[0].strip().lower()
    if media_type.startswith(b"application/cloudevents"):
        if media_type not in _STRUCTURED:
            raise Undecodable("CONTENT_TYPE", "content-type", "send one event as application/cloudevents+json")
        return structured(body)
    if any(name[:3].lower() in _PREFIXES for name, _ in headers):
        return binary(headers, body)
    return structured(body)


def structured(raw: bytes) -> Event:
    """Return the event that a JSON object says.

    `data_base64` is decoded and read as the body of a binary event is: the specification makes the two one.

    Raises:
        Undecodable: It is none.
    """
    envelope = _envelope(_json(raw, "", DEPTH_MAX))
    data, encoded = envelope.get("data"), envelope.get("data_base64")
    if encoded is None:
        return _event(envelope, data)
    if data is not None:
        raise Undecodable("BAD_BASE64", "data_base64", "data is there as well; send one of the two")
    try:
        body = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Undecodable("BAD_BASE64", "data_base64", "it is not base64 (RFC 4648)") from None
    return _event(envelope, _data(body, path="data_base64"))


def binary(headers: Headers, body: bytes) -> Event:
    """Return the event whose attributes stand in headers and whose data is the body.

    Values of `ce-…` headers are percent-decoded once (HTTP), those of `ce_…` are UTF-8 as they are (Kafka).
    A header that is neither, and an attribute that we do not know, is ignored. An empty body is no data.

    Raises:
        Undecodable: It is none.
    """
    attributes: dict[str, JsonValue] = {}
    ours = attribute_headers(headers)
    size = len(body) + sum(len(name) + len(value) for name, value in ours)
    if size > BYTES_MAX:
        raise Undecodable("TOO_LARGE", "", f"{size:,} bytes; an event may have at most {BYTES_MAX:,}")
    for name, value in ours:
        attribute = _ATTRIBUTES.get(name.lower())
        if attribute is None:
            continue
        if attribute in attributes:
            raise Undecodable("DUPLICATE_HEADER", attribute, f"the header {name} repeats it; send it once")
        attributes[attribute] = _header_text(name, value, attribute)
    return _event(_envelope(attributes), _data(body, path="data"))


def attribute_headers(headers: Headers) -> list[tuple[str, bytes]]:
    """Return the headers that say something about an event; credentials and cookies are none of them."""
    return [
        (name, value)
        for name, value in headers
        if value is not None and (name[:3].lower() in _PREFIXES or name.lower() == "content-type")
    ]


def batch(raw: bytes) -> list[Event | Undecodable]:
    """Return the events of a JSON array, each judged alone; a bad one stands as its own reason.

    Raises:
        Undecodable: The whole is no array.
    """
    return [_event_or_reason(part) for part in parts(raw)]


def parts(raw: bytes) -> list[bytes]:
    """Return the events of a batch as they were sent, so that each can be judged and kept alone.

    Raises:
        Undecodable: It is no array.
    """
    try:
        return elements(raw)
    except RefusedJson as refused:
        raise Undecodable(refused.code, "", f"{refused.detail}; a batch is [{{…}}, {{…}}]") from None


@with_config(strict=True, extra="ignore")
class _Envelope(TypedDict, total=False):
    """What the specification and we read of an event; other attributes are ignored, null is as if absent."""

    specversion: Required[Literal["1.0"]]
    id: Required[str]
    source: Required[str]
    type: Required[str]
    time: Required[str]
    subject: str | None
    datacontenttype: str | None
    org: str | None
    recordedtime: str | None
    data: Annotated[JsonValue, SkipValidation]  # it is JSON already
    data_base64: str | None


_ENVELOPE: TypeAdapter[_Envelope] = TypeAdapter(_Envelope)

_PREFIXES: Final = ("ce_", "ce-")
_ATTRIBUTES: Final = {
    f"{prefix}{attribute}": attribute
    for attribute in _Envelope.__annotations__
    if attribute not in {"data", "data_base64"}
    for prefix in _PREFIXES
} | {"content-type": "datacontenttype"}

_LENGTHS: Final[tuple[tuple[Literal["id", "source", "type"], int, EnvelopeCode], ...]] = (
    ("id", 256, "ID_TOO_LONG"),
    ("source", 1_024, "SOURCE_TOO_LONG"),
    ("type", 256, "TYPE_TOO_LONG"),
)
"""The longest that each may be, in bytes of UTF-8."""
_SHORT: Final = 256  # what is together no longer than the shortest of them breaks none

_STRUCTURED: Final = {b"application/cloudevents+json", b"application/cloudevents"}
ORGANISATION: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What the name of an organisation may be."""

_ORGANISATION: Final = re.compile(ORGANISATION)

# The specification (1.0.2, "Type System") keeps control characters and noncharacters out of attributes.
_BAD_CHARACTER: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)


def _event_or_reason(raw: bytes) -> Event | Undecodable:
    try:
        return structured(raw)
    except Undecodable as reason:
        return reason


def _json(raw: bytes, path: str, depth_max: int) -> JsonValue:
    try:
        return loads(raw, depth_max=depth_max)
    except RefusedJson as refused:
        raise Undecodable(refused.code, path, refused.detail) from None


def _data(body: bytes, *, path: str) -> JsonValue:
    """Return what a body says on its own; it may be as deep as it may be inside an envelope."""
    return _json(body, path, DEPTH_MAX - 1) if body else None


def _envelope(value: JsonValue) -> _Envelope:
    try:
        return _ENVELOPE.validate_python(value)
    except ValidationError as error:
        raise _fault(error) from None


def _fault(error: ValidationError) -> Undecodable:
    """Return the first thing that is wrong with an envelope, in the order of its attributes."""
    first = error.errors(include_url=False)[0]
    if not first["loc"]:
        return Undecodable("NOT_AN_OBJECT", "", "an event is a JSON object, such as {…}")
    attribute = str(first["loc"][0])
    if first["type"] == "missing" or first["input"] is None:
        return Undecodable("MISSING_ATTRIBUTE", attribute, "it is missing; every event has one")
    if attribute == "specversion":
        return Undecodable("SPEC_VERSION", attribute, 'it has to be "1.0", the version of CloudEvents')
    return Undecodable("WRONG_TYPE", attribute, "it has to be a text, in quotation marks")


def _event(envelope: _Envelope, data: JsonValue) -> Event:
    """Return the event of an envelope whose attributes are texts; what they say is checked here."""
    identity, source, kind = envelope["id"], envelope["source"], envelope["type"]
    names = identity + source + kind
    if not (identity and source and kind and len(names) <= _SHORT and names.isascii() and names.isprintable()):
        for attribute, bytes_max, too_long in _LENGTHS:  # hardly ever: nearly all are short and plain
            _check_text(attribute, envelope[attribute], bytes_max, too_long)
    content_type = envelope.get("datacontenttype")
    if content_type is not None and content_type != "application/json" and not _is_json(content_type):
        raise Undecodable("CONTENT_TYPE", "datacontenttype", f"{quoted(content_type)} is not JSON; send JSON")
    org = envelope.get("org")
    if org is not None and not _ORGANISATION.fullmatch(org):
        raise Undecodable(
            "BAD_ORGANISATION", "org", "an organisation is 1 to 64 letters, digits, dots, dashes, underscores"
        )
    recorded = envelope.get("recordedtime")
    return {
        "id": identity,
        "source": source,
        "type": kind,
        "subject": envelope.get("subject"),
        "time": _instant("time", envelope["time"]),
        "data": {} if data is None else data,
        "org": org,
        "recordedtime": None if recorded is None else _instant("recordedtime", recorded),
    }


def _check_text(attribute: str, text: str, bytes_max: int, too_long: EnvelopeCode) -> None:
    """Refuse what an attribute may not be."""
    if not text:
        raise Undecodable("EMPTY_ATTRIBUTE", attribute, "it is empty; every event has one")
    if (bad := _BAD_CHARACTER.search(text)) is not None:
        where = f"U+{ord(bad[0]):04X} at character {bad.start() + 1}"
        raise Undecodable("BAD_CHARACTER", attribute, f"{where} may not stand in an attribute; leave it out")
    if (size := len(text.encode())) > bytes_max:
        raise Undecodable(too_long, attribute, f"{size:,} bytes of UTF-8; at most {bytes_max:,} are allowed")


def _instant(attribute: str, text: str) -> Instant:
    try:
        return parse_instant(text)
    except RefusedTime as refused:
        raise Undecodable(refused.code, attribute, refused.detail) from None


def _is_json(content_type: str) -> bool:
    """Tell whether a media type, with or without parameters, says JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type in {"application/json", "text/json"} or media_type.endswith("+json")


def _header_text(name: str, value: bytes, attribute: str) -> str:
    """Return the text of a header's value, by the rules of the binding that its name belongs to."""
    if name[2:3] == "-":
        if len(value) > 1 and value[:1] == value[-1:] == b'"':
            value = re.sub(rb"\\(.)", rb"\1", value[1:-1])
        value = unquote_to_bytes(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Undecodable("NOT_UTF8", attribute, f"the header {name} is not UTF-8") from None

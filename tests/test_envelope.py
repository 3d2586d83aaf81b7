"""The envelope: strict JSON, RFC 3339 and the three modes of CloudEvents."""

import json
import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Event, Undecodable, batch, binary, parts, received, structured
from schemas.strict_json import RefusedJson, canonical, elements, loads
from schemas.times import RefusedTime, format_instant, parse_instant
from schemas.words import Instant

REVIEWS = Path(__file__).parent / "data" / "reviews" / "head5000.jsonl"
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


def code_of(raw: bytes) -> str:
    with pytest.raises(RefusedJson) as refused:
        loads(raw)
    return refused.value.code


# --- strict JSON ---


@given(VALUES, st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n ")]))
def test_what_is_written_is_read(value: object, separators: tuple[str, str]) -> None:
    assert loads(json.dumps(value, separators=separators).encode()) == value
    assert loads(json.dumps(value, separators=separators, ensure_ascii=False).encode()) == value


# A key or a string as it may be written: plain, with quotation marks, with the key's own letters escaped.
WRITTEN = st.sampled_from(['"a"', r'"\u0061"', '"b"', r'"\""', r'"\\"', r'"\\\""', '":"', '""', r'"a\":"'])
SPACE = st.sampled_from(["", " ", "\n\t"])


@st.composite
def objects(draw: st.DrawFn, depth: int = 3) -> tuple[str, bool]:
    """Draws the text of an object, and whether a key is repeated anywhere in it."""
    keys = draw(st.lists(WRITTEN, max_size=4))
    repeated = len({json.loads(key) for key in keys}) < len(keys)
    members = []
    for key in keys:
        inside = draw(objects(depth - 1)) if depth and draw(st.booleans()) else (draw(WRITTEN), False)
        repeated |= inside[1]
        text = f"[1,{inside[0]}]" if draw(st.booleans()) else inside[0]
        members.append(draw(SPACE) + key + draw(SPACE) + ":" + draw(SPACE) + text)
    return "{" + ",".join(members) + "}", repeated


@given(objects())
def test_a_key_is_refused_exactly_if_it_is_repeated_in_one_object(drawn: tuple[str, bool]) -> None:
    text, repeated = drawn
    if repeated:
        assert code_of(text.encode()) == "DUPLICATE_KEY"
    else:
        assert loads(text.encode()) == json.loads(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_code(raw: bytes) -> None:
    with suppress(RefusedJson):
        loads(raw)


@given(VALUES)
def test_no_value_read_holds_what_json_cannot_say(value: object) -> None:
    text = json.dumps(value)
    for wrong in ("NaN", "-Infinity", "1e400"):
        assert code_of(f"[{text},{wrong}]".encode()) in {"NOT_A_NUMBER", "NUMBER_OVERFLOW"}


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    backwards = {key: value[key] for key in reversed(value)}
    assert canonical([backwards]) == canonical([value])  # type: ignore[list-item]
    assert canonical(backwards) == canonical(value)  # type: ignore[arg-type]


@given(VALUES)
def test_canonical_json_says_the_same_value(value: object) -> None:
    assert json.loads(canonical(value)) == value  # type: ignore[arg-type]


@given(
    st.dictionaries(
        TEXTS, TEXTS | st.integers() | st.booleans() | st.none() | st.floats(1e-6, 1e17) | st.floats(-1e17, -1e-6)
    )
)
def test_both_writers_of_canonical_json_agree(value: dict[str, object]) -> None:
    whole = {key: int(item) if isinstance(item, float) and item.is_integer() else item for key, item in value.items()}
    plain = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical(value) == plain.encode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "1"),
        ("1e2", "100"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("1E+2", "1e2"),
        ("1.50", "1.5"),
        ("1e20", "100000000000000000000"),
        (r'"\u0041"', '"A"'),
        (r'"\/"', '"/"'),
        ('{"b":1,"a":{"d":1,"c":2}}', '{"a":{"c":2,"d":1},"b":1.0}'),
    ],
)
def test_canonical_json_is_one_for_two_ways_to_write_a_value(one: str, other: str) -> None:
    assert canonical(loads(one.encode())) == canonical(loads(other.encode()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "true"),
        ("0", "false"),
        ("1", '"1"'),
        ("null", '"null"'),
        ("9007199254740992", "9007199254740993"),
        ('"é"', '"e\u0301"'),
        ("[1,2]", "[2,1]"),
        ("{}", "[]"),
        ('{"a":null}', "{}"),
    ],
)
def test_canonical_json_differs_where_values_differ(one: str, other: str) -> None:
    assert canonical(loads(one.encode())) != canonical(loads(other.encode()))


# --- times ---

EARLIEST, LATEST = datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("9999-12-30")
ZONES = st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(EARLIEST, LATEST, timezones=ZONES))
def test_a_timestamp_is_its_milliseconds_since_1970(moment: datetime) -> None:
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert parse_instant(moment.isoformat()) == expected
    assert parse_instant(moment.isoformat().lower().replace("+00:00", "z")) == expected


@given(st.integers(0, 253_402_300_799_999))
def test_an_instant_is_written_so_that_it_is_read_back(ms: int) -> None:
    text = format_instant(Instant(ms))
    assert parse_instant(text) == ms
    assert text.endswith("Z")
    assert ("." in text) == (ms % 1_000 != 0)


@given(st.text(alphabet="0123456789-:TZtz.+ ", max_size=30) | st.text(max_size=30))
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    with suppress(RefusedTime):
        assert parse_instant(text) >= 0


def test_what_is_finer_than_a_millisecond_is_cut_off() -> None:
    assert parse_instant("2024-12-31T23:59:59.999999999Z") == parse_instant("2024-12-31T23:59:59.999Z")


# --- the three modes ---


def in_kafka(raw: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    """The same event in binary mode, as a Kafka client sends it."""
    event = json.loads(raw)
    data = json.dumps(event.pop("data")).encode()
    content_type = event.pop("datacontenttype").encode()
    return [
        ("content-type", content_type),
        *((f"ce_{key}", value.encode()) for key, value in event.items()),
    ], data


def test_real_events_are_equal_in_all_three_modes() -> None:
    lines = REVIEWS.read_bytes().splitlines()[:500]
    events = [structured(line) for line in lines]
    assert [binary(*in_kafka(line)) for line in lines] == events
    assert batch(b"[" + b" ,\n".join(lines) + b"]") == events
    assert events[0] == Event(
        id="git:coreboot:d06ee8c2da7f:pdbc84b13",
        source="/git/coreboot",
        type="code_review.given",
        subject="pdbc84b13",
        time=Instant(1_427_914_402_000),
        data={
            "author": "p62273eab",
            "repository": "coreboot",
            "change": "d06ee8c2da7f",
            "lines_changed": 4,
            "files_changed": 1,
        },
        org=None,
        recordedtime=None,
    )


GOOD = REVIEWS.read_bytes().splitlines()[0]
HEADERS, DATA = in_kafka(GOOD)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([], GOOD),
        ([("traceparent", b"00-1")], GOOD),
        ([("content-type", b"application/cloudevents+json; charset=UTF-8")], GOOD),
        ([("Content-Type", b"Application/CloudEvents+JSON")], GOOD),
        ([("content-type", b"application/json")], GOOD),
        ([("content-type", b"application/x-www-form-urlencoded")], GOOD),
        ([("content-type", b"application/cloudevents+json"), ("ce_id", b"ignored")], GOOD),
        (HEADERS, DATA),
        ([(name.upper(), value) for name, value in HEADERS], DATA),
        ([*HEADERS, ("ce_comexampleext", b"x"), ("ce_data", b"x"), ("ce_data_base64", b"x")], DATA),
        ([*HEADERS, ("ce_subject", None)], DATA),
    ],
)
def test_the_mode_is_told_by_the_headers(headers: list[tuple[str, bytes | None]], body: bytes) -> None:
    assert received(headers, body) == structured(GOOD)


@pytest.mark.parametrize(
    ("headers", "code", "path"),
    [
        ([("content-type", b"application/cloudevents+avro")], "CONTENT_TYPE", "content-type"),
        ([("content-type", b"application/cloudevents-batch+json")], "CONTENT_TYPE", "content-type"),
        ([("ce_id", b"1")], "MISSING_ATTRIBUTE", "specversion"),
        ([*HEADERS, ("ce_id", b"other")], "DUPLICATE_HEADER", "id"),
        ([*HEADERS, ("ce-id", b"other")], "DUPLICATE_HEADER", "id"),
        ([*HEADERS, ("ce_org", b"\xff")], "NOT_UTF8", "org"),
        ([*HEADERS, ("ce-org", b"%ff")], "NOT_UTF8", "org"),
        ([*HEADERS, ("ce-org", b"%C0%A0")], "NOT_UTF8", "org"),
        ([*HEADERS, ("ce_ext", b"x" * 65_536)], "TOO_LARGE", ""),
    ],
)
def test_headers_that_say_no_event_are_refused(headers: list[tuple[str, bytes | None]], code: str, path: str) -> None:
    with pytest.raises(Undecodable) as refused:
        received(headers, DATA)
    assert (refused.value.code, refused.value.path) == (code, path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        (b"%e2%82%ac", "€"),
        (b"%41", "A"),
        (b"%2541", "%41"),
        (b"100%", "100%"),
        (b'"a \\"b\\" c"', 'a "b" c'),
        (b'"', '"'),
        (b"a+b", "a+b"),
    ],
)
def test_http_headers_are_percent_decoded_once_and_kafka_headers_never(value: bytes, text: str) -> None:
    others = [header for header in HEADERS if header[0] != "ce_id"]
    assert binary([*others, ("ce-id", value)], DATA)["id"] == text
    assert binary([*others, ("ce_id", value)], DATA)["id"] == value.decode()


# --- batches ---


@given(st.lists(VALUES, max_size=4), SPACE)
def test_a_batch_gives_its_elements_as_they_were_sent(values: list[object], space: str) -> None:
    sent = [json.dumps(value).encode() for value in values]
    raw = (f"{space}[{space}").encode() + f"{space},{space}".encode().join(sent) + (f"{space}]{space}").encode()
    assert elements(raw) == sent


@given(st.binary(max_size=100) | st.text(alphabet='[]{},"\\a ', max_size=30).map(str.encode))
def test_any_bytes_are_a_batch_or_refused(raw: bytes) -> None:
    try:
        valid = json.loads(raw)
    except (ValueError, RecursionError):
        valid = None
    if isinstance(valid, list):
        assert [json.loads(element) for element in elements(raw)] == valid
    else:
        with suppress(RefusedJson):
            elements(raw)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[", b"[{}", b"[]]", b"[] x", b"x[]", b'["]', b'[{"a":"\\"}]', b"null"])
def test_what_is_no_whole_array_is_no_batch(raw: bytes) -> None:
    with pytest.raises(Undecodable, match="not one whole JSON array"):
        parts(raw)


def test_a_bad_event_in_a_batch_is_refused_alone() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    found = batch(b"[" + b",".join([GOOD, b'{"a":1,"a":2}', deep, b"", b"{'a'}", GOOD]) + b"]")
    codes = [item.code if isinstance(item, Undecodable) else "" for item in found]
    assert codes == ["", "DUPLICATE_KEY", "TOO_LARGE", "EMPTY", "NOT_JSON", ""]
    assert found[0] == found[5] == structured(GOOD)


def test_no_double_is_read_as_infinity() -> None:
    greatest = loads(b"1.7976931348623157e308")
    assert isinstance(greatest, float)
    assert math.isfinite(greatest)
    assert code_of(b"1.7976931348623159e308") == "NUMBER_OVERFLOW"

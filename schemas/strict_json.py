"""Strict JSON: every text has one meaning, so every reader of an event reads the same event.

RFC 8259 leaves open what a repeated key, a number too big for a double, half a surrogate pair or a byte
order mark mean. Here each is refused, with a code, in one place, before anything else looks at the text.
"""

import json
import re
from collections.abc import Iterable
from typing import Final, Literal, cast

from pydantic import JsonValue
from pydantic_core import from_json, to_json

BYTES_MAX: Final = 65_536
"""The most bytes one event may have: 64 KiB."""

DEPTH_MAX: Final = 20
"""The most arrays and objects that may stand inside one another; the outermost one counts."""

NUMBER_MAX: Final = 1.7976931348623157e308
"""The greatest double. An integer may not be greater either: no reader could compare it with a number."""

JsonCode = Literal[
    "TOO_LARGE",
    "EMPTY",
    "BYTE_ORDER_MARK",
    "NOT_UTF8",
    "NOT_JSON",
    "NOT_AN_ARRAY",
    "NOT_A_NUMBER",
    "NUMBER_OVERFLOW",
    "LONE_SURROGATE",
    "DUPLICATE_KEY",
    "TOO_DEEP",
]


class RefusedJson(ValueError):
    """The text is not strict JSON.

    Attributes:
        code: Which rule it breaks; stable.
        detail: A sentence that says what is wrong, where, and what to do.
    """

    def __init__(self, code: JsonCode, detail: str) -> None:
        super().__init__(detail)
        self.code: Final[JsonCode] = code
        self.detail: Final = detail


def loads(raw: bytes, *, depth_max: int = DEPTH_MAX) -> JsonValue:
    """Return the one value that `raw` says.

    Args:
        raw: JSON in UTF-8, at most `BYTES_MAX` bytes.
        depth_max: How many arrays and objects may stand inside one another, the outermost included.

    Raises:
        RefusedJson: The text breaks a rule; the code says which.
    """
    if len(raw) > BYTES_MAX:
        raise RefusedJson("TOO_LARGE", f"{len(raw):,} bytes; an event may have at most {BYTES_MAX:,}")
    try:
        value = cast("JsonValue", from_json(raw, allow_inf_nan=False))
    except ValueError as fault:
        raise _diagnosis(raw, str(fault)) from None
    # Two quotation marks delimit every key and every string of the text; escaped ones only add to their
    # number. The parser keeps all of them but the repeated keys. So where there are exactly two marks to
    # each that it kept, no key was repeated. Where there are more, the pairs have to be looked at.
    if raw.count(b'"') != 2 * _literals(value, depth_max):
        json.loads(raw.decode(), object_pairs_hook=_without_repeats)
    return value


def elements(raw: bytes) -> list[bytes]:
    """Return the elements of an array as they were sent; `loads` says of each what it is.

    Only brackets and commas outside of strings are looked at, in one pass, whatever the depth.

    Raises:
        RefusedJson: It is no array.
    """
    text = raw.strip(_SPACES)
    found: list[bytes] = []
    depth, begin = 0, 1
    for token in _TOKENS.finditer(text):
        depth += _DEEPER.get(token[0], 0)
        if depth == 0 or (depth == 1 and token[0] == b","):
            found.append(text[begin : token.start()].strip(_SPACES))
            begin = token.end()
        if depth == 0:
            break
    if depth != 0 or text[:1] != b"[" or begin != len(text):
        raise RefusedJson("NOT_AN_ARRAY", "this is not one whole JSON array")
    return [] if found == [b""] else found


def canonical(value: JsonValue) -> bytes:
    """Return the canonical JSON of `value`: equal values, and only those, give equal bytes.

    After RFC 8785, but for two things that keep distinct values distinct: keys are in the order of their
    code points, and whole numbers of any size are written with all their digits. So `1.0` and `1`, `1e2`
    and `100`, `-0.0` and `0` are one value each, while 2**53 and 2**53 + 1 are two. Texts are compared by
    code points: a composed letter is not a decomposed one.
    """
    if isinstance(value, dict):
        flat: dict[str, JsonValue] = {}
        for name in sorted(value):
            item = value[name]
            if type(item) is float:
                if item.is_integer():
                    item = int(item)
                elif not _PLAIN_MIN <= abs(item) < _PLAIN_MAX:
                    break
            elif type(item) is dict or type(item) is list:
                break
            flat[name] = item
        else:  # flat data, as most events carry: a quicker writer says the same
            return to_json(flat)
    return _encoded(_with_whole_numbers(value)).encode()


def quoted(text: str) -> str:
    """Return `text` as a message shows it: in quotation marks, printable ASCII, cut after 60 characters."""
    return json.dumps(text) if len(text) <= _SHOWN_MAX else json.dumps(text[:_SHOWN_MAX]) + " (cut)"


_PLAIN_MIN: Final = 1e-4  # from here on and below the other, every writer writes doubles without an exponent
_PLAIN_MAX: Final = 1e15
_SHOWN_MAX: Final = 60
_SPACES: Final = b" \t\r\n"
_DEEPER: Final = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_TOKENS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)

_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode

_SURROGATE_ESCAPE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_PLACE: Final = re.compile(r" at line (\d+) column (\d+)$")
_NOT_A_NUMBER: Final = re.compile(rb".?-?(NaN|Infinity)")


def _literals(value: JsonValue, depth_left: int) -> int:
    """Return how many keys and strings `value` holds; refuse what is too deep or too great."""
    items: Iterable[JsonValue]
    if isinstance(value, dict):
        count, items = len(value), value.values()
    elif isinstance(value, list):
        count, items = 0, value
    elif isinstance(value, str):
        return 1
    elif value is not None and abs(value) > NUMBER_MAX:
        raise _overflow()
    else:
        return 0
    if not depth_left:
        raise _too_deep()
    for item in items:
        if type(item) is str:
            count += 1
        elif type(item) is not int or abs(item) > NUMBER_MAX:
            count += _literals(item, depth_left - 1)
    return count


def _without_repeats(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return the pairs of one object as a dict; refuse a key that stands there twice."""
    found: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in found:
            raise RefusedJson(
                "DUPLICATE_KEY", f"the key {quoted(key)} stands more than once in one object; send it once"
            )
        found[key] = value
    return found


def _with_whole_numbers(value: JsonValue) -> JsonValue:
    """Return `value` with each number that is whole as an int, whatever way it was written."""
    if isinstance(value, dict):
        return {key: _with_whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _overflow() -> RefusedJson:
    return RefusedJson("NUMBER_OVERFLOW", "a number is greater than a double can hold (1.8e308)")


def _too_deep() -> RefusedJson:
    return RefusedJson("TOO_DEEP", f"more than {DEPTH_MAX} arrays and objects stand inside one another")


def _diagnosis(raw: bytes, fault: str) -> RefusedJson:
    """Return why the parser refused `raw`; `fault` is its own message, which ends with the place."""
    if (unreadable := _unreadable(raw)) is not None:
        return unreadable
    if "recursion limit" in fault:
        return _too_deep()
    if "number out of range" in fault:
        return _overflow()
    at = _PLACE.search(fault)
    where = "" if at is None else f", at line {at[1]} column {at[2]}"
    if "hex escape" in fault and _SURROGATE_ESCAPE.search(raw):
        return RefusedJson("LONE_SURROGATE", f"an escape is one half of a pair of surrogates{where}")
    if at is not None and _points_at_not_a_number(raw, int(at[1]), int(at[2])):
        return RefusedJson("NOT_A_NUMBER", f"JSON has no NaN and no Infinity{where}; leave the field out")
    return RefusedJson("NOT_JSON", f"this is not JSON: {fault}")


def _unreadable(raw: bytes) -> RefusedJson | None:
    """Return why `raw` is no text in UTF-8 at all."""
    if not raw.strip():
        return RefusedJson("EMPTY", "there is no text; send a JSON object")
    if raw.startswith(b"\xef\xbb\xbf"):
        return RefusedJson("BYTE_ORDER_MARK", "the text begins with a byte order mark; send it without")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return RefusedJson("NOT_UTF8", "the text is UTF-16; send UTF-8")
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return RefusedJson("NOT_UTF8", f"the byte {raw[wrong.start]:#04x} at {wrong.start} is not UTF-8")
    return None


def _points_at_not_a_number(raw: bytes, line: int, column: int) -> bool:
    """Tell whether the place that the parser names, counted from 1, holds NaN or an infinity."""
    return _NOT_A_NUMBER.match(raw.split(b"\n")[line - 1][max(column - 2, 0) :]) is not None

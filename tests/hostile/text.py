"""Cases that are wrong as text: encoding, syntax, size, depth, repeated keys."""

from tests.hostile.case import ACCEPTED, Case, event, spliced, text

_U = "UNDECODABLE"


def _good(name: str) -> bytes:
    return event(name, ACCEPTED).body


def _of_size(name: str, size: int) -> bytes:
    """A good event, made as long as wanted by spaces before its last brace."""
    good = _good(name)
    return good[:-1] + b" " * (size - len(good)) + b"}"


def _extra(value: str, name: str) -> str:
    """Good data with a field that nobody declared."""
    return f'{{"author":"ben","change":"{name}","extra":{value}}}'


TEXT: tuple[Case, ...] = (
    # nothing, or something that is no object
    text("empty-body", _U, "EMPTY", b""),
    text("only-spaces", _U, "EMPTY", b"   "),
    text("null", _U, "NOT_AN_OBJECT", b"null"),
    text("number", _U, "NOT_AN_OBJECT", b"5"),
    text("string", _U, "NOT_AN_OBJECT", b'"an event"'),
    text("empty-array", _U, "NOT_AN_OBJECT", b"[]"),
    text("array-of-one-event", _U, "NOT_AN_OBJECT", b"[" + _good("array-of-one-event") + b"]"),
    text("empty-object", _U, "MISSING_ATTRIBUTE", b"{}"),
    # encoding
    text("byte-order-mark", _U, "BYTE_ORDER_MARK", b"\xef\xbb\xbf" + _good("byte-order-mark")),
    text("utf-16-with-mark", _U, "NOT_UTF8", _good("utf-16-with-mark").decode().encode("utf-16")),
    text("utf-16-le", _U, "NOT_JSON", _good("utf-16-le").decode().encode("utf-16-le")),
    text("utf-16-be", _U, "NOT_JSON", _good("utf-16-be").decode().encode("utf-16-be")),
    text("utf-8-broken", _U, "NOT_UTF8", _good("utf-8-broken").replace(b"ben", b"b\xffn")),
    text("utf-8-overlong", _U, "NOT_UTF8", _good("utf-8-overlong").replace(b"ben", b"b\xc0\xaen")),
    text("utf-8-cut", _U, "NOT_UTF8", _good("utf-8-cut").replace(b"ben", b"b\xc3")),
    text("utf-8-surrogate", _U, "NOT_UTF8", _good("utf-8-surrogate").replace(b"ben", b"b\xed\xa0\x80")),
    text("latin-1", _U, "NOT_UTF8", _good("latin-1").replace(b"ben", "bén".encode("latin-1"))),
    text("random-bytes", _U, "NOT_UTF8", bytes(range(128, 256))),
    # half characters
    event("lone-lead-surrogate", _U, "LONE_SURROGATE", data=_extra(r'"\ud800"', "lone-lead-surrogate")),
    event("lone-trail-surrogate", _U, "LONE_SURROGATE", data=_extra(r'"\udc00"', "lone-trail-surrogate")),
    event("surrogates-swapped", _U, "LONE_SURROGATE", data=_extra(r'"\udc00\ud800"', "surrogates-swapped")),
    event("lead-surrogate-and-letter", _U, "LONE_SURROGATE", data=_extra(r'"\ud83dx"', "x")),
    event("lead-surrogate-and-newline", _U, "LONE_SURROGATE", data=_extra(r'"\ud83d\n"', "x")),
    event("lone-surrogate-in-a-key", _U, "LONE_SURROGATE", data=r'{"author":"ben","\ud800":1}'),
    spliced("lone-surrogate-in-id", _U, "LONE_SURROGATE", old='"lone-surrogate-in-id",', new=r'"\udfff",'),
    event("surrogate-pair", ACCEPTED, data=_extra(r'"\ud83d\ude00"', "surrogate-pair")),
    # syntax
    text("truncated", _U, "NOT_JSON", _good("truncated")[:-5]),
    text("one-brace", _U, "NOT_JSON", b"{"),
    text("trailing-letter", _U, "NOT_JSON", _good("trailing-letter") + b"x"),
    text("trailing-nul", _U, "NOT_JSON", _good("trailing-nul") + b"\x00"),
    text("two-events", _U, "NOT_JSON", _good("two-events") * 2),
    text("line-comment", _U, "NOT_JSON", _good("line-comment") + b"// fine"),
    text("block-comment", _U, "NOT_JSON", b"/* fine */" + _good("block-comment")),
    text("single-quotes", _U, "NOT_JSON", _good("single-quotes").replace(b'"', b"'")),
    text("yaml", _U, "NOT_JSON", b"specversion: '1.0'"),
    text("xml", _U, "NOT_JSON", b"<event/>"),
    text("vertical-tab-as-space", _U, "NOT_JSON", b"\x0b" + _good("vertical-tab-as-space")),
    text("no-break-space-as-space", _U, "NOT_JSON", "\u00a0".encode() + _good("no-break-space-as-space")),
    event("trailing-comma", _U, "NOT_JSON", data='{"author":"ben",}'),
    event("trailing-comma-in-a-list", _U, "NOT_JSON", data=_extra("[1,]", "x")),
    event("bare-key", _U, "NOT_JSON", data='{author:"ben"}'),
    event("capital-true", _U, "NOT_JSON", data=_extra("True", "x")),
    event("undefined", _U, "NOT_JSON", data=_extra("undefined", "x")),
    event("newline-in-a-string", _U, "NOT_JSON", data=_extra('"a\nb"', "x")),
    event("nul-in-a-string", _U, "NOT_JSON", data=_extra('"a\x00b"', "x")),
    event("unknown-escape", _U, "NOT_JSON", data=_extra(r'"\x41"', "x")),
    event("short-escape", _U, "NOT_JSON", data=_extra(r'"\u41"', "x")),
    event("spaces-everywhere", ACCEPTED, data=' {\t"author" : "ben" ,\r\n "change" : "spaces-everywhere" } '),
    # numbers
    event("nan", _U, "NOT_A_NUMBER", data=_extra("NaN", "x")),
    event("infinity", _U, "NOT_A_NUMBER", data=_extra("Infinity", "x")),
    event("minus-infinity", _U, "NOT_A_NUMBER", data=_extra("-Infinity", "x")),
    event("nan-in-a-list", _U, "NOT_A_NUMBER", data=_extra("[1,NaN]", "x")),
    spliced("nan-as-time", _U, "NOT_A_NUMBER", old='"2024-05-31T14:03:00Z"', new="NaN"),
    event("nan-as-text", ACCEPTED, data=_extra('"NaN"', "nan-as-text")),
    event("1e400", _U, "NUMBER_OVERFLOW", data=_extra("1e400", "x")),
    event("minus-1e400", _U, "NUMBER_OVERFLOW", data=_extra("-1e400", "x")),
    event("1e400-in-a-list", _U, "NUMBER_OVERFLOW", data=_extra("[[1e400]]", "x")),
    event("400-digits", _U, "NUMBER_OVERFLOW", data=_extra("9" * 400, "x")),
    event("5000-digits", _U, "NUMBER_OVERFLOW", data=_extra("9" * 5000, "x")),
    event("1e308", ACCEPTED, data=_extra("1e308", "1e308")),
    event("1e-400", ACCEPTED, data=_extra("1e-400", "1e-400")),
    event("leading-zero", _U, "NOT_JSON", data=_extra("01", "x")),
    event("leading-plus", _U, "NOT_JSON", data=_extra("+1", "x")),
    event("bare-point", _U, "NOT_JSON", data=_extra(".5", "x")),
    event("point-without-digits", _U, "NOT_JSON", data=_extra("1.", "x")),
    event("hexadecimal", _U, "NOT_JSON", data=_extra("0x10", "x")),
    # one key twice
    spliced("id-twice", _U, "DUPLICATE_KEY", old='"source"', new='"id":"other","source"'),
    spliced("id-twice-the-same", _U, "DUPLICATE_KEY", old='"source"', new='"id":"id-twice-the-same","source"'),
    spliced("id-twice-once-escaped", _U, "DUPLICATE_KEY", old='"source"', new=r'"\u0069d":"other","source"'),
    spliced("data-twice", _U, "DUPLICATE_KEY", old='"data"', new='"data":{},"data"'),
    spliced("unknown-attribute-twice", _U, "DUPLICATE_KEY", old='"data"', new='"x":1,"x":1,"data"'),
    event("key-twice-in-data", _U, "DUPLICATE_KEY", data='{"author":"ben","author":"eve"}'),
    event("key-twice-with-spaces", _U, "DUPLICATE_KEY", data='{"author" : "ben", "author"\t:"eve"}'),
    event("key-twice-with-number", _U, "DUPLICATE_KEY", data='{"author":"ben","lines_changed":1,"lines_changed":2}'),
    event("key-twice-deep-inside", _U, "DUPLICATE_KEY", data=_extra('[{"a":[{"b":1,"b":2}]}]', "x")),
    event("key-twice-beside-quotes", _U, "DUPLICATE_KEY", data=r'{"author":"ben","a":"\"","a":"\\\""}'),
    event("empty-key-twice", _U, "DUPLICATE_KEY", data='{"author":"ben","":1,"":2}'),
    event("same-key-in-two-objects", ACCEPTED, data=_extra('[{"a":1},{"a":1}]', "same-key-in-two-objects")),
    event("quotes-in-strings", ACCEPTED, data=_extra(r'"\"a\":\"a\":"', "quotes-in-strings")),
    event("composed-and-decomposed-keys", ACCEPTED, data='{"author":"ben","\u00e9":1,"e\u0301":2}'),
    # depth: the envelope is the first level, its data the second
    event("depth-20", ACCEPTED, data=_extra("[" * 18 + "]" * 18, "depth-20")),
    event("depth-21", _U, "TOO_DEEP", data=_extra("[" * 19 + "]" * 19, "x")),
    event("depth-21-in-objects", _U, "TOO_DEEP", data=_extra('{"a":' * 19 + "1" + "}" * 19, "x")),
    event("depth-30000", _U, "TOO_DEEP", data=_extra("[" * 30_000 + "]" * 30_000, "x")),
    event("depth-30000-not-closed", _U, "TOO_DEEP", data='{"a":' + "[" * 30_000),
    event("depth-100000-arrays", _U, "TOO_LARGE", data=_extra("[" * 100_000 + "]" * 100_000, "x")),
    event("depth-100000-objects", _U, "TOO_LARGE", data=_extra('{"a":' * 100_000 + "1" + "}" * 100_000, "x")),
    text("depth-30000-and-nothing-else", _U, "TOO_DEEP", b"[" * 30_000),
    # size
    text("64-kib", ACCEPTED, "", _of_size("64-kib", 65_536)),
    text("64-kib-and-1", _U, "TOO_LARGE", _of_size("64-kib-and-1", 65_537)),
    event("10-mb", _U, "TOO_LARGE", data=_extra('"' + "x" * 10_000_000 + '"', "x")),
    event("6000-keys", ACCEPTED, data=_extra("{" + ",".join(f'"{n}":0' for n in range(6_000)) + "}", "x")),
)

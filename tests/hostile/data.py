"""Cases that are wrong in the data: no object, fields of other types, numbers at the edge of what is exact."""

from base64 import b64encode

from tests.hostile.case import ACCEPTED, Case, event, spliced

_U, _I = "UNDECODABLE", "INVALID"


def _lines(name: str, lines: str, verdict: str, code: str = "") -> Case:
    """A review that says how many lines it looked at."""
    return event(name, verdict, code, data=f'{{"author":"ben","change":"{name}","lines_changed":{lines}}}')


def _hours(name: str, hours: str, verdict: str, code: str = "") -> Case:
    """A course that says how long it took."""
    data = f'{{"course":"{name}","hours":{hours}}}'
    return event(name, verdict, code, data=data, type="course.completed")


def _encoded(name: str, verdict: str, code: str, encoded: str) -> Case:
    """A review whose data came as base64."""
    good = '"data":{"author": "ben", "change": "' + name + '"}'
    return spliced(name, verdict, code, old=good, new=f'"data_base64":{encoded}')


def _base64(content: str) -> str:
    return '"' + b64encode(content.encode()).decode() + '"'


DATA: tuple[Case, ...] = (
    # not an object
    event("no-data", _I, "BAD_DATA", data=None),
    event("data-null", _I, "BAD_DATA", data="null"),
    event("data-list", _I, "BAD_DATA", data='[{"author":"ben"}]'),
    event("data-text", _I, "BAD_DATA", data='"{}"'),
    event("data-number", _I, "BAD_DATA", data="5"),
    event("data-true", _I, "BAD_DATA", data="true"),
    event("data-empty", _I, "BAD_DATA", data="{}"),
    event("no-data-where-none-is-needed", ACCEPTED, data=None, type="learning.shared"),
    event("data-null-where-none-is-needed", ACCEPTED, data="null", type="learning.shared"),
    # fields
    event("author-missing", _I, "BAD_DATA", data='{"change":"c"}'),
    event("author-null", _I, "BAD_DATA", data='{"author":null}'),
    event("author-number", _I, "BAD_DATA", data='{"author":5}'),
    event("author-list", _I, "BAD_DATA", data='{"author":["ben"]}'),
    event("author-empty", _I, "BAD_DATA", data='{"author":""}'),
    event("author-decomposed", _I, "BAD_DATA", data='{"author":"Rene\u0301"}'),
    event("author-zero-width", _I, "BAD_DATA", data='{"author":"be\u200dn"}'),
    event("author-nul", _I, "BAD_DATA", data=r'{"author":"ben\u0000"}'),
    event("author-257-bytes", _I, "BAD_DATA", data='{"author":"' + "b" * 257 + '"}'),
    event("author-e-mail", _I, "EMAIL_MEMBER", data='{"author":"ben@example.com"}'),
    event("author-composed", ACCEPTED, data='{"author":"Ren\u00e9","change":"author-composed"}'),
    event("author-is-subject", ACCEPTED, data='{"author":"ann","change":"author-is-subject"}'),
    event("one-of-a-list-e-mail", _I, "EMAIL_MEMBER", data='{"to":["ben","eve@example.com"]}', type="thanks.given"),
    event("list-empty", _I, "BAD_DATA", data='{"to":[]}', type="thanks.given"),
    event("list-of-numbers", _I, "BAD_DATA", data='{"to":[5]}', type="thanks.given"),
    event("text-for-a-list", _I, "BAD_DATA", data='{"to":"ben"}', type="thanks.given"),
    event("optional-null", _I, "BAD_DATA", data='{"author":"ben","change":null}'),
    event("repository-nul", _I, "BAD_DATA", data=r'{"author":"ben","repository":"a\u0000b"}'),
    event("repository-empty", _I, "BAD_DATA", data='{"author":"ben","repository":""}'),
    event("repository-257-letters", _I, "BAD_DATA", data='{"author":"ben","repository":"' + "r" * 257 + '"}'),
    event("text-too-long", _I, "BAD_DATA", data='{"text":"' + "x" * 4_001 + '"}', type="learning.shared"),
    event("text-with-newlines", ACCEPTED, data=r'{"text":"two\nlines \"quoted\""}', type="learning.shared"),
    event("undeclared-fields", ACCEPTED, data='{"author":"ben","change":"u","__proto__":{},"$where":1,"":2}'),
    event("undeclared-nul", ACCEPTED, data=r'{"author":"ben","change":"un","extra":"\u0000"}'),
    event("undeclared-2-to-the-63", ACCEPTED, data='{"author":"ben","change":"u2","extra":9223372036854775808}'),
    event("capital-field", _I, "BAD_DATA", data='{"Author":"ben"}'),
    # whole numbers
    _lines("lines-true", "true", _I, "BAD_DATA"),
    _lines("lines-text", '"5"', _I, "BAD_DATA"),
    _lines("lines-1.0", "1.0", _I, "BAD_DATA"),
    _lines("lines-1e3", "1e3", _I, "BAD_DATA"),
    _lines("lines-1.5", "1.5", _I, "BAD_DATA"),
    _lines("lines-minus-1", "-1", _I, "BAD_DATA"),
    _lines("lines-minus-0", "-0", ACCEPTED),
    _lines("lines-0", "0", ACCEPTED),
    _lines("lines-2-to-the-53", "9007199254740992", _I, "BAD_DATA"),
    _lines("lines-2-to-the-63", "9223372036854775808", _I, "BAD_DATA"),
    _lines("lines-300-digits", "1" * 300, _I, "BAD_DATA"),
    _lines("lines-null", "null", _I, "BAD_DATA"),
    _lines("lines-object", '{"$gt":0}', _I, "BAD_DATA"),
    # numbers
    _hours("hours-5", "5", ACCEPTED),
    _hours("hours-minus-0.0", "-0.0", ACCEPTED),
    _hours("hours-1e-400", "1e-400", ACCEPTED),
    _hours("hours-1e3", "1e3", ACCEPTED),
    _hours("hours-1e308", "1e308", _I, "BAD_DATA"),
    _hours("hours-minus", "-0.1", _I, "BAD_DATA"),
    _hours("hours-text", '"5"', _I, "BAD_DATA"),
    _hours("hours-false", "false", _I, "BAD_DATA"),
    _hours("hours-nan", "NaN", _U, "NOT_A_NUMBER"),
    _hours("hours-1e400", "1e400", _U, "NUMBER_OVERFLOW"),
    # content type and base64
    event("json-with-charset", ACCEPTED, datacontenttype="application/json; charset=utf-8"),
    event("json-of-a-vendor", ACCEPTED, datacontenttype="application/vnd.acme.v1+json"),
    event("json-in-capitals", ACCEPTED, datacontenttype="Application/JSON"),
    event("xml-content-type", _U, "CONTENT_TYPE", datacontenttype="application/xml"),
    event("empty-content-type", _U, "CONTENT_TYPE", datacontenttype=""),
    _encoded("base64", ACCEPTED, "", _base64('{"author":"ben","change":"base64"}')),
    _encoded("base64-broken", _U, "BAD_BASE64", '"e30*"'),
    _encoded("base64-without-padding", _U, "BAD_BASE64", '"e30"'),
    _encoded("base64-not-ascii", _U, "BAD_BASE64", '"é"'),
    _encoded("base64-number", _U, "WRONG_TYPE", "5"),
    _encoded("base64-of-nan", _U, "NOT_A_NUMBER", _base64('{"author":NaN}')),
    _encoded("base64-of-key-twice", _U, "DUPLICATE_KEY", _base64('{"author":"ben","author":"eve"}')),
    _encoded("base64-of-a-picture", _U, "NOT_UTF8", '"iVBORw0KGgo="'),
    _encoded("base64-empty", _I, "BAD_DATA", '""'),
    spliced("base64-and-data", _U, "BAD_BASE64", old='"data":', new='"data_base64":"e30=","data":'),
)

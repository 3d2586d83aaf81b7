"""Gifts as no one should give them: amounts that are none, and members who are not whom they look like."""

import json
from typing import NamedTuple

from tests.hostile.case import ACCEPTED

_U, _I, REFUSED = "UNDECODABLE", "INVALID", "REFUSED"

STRANGE = "{x}:v1:m:*"
"""A member id that is allowed, and looks like a key of the store and like a pattern."""

MEMBERS = ("ann", "bob", "Ren\u00e9", STRANGE)
"""Who is here; ann is in the team red. Each may give 100."""


class Gift(NamedTuple):
    """One row of the table."""

    name: str
    verdict: str
    """ACCEPTED, REFUSED by the ledger, or one of intake's verdicts."""
    code: str
    data: str
    """Of a `karma.given`, as it is sent."""
    by: str = "ann"


def _gift(name: str, verdict: str, code: str = "", *, by: str = "ann", **changed: str) -> Gift:
    """A gift of 1 to bob with other fields, as JSON; an empty one is left out."""
    good = {"to": '["bob"]', "amount": "1", "value": '"help"', "message": '"well done"'}
    members = [f'"{field}":{said}' for field, said in (good | changed).items() if said]
    return Gift(name, verdict, code, "{" + ",".join(members) + "}", by)


def _amount(name: str, amount: str, verdict: str = _I, code: str = "BAD_DATA") -> Gift:
    return _gift(f"amount-{name}", verdict, code, amount=amount)


def _to(name: str, member: str, verdict: str = _I, code: str = "BAD_DATA") -> Gift:
    return _gift(f"to-{name}", verdict, code, to=json.dumps([member]))


def _by(name: str, member: str, verdict: str = _I, code: str = "BAD_SUBJECT") -> Gift:
    return _gift(f"by-{name}", verdict, code, by=member)


GIFTS: tuple[Gift, ...] = (
    _gift("good", ACCEPTED),
    # amounts
    _amount("0", "0"),
    _amount("minus-1", "-1"),
    _amount("minus-0", "-0"),
    _amount("half", "0.5"),
    _amount("1.0", "1.0"),
    _amount("1e3", "1e3"),
    _amount("text", '"5"'),
    _amount("2-to-53", str(2**53)),
    _amount("2-to-63", str(2**63)),
    _amount("2-to-64-and-1", str(2**64 + 1)),
    _amount("true", "true"),
    _amount("null", "null"),
    _amount("missing", ""),
    _amount("list", "[5]"),
    _amount("object", '{"karma":5}'),
    _amount("a-million-and-1", "1000001"),
    _amount("a-million", "1000000", REFUSED, "OVER_ALLOWANCE"),
    _amount("101", "101", REFUSED, "OVER_ALLOWANCE"),
    _amount("nan", "NaN", _U, "NOT_A_NUMBER"),
    _amount("infinity", "-Infinity", _U, "NOT_A_NUMBER"),
    _amount("1e999", "1e999", _U, "NUMBER_OVERFLOW"),
    _amount("01", "01", _U, "NOT_JSON"),
    _amount("hexadecimal", "0x5", _U, "NOT_JSON"),
    _amount("twice", '1,"amount":2', _U, "DUPLICATE_KEY"),
    # to whom: what cannot be seen, or could be written in two ways, is no member id
    _to("nul", "bob\0"),
    _to("cr-lf", "bob\r\nx-role: operator"),
    _to("right-to-left-override", "\u202ebob"),
    _to("zero-width-joiner", "bo\u200db"),
    _to("zero-width-space", "bob\u200b"),
    _to("decomposed", "Rene\u0301"),
    _to("empty", ""),
    _to("257-bytes", "b" * 257),
    _gift("to-lone-surrogate", _U, "LONE_SURROGATE", to=r'["\ud800"]'),
    _to("e-mail", "bob@acme.com", _I, "EMAIL_MEMBER"),
    _gift("to-e-mail-behind-others", _I, "EMAIL_MEMBER", to='["bob","eve@acme.com"]'),
    _gift("to-text", _I, "BAD_DATA", to='"bob"'),
    _gift("to-nobody", _I, "BAD_DATA", to="[]"),
    _gift("to-null", _I, "BAD_DATA", to="[null]"),
    _gift("to-101", _I, "BAD_DATA", to=json.dumps([f"m{number}" for number in range(101)])),
    # to whom: ids that may be, and are nobody's
    _to("colon", "member:bob", REFUSED, "RECEIVER_UNKNOWN"),
    _to("braces", "{}", REFUSED, "RECEIVER_UNKNOWN"),
    _to("star", "*", REFUSED, "RECEIVER_UNKNOWN"),
    _to("key-of-the-store", "{default}:v1:m:bob", REFUSED, "RECEIVER_UNKNOWN"),
    _to("path", "../bob", REFUSED, "RECEIVER_UNKNOWN"),
    _to("space", "bob ", REFUSED, "RECEIVER_UNKNOWN"),
    _to("cyrillic-look-alike", "b\u043eb", REFUSED, "RECEIVER_UNKNOWN"),
    _to("other-case", "BOB", REFUSED, "RECEIVER_UNKNOWN"),
    _to("organisation", "karmalog", REFUSED, "RECEIVER_UNKNOWN"),
    _to("former-key", "__proto__", REFUSED, "RECEIVER_UNKNOWN"),
    # to whom: oneself under another spelling, a group, one twice
    _to("oneself", "ann", REFUSED, "TO_ONESELF"),
    _to("oneself-in-capitals", "ANN", REFUSED, "TO_ONESELF"),
    _to("oneself-full-width", "\uff41\uff4e\uff4e", REFUSED, "TO_ONESELF"),
    _to("cyrillic-twin-of-oneself", "\u0430nn", REFUSED, "RECEIVER_UNKNOWN"),
    _to("own-team", "team:red", REFUSED, "TO_OWN_GROUP"),
    _gift("to-one-twice", REFUSED, "RECEIVER_TWICE", to='["bob","bob"]'),
    # to whom: who is here
    _to("composed", "Ren\u00e9", ACCEPTED, ""),
    _to("strange", STRANGE, ACCEPTED, ""),
    # who gives
    _by("nul", "ann\0"),
    _by("cr-lf", "ann\r\n"),
    _by("right-to-left-override", "\u202eann"),
    _by("zero-width-joiner", "an\u200dn"),
    _by("decomposed", "Rene\u0301"),
    _by("empty", ""),
    _by("e-mail", "ann@acme.com", _I, "EMAIL_SUBJECT"),
    _by("colon", "member:ann", REFUSED, "SENDER_UNKNOWN"),
    _by("braces", "{}", REFUSED, "SENDER_UNKNOWN"),
    _by("star", "*", REFUSED, "SENDER_UNKNOWN"),
    _by("cyrillic-look-alike", "\u0430nn", REFUSED, "SENDER_UNKNOWN"),
    _by("other-case", "Ann", REFUSED, "SENDER_UNKNOWN"),
    _by("team", "team:red", REFUSED, "SENDER_UNKNOWN"),
    _by("composed", "Ren\u00e9", ACCEPTED, ""),
    _by("strange", STRANGE, ACCEPTED, ""),
    # what it is for
    _gift("value-missing", REFUSED, "VALUE_MISSING", value=""),
    _gift("value-in-capitals", REFUSED, "VALUE_UNKNOWN", value='"HELP"'),
    _gift("value-empty", _I, "BAD_DATA", value='""'),
    _gift("value-number", _I, "BAD_DATA", value="5"),
    _gift("message-missing", REFUSED, "MESSAGE_MISSING", message=""),
    _gift("message-empty", _I, "BAD_DATA", message='""'),
    _gift("message-true", _I, "BAD_DATA", message="true"),
    _gift("message-4001-characters", _I, "BAD_DATA", message=json.dumps("m" * 4_001)),
    _gift("message-that-is-markup", ACCEPTED, message=json.dumps("<script>alert(1)</script>\u202e{}")),
    _gift("message-nul", _I, "BAD_DATA", message=json.dumps("well\0done")),
    _gift("message-70-kb", _U, "TOO_LARGE", message=json.dumps("m" * 70_000)),
    _gift("about-null", _I, "BAD_DATA", about="null"),
)

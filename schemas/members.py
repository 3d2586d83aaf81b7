"""What a member id may be: NFC, 1 to 256 bytes of UTF-8, nothing invisible, by one pinned Unicode table.

Why a table of our own: the log is kept for ever and read by every version of Python, and each carries another
Unicode. So what Unicode 14 has not assigned is refused, whatever the interpreter knows of it. The rest may be
left to the interpreter: Unicode promises that a text of assigned characters keeps its normal form in every
later version (Unicode Standard Annex 15, "Stability of Normalized Forms").
"""

import re
import unicodedata
from functools import lru_cache

from schemas.unicode14 import REFUSED

BYTES_MAX = 256
"""The longest member id, in bytes of UTF-8."""


_LAST_BASIC = 0xFFFF


def _class_of(spans: list[tuple[int, int]]) -> re.Pattern[str]:
    """A pattern that finds one character of these spans of code points, both ends included."""
    return re.compile("[" + "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in spans) + "]")


def _spans(ranges: str) -> list[tuple[int, int]]:
    """The spans of `first-last` or `only`, in hexadecimal."""
    ends = [span.partition("-") for span in ranges.split()]
    return [(int(first, 16), int(last or first, 16)) for first, _, last in ends]


# Two patterns: one of basic characters only is compiled to a table, one of both kinds to a slow list.
_REFUSED_BASIC = _class_of([(a, min(b, _LAST_BASIC)) for a, b in _spans(REFUSED) if a <= _LAST_BASIC])
_REFUSED_OTHER = _class_of([(max(a, _LAST_BASIC + 1), b) for a, b in _spans(REFUSED) if b > _LAST_BASIC])


@lru_cache(maxsize=65_536)
def is_member(text: str) -> bool:
    """Whether a text is a member id."""
    return member_id_fault(text) is None


def member_id_fault(text: str) -> str | None:
    """Says in plain words why a text is no member id; None if it is one.

    Letters outside ASCII are welcome; two ids are the same only if their bytes are.
    """
    if text.isascii() and text.isprintable() and 0 < len(text) <= BYTES_MAX:
        return None  # nearly every id: nothing in it can be composed, invisible or unassigned
    if not text:
        return "a member id is empty"
    found = _REFUSED_BASIC.search(text) or (max(text) > "\uffff" and _REFUSED_OTHER.search(text)) or None
    if found is not None:
        return (
            f"a member id holds U+{ord(found[0]):04X} at character {found.start() + 1}: "
            "control, format, private and unassigned characters are not allowed"
        )
    if (size := len(text.encode())) > BYTES_MAX:
        return f"a member id is {size:,} bytes long; at most {BYTES_MAX} are allowed"
    if not unicodedata.is_normalized("NFC", text):
        return "a member id is not in normal form C; send the composed characters"
    return None

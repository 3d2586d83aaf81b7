"""Writes `schemas/unicode14.py`: the code points that no member id may hold, by Unicode 14.

Run with an interpreter that carries that version (Python 3.11): `python -m schemas.unicode_table`.
"""

import sys
import textwrap
import unicodedata
from itertools import groupby
from pathlib import Path

VERSION = "14.0.0"
"""The version of Unicode that is pinned: that of the oldest Python we run on."""

REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Categories: control, format, surrogate, private use, unassigned."""

_HEAD = '''"""The code points that no member id may hold: a pinned table, written by `schemas.unicode_table`.

Control, format, surrogate, private-use and unassigned code points of Unicode {version}, as ranges in
hexadecimal. It is kept here because the tables of Python 3.11, 3.12 and 3.13 differ: what one of them lets
into the log another one would refuse.
"""

VERSION = "{version}"

REFUSED = """
{ranges}
"""
'''


def refused_ranges() -> str:
    """The refused code points of this interpreter's Unicode, as `first-last` or `only` in hexadecimal."""
    points = [p for p in range(sys.maxunicode + 1) if unicodedata.category(chr(p)) in REFUSED]
    runs = [[p for _, p in run] for _, run in groupby(enumerate(points), lambda at: at[1] - at[0])]
    return " ".join(f"{run[0]:x}-{run[-1]:x}" if len(run) > 1 else f"{run[0]:x}" for run in runs)


def module() -> str:
    """The text of `schemas/unicode14.py`."""
    return _HEAD.format(version=VERSION, ranges=textwrap.fill(refused_ranges(), 108, break_on_hyphens=False))


def main() -> None:
    """Writes the module, or says which Python to take.

    Raises:
        SystemExit: this interpreter carries another version of Unicode.
    """
    if unicodedata.unidata_version != VERSION:
        found = unicodedata.unidata_version
        raise SystemExit(f"this Python carries Unicode {found}; run it with one that carries {VERSION} (3.11)")
    (Path(__file__).parent / "unicode14.py").write_text(module(), encoding="utf-8")


if __name__ == "__main__":
    main()

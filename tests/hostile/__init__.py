"""Events as no one should send them, each with the verdict and the code that it gets, whatever way it comes.

`cases()` is the whole table; README.md says how it is read.
"""

from tests.hostile.case import ACCEPTED, Case
from tests.hostile.data import DATA
from tests.hostile.envelope import ENVELOPE
from tests.hostile.text import TEXT

__all__ = ["ACCEPTED", "Case", "cases"]


def cases() -> tuple[Case, ...]:
    """Return every case; names are unique."""
    return TEXT + ENVELOPE + DATA

"""The one place that reads the wall clock; everything else is handed a clock."""

import time
from typing import Protocol

from schemas.words import Instant

_NS_PER_MS = 1_000_000


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> Instant:
        """The present moment, in milliseconds since 1970 in UTC."""
        ...


class SystemClock:
    """The machine's own clock. It may step back: what must only rise takes the greatest it has seen."""

    def now(self) -> Instant:
        """The present moment by this machine, in milliseconds since 1970 in UTC."""
        return Instant(time.time_ns() // _NS_PER_MS)

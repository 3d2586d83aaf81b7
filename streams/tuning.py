"""The bounds of a projector: how much at once, how far back, how much memory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Bounds of a projector's work and memory."""

    batch: int = 8_000  # records read at once, at most
    writes: int = 60_000  # values written at once, about: readers wait as long as that takes
    hot_days: int = 35  # how far back a late event may lie without its member's past being read again
    memory_bytes: int = 512 << 20  # of members kept in memory, about

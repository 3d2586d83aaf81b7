"""Named steps at which a test may end the process as a power cut would.

A testing aid: `KARMALOG_CRASH_AT=folded:3` kills this process (SIGKILL) when it reaches `folded` for the third time.
Intake has the points `polled` and `produced`; the worker `polled`, `folded`, `before apply`, `applied` (the store has
written, and nobody knows yet), `outbox read` and `facts sent` (acknowledged, and not yet marked).
"""

import os
import signal
from collections.abc import Callable

POINTS = ("polled", "produced", "folded", "before apply", "applied", "outbox read", "facts sent")


class RefusedCrashPoint(ValueError):
    """Nothing is called so; says what is."""


def crash_at(said: str | None) -> Callable[[str], None]:
    """What to tell each step to; it ends the process at the one that `said` (`name` or `name:count`) names.

    Raises:
        RefusedCrashPoint: there is no such point.
    """
    if not said:
        return lambda _: None
    name, _, count = said.partition(":")
    if name not in POINTS or not (count or "1").isdecimal():
        raise RefusedCrashPoint(
            f"KARMALOG_CRASH_AT={said!r}: write name:count, with one of the names {', '.join(POINTS)}"
        )
    left = int(count or 1)

    def reached(point: str) -> None:
        nonlocal left
        if point == name:
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached

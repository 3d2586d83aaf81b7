"""Named steps at which a test may end the process as a power cut would, or freeze it.

A testing aid: `KARMALOG_CRASH_AT=folded:3` kills this process (SIGKILL) when it reaches `folded` for the third time,
`folded:3:freeze` stops it there (SIGSTOP) until somebody lets it run on.
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
    """What to tell each step to; `said` (`name`, `name:count` or `name:count:freeze`) names the one where it ends.

    Raises:
        RefusedCrashPoint: there is no such point.
    """
    if not said:
        return lambda _: None
    name, _, rest = said.partition(":")
    count, _, how = rest.partition(":")
    if name not in POINTS or not (count or "1").isdecimal() or how not in {"", "freeze"}:
        raise RefusedCrashPoint(
            f"KARMALOG_CRASH_AT={said!r}: write name:count or name:count:freeze, with one of the names "
            f"{', '.join(POINTS)}"
        )
    left = int(count or 1)

    def reached(point: str) -> None:
        nonlocal left
        if point == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGSTOP if how else signal.SIGKILL)

    return reached

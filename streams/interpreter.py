"""How Python runs in a service: in most, one thread computes for long while others read, write and answer.

A batch makes many objects and hardly any cycles, so garbage is looked for rarely. A thread that waits for its turn gets
it soon: one that sends a batch waits anew after each part that it hands to the network.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_THRESHOLDS = (400_000, 20, 20)
_TURN_S = 0.001  # five times shorter than Python's own


def calm() -> None:
    """Makes collections rare and turns short, and leaves what was loaded out of collections; call it once all is."""
    sys.setswitchinterval(_TURN_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


_undisturbed = 0
_turn = Lock()


@contextmanager
def undisturbed() -> Iterator[None]:
    """No collections as long as any thread is within: what a batch makes goes with it, and need not be looked through.

    It holds for the whole process.
    """
    _within(1)
    try:
        yield
    finally:
        _within(-1)


def _within(more: int) -> None:
    global _undisturbed  # noqa: PLW0603  the collector is the process's as well
    with _turn:
        _undisturbed += more
        if _undisturbed:
            gc.disable()
        else:
            gc.enable()

"""Python's garbage collector in a process that folds: a batch makes many objects and hardly any cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_THRESHOLDS = (400_000, 20, 20)


def calm() -> None:
    """Leaves what was loaded out of collections, and makes them rare. To be called once all is loaded."""
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

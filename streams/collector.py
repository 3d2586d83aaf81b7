"""Python's garbage collector in a process that folds: a batch makes many objects and hardly any cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (400_000, 20, 20)


def calm() -> None:
    """Leaves what was loaded out of collections, and makes them rare. To be called once all is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


@contextmanager
def undisturbed() -> Iterator[None]:
    """No collections meanwhile: what a batch makes goes when it ends, and need not be looked through before."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

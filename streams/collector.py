"""Python's garbage collector in a process that folds: a batch makes many objects and hardly any cycles."""

import gc

_THRESHOLDS = (50_000, 20, 20)


def calm() -> None:
    """Leaves what was loaded out of collections, and makes them rare. To be called once all is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)

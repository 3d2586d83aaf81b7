"""CPU time of a projector by phase: the seams between its parts are timed, each in the thread that runs it.

A seam is a method or function that a phase begins and ends with. What waits (for Redis, for the other thread) costs
nothing here: only CPU time of the thread counts.
"""

import contextlib
import functools
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from typing import Any, Final

from engine import fold
from engine.fold import Fold
from streams import projector
from streams.projector import Projector
from streams.store import Store

PHASES: Final = (
    "read",
    "decode",
    "identities",
    "evaluate",
    "load",
    "members",
    "show",
    "fold",
    "build",
    "apply",
    "other",
)

Seam = tuple[Any, str, str]
"""(class or module, name in it, phase)."""

_CALLS: Final[tuple[Seam, ...]] = (
    (projector, "_decode", "decode"),
    (projector, "needed", "load"),
    (Fold, "_read", "evaluate"),
    (Fold, "_move_on", "members"),
    (fold, "show", "show"),
    (Store, "call", "build"),
    (Store, "apply", "apply"),
    (Projector, "_drive", "fold"),
    (Projector, "_batch", "other"),
)
_STEPS: Final[tuple[Seam, ...]] = ((fold, "claim_identities", "identities"), (fold, "go_back", "members"))


class Phases:
    """CPU time by phase so far, in ns; a phase inside another one is taken out of the outer one."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._nested = threading.local()

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        """Times every seam while it is open."""
        with contextlib.ExitStack() as stack:
            for owner, name, phase in _CALLS:
                stack.enter_context(_replaced(owner, name, functools.partial(self._call, phase)))
            for owner, name, phase in _STEPS:
                stack.enter_context(_replaced(owner, name, functools.partial(self._generator, phase)))
            yield

    def snapshot(self, process_ns: int) -> dict[str, int]:
        """Nanoseconds by phase; `read` is what the process spent beside all seams: event loop and client of the log."""
        found = {phase: self.spent[phase] for phase in PHASES}
        found["read"] = process_ns - sum(self.spent.values())
        return found

    def _begin(self) -> tuple[int, int]:
        outer: int = getattr(self._nested, "ns", 0)
        self._nested.ns = 0
        return outer, time.thread_time_ns()

    def _end(self, phase: str, outer: int, began: int) -> None:
        spent = time.thread_time_ns() - began
        self.spent[phase] += spent - self._nested.ns
        self._nested.ns = outer + spent

    def _call(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **named: Any) -> Any:
            begun = self._begin()
            try:
                return function(*args, **named)
            finally:
                self._end(phase, *begun)

        return timed

    def _generator(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
            running = function(*args, **named)
            answer: Any = None
            while True:
                begun = self._begin()
                try:
                    need = running.send(answer)
                except StopIteration as end:
                    return end.value
                finally:
                    self._end(phase, *begun)
                answer = yield need

        return timed


@contextlib.contextmanager
def _replaced(owner: Any, name: str, around: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    if not hasattr(owner, name):
        raise LookupError(f"{owner.__name__}.{name} is gone: name the step that took its place in benchmarks/phases.py")
    before = getattr(owner, name)
    setattr(owner, name, around(before))
    try:
        yield
    finally:
        setattr(owner, name, before)

"""What expressions may ask beside the event itself: the topics in focus on its day, and who belongs to which group.

CEL calls plain functions, so what they answer from is set down for the length of one run.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import partial

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs] - they lie beside it

from schemas.words import Instant

FOCUS = "focus"

GroupsOf = Callable[[str, str, Instant, int], tuple[str, ...]]
"""The groups of a kind that a member belongs to at a moment, by what stands before a position of the log."""


class Surroundings:
    """Of one version of a rulebook; `groups_of` is set by whoever knows the members."""

    __slots__ = ("before", "groups_of", "kinds", "topics")

    def __init__(self, kinds: Mapping[str, bool], topics: Callable[[Instant], frozenset[str]]) -> None:
        """Kinds of group, each with whether one belongs to one at a time, and the topics in focus at a moment."""
        self.kinds = tuple(sorted(kinds.items()))
        self.topics = topics
        self.groups_of: GroupsOf = _nobody
        self.before = 0  # the position of the event that is read


def _nobody(_kind: str, _member: str, _at: Instant, _before: int) -> tuple[str, ...]:
    return ()


NOWHERE = Surroundings({}, lambda _at: frozenset())
"""Of a rulebook that says nothing about groups or focus."""

NOW: ContextVar[tuple[Surroundings, Instant]] = ContextVar("surroundings", default=(NOWHERE, Instant(0)))
"""Of the expression that runs, and its event's time."""


def functions(kinds: tuple[tuple[str, bool], ...]) -> list[cel.FunctionDecl]:
    """The functions that expressions may call: `focus(topic)`, and one for each kind of group."""
    made = [_declared(FOCUS, cel.Type.BOOL, _is_in_focus)]
    for kind, is_one in kinds:
        if kind.isidentifier():
            result = cel.Type.STRING if is_one else cel.Type.List(cel.Type.STRING)
            made.append(_declared(kind, result, partial(_group if is_one else _groups, kind)))
    return made


def _declared(name: str, result: cel.Type, work_out: Callable[[str], object]) -> cel.FunctionDecl:
    overload = cel.Overload(id=f"{name}_string", return_type=result, parameters=[cel.Type.STRING], impl=work_out)
    return cel.FunctionDecl(name, [overload])


def _is_in_focus(topic: str) -> bool:
    around, at = NOW.get()
    return topic in around.topics(at)


def _group(kind: str, member: str) -> str:
    return "".join(_groups(kind, member)[:1])


def _groups(kind: str, member: str) -> list[str]:
    around, at = NOW.get()
    return list(around.groups_of(kind, member, at, around.before))

"""Whether an expression looks at the time of day: where it does, working hours become visible."""

import re
from collections.abc import Iterator
from typing import Final

from engine.expression_tree import Node, Tree

_DAYS: Final = frozenset({"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"})
"""What may be asked of `time`: nothing finer than a day."""
_COMPARISONS: Final = frozenset({"_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_"})
_MIDNIGHT: Final = re.compile(r"\d{4}-\d\d-\d\dT00:00:00(\.0+)?(Z|[+-]\d\d:\d\d)")


def hours_at(tree: Tree) -> int | None:
    """Where, in characters from 0, `time` is used for more than its day; None where it is not."""
    uses = (node for node, around in _with_parents(tree.root) if _is_time(node) and not _is_by_day(node, around))
    return next((tree.places.get(node.id, 0) for node in uses), None)


def _with_parents(node: Node, around: Node | None = None) -> Iterator[tuple[Node, Node | None]]:
    yield node, around
    for part in node.parts:
        yield from _with_parents(part, node)


def _is_time(node: Node) -> bool:
    return node.kind == "name" and node.name == "time"


def _is_by_day(time: Node, around: Node | None) -> bool:
    """Whether what is made of `time` here tells no more than its day."""
    if around is None or around.kind != "call":
        return False
    if around.name in _DAYS:
        return True
    return around.name in _COMPARISONS and all(part is time or _is_midnight(part) for part in around.parts)


def _is_midnight(node: Node) -> bool:
    """Whether a node is a written-out moment at which a day begins."""
    written = node.parts[0].constant if node.name == "timestamp" and node.parts else None
    return isinstance(written, str) and _MIDNIGHT.fullmatch(written) is not None

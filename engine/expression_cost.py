"""What an expression may cost: bounds on its text, and on the work of one run before it is begun.

CEL always ends, and counts the iterations of loops, but one iteration may still search a long list or match a
costly pattern. So work is bounded as well: iterations, times the weight of the expression, times the size of
what it reads. That is more than what really happens, at some nanoseconds each: a second at the very most.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from engine.expression_tree import Node

TEXT_MAX: Final = 4_096
"""Characters in an expression."""
LOOPS_MAX: Final = 2
"""Loops (all, exists, exists_one, filter, map) inside one another."""
STEPS_MAX: Final = 10_000
"""Iterations of all loops in one run; CEL's own budget, which cannot be set from Python."""
WORK_MAX: Final = 50_000_000
"""Work of one run."""

_PER_ELEMENT = 8
"""Characters that cost as much to go through as one element of a list."""
_REPEATS = re.compile(r"\{(\d{1,4})?,?(\d{1,4})?\}")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run of an expression costs, as far as its text tells."""

    nodes: int
    weight: int
    loops: int
    depth: int
    """How many loops are inside one another at most."""

    def work(self, values: Iterable[JsonValue] = ()) -> float:
        """The most that a run on these values can cost."""
        size = self.nodes + sum(map(_size, values))
        steps = min(STEPS_MAX, self.loops * size**self.depth) if self.loops else 1
        return steps * self.weight * size


def cost_of(root: Node) -> Cost:
    """The cost of an expression."""
    nodes = list(root.walk())
    loops = sum(node.kind == "loop" for node in nodes)
    return Cost(len(nodes), sum(map(_weight, nodes)), loops, _depth(root))


def _depth(node: Node) -> int:
    depths = [_depth(part) for part in node.parts]
    if node.kind == "loop":  # what it goes through is made once, not in every iteration
        return max(depths[0], 1 + max(depths[1:]))
    return max(depths, default=0)


def _weight(node: Node) -> int:
    """1, or for a pattern the size of its automaton: every character of a text may visit all of it."""
    pattern = node.parts[-1].constant if node.kind == "call" and node.name == "matches" else None
    if not isinstance(pattern, str):
        return 1
    size = len(pattern)
    for least, most in _REPEATS.findall(pattern):
        size *= max(int(least or 1), int(most or 1))
    return _PER_ELEMENT * size


def _size(value: JsonValue) -> float:
    """How much there is to go through, in elements."""
    if isinstance(value, str):
        return 1 + len(value) / _PER_ELEMENT
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    if isinstance(value, dict):
        return 1 + sum(len(key) / _PER_ELEMENT + _size(item) for key, item in value.items())
    return 1

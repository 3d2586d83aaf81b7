"""Ranks: 1 and the number of better scores, so that equal scores share one."""

from collections.abc import Sequence
from typing import TypeVar

K = TypeVar("K", bound=str)


def ranked(rows: Sequence[tuple[K, int]], most: int) -> list[tuple[int, K]]:
    """Whoever has a rank of at most so much, with it; the highest score is the first."""
    found: list[tuple[int, K]] = []
    place, last = 0, None
    for index, (ident, score) in enumerate(sorted(rows, key=lambda row: -row[1]), 1):
        if score != last:
            place, last = index, score
        if place > most:
            break
        found.append((place, ident))
    return found

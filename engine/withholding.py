"""Groups that are large enough and not shown all the same: taken off others, they would leave a smaller one's score.

Where all teams of a department but a small one are shown, and the department is, the small one is the difference. So
the smallest of the teams that are shown is withheld as well. Compared are who belongs to groups now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations

Group = tuple[str, str]
"""(kind of group, group)."""

Pair = tuple[str, str, str, str]
"""(kind of group, group, kind of group, group), the lower first."""

_Shared = Mapping[Group, Mapping[Group, int]]


def pairs_of(groups: Iterable[Group]) -> set[Pair]:
    """The pairs of groups that a member of all of them belongs to."""
    return {(*one, *other) for one, other in combinations(sorted(groups), 2)}


def withheld(
    sizes: Mapping[Group, int], pairs: Mapping[Pair, int], kinds: Mapping[str, bool], smallest: int
) -> frozenset[Group]:
    """The groups that are withheld.

    Args:
        sizes: how many members belong to each group.
        pairs: how many belong to both of two.
        kinds: of groups that are shown, each with whether one belongs to one at a time.
        smallest: how many members a group has to have to be shown.
    """
    shown = {group: size for group, size in sizes.items() if size >= smallest and group[0] in kinds}
    found: set[Group] = set()
    while True:
        shared = _shared(shown, pairs)
        telling = {
            group
            for whole in _wholes(shared, kinds)
            for kind in kinds
            for group in _telling(whole, _inside(whole, kind, shown, shared), shown, smallest, is_apart=kinds[kind])
        }
        if not telling:
            return frozenset(found)
        found |= telling
        for group in telling:
            del shown[group]


def _shared(shown: Mapping[Group, int], pairs: Mapping[Pair, int]) -> _Shared:
    """How many members two groups share that are shown."""
    found: defaultdict[Group, Counter[Group]] = defaultdict(Counter)
    for (kind, group, other_kind, other_group), count in pairs.items():
        one, other = (kind, group), (other_kind, other_group)
        if count and one in shown and other in shown:
            found[one][other] = found[other][one] = count
    return dict(found)


def _wholes(shared: _Shared, kinds: Mapping[str, bool]) -> Iterator[Sequence[Group]]:
    """What others may be taken off: each group, and all groups of one kind that hang together by those of another."""
    for group in shared:
        yield (group,)
    apart = [kind for kind, is_apart in kinds.items() if is_apart]
    for kind, other in permutations(apart, 2):
        seen: set[Group] = set()
        for group in shared:
            if group[0] == kind and group not in seen:
                together = _together(group, kind, other, shared)
                seen.update(together)
                if len(together) > 1:
                    yield together


def _together(start: Group, kind: str, other: str, shared: _Shared) -> list[Group]:
    """The groups of a kind that hang together with one, by groups of another kind that share members with both."""
    found, waiting = {start}, [start]
    while waiting:
        for near in shared[waiting.pop()]:
            if near in found or near[0] not in {kind, other}:
                continue
            found.add(near)
            waiting.append(near)
    return [group for group in found if group[0] == kind]


def _inside(whole: Sequence[Group], kind: str, shown: Mapping[Group, int], shared: _Shared) -> list[Group]:
    """The groups of a kind all of whose members belong to the whole, the smallest first."""
    within: Counter[Group] = Counter()
    for group in whole:
        within.update({near: count for near, count in shared[group].items() if near[0] == kind})
    return sorted((near for near in within if within[near] == shown[near]), key=lambda near: (shown[near], near))


def _telling(
    whole: Sequence[Group], inside: Sequence[Group], shown: Mapping[Group, int], smallest: int, *, is_apart: bool
) -> Iterator[Group]:
    """What must not be shown beside the whole: the rest would be fewer than make a group."""
    size = sum(shown[group] for group in whole)
    if not is_apart:
        yield from (group for group in inside if 0 < size - shown[group] < smallest)
    elif inside and 0 < size - sum(shown[group] for group in inside) < smallest:
        yield inside[0]

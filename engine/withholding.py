"""Groups that are large enough and not shown all the same: taken off others, they would leave a smaller one's score.

Where all teams of a department but a small one are shown, and the department is, the small one is the difference. So
the smallest of the teams that are shown is withheld as well. What counts is who belongs to which groups now.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations

Group = tuple[str, str]
"""(kind of group, group)."""

Pair = tuple[str, str, str, str]
"""(kind of group, group, kind of group, group), the lower first."""

Shared = Mapping[Group, Mapping[Group, int]]
"""How many members belong to a group and to another one as well."""


def pairs_of(groups: Iterable[Group]) -> set[Pair]:
    """The pairs of groups that a member of all of them belongs to."""
    return {(*one, *other) for one, other in combinations(sorted(groups), 2)}


def withheld(sizes: Mapping[Group, int], shared: Shared, kinds: Mapping[str, bool], smallest: int) -> frozenset[Group]:
    """The groups that are withheld.

    Args:
        sizes: how many members belong to each group.
        shared: how many belong to both of two.
        kinds: of groups that are shown, each with whether one belongs to one at a time.
        smallest: how many members a group has to have to be shown.
    """
    shown = {group: size for group, size in sizes.items() if size >= smallest and group[0] in kinds}
    apart = [kind for kind, is_apart in kinds.items() if is_apart]
    found: set[Group] = set()
    while True:
        telling = {*_beside_one(shown, shared, apart, smallest), *_beside_many(shown, shared, apart, smallest)}
        if not telling:
            return frozenset(found)
        found |= telling
        for group in telling:
            del shown[group]


def _beside_one(shown: Mapping[Group, int], shared: Shared, apart: Sequence[str], smallest: int) -> Iterator[Group]:
    """What must not be shown beside a single group: those that lie within it leave too few of it."""
    for group, size in shown.items():
        inside: dict[str, list[Group]] = {}
        for near, count in shared.get(group, {}).items():
            if count >= smallest and shown.get(near) == count:
                inside.setdefault(near[0], []).append(near)
        for kind, groups in inside.items():
            for taken_off in [groups] if kind in apart else [[each] for each in groups]:
                if 0 < size - sum(shown[each] for each in taken_off) < smallest:
                    yield _least(taken_off, shown)


def _beside_many(shown: Mapping[Group, int], shared: Shared, apart: Sequence[str], smallest: int) -> Iterator[Group]:
    """What must not be shown beside all groups of a kind that hang together by those of another kind."""
    for kind, other in permutations(apart, 2):
        for whole in _together(shown, shared, kind, other):
            within: Counter[Group] = Counter()
            for group in whole:
                for near, count in shared[group].items():
                    if near[0] == other:
                        within[near] += count
            inside = [near for near, count in within.items() if shown.get(near) == count]
            rest = sum(shown[group] for group in whole) - sum(shown[near] for near in inside)
            if inside and 0 < rest < smallest:
                yield _least(inside, shown)


def _together(shown: Mapping[Group, int], shared: Shared, kind: str, other: str) -> Iterator[list[Group]]:
    """Groups of a kind, several together, that hang together by groups of another kind with members of both."""
    seen: set[Group] = set()
    for start in shown:
        if start[0] != kind or start in seen:
            continue
        seen.add(start)
        waiting, found = [start], [start]
        while waiting:
            group = waiting.pop()
            for near in shared.get(group, {}):
                if near[0] == (other if group[0] == kind else kind) and near in shown and near not in seen:
                    seen.add(near)
                    waiting.append(near)
                    if near[0] == kind:
                        found.append(near)
        if len(found) > 1:
            yield found


def _least(groups: Iterable[Group], shown: Mapping[Group, int]) -> Group:
    return min(groups, key=lambda group: (shown[group], group))

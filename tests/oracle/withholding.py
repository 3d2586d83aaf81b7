"""Groups that are withheld, since a smaller one could be worked out from them and one that holds them."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import permutations
from typing import TypeAlias

from .covering import kinds_kept
from .people import People

GroupKey: TypeAlias = tuple[str, str]
"""(kind, group)."""

Groups: TypeAlias = Mapping[GroupKey, AbstractSet[str]]
"""Who belongs to each group now."""


@lru_cache(maxsize=64)
def shown(people: People) -> set[GroupKey]:
    """The groups that everyone may see: large enough, and not withheld."""
    smallest = people.versions[-1].smallest_group
    groups = {key: those for key, those in groups_of(people).items() if len(those) >= smallest}
    while telling := set(telltales(groups, people)):
        groups = {key: those for key, those in groups.items() if key not in telling}
    return set(groups)


def groups_of(people: People) -> dict[GroupKey, set[str]]:
    """Every group that anybody belongs to now, of the kinds that are looked at."""
    found: dict[GroupKey, set[str]] = {}
    for kind in kinds_kept(people.versions):
        for name, person in people.known.items():
            for group in set() if person.former else person.groups(kind, people.today):
                found.setdefault((kind, group), set()).add(name)
    return found


def telltales(groups: Groups, people: People) -> Iterator[GroupKey]:
    """The smallest part of each whole that tells of a rest which is too small to be shown."""
    for whole, parts in wholes(groups, people):
        inside = {key: groups[key] for key in parts if groups[key] <= whole}
        rest = len(whole) - len({member for those in inside.values() for member in those})
        if inside and 0 < rest < people.versions[-1].smallest_group:
            yield min(inside, key=lambda key: (len(groups[key]), key))


def wholes(groups: Groups, people: People) -> Iterator[tuple[AbstractSet[str], list[GroupKey]]]:
    """Members who are known together, and groups that may be parts of them."""
    one_by_one = {kind for kind, _ in groups if people.newest.kinds.get(kind, False)}
    for key, whole in groups.items():
        for kind in one_by_one - {key[0]}:
            yield whole, [other for other in groups if other[0] == kind]
        for other in groups:
            if other[0] not in one_by_one and other != key:
                yield whole, [other]
    for first, second in permutations(one_by_one, 2):
        these = {key: those for key, those in groups.items() if key[0] == first}
        those = {key: members for key, members in groups.items() if key[0] == second}
        for together in hanging_together(these, those):
            if len(together) > 1:
                yield {member for key in together for member in groups[key]}, list(those)


def hanging_together(these: Groups, those: Groups) -> list[set[GroupKey]]:
    """The first groups, in sets that are connected by members whom they have in common with the second ones."""
    found: list[tuple[set[GroupKey], set[str]]] = [({key}, set(members)) for key, members in these.items()]
    for members in those.values():
        touched = [one for one in found if one[1] & members]
        if touched:
            keys, reached = zip(*touched, strict=True)
            found = [one for one in found if one not in touched] + [(set().union(*keys), set().union(*reached))]
    return [keys for keys, _ in found]

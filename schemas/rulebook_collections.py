"""Badges that ask for badges: parts that must be there, ways round that lead back, and one badge per value."""

from collections.abc import Iterator, Mapping

from schemas.nearest import instead
from schemas.rulebook import Badge
from schemas.rulebook_collisions import repeated
from schemas.rulebook_faults import Finding
from schemas.rulebook_names import Names
from schemas.source import Path


def broken_collections(badges: Mapping[str, Badge], names: Names) -> Iterator[Finding]:
    """Faults of badges by `all_of` and `any_of`, among those that are sound otherwise."""
    for name, badge in badges.items():
        at: Path = ("badges", name)
        yield from repeated(badge.all_of, (*at, "all_of"))
        yield from repeated(badge.any_of, (*at, "any_of"))
        for index, part in enumerate(badge.any_of):
            if part in badge.all_of:
                message = f"`{part}` stands in `all_of` already, so it is no choice; keep one of them"
                yield Finding((*at, "any_of", index), "DUPLICATE", message)
        for path, part in _parts(name, badge):
            yield from _part(path, part, names)
        yield from _by_value(name, badge, badges)
    yield from _ways_round(badges)


def _parts(name: str, badge: Badge) -> Iterator[tuple[Path, str]]:
    """What a badge asks for, each with its place."""
    for field, parts in (("all_of", badge.all_of), ("any_of", badge.any_of)):
        for index, part in enumerate(parts):
            yield ("badges", name, field, index), part


def _part(path: Path, part: str, names: Names) -> Iterator[Finding]:
    levels = names.badges
    badge, dot, level = part.partition(".")
    if badge not in levels and badge in names.ladders:
        message = f"`{badge}` is a ladder, and a collection is of badges: make a badge of what it counts"
        yield Finding(path, "UNKNOWN_BADGE", message)
    elif badge not in levels:
        yield Finding(path, "UNKNOWN_BADGE", f"there is no badge `{badge}`; {instead(badge, levels)}")
    elif dot and not levels[badge]:
        yield Finding(path, "UNKNOWN_LEVEL", f"`{badge}` has no levels; name it alone: `{badge}`")
    elif dot and level not in levels[badge]:
        message = f"`{badge}` has no level `{level}`; {instead(level, levels[badge])}"
        yield Finding(path, "UNKNOWN_LEVEL", message)


def _by_value(name: str, badge: Badge, badges: Mapping[str, Badge]) -> Iterator[Finding]:
    """With `each`, at least one part has it as well: the values come from there."""
    if badge.each is None or not (badge.all_of or badge.any_of):
        return
    parts = [part.partition(".")[0] for _, part in _parts(name, badge)]
    if all(part in badges and badges[part].each is None for part in parts):
        message = f"`each` takes its values from a part that has `each`, and none of {_listed(parts)} has: "
        yield Finding(("badges", name, "each"), "BAD_VALUE", f"{message}take it out, or add it to one of them")


def _listed(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in dict.fromkeys(words))


def _ways_round(badges: Mapping[str, Badge]) -> Iterator[Finding]:
    """One finding for each group of badges that ask for one another, at the first of them in the file."""
    asks = {
        name: [(path, part.partition(".")[0]) for path, part in _parts(name, badge)] for name, badge in badges.items()
    }
    told: set[str] = set()
    for name, asked in asks.items():
        way = _way_back(name, asks) if name not in told else None
        if way is not None:
            told.update(way)
            yield Finding(next(path for path, other in asked if other == way[1]), "CYCLE", _round(way))


def _round(way: list[str]) -> str:
    if len(way) == 2:  # noqa: PLR2004 - from itself to itself
        return f"`{way[0]}` asks for itself; name other badges"
    named = " → ".join(way)
    return f"`{way[0]}` asks for itself by way of others, so that nobody can reach it: {named}; take one of them out"


def _way_back(start: str, asks: Mapping[str, list[tuple[Path, str]]]) -> list[str] | None:
    """The shortest way from a badge back to itself, both ends named; None where there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:  # it grows while it is walked
        for _, other in asks.get(way[-1], ()):
            if other == start:
                return [*way, start]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return None

"""Every name that a rulebook declares, whether what stands under it is sound or not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from schemas.activities import BUILT_IN
from schemas.nearest import nearest
from schemas.rulebook import Rulebook
from schemas.source import Path


@dataclass(frozen=True, slots=True)
class Names:
    """What other parts may refer to."""

    types: frozenset[str]
    rules: frozenset[str]
    groups: frozenset[str]
    seasons: frozenset[str]
    boards: frozenset[str]
    badges: Mapping[str, frozenset[str]]
    """Badge to its levels."""
    ladders: frozenset[str]
    challenges: frozenset[str]
    shaky: frozenset[Path]
    """Parts in which something is at fault, such as `boards.sharing`: what they do not say may be what is."""


_SECTIONS = frozenset(field.alias or name for name, field in Rulebook.model_fields.items())


def names_of(data: Mapping[str, JsonValue], shaky: Iterable[Path] = ()) -> Names:
    """The names in a rulebook's data; those under a section whose name is misspelt count as well."""
    data = {name if name in _SECTIONS else nearest(name, _SECTIONS) or name: said for name, said in data.items()}
    badges = _section(data, "badges")
    return Names(
        types=frozenset(BUILT_IN) | _section(data, "activities").keys(),
        rules=frozenset(_section(data, "rules")),
        groups=frozenset(_section(data, "groups")),
        seasons=frozenset(_section(data, "seasons")),
        boards=frozenset(_section(data, "boards")),
        badges={
            badge: frozenset((*_section(said, "levels"), *_section(said, "chain"))) for badge, said in badges.items()
        },
        ladders=frozenset(_section(data, "levels")),
        challenges=frozenset(_section(data, "challenges")),
        shaky=frozenset(shaky),
    )


def _section(data: JsonValue | Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    found = data.get(name) if isinstance(data, Mapping) else None
    return found if isinstance(found, dict) else {}

"""What intake knows of the types of events: one compiled catalogue per organisation and rulebook."""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self, cast

from pydantic import JsonValue

from schemas.activities import PEOPLE, Activity, declared
from schemas.rulebook import Rulebook
from schemas.shapes import Shape, compile_shape


class Declared(NamedTuple):
    """What a type of event has to look like."""

    shape: Shape
    members: tuple[str, ...]
    """The fields of the data that hold a member id or a list of them."""
    names_event: bool
    """Its `source` and `id` name another event."""
    names_requests: frozenset[str]
    """The fields that name a gift or a request for a reward."""


class Catalogue:
    """The types of events that one organisation knows, ready to judge by; compiled once per rulebook."""

    __slots__ = ("_declared", "drops_undeclared")

    def __init__(self, activities: Mapping[str, Activity], *, drops_undeclared: bool = False) -> None:
        """Compile `activities`, by type, and the types of people's events, which no rulebook changes.

        `drops_undeclared`: what is of no known type is not kept until somebody declares it.

        Raises:
            RefusedSchema: The data of an activity is described in words that are not understood.
        """
        known = {**activities, **PEOPLE}
        self._declared: Final = {kind: _compiled(activity) for kind, activity in known.items()}
        self.drops_undeclared: Final = drops_undeclared

    @classmethod
    def of(cls, rulebook: Rulebook | None) -> Self:
        """Return the catalogue of a rulebook; without one, of the built-in activities."""
        return cls(declared(rulebook), drops_undeclared=rulebook is not None and rulebook.undeclared == "drop")

    def get(self, kind: str) -> Declared | None:
        """Return what a type has to look like, or None where nobody declared it."""
        return self._declared.get(kind)


def _compiled(activity: Activity) -> Declared:
    fields = cast("dict[str, dict[str, JsonValue]]", activity.data.get("properties", {}))
    return Declared(
        shape=compile_shape(activity.data),
        members=tuple(name for name, field in fields.items() if _holds_members(field)),
        names_event=activity.type in PEOPLE and {"source", "id"} <= fields.keys(),
        names_requests=frozenset({"gift", "request"} & fields.keys() if activity.type in PEOPLE else ()),
    )


def _holds_members(field: Mapping[str, JsonValue]) -> bool:
    items = field.get("items")
    return bool(field.get("member")) or (isinstance(items, dict) and bool(items.get("member")))

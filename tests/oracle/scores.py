"""From what scores got to numbers, and what each member's events gave for each badge and ladder."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .contributions import Event, Scalar, Value
from .points import Awards
from .rulebook import Badge, Level, Place, Version
from .stories import name_in


class Given(NamedTuple):
    """What one event gave a member for one badge or ladder, as the event's version defines it."""

    event: Event
    defined: Badge
    values: Mapping[Level, Value]  # by step of a chain, else one under None
    each: Scalar | None

    @property
    def time(self) -> int:
        """When it happened."""
        return self.event.time


def got(event: Event, place: Place, member: str, awards: Awards) -> Value | None:
    """What the score there got from an event for a member; None if nothing."""
    score = event.version.score(place)
    if score.kind != "points":
        return event.values.get(place) if member == event.member else None
    asked = [*(score.rules if place in event.values else ()), *(score.challenges if place in event.open else ())]
    mine = [awards[event, name, member] for name in asked if (event, name, member) in awards]
    return sum(mine) if mine else None


def total(kind: str, values: Sequence[Value]) -> int:
    """The score that these values make."""
    if kind == "count":
        return len(values)
    if kind == "distinct":
        return len(set(values))
    numbers = [value for value in values if isinstance(value, int)]
    return max(numbers, default=0) if kind == "best" else sum(numbers)


def running(kind: str, values: Sequence[Value]) -> list[int]:
    """The score after each of the values."""
    return [total(kind, values[:count]) for count in range(1, len(values) + 1)]


def given_to(
    member: str, events: Sequence[Event], awards: Awards, newest: Version
) -> dict[tuple[str, str], list[Given]]:
    """What a member's events gave, by (section, name of the story), in canonical order."""
    found: defaultdict[tuple[str, str], list[Given]] = defaultdict(list)
    for event in events:
        for section, named in (("badges", event.version.badges), ("levels", event.version.ladders)):
            for name, defined in named.items():
                places = [Place(section, name, step) for step in defined.scores]
                values = {
                    place.step: value for place in places if (value := got(event, place, member, awards)) is not None
                }
                if values:
                    story = (section, name_in(newest, section, name, event.version))
                    found[story].append(Given(event, defined, values, event.each.get(name)))
    return found

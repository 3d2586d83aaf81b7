"""A request about karma as who asks says it, before it is an event."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from pydantic import JsonValue

NOBODY: Final = "karmalog"
"""Who asks, where something is decided for the organisation and nobody is named."""


class KarmaRequest(NamedTuple):
    """What somebody asks for."""

    type: str
    """Of the event that it becomes."""
    member: str
    """Who asks."""
    data: Mapping[str, JsonValue]
    key: str | None = None
    """What tells it from another one of the same type and member; None: it is no repeat of anything."""

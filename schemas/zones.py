"""Time zones from the locked `tzdata` package, never from the system, so that every machine counts the same days."""

from functools import cache
from importlib import metadata, resources
from zoneinfo import ZoneInfo

TZDATA_VERSION = metadata.version("tzdata")
"""A part of the engine's version: other zone data could put an event into another day."""

_PACKAGE = resources.files("tzdata")


@cache
def time_zones() -> frozenset[str]:
    """The names of all zones."""
    return frozenset(_PACKAGE.joinpath("zones").read_text("utf-8").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name.

    Read from its file, since `ZoneInfo(name)` would ask the system first, and remember what it found for everybody.

    Raises:
        KeyError: no zone has that name.
    """
    if name not in time_zones():
        raise KeyError(name)
    with _PACKAGE.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)

"""Time zones from the locked `tzdata` package, never from the system, so that every machine counts the same days."""

import zoneinfo
from functools import cache
from importlib import metadata

zoneinfo.reset_tzpath([])

TZDATA_VERSION = metadata.version("tzdata")
"""A part of the engine's version: other zone data could put an event into another day."""


@cache
def zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of that IANA name.

    Raises:
        KeyError: no zone has that name.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise KeyError(name) from error

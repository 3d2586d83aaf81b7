"""The words that every floor uses, as types: an id of one kind is never taken for one of another."""

from typing import NewType

OrgId = NewType("OrgId", str)
"""An organisation: the unit of order, of ownership and of scale."""

MemberId = NewType("MemberId", str)
"""A member of an organisation: NFC, 1 to 256 bytes of UTF-8, compared by bytes."""

Instant = NewType("Instant", int)
"""A moment: milliseconds since 1970-01-01T00:00:00Z."""

Position = NewType("Position", int)
"""A place in one partition of the log: the offset of a record. Expected positions name the next one."""

Day = NewType("Day", int)
"""A local day: the proleptic ordinal of its date (`datetime.date.toordinal`)."""

DAY_MS = 86_400_000
"""Milliseconds in a day of 24 hours, as durations such as `late: 30d` mean it."""

FUTURE_MS_MAX = 300_000
"""Clocks may differ by this much: an event may lie 5 minutes after the moment it was recorded."""

"""The one board of the baselines: points by all time, month and ISO week, in UTC."""

from datetime import datetime
from functools import lru_cache
from typing import Final

POINTS: Final = 5
WINDOWS: Final = 3


@lru_cache(maxsize=10_000)
def _of_day(day: str) -> tuple[str, str, str]:
    year, week, _ = datetime.fromisoformat(day).isocalendar()
    return "board:all", f"board:{day[:7]}", f"board:{year}-W{week:02}"


def keys_of(time: str) -> tuple[str, str, str]:
    """The sorted sets that an event's points go to; `time` is RFC 3339 in UTC."""
    return _of_day(time[:10])

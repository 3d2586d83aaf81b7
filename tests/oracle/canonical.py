"""The order in which everything is worked out, however it came."""

from schemas.records import Record


def order(record: Record) -> tuple[int, bytes, bytes]:
    """Sorts into canonical order."""
    return record["time"], record["source"].encode(), record["id"].encode()

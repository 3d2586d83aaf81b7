"""The log port: what karmalog asks of an ordered, durable log, whoever keeps it.

A log has partitions. An organisation lives in exactly one of them, and a record's place in it, its
position, never changes and is never given twice. Nothing is changed or taken out.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from schemas.failures import Unavailable
from schemas.words import OrgId, Position

VALUE_BYTES_MAX = 2_000_000
"""The longest record: what `max.message.bytes` of the topic (2 MiB) leaves beside key and headers."""

_SIGN_BIT_OFF = 0x7FFF_FFFF


class UnavailableLog(Unavailable):
    """The log, or a part of it, cannot be used now; the message says what, where and what to do."""


class Entry(NamedTuple):
    """A record as it lies in a partition of the log."""

    position: Position
    value: bytes


class Log(Protocol):
    """An ordered log with one writer family (karmalog) and any number of readers."""

    @property
    def partitions(self) -> int:
        """How many partitions there are; it never changes, since places of organisations hang on it."""
        ...

    def partition_of(self, org: OrgId) -> int:
        """The partition that an organisation lives in, from 0."""
        ...

    async def append(self, partition: int, values: Sequence[tuple[bytes, bytes]]) -> Sequence[Position]:
        """Append records in their order; when this returns they survive a crash.

        Args:
            partition: Where, from 0.
            values: Pairs of the organisation's id and the record, at most `VALUE_BYTES_MAX` bytes each.

        Returns:
            The position of each record, rising; other writers' records may lie between them.

        Raises:
            UnavailableLog: It is not known to be durable. Nothing or a part of it may be there all the
                same, so the caller appends it again: the fold recognises repeats.
            ValueError: A record is too long.
        """
        ...

    async def read(self, partition: int, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """The records from `start` on, in order, at most `max_records`, possibly fewer than there are.

        Waits up to `max_wait_s` seconds for the first one; an empty list says that none came.

        Raises:
            UnavailableLog: The log cannot be read, begins after `start` or ends before it.
        """
        ...

    async def end(self, partition: int) -> Position:
        """The position that the next record will get, or a later one."""
        ...

    async def at(self, partition: int, position: Position) -> bytes:
        """One record. For rare look-ups.

        Raises:
            UnavailableLog: There is no record at that position, or the log cannot be read.
        """
        ...

    async def identity(self) -> str:
        """What tells this log from every other one; a checkpoint holds it."""
        ...

    async def close(self) -> None:
        """Finish the appends that were begun and let go of everything."""
        ...


@lru_cache(maxsize=100_000)
def partition_of(org: OrgId, partitions: int) -> int:
    """Where Kafka's own default partitioner would put the key `org` among `partitions`.

    Source: `BuiltInPartitioner.partitionForKey` of Apache Kafka: murmur2 of the bytes, its sign bit
    cleared, modulo the number of partitions.
    """
    from aiokafka.partitioner import murmur2  # only Kafka's logs need it, and it brings the whole client

    return (int(murmur2(org.encode())) & _SIGN_BIT_OFF) % partitions


def check_lengths(values: Sequence[tuple[bytes, bytes | None]]) -> None:
    """Let records pass that every log can hold.

    Raises:
        ValueError: One is longer than `VALUE_BYTES_MAX`.
    """
    for index, (_, value) in enumerate(values):
        if value is not None and len(value) > VALUE_BYTES_MAX:
            raise ValueError(
                f"record {index} of this append has {len(value)} bytes, more than the {VALUE_BYTES_MAX} that "
                "a record of the log may have: split what it says, or keep its text outside the log"
            )


def shorter_log(where: str, start: Position, end: Position) -> UnavailableLog:
    """The complaint that a log ends before the position where reading has to go on."""
    return UnavailableLog(
        f"{where} is shorter than the checkpoint: reading has to go on at position {start}, but the log ends "
        f"at {end}. It was cut, or put back from an older copy: give karmalog back the log that it had, or "
        "empty the store so that it is folded again from what is left"
    )

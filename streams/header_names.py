"""Messages whose header names are not UTF-8: read all the same, where the client would stop for ever.

Kafka's protocol says that a header's name is text; brokers do not look, and some clients write any bytes. aiokafka
raises where it meets one, cannot be made to step over it, and would stop everybody's events behind it. A name that
cannot be read is none of ours (`ce_…`), so it is read with a mark in the place of what is wrong, and ignored.
"""

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_BEFORE_LENGTH = 8  # a batch begins with its base offset, then its length, which counts what follows
_BEFORE_CONTENT = 12


class _AnyText(bytearray):
    """Bytes whose parts are decoded whatever they hold."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _AnyText(found) if isinstance(place, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        """Text, with U+FFFD where there is none."""
        del errors
        return super().decode(encoding, "replace")


class _PatientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka's batch in Python, which is slow, over bytes that decode."""

    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _AnyText):
            self._buffer = _AnyText(self._buffer)


class _Batch:
    """aiokafka's quick batch, replaced by the patient one where it gives up."""

    def __init__(self, quick: Any, raw: bytes) -> None:
        self._quick, self._raw = quick, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._quick, name)

    def __next__(self) -> Any:
        return next(self._quick)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._quick))
        except UnicodeDecodeError:
            return iter(_PatientBatch(bytearray(self._raw)))


class PatientRecords:
    """What a broker sent of one partition: batch after batch, as aiokafka's `MemoryRecords`."""

    def __init__(self, raw: bytes) -> None:
        self._quick = MemoryRecords(raw)
        self._raw, self._at = raw, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._quick, name)

    def next_batch(self) -> Any:
        """The next batch; None where there is no other."""
        batch = self._quick.next_batch()
        start = self._at
        if batch is None or start + _BEFORE_CONTENT > len(self._raw):
            return batch
        self._at += _BEFORE_CONTENT + struct.unpack_from(">i", self._raw, start + _BEFORE_LENGTH)[0]
        return _Batch(batch, self._raw[start : self._at]) if isinstance(batch, DefaultRecordBatch) else batch


def read_any_header_name() -> None:
    """Makes consumers of this process read such messages, from now on."""
    fetcher.MemoryRecords = PatientRecords

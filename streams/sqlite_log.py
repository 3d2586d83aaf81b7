"""The log in one SQLite file: one partition, an fsync per group of appends, readers that wake at once."""

import asyncio
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from schemas.words import OrgId, Position
from streams.group_commit import GroupCommit
from streams.log import Entry, UnavailableLog, check_lengths, shorter_log
from streams.sqlite_file import SqliteFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (position INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID
"""
_READ_BYTES = 16 << 20  # a read of long records ends here, whatever max_records says
_POLL_S = 0.05  # how late a reader may notice what another process appended


class SqliteLog:
    """A `Log` with one partition; the organisation's id is not stored beside a record, which names it."""

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        """Opens the log in `path`, or begins a new one.

        Raises:
            UnavailableLog: The file cannot be used.
        """
        # A connection to write and one to read: a reader never waits for an fsync.
        self._writer = SqliteFile(path, _SCHEMA, busy_timeout_s=busy_timeout_s)
        try:
            self._reader = SqliteFile(path, _SCHEMA, busy_timeout_s=busy_timeout_s)
            self._identity = _identity(self._writer)
        except BaseException:
            self._writer.close()
            raise
        self._appends: GroupCommit[bytes] = GroupCommit(self._write)
        self._grown = asyncio.Event()  # replaced by a new one whenever something was appended
        self.partitions = 1

    def partition_of(self, org: OrgId) -> int:  # noqa: ARG002 - every organisation lives in the only partition
        """Partition 0, for every organisation."""
        return 0

    async def append(self, partition: int, values: Sequence[tuple[bytes, bytes]]) -> Sequence[Position]:
        """See `Log.append`; appends that wait at the same time share one transaction."""
        self._check(partition)
        check_lengths(values)
        return await self._appends.append(values)

    async def read(self, partition: int, start: Position, *, max_records: int, max_wait_s: float) -> list[Entry]:
        """See `Log.read`; wakes at once for this process's appends, within 50 ms for another's."""
        self._check(partition)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + max_wait_s
        while True:
            grown = self._grown  # before looking: what is appended after the look sets this one
            entries, end = await self._look(start, max_records)
            if start > end:
                raise shorter_log(str(self._reader.path), start, end)
            left = deadline - loop.time()
            if entries or left <= 0:
                return entries
            try:
                await asyncio.wait_for(grown.wait(), min(left, _POLL_S))
            except TimeoutError:
                continue

    async def end(self, partition: int) -> Position:
        """See `Log.end`."""
        self._check(partition)
        return await asyncio.get_running_loop().run_in_executor(self._reader.thread, self._reader.query, _next_position)

    async def at(self, partition: int, position: Position) -> bytes:
        """See `Log.at`."""
        entries = await self.read(partition, position, max_records=1, max_wait_s=0)
        if not entries:
            raise UnavailableLog(
                f"{self._reader.path}: there is no record at position {position}, the log ends there: "
                "ask for one before it"
            )
        return entries[0].value

    async def identity(self) -> str:
        """See `Log.identity`: random, given when the file was made, and copied with it."""
        return self._identity

    async def close(self) -> None:
        """See `Log.close`."""
        await self._appends.close()
        self._writer.close()
        self._reader.close()

    def _check(self, partition: int) -> None:
        if partition != 0:
            raise ValueError(f"{self._reader.path}: a SQLite log has partition 0 alone, not {partition}")

    async def _write(self, values: list[tuple[bytes, bytes]]) -> Sequence[Position]:
        positions = await asyncio.get_running_loop().run_in_executor(self._writer.thread, _insert, self._writer, values)
        self._grown.set()
        self._grown = asyncio.Event()
        return positions

    async def _look(self, start: Position, max_records: int) -> tuple[list[Entry], Position]:
        def select(db: sqlite3.Connection) -> tuple[list[Entry], Position]:
            entries = _select(db, start, max_records)
            return entries, start if entries else _next_position(db)

        return await asyncio.get_running_loop().run_in_executor(self._reader.thread, self._reader.query, select)


def _identity(file: SqliteFile) -> str:
    with file.transaction() as db:
        db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", (f"sqlite:{secrets.token_hex(16)}",))
        (identity,) = db.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
    return str(identity)


def _next_position(db: sqlite3.Connection) -> Position:
    (last,) = db.execute("SELECT max(position) FROM records").fetchone()
    return Position(0 if last is None else last + 1)


def _insert(file: SqliteFile, values: list[tuple[bytes, bytes]]) -> Sequence[Position]:
    with file.transaction() as db:
        first = _next_position(db)  # under the write lock, so that two processes never give the same one
        positions = [Position(first + index) for index in range(len(values))]
        db.executemany(
            "INSERT INTO records VALUES (?, ?)",
            ((position, value) for position, (_, value) in zip(positions, values, strict=True)),
        )
    return positions


def _select(db: sqlite3.Connection, start: Position, max_records: int) -> list[Entry]:
    entries: list[Entry] = []
    size = 0
    rows = db.execute(
        "SELECT position, value FROM records WHERE position >= ? ORDER BY position LIMIT ?",
        (start, max_records),
    )
    for row in rows:
        entry = Entry._make(row)
        entries.append(entry)
        size += len(entry.value)
        if size >= _READ_BYTES:
            break
    rows.close()  # an open cursor would keep the write-ahead log from being reset
    return entries

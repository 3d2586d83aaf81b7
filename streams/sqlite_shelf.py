"""Texts and quarantine in a second SQLite file beside the log, where what is deleted is overwritten."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from schemas.words import Position
from streams.shelf import Kept
from streams.sqlite_file import SqliteFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarantine (
    position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, value BLOB NOT NULL
) STRICT
"""
_PAGE = 1000


def private_file(path: Path) -> SqliteFile:
    """The file that shelf and quarantine share; close it after both.

    Raises:
        UnavailableLog: The file cannot be used.
    """
    return SqliteFile(path, _SCHEMA, pragmas="PRAGMA secure_delete=ON;")


def _forget(file: SqliteFile) -> None:
    """Empty the write-ahead log, which would else go on holding what was deleted."""
    file.query(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())


class SqliteShelf:
    """A `Shelf` in a private file."""

    def __init__(self, file: SqliteFile) -> None:
        """Keeps texts in `file`, which the caller closes."""
        self._file = file

    async def put(self, items: Mapping[str, bytes | None]) -> None:
        """See `Shelf.put`."""

        def write() -> None:
            kept = [(key, value) for key, value in items.items() if value is not None]
            deleted = [(key,) for key, value in items.items() if value is None]
            with self._file.transaction() as db:
                db.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?)", kept)
                db.executemany("DELETE FROM texts WHERE key = ?", deleted)
            if deleted:
                _forget(self._file)

        await asyncio.get_running_loop().run_in_executor(self._file.thread, write)

    async def get(self, key: str) -> bytes | None:
        """See `Shelf.get`."""

        def select(db: sqlite3.Connection) -> bytes | None:
            row = db.execute("SELECT value FROM texts WHERE key = ?", (key,)).fetchone()
            return None if row is None else bytes(row[0])

        return await asyncio.get_running_loop().run_in_executor(self._file.thread, self._file.query, select)

    async def scan(self, prefix: str) -> dict[str, bytes]:
        """See `Shelf.scan`."""

        def select(db: sqlite3.Connection) -> dict[str, bytes]:
            rows = db.execute(
                "SELECT key, value FROM texts WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1 ORDER BY key",
                (prefix,),
            )
            return dict(rows.fetchall())

        return await asyncio.get_running_loop().run_in_executor(self._file.thread, self._file.query, select)

    async def close(self) -> None:
        """See `Shelf.close`."""


class SqliteQuarantine:
    """A `Quarantine` in a private file."""

    def __init__(self, file: SqliteFile) -> None:
        """Keeps what could not be taken in `file`, which the caller closes."""
        self._file = file

    async def add(self, items: Sequence[tuple[str, bytes]]) -> None:
        """See `Quarantine.add`."""

        def write() -> None:
            with self._file.transaction() as db:
                db.executemany("INSERT OR IGNORE INTO quarantine (key, value) VALUES (?, ?)", items)

        await asyncio.get_running_loop().run_in_executor(self._file.thread, write)

    async def scan(self, start: Position = Position(0)) -> AsyncIterator[Kept]:  # noqa: B008 - an int
        """See `Quarantine.scan`."""

        def page(start: Position, db: sqlite3.Connection) -> list[Kept]:
            rows = db.execute("SELECT * FROM quarantine WHERE position >= ? ORDER BY position LIMIT ?", (start, _PAGE))
            return [Kept._make(row) for row in rows.fetchall()]

        loop = asyncio.get_running_loop()
        while kept := await loop.run_in_executor(self._file.thread, self._file.query, partial(page, start)):
            for item in kept:
                yield item
            start = Position(kept[-1].position + 1)

    async def resolve(self, keys: Sequence[str]) -> None:
        """See `Quarantine.resolve`."""

        def write() -> None:
            with self._file.transaction() as db:
                db.executemany("DELETE FROM quarantine WHERE key = ?", [(key,) for key in keys])
            _forget(self._file)

        await asyncio.get_running_loop().run_in_executor(self._file.thread, write)

    async def close(self) -> None:
        """See `Quarantine.close`."""

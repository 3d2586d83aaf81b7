"""A SQLite file to rely on: durable at every commit, one format, errors that say what to do."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from streams.log import UnavailableLog

T = TypeVar("T")

FORMAT = 1
"""Stands in the file's `user_version`; a file of a newer one is left alone."""

_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full; nothing of this was written: free some space and try again",
    sqlite3.SQLITE_BUSY: "another process is writing to it and has not finished: stop that one, or try again",
    sqlite3.SQLITE_READONLY: "it may not be written: check who owns the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that its folder is there and who owns it",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite file: another data folder was meant, or it was overwritten",
    sqlite3.SQLITE_CORRUPT: "it is damaged: put back a copy, and check the disk",
    sqlite3.SQLITE_IOERR: "the disk does not do what it is asked: check the disk and the system's messages",
}
_PRIMARY_CODE = 0xFF  # SQLite's extended codes carry the primary one in their lowest byte


def complaint(error: sqlite3.Error, path: Path) -> UnavailableLog:
    """What went wrong with the file, as an error that says what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    advice = _ADVICE.get(code, "this is not expected: please report it")
    return UnavailableLog(f"{path}: {error}; {advice}")


class SqliteFile:
    """One connection with a thread of its own; everything on it happens in the order it was asked for.

    Commits are durable (write-ahead log, synchronous=FULL) and survive a crash of the machine.
    """

    def __init__(self, path: Path, schema: str, *, busy_timeout_s: float = 5.0, pragmas: str = "") -> None:
        """Opens the file, making it and its folder where they are missing.

        Args:
            path: The file; readable by its owner alone when it is made.
            schema: Statements that make the tables where they are missing.
            busy_timeout_s: How long to wait for another process's write.
            pragmas: More settings, as SQL.

        Raises:
            UnavailableLog: It cannot be opened, or a newer karmalog made it.
        """
        self.path = path
        with self._complaints():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o600)  # the files that SQLite puts beside it take over this mode
                self._db = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
            except OSError as error:
                raise UnavailableLog(f"{path}: {error.strerror}: check the folder and who owns it") from error
            try:
                self._prepare(schema, pragmas)
            except BaseException:
                self._db.close()
                raise
        self.thread = ThreadPoolExecutor(1, thread_name_prefix=path.stem)

    def _prepare(self, schema: str, pragmas: str) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise UnavailableLog(
                f"{self.path}: a newer karmalog made it (format {found}, this one knows {FORMAT}): "
                "use that version, or another data folder"
            )
        # fullfsync is what makes macOS write through the disk's own cache; elsewhere it does nothing.
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA fullfsync=1; "
            f"PRAGMA checkpoint_fullfsync=1; {pragmas}"
        )
        with self.transaction() as db:
            for statement in schema.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version={FORMAT}")

    @contextmanager
    def _complaints(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise complaint(error, self.path) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable when it ends; takes the write lock at once. Call it on the file's thread.

        Raises:
            UnavailableLog: Nothing of it was written.
        """
        with self._complaints():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    if self._db.in_transaction:  # SQLite has undone it already after some errors
                        self._db.execute("ROLLBACK")
                raise

    def query(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` reads. Call it on the file's thread."""
        with self._complaints():
            return work(self._db)

    def close(self) -> None:
        """Finish what was asked for and close the file."""
        self.thread.shutdown(wait=True)
        self._db.close()

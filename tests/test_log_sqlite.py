"""The log in a SQLite file keeps the log's contract, and says what is wrong with its file."""

import asyncio
import os
import resource
import sqlite3
from pathlib import Path

import pytest

from schemas.words import Position
from streams.log import Log, UnavailableLog
from streams.sqlite_log import SqliteLog
from tests.log_contract import LogContract, Place, everything, records


class Folder(Place):
    """Logs in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    async def connect(self, name: str) -> Log:
        """See `Place.connect`."""
        return SqliteLog(self.folder / f"{name}.sqlite")

    def argv(self, name: str) -> list[str]:
        """See `Place.argv`."""
        return ["sqlite", str(self.folder / f"{name}.sqlite"), name]


class TestSqliteLog(LogContract):
    """The contract, on a file."""

    kills = 5


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


async def test_positions_have_no_gaps(path: Path) -> None:
    log = SqliteLog(path)
    await asyncio.gather(*(log.append(0, records(b"a", b"b")) for _ in range(50)))
    assert [position for position, _ in await everything(log)] == list(range(100))
    await log.close()


async def test_appends_that_wait_together_share_a_transaction(path: Path) -> None:
    log = SqliteLog(path)
    written: list[int] = []
    write = log._write

    async def counted(values: list[tuple[bytes, bytes]]) -> object:
        written.append(len(values))
        return await write(values)

    log._appends._write = counted  # type: ignore[assignment]
    await asyncio.gather(*(log.append(0, records(b"a")) for _ in range(1000)))
    assert sum(written) == 1000
    assert len(written) <= 2
    await log.close()


async def test_two_processes_worth_of_writers_never_share_a_position(path: Path) -> None:
    logs = [SqliteLog(path) for _ in range(3)]
    appends = [log.append(0, records(b"a", b"b")) for log in logs for _ in range(40)]
    positions = [position for part in await asyncio.gather(*appends) for position in part]
    assert sorted(positions) == list(range(240))
    for log in logs:
        await log.close()


async def test_a_file_that_another_process_holds_locked_is_told(path: Path) -> None:
    log = SqliteLog(path, busy_timeout_s=0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableLog, match=r"log\.sqlite: database is locked; another process is writing"):
        await log.append(0, records(b"a"))
    other.execute("ROLLBACK")
    other.close()
    assert list(await log.append(0, records(b"b"))) == [0]
    await log.close()


async def test_a_full_disk_is_told_and_nothing_is_half_written(path: Path) -> None:
    log = SqliteLog(path)
    await log.append(0, records(b"before"))
    log._writer.query(lambda db: db.execute("PRAGMA max_page_count=1").fetchone())
    with pytest.raises(UnavailableLog, match=r"log\.sqlite: .*full; .* free some space"):
        await log.append(0, records(*[b"x" * 10_000] * 100))
    log._writer.query(lambda db: db.execute("PRAGMA max_page_count=1000000").fetchone())
    await log.append(0, records(b"after"))
    assert [value for _, value in await everything(log)] == [b"before", b"after"]
    await log.close()


async def test_a_file_that_may_not_grow_any_more_loses_nothing_acknowledged(path: Path) -> None:
    log = SqliteLog(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)  # the kernel refuses writes, as a full disk does
    kept: list[bytes] = []
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        with pytest.raises(UnavailableLog, match=r"log\.sqlite: "):
            await _append_for_ever(log, kept)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept
    await log.append(0, records(b"after"))
    assert [value for _, value in await everything(log)] == [*kept, b"after"]
    await log.close()


async def _append_for_ever(log: Log, kept: list[bytes]) -> None:
    while True:
        value = b"%d" % len(kept) * 1000
        await log.append(0, records(value))
        kept.append(value)


async def test_a_file_that_is_no_log_is_told(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is not a database, " * 1000)
    with pytest.raises(UnavailableLog, match="not a SQLite file"):
        SqliteLog(tmp_path / "text")
    with pytest.raises(UnavailableLog, match="check the folder"):
        SqliteLog(tmp_path / "text" / "log.sqlite")
    with pytest.raises(UnavailableLog, match=r"cannot be opened|check the folder"):
        SqliteLog(tmp_path)


async def test_a_log_that_a_newer_version_made_is_left_alone(path: Path) -> None:
    await SqliteLog(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version=99")
    newer.close()
    with pytest.raises(UnavailableLog, match=r"a newer karmalog made it \(format 99"):
        SqliteLog(path)


async def test_only_its_owner_may_read_the_file(path: Path) -> None:
    log = SqliteLog(path)
    await log.append(0, records(b"a"))
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    await log.close()


async def test_commits_are_flushed_to_the_disk(path: Path) -> None:
    log = SqliteLog(path)
    full, wal = 2, "wal"
    assert log._writer.query(lambda db: db.execute("PRAGMA synchronous").fetchone()) == (full,)
    assert log._writer.query(lambda db: db.execute("PRAGMA journal_mode").fetchone()) == (wal,)
    await log.close()


async def test_a_log_cut_behind_its_reader_is_noticed(path: Path) -> None:
    log = SqliteLog(path)
    await log.append(0, records(b"a", b"b", b"c"))
    knife = sqlite3.connect(path)
    knife.execute("DELETE FROM records WHERE position > 0")
    knife.commit()
    knife.close()
    with pytest.raises(UnavailableLog, match="shorter than the checkpoint"):
        await log.read(0, Position(3), max_records=1, max_wait_s=0)
    await log.close()


async def test_reading_many_long_records_is_bounded_by_bytes(path: Path) -> None:
    log = SqliteLog(path)
    await log.append(0, records(*[os.urandom(1 << 20)] * 40))
    part = await log.read(0, Position(0), max_records=40, max_wait_s=0)
    assert 16 <= len(part) < 40
    assert len(await everything(log)) == 40
    await log.close()

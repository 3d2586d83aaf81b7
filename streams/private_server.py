"""A Redis or Valkey of our own: a child process on a unix socket, seen by nobody else, gone when we are."""

import asyncio
import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from streams.server_program import UnavailableServer, find_server, spawn

_log = logging.getLogger(__name__)

DUMP = "store.rdb"
"""The dump's name in the data folder."""

_PLACE = "store.place"  # names the socket's folder; whoever holds its lock owns the server
_OUTPUT = "store.log"
_FOLDER_PREFIX = "karmalog-"
_SOCKET_PATH_MAX = 100  # the system's limit for a unix socket's path is 104 to 108 bytes
_ANSWER_WAIT_S = 1.0
_START_WAIT_S = 30.0  # without any answer; one that says LOADING is waited for
_STOP_WAIT_S = 120.0  # saving a large store takes its time
_POLL_S = 0.01


class PrivateServer:
    """Runs while its context is open; what it held is in the data folder afterwards, and loaded next time.

    Start it from a thread that lives as long as the process: on Linux the server dies with that thread.
    """

    def __init__(self, data_dir: Path, *, binary: Path | None = None) -> None:
        """Will keep its dump in `data_dir`; `binary` is the server program, by default `find_server()`."""
        self.data_dir = data_dir
        self.socket = Path()
        """Where to connect, while it runs."""
        self.notice: str | None = None
        """What happened at the start that somebody should know."""
        self._binary = binary
        self._place: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._answered = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def begin(self) -> None:
        """Start it without waiting: it loads its dump while the caller does something else, then `start` waits.

        Safe to call again.

        Raises:
            UnavailableServer: Another process uses the data folder, or the program cannot be run.
        """
        if self._process is not None:
            return
        self._binary = self._binary or find_server()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._place = _own(self.data_dir / _PLACE)
        try:
            await _clear_predecessor(self._place, self.data_dir)
            folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=_short_temporary_folder()))
            self.socket = folder / "s"
            _write_place(self._place, folder)
            self._spawn(self._binary)
        except BaseException:
            self._abandon()
            raise

    async def start(self) -> None:
        """Start it, unless it has begun, and wait until it has loaded its dump and answers.

        A dump that this program cannot load (a newer one wrote it, or it is damaged) is moved aside, and
        `notice` says so: the store begins empty and is folded again from the log.

        Raises:
            UnavailableServer: Another process uses the data folder, or the program does not start.
        """
        await self.begin()
        try:
            await self._answer_or_move_dump_aside()
        except BaseException:
            self._abandon()
            raise
        self._answered = True

    async def stop(self) -> None:
        """Save and end; one that never answered has nothing to save. Safe to call again."""
        if self._process is None:
            return
        process = self._process
        if process.poll() is None and self._answered:
            await _ask_to_end(self.socket, self.data_dir)
            try:
                await asyncio.to_thread(process.wait, _STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                _log.warning("the store's server did not end within %g s and is killed", _STOP_WAIT_S)
        self._abandon()

    def _abandon(self) -> None:
        """Let go of everything; a server that still runs is killed."""
        if self._process is not None:
            self._process.kill()  # does nothing to one that has ended
            self._process.wait()
            self._process = None
        self._answered = False
        if self.socket != Path():
            shutil.rmtree(self.socket.parent, ignore_errors=True)
            self.socket = Path()
        if self._place is not None:
            self._place.truncate(0)
            self._place.close()  # and with it the lock
            self._place = None

    async def _answer_or_move_dump_aside(self) -> None:
        binary, dump = cast("Path", self._binary), self.data_dir / DUMP
        try:
            await self._answer(binary)
        except UnavailableServer as first:
            if not dump.exists():
                raise
            aside = _free_name(self.data_dir)
            dump.rename(aside)
            try:
                self._spawn(binary)
                await self._answer(binary)
            except UnavailableServer:
                aside.rename(dump)  # it was not the dump
                raise first from None
            self.notice = (
                f"{dump} could not be loaded by {binary} (a newer server wrote it, or it is damaged); "
                f"it is now {aside.name}, and the store is folded again from the log"
            )
            _log.warning("%s", self.notice)

    def _spawn(self, binary: Path) -> None:
        self._process = spawn(binary, self.socket, self.data_dir, DUMP, self.data_dir / _OUTPUT)

    async def _answer(self, binary: Path) -> None:
        process, output = cast("subprocess.Popen[bytes]", self._process), self.data_dir / _OUTPUT
        if not await _answers(process, self.socket):
            process.kill()  # does nothing to one that has ended
            process.wait()
            last = output.read_text(errors="replace").strip().rpartition("\n")[2]
            raise UnavailableServer(
                f"{binary} did not start in {self.data_dir}: {last or 'it said nothing'}. All it said is in "
                f"{output}; check that the folder may be written and that the disk is not full"
            )


def _own(path: Path) -> IO[str]:
    place = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        place.seek(0)
        owner = place.read().partition("\n")[0] or "unknown"
        place.close()
        raise UnavailableServer(
            f"{path.parent} is in use by process {owner}: stop that one, go through its address, or use "
            "another data folder"
        ) from error
    return place


def _write_place(place: IO[str], folder: Path) -> None:
    place.truncate(0)
    place.write(f"{os.getpid()}\n{folder}\n")
    place.flush()


async def _clear_predecessor(place: IO[str], data_dir: Path) -> None:
    """Remove what a predecessor that crashed left; where its server outlived it (not on Linux), end that."""
    folder = _folder_of_predecessor(place)
    if folder is not None:
        await _ask_to_end(folder / "s", data_dir)
        shutil.rmtree(folder, ignore_errors=True)
    _remove_half_dumps(data_dir)


def _folder_of_predecessor(place: IO[str]) -> Path | None:
    place.seek(0)
    folder = Path(place.read().strip().partition("\n")[2])
    ours = folder.name.startswith(_FOLDER_PREFIX) and folder.is_dir() and folder.stat().st_uid == os.getuid()
    return folder if ours else None


def _remove_half_dumps(data_dir: Path) -> None:
    for half_written in data_dir.glob("temp-*.rdb"):
        half_written.unlink(missing_ok=True)


def _short_temporary_folder() -> str:
    usual = tempfile.gettempdir()
    longest = f"{usual}/{_FOLDER_PREFIX}xxxxxxxx/s"
    return usual if len(longest.encode()) < _SOCKET_PATH_MAX else "/tmp"  # noqa: S108 - mkdtemp makes it 0700


def _free_name(data_dir: Path) -> Path:
    number = 1
    while (aside := data_dir / f"{DUMP}.unreadable-{number}").exists():
        number += 1
    return aside


async def _say(socket: Path, command: bytes, wait_s: float) -> bytes | None:
    """The first line of the answer; b"" if it hung up, None if it did not answer."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(socket), wait_s)
    except (OSError, TimeoutError):
        return None
    try:
        writer.write(command + b"\r\n")
        return await asyncio.wait_for(reader.readline(), wait_s)
    except ConnectionError:
        return b""
    except TimeoutError:
        return None
    finally:
        writer.close()


async def _answers(process: "subprocess.Popen[bytes]", socket: Path) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _START_WAIT_S
    while process.poll() is None and loop.time() < deadline:
        answer = await _say(socket, b"PING", _ANSWER_WAIT_S)
        if answer is not None and answer.startswith(b"+PONG"):
            return True
        if answer is not None and answer.startswith(b"-LOADING"):
            deadline = loop.time() + _START_WAIT_S
        await asyncio.sleep(_POLL_S)
    return False


async def _ask_to_end(socket: Path, data_dir: Path) -> None:
    answer = await _say(socket, b"SHUTDOWN SAVE", _STOP_WAIT_S)
    if answer:  # it ends without a word, unless it cannot save
        _log.warning(
            "the store could not be saved in %s (%s): its tail is folded again at the next start; "
            "check the disk, and %s there",
            data_dir,
            answer.decode(errors="replace").strip(),
            _OUTPUT,
        )
        await _say(socket, b"SHUTDOWN NOSAVE", _STOP_WAIT_S)

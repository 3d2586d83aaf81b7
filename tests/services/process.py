"""A child process that can be killed, frozen and started again in place, and never outlives its parent."""

import atexit
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Self

_PORTS = range(15_000, 30_000)  # below what systems hand out to connections, which could take a dead server's port

_GUARDIAN = """
import os, signal, sys
alive = set()
for line in sys.stdin:  # ends when the parent does, however it ended
    word, group = line.split()
    (alive.add if word == "guard" else alive.discard)(int(group))
for group in alive:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


def free_ports(count: int) -> list[int]:
    """`count` different loopback ports that nobody listens on, nor will before a restart."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        for port in random.SystemRandom().sample(_PORTS, k=len(_PORTS)):
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
            if len(ports) == count:
                return ports
    raise OSError(f"fewer than {count} free ports on 127.0.0.1 in {_PORTS}")


@cache
def _guardian() -> IO[str]:
    """A pipe to the process that kills every guarded group once this one is gone, be it by SIGKILL."""
    guardian = subprocess.Popen(
        [sys.executable, "-c", _GUARDIAN], stdin=subprocess.PIPE, text=True, bufsize=1, start_new_session=True
    )
    assert guardian.stdin
    return guardian.stdin


class Process:
    """A program with a folder and a log; `start` after `kill` or `stop` runs it again on the same data."""

    def __init__(self, folder: Path, argv: Sequence[str] = (), *, env: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = folder / "log.txt"
        self._argv = list(argv)
        self._env = env
        self._child: subprocess.Popen[bytes] | None = None
        atexit.register(self.kill)

    def argv(self) -> list[str]:
        """The command line; asked at every start."""
        return self._argv

    def answers(self) -> bool:
        """Whether it is of use by now. Raises OSError or ValueError where it cannot be asked yet."""
        return True

    @property
    def pid(self) -> int:
        """Its process id, also after its end."""
        return self._started().pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended (a frozen one runs)."""
        return self._child is not None and self._child.poll() is None

    def spawn(self) -> Self:
        """Starts it and does not wait; in a group of its own, so that Ctrl-C reaches the tests first."""
        assert not self.running, f"{self} runs already"
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.argv(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self._env} if self._env else None,
                start_new_session=True,
            )
        _guardian().write(f"guard {self._child.pid}\n")
        return self

    def ready(self, timeout_s: float = 60) -> Self:
        """Waits until it answers; raises RuntimeError with the end of its log where it does not."""
        deadline = time.monotonic() + timeout_s
        while self.running and time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError):
                if self.answers():
                    return self
            time.sleep(0.03)
        state = "did not answer" if self.running else f"ended with {self._started().returncode}"
        raise RuntimeError(f"{self} {state}; the end of {self.log}:\n{self.tail()}")

    def start(self, timeout_s: float = 60) -> Self:
        """Starts it and waits until it answers."""
        return self.spawn().ready(timeout_s)

    def stop(self, timeout_s: float = 20) -> int:
        """Asks it to end (SIGTERM), kills it if it does not; its exit status, negative for a signal."""
        if self.running:
            self.thaw()  # a frozen process never sees SIGTERM
            self._started().terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._started().wait(timeout_s)
        self.kill()
        return self._started().returncode

    def kill(self) -> None:
        """Ends it and its children as a power cut would (SIGKILL); of no effect on one that has ended."""
        if self._child is None:
            return
        if self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        with contextlib.suppress(OSError):  # the guardian may have been ended first
            _guardian().write(f"ended {self._child.pid}\n")

    def freeze(self) -> None:
        """Stops it in its tracks: connections stay open, nothing answers; the hang rather than the crash."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen one run on from where it stood."""
        os.killpg(self.pid, signal.SIGCONT)

    def wait(self, timeout_s: float = 60) -> int:
        """Waits until it ends by itself; its exit status, negative for a signal."""
        return self._started().wait(timeout_s)

    def tail(self, characters: int = 3000) -> str:
        """The end of what it printed."""
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""

    def _started(self) -> "subprocess.Popen[bytes]":
        assert self._child, f"{self} was never started"
        return self._child

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.folder.name})"

"""A real Redis or Valkey with data on disk, which can be killed, emptied and set back to an older copy."""

import shutil
import socket
from pathlib import Path

from tests.services import programs
from tests.services.process import Process, free_ports


class Redis(Process):
    """A server at `url`, set as karmalog requires it (append-only file, no eviction)."""

    def __init__(self, folder: Path, program: Path | None = None) -> None:
        """Keeps everything in `folder`; `program` is the server, by default the first one that is found."""
        super().__init__(folder)
        self.program = program or programs.redis_server()
        (self.port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.data = folder / "data"
        self.data.mkdir(exist_ok=True)

    def argv(self) -> list[str]:
        """The server, all settings on its command line."""
        assert self.program, "no redis-server or valkey-server: run `make test-deps`, which installs it or says how"
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.data),
            "save": "",
            "appendonly": "yes",
            "auto-aof-rewrite-percentage": "0",  # so that a copy of the files is whole at any moment
            "maxmemory-policy": "noeviction",
        }
        return [str(self.program), *(word for name, value in settings.items() for word in (f"--{name}", value))]

    def answers(self) -> bool:
        """Whether it answers PING with PONG, which it does not while it loads its data."""
        return self._ask("PING") == b"+PONG\r\n"

    def empty(self) -> None:
        """Forgets everything while it runs, as FLUSHALL by mistake does."""
        assert self._ask("FLUSHALL") == b"+OK\r\n"

    def copy(self, into: Path) -> Path:
        """Copies its data as of now, every write that it has answered included, into a new folder."""
        self.freeze()
        try:
            return Path(shutil.copytree(self.data, into))
        finally:
            self.thaw()

    def set_back(self, to: Path | None) -> None:
        """Kills it and starts it on an older copy of its data (none: on an empty disk)."""
        self.kill()
        shutil.rmtree(self.data)
        if to:
            shutil.copytree(to, self.data)
        else:
            self.data.mkdir()
        self.start()

    def _ask(self, command: str) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(64)

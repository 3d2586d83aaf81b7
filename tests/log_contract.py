"""What every log promises: an adapter's tests inherit this class and say how to open theirs."""

import asyncio
import itertools
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from schemas.words import OrgId, Position
from streams.log import VALUE_BYTES_MAX, Entry, Log, UnavailableLog

ROOT = Path(__file__).parent.parent
MEBIBYTE = 1 << 20
SOON_S = 20.0  # longer than anything here may take; what comes, comes at once


class Place(ABC):
    """Where a test's logs are; it opens them, as often as asked, and closes what it opened."""

    def __init__(self) -> None:
        self.opened: list[Log] = []

    @abstractmethod
    async def connect(self, name: str) -> Log:
        """Another connection to the log of that name, which is made if it is not there."""

    @abstractmethod
    def argv(self, name: str) -> list[str]:
        """How `tests.log_process` is told where the log is."""

    async def open(self, name: str = "log") -> Log:
        """Another connection, closed when the test ends."""
        log = await self.connect(name)
        self.opened.append(log)
        return log

    def process(self, *does: str, name: str = "log") -> "subprocess.Popen[str]":
        """A process that writes to the log or follows it."""
        argv = [sys.executable, "-m", "tests.log_process", *self.argv(name), *does]
        return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def records(*values: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"acme", value) for value in values]


async def everything(log: Log, start: int = 0, partition: int = 0) -> list[Entry]:
    found: list[Entry] = []
    end = await log.end(partition)
    while start < end:
        found += await log.read(partition, Position(start), max_records=1000, max_wait_s=SOON_S)
        start = found[-1].position + 1
    return found


def rising(positions: Sequence[Position]) -> bool:
    return all(before < after for before, after in itertools.pairwise(positions))


class LogContract:
    """The promises of `streams.log.Log`; a subclass gives the fixture `place`."""

    kills = 3

    @pytest.fixture
    async def log(self, place: Place) -> AsyncIterator[Log]:
        yield await place.open()
        for log in place.opened:
            await log.close()

    async def test_records_come_back_as_they_were_in_the_order_of_appending(self, log: Log) -> None:
        values = [b"", b"\x00\xff", "Zürich 🏔".encode(), *(str(n).encode() for n in range(3000))]
        positions = [*await log.append(0, records(*values[:2])), *await log.append(0, records(*values[2:]))]
        assert rising(positions)
        assert await everything(log) == list(map(Entry, positions, values))

    async def test_an_empty_log_ends_where_it_begins_and_gives_nothing(self, log: Log) -> None:
        assert await log.end(0) == 0
        assert await log.read(0, Position(0), max_records=10, max_wait_s=0) == []
        assert await log.read(0, Position(0), max_records=10, max_wait_s=0.3) == []

    async def test_appending_nothing_changes_nothing(self, log: Log) -> None:
        assert list(await log.append(0, [])) == []
        assert await log.end(0) == 0

    async def test_reading_begins_and_goes_on_anywhere(self, log: Log) -> None:
        positions = await log.append(0, records(*(str(n).encode() for n in range(100))))
        for start in (57, 3, 99, 57):
            entry, *_ = await log.read(0, positions[start], max_records=10, max_wait_s=SOON_S)
            assert entry == (positions[start], str(start).encode())

    async def test_a_read_gives_no_more_than_was_asked_for_and_skips_nothing(self, log: Log) -> None:
        positions = await log.append(0, records(*(str(n).encode() for n in range(20))))
        found: list[Entry] = []
        while len(found) < 20:
            start = found[-1].position + 1 if found else positions[0]
            part = await log.read(0, Position(start), max_records=7, max_wait_s=SOON_S)
            assert 0 < len(part) <= 7
            found += part
        assert [value for _, value in found] == [str(n).encode() for n in range(20)]

    async def test_the_end_is_after_the_last_record(self, log: Log) -> None:
        positions = await log.append(0, records(b"a", b"b"))
        end = await log.end(0)
        assert end > positions[-1]
        (position,) = await log.append(0, records(b"c"))
        assert position >= end

    async def test_one_record_can_be_looked_up_and_one_that_is_not_there_is_told(self, log: Log) -> None:
        positions = await log.append(0, records(b"a", b"b", b"c"))
        assert [await log.at(0, position) for position in reversed(positions)] == [b"c", b"b", b"a"]
        with pytest.raises(UnavailableLog, match="no record at position"):
            await log.at(0, await log.end(0))

    async def test_a_position_after_the_end_is_told_and_never_guessed(self, log: Log) -> None:
        await log.append(0, records(b"a"))
        with pytest.raises(UnavailableLog, match=r"shorter than the checkpoint.* position 7.*ends at 1"):
            await log.read(0, Position(7), max_records=10, max_wait_s=SOON_S)
        assert [value for _, value in await everything(log)] == [b"a"]

    async def test_long_records_come_back_whole(self, log: Log) -> None:
        values = [bytes([n]) * MEBIBYTE for n in range(5)] + [b"short", b"x" * VALUE_BYTES_MAX]
        await log.append(0, records(*values))
        assert [value for _, value in await everything(log)] == values

    async def test_a_record_that_no_log_could_hold_is_refused_before_anything_is_written(self, log: Log) -> None:
        with pytest.raises(ValueError, match=r"record 1 .* 2000001 bytes"):
            await log.append(0, records(b"a", b"x" * (VALUE_BYTES_MAX + 1)))
        assert await log.end(0) == 0
        await log.append(0, records(b"b"))
        assert [value for _, value in await everything(log)] == [b"b"]

    async def test_appends_at_the_same_time_each_get_their_own_places(self, log: Log) -> None:
        sizes = [1 + number % 4 for number in range(300)]
        appends = [
            log.append(0, records(*(f"{number} {index}".encode() for index in range(size))))
            for number, size in enumerate(sizes)
        ]
        placed: dict[Position, bytes] = {}
        for number, positions in enumerate(await asyncio.gather(*appends)):
            assert len(positions) == sizes[number]
            assert rising(positions)
            placed |= {position: f"{number} {index}".encode() for index, position in enumerate(positions)}
        assert dict(await everything(log)) == placed

    async def test_an_append_that_is_given_up_disturbs_no_other(self, log: Log) -> None:
        appends = [asyncio.ensure_future(log.append(0, records(str(n).encode()))) for n in range(50)]
        await asyncio.sleep(0)
        for append in appends[::2]:
            append.cancel()
        done = await asyncio.gather(*appends, return_exceptions=True)
        found = dict(await everything(log))
        for number in range(1, 50, 2):
            (position,) = done[number]  # type: ignore[misc]
            assert found[position] == str(number).encode()
        assert len(found) == len(set(found.values()))

    async def test_a_waiting_reader_wakes_when_something_is_appended(self, log: Log) -> None:
        reading = asyncio.ensure_future(log.read(0, Position(0), max_records=10, max_wait_s=SOON_S * 100))
        done, _ = await asyncio.wait([reading], timeout=0.3)
        assert not done
        await log.append(0, records(b"news"))
        assert [value for _, value in await asyncio.wait_for(reading, SOON_S)] == [b"news"]

    async def test_a_reader_follows_what_another_connection_appends(self, log: Log, place: Place) -> None:
        writer = await place.open()
        reading = asyncio.ensure_future(log.read(0, Position(0), max_records=10, max_wait_s=SOON_S * 100))
        await asyncio.sleep(0.1)
        await writer.append(0, records(b"from another"))
        assert [value for _, value in await asyncio.wait_for(reading, SOON_S)] == [b"from another"]

    async def test_readers_do_not_disturb_each_other(self, log: Log) -> None:
        await log.append(0, records(*(str(n).encode() for n in range(500))))

        async def follow(step: int) -> list[bytes]:
            found: list[bytes] = []
            while len(found) < 500:
                part = await log.read(0, Position(len(found)), max_records=step, max_wait_s=SOON_S)
                found += [value for _, value in part]
            return found

        for found in await asyncio.gather(follow(50), follow(170), follow(500)):
            assert found == [str(n).encode() for n in range(500)]

    async def test_a_log_keeps_its_identity_and_another_has_another(self, log: Log, place: Place) -> None:
        assert await log.identity() == await (await place.open()).identity()
        assert await log.identity() != await (await place.open("other")).identity()

    async def test_what_was_appended_is_there_for_the_next_who_opens_it(self, place: Place) -> None:
        first = await place.connect("log")
        positions = await first.append(0, records(b"a", b"b"))
        await first.close()
        second = await place.connect("log")
        assert await everything(second) == [(positions[0], b"a"), (positions[1], b"b")]
        assert (await second.append(0, records(b"c")))[0] > positions[-1]
        await second.close()

    async def test_an_append_that_was_begun_is_finished_by_closing(self, place: Place) -> None:
        first = await place.connect("log")
        append = asyncio.ensure_future(first.append(0, records(b"a")))
        await asyncio.sleep(0)
        await first.close()
        await append
        second = await place.connect("log")
        assert [value for _, value in await everything(second)] == [b"a"]
        await second.close()

    async def test_a_partition_that_is_not_there_is_refused(self, log: Log) -> None:
        for partition in (-1, log.partitions):
            with pytest.raises(ValueError, match="partition"):
                await log.append(partition, records(b"a"))
            with pytest.raises(ValueError, match="partition"):
                await log.read(partition, Position(0), max_records=1, max_wait_s=0)

    async def test_every_organisation_has_one_partition_for_good(self, log: Log, place: Place) -> None:
        other = await place.open()
        for org in (OrgId("acme"), OrgId("Zürich"), OrgId("x" * 256)):
            assert log.partition_of(org) == other.partition_of(org)
            assert 0 <= log.partition_of(org) < log.partitions

    async def test_what_was_acknowledged_survives_kill_9_of_the_writer(self, log: Log, place: Place) -> None:
        before = 0
        for kill in range(self.kills):
            acknowledged = await asyncio.to_thread(_write_until_killed, place, 200 + 137 * kill)
            entries = await everything(log, before)
            found = dict(entries)
            for task, number, position in acknowledged:
                assert found[Position(position)] == f"{task} {number}".encode()
            assert len(acknowledged) > 100
            for task in range(4):  # of what was not acknowledged, there is nothing or a beginning
                numbers = [int(value.split()[1]) for _, value in entries if value.startswith(b"%d " % task)]
                assert numbers == list(range(len(numbers)))
            before = await log.end(0)

    async def test_two_processes_read_the_same(self, log: Log, place: Place) -> None:
        values = [str(n) for n in range(500)]
        followers = [place.process("follow", "500") for _ in range(2)]
        for first in range(0, 500, 100):
            await log.append(0, records(*(value.encode() for value in values[first : first + 100])))
        wanted = [f"{position} {value}" for position, value in await _decoded(log)]
        for follower in followers:
            said, _ = await asyncio.to_thread(follower.communicate, timeout=SOON_S * 3)
            assert said.split("\n")[:-1] == wanted
        assert [line.split()[1] for line in wanted] == values


async def _decoded(log: Log) -> list[tuple[int, str]]:
    return [(position, value.decode()) for position, value in await everything(log)]


def _write_until_killed(place: Place, lines: int) -> list[tuple[int, int, int]]:
    """What the writer said was durable: it is killed in the middle of its work, after so many lines."""
    writer = place.process("write")
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(lines)]
    writer.kill()
    said += writer.stdout.read().split("\n")  # what it had said before it died counts too
    writer.stdout.close()
    writer.wait()
    whole = [line.split() for line in said]
    return [(int(task), int(number), int(position)) for task, number, position in (w for w in whole if len(w) == 3)]

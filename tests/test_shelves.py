"""Texts can be deleted and quarantine is kept until it is resolved, beside the SQLite log and on Kafka."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest

from schemas.words import Position
from streams import topics as kafka_topics
from streams.kafka_shelf import KafkaQuarantine, KafkaShelf
from streams.log import UnavailableLog
from streams.shelf import Kept, Quarantine, Shelf
from streams.sqlite_shelf import SqliteQuarantine, SqliteShelf, private_file

Connect = Callable[[], tuple[Shelf, Quarantine]]
"""Another connection to the same shelf and quarantine; closed when the test ends."""


async def kept(quarantine: Quarantine, start: int = 0) -> list[Kept]:
    return [item async for item in quarantine.scan(Position(start))]


class ShelvesContract:
    """The promises of `streams.shelf`; a subclass gives the fixture `connect`."""

    async def test_the_last_value_of_a_key_is_kept_and_found_by_everyone(self, connect: Connect) -> None:
        shelf, _ = connect()
        await shelf.put({"text:a": b"one", "text:b": b"two", "name:a": "Zoë".encode()})
        await shelf.put({"text:a": b"three"})
        for each in (shelf, connect()[0]):
            assert await each.get("text:a") == b"three"
            assert await each.get("text:c") is None
            assert await each.scan("text:") == {"text:a": b"three", "text:b": b"two"}
            assert await each.scan("") == {"name:a": "Zoë".encode(), "text:a": b"three", "text:b": b"two"}

    async def test_what_another_puts_is_seen_at_the_next_look(self, connect: Connect) -> None:
        shelf, _ = connect()
        other, _ = connect()
        assert await shelf.get("a") is None
        await other.put({"a": b"1"})
        assert await shelf.get("a") == b"1"
        await other.put({"a": None})
        assert await shelf.get("a") is None

    async def test_a_deleted_text_is_gone_for_everyone(self, connect: Connect) -> None:
        shelf, _ = connect()
        await shelf.put({"a": b"1", "b": b"2"})
        await shelf.put({"a": None, "never there": None})
        for each in (shelf, connect()[0]):
            assert await each.get("a") is None
            assert await each.scan("") == {"b": b"2"}

    async def test_a_prefix_is_taken_by_its_letters(self, connect: Connect) -> None:
        shelf, _ = connect()
        await shelf.put({"a%b": b"1", "a_b": b"2", "aXb": b"3", "Ä": b"4"})
        assert await shelf.scan("a%") == {"a%b": b"1"}
        assert await shelf.scan("a_") == {"a_b": b"2"}
        assert await shelf.scan("Ä") == {"Ä": b"4"}

    async def test_quarantine_keeps_the_order_until_things_are_resolved(self, connect: Connect) -> None:
        _, quarantine = connect()
        await quarantine.add([(f"place {number}", str(number).encode()) for number in range(2500)])
        await quarantine.resolve([f"place {number}" for number in range(0, 2500, 2)])
        wanted = [(f"place {number}", str(number).encode()) for number in range(1, 2500, 2)]
        for each in (quarantine, connect()[1]):
            found = await kept(each)
            assert [(key, value) for _, key, value in found] == wanted
            assert await kept(each, found[600].position) == found[600:]
            assert await kept(each, found[-1].position + 1) == []

    async def test_what_is_added_again_after_a_crash_is_there_once(self, connect: Connect) -> None:
        _, quarantine = connect()
        await quarantine.add([("a", b"1"), ("b", b"2")])
        await quarantine.add([("b", b"2"), ("c", b"3")])
        assert sorted(key for _, key, _ in await kept(quarantine)) == ["a", "b", "c"]

    async def test_an_empty_quarantine_gives_nothing_and_resolving_what_is_unknown_is_harmless(
        self, connect: Connect
    ) -> None:
        _, quarantine = connect()
        assert await kept(quarantine) == []
        await quarantine.resolve(["unknown"])
        assert await kept(quarantine) == []


class TestSqliteShelves(ShelvesContract):
    """The contract, on a file."""

    @pytest.fixture
    def connect(self, tmp_path: Path) -> Iterator[Connect]:
        """Each connection opens the file anew."""
        with ExitStack() as opened:

            def connect() -> tuple[Shelf, Quarantine]:
                file = private_file(tmp_path / "private.sqlite")
                opened.callback(file.close)
                return SqliteShelf(file), SqliteQuarantine(file)

            yield connect


class TestKafkaShelves(ShelvesContract):
    """The contract, on Kafka."""

    @pytest.fixture
    async def connect(self, kafka_address: str, topics: str) -> AsyncIterator[Connect]:
        """Each connection knows nothing of the others."""
        assert await kafka_topics.create(kafka_address, 1, prefix=topics) == []
        async with AsyncExitStack() as opened:

            def connect() -> tuple[Shelf, Quarantine]:
                shelf = KafkaShelf(kafka_address, f"{topics}private")
                quarantine = KafkaQuarantine(kafka_address, f"{topics}quarantine")
                opened.push_async_callback(shelf.close)
                opened.push_async_callback(quarantine.close)
                return shelf, quarantine

            yield connect


async def test_what_is_deleted_is_in_no_byte_of_the_files_any_more(tmp_path: Path) -> None:
    file = private_file(tmp_path / "private.sqlite")
    canary = b"canary " * 3000
    shelf, quarantine = SqliteShelf(file), SqliteQuarantine(file)

    def seen() -> bool:
        return any(b"canary canary" in path.read_bytes() for path in tmp_path.iterdir())

    await shelf.put({"a": canary, "b": b"x" * 5000})
    assert seen()
    await shelf.put({"a": None})
    assert not seen()
    await quarantine.add([("a", canary)])
    assert seen()
    await quarantine.resolve(["a"])
    assert not seen()
    file.close()


async def test_a_private_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableLog, match="cannot be opened: check that its folder is there"):
        private_file(tmp_path)

"""The memory of claims answers as a plain dict would, however often it is sealed, paged and loaded."""

import struct
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine import claims
from engine.claims import CLAIM_BYTES, Claim, Claims, leaf_of
from tests.conftest import EXAMPLES

CHECKS = st.integers(0, 2**32 - 1)
POSITIONS = st.integers(0, 2**48 - 1)


def key_of(number: int) -> int:
    """A key as the fold makes them: spread evenly over 64 bits."""
    return int.from_bytes(blake2b(number.to_bytes(8), digest_size=8).digest())


def unpacked(blob: bytes) -> list[tuple[int, Claim]]:
    """The claims of a tail or a segment: key, check, and 48 bits of position."""
    return [(key, Claim(check, high << 32 | low)) for key, check, high, low in struct.iter_unpack(">QIHI", blob)]


KEYS = st.integers(0, 30).map(key_of)


class Kept:
    """What a store keeps of a memory of claims."""

    def __init__(self) -> None:
        self.tail = bytearray()
        self.segments: list[bytes] = []
        self.leaves: dict[int, bytes] = {}

    def write(self, memory: Claims) -> None:
        sealed, at, new = memory.taken()
        for number, segment in sealed:
            assert number == len(self.segments)
            self.segments.append(segment)
            self.leaves[leaf_of(number)] = memory.leaf(leaf_of(number))
        if at is None:
            self.tail = bytearray(new)
        else:
            assert at == len(self.tail)
            self.tail += new

    def break_off(self, memory: Claims) -> None:
        """A write that ended before the number of segments was written."""
        for number, _ in memory.taken()[0]:
            self.leaves[leaf_of(number)] = memory.leaf(leaf_of(number))

    def load(self) -> Claims:
        memory = Claims()
        return Claims.load(bytes(self.tail), len(self.segments), self.new_to(memory))

    def follow(self, memory: Claims) -> None:
        """What a reader does that is not the owner."""
        memory.sealed_elsewhere(len(self.segments), self.new_to(memory))
        memory.claimed_elsewhere(bytes(self.tail))

    def new_to(self, memory: Claims) -> list[bytes]:
        return [self.leaves[number] for number in memory.leaves_until(len(self.segments))]


def learned(memory: Claims, kept: Kept, keys: list[int]) -> None:
    """Reads the parts of segments in which keys may stand, as the fold does before it asks."""
    for key, page in memory.pages(keys):
        memory.learn(key, kept.segments[page.segment][page.start : page.end])


class ClaimsAreADict(RuleBasedStateMachine):
    """Batches of claims against a dict; a segment holds few claims, and filters are so small that they err."""

    patch: pytest.MonkeyPatch

    @initialize(segment=st.sampled_from((1, 2, 5, 40)), places=st.sampled_from(((16, 13), (128, 127), (1_024, 1_021))))
    def begin(self, segment: int, places: tuple[int, int]) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(claims, "SEGMENT_CLAIMS", segment)
        self.patch.setattr(claims, "_SLOTS", places[0])
        self.patch.setattr(claims, "_MASK", places[0] - 1)
        self.patch.setattr(claims, "_PRIME", places[1])
        self.memory, self.kept = Claims(), Kept()
        self.reader = Claims()
        self.model: dict[int, Claim] = {}

    def teardown(self) -> None:
        if hasattr(self, "patch"):
            self.patch.undo()

    @rule(batch=st.lists(st.tuples(KEYS, st.builds(Claim, CHECKS, POSITIONS)), max_size=12))
    def claim(self, batch: list[tuple[int, Claim]]) -> None:
        learned(self.memory, self.kept, [key for key, _ in batch])
        for key, claim in batch:
            assert self.memory.find(key) == self.model.get(key)
            self.memory.claim(key, claim.check, claim.position)
            self.model[key] = claim
            assert self.memory.find(key) == claim
        self.memory.settle()
        self.kept.write(self.memory)

    @rule()
    def restart(self) -> None:
        self.memory = self.kept.load()

    @rule(batch=st.lists(KEYS, min_size=1, max_size=12, unique=True), begun=st.booleans())
    def lose_a_batch(self, batch: list[int], *, begun: bool) -> None:
        learned(self.memory, self.kept, batch)
        for key in batch:
            self.memory.claim(key, 1, 1)
        self.memory.settle()
        if begun:
            self.kept.break_off(self.memory)
        self.memory = self.kept.load()

    @rule(keys=st.lists(KEYS, max_size=12))
    def ask(self, keys: list[int]) -> None:
        learned(self.memory, self.kept, keys)
        assert [self.memory.find(key) for key in keys] == [self.model.get(key) for key in keys]
        self.memory.settle()

    @rule(keys=st.lists(KEYS, max_size=12))
    def ask_a_reader(self, keys: list[int]) -> None:
        self.kept.follow(self.reader)
        learned(self.reader, self.kept, keys)
        assert [self.reader.find(key) for key in keys] == [self.model.get(key) for key in keys]
        self.reader.settle()

    @invariant()
    def segments_are_full_and_sorted(self) -> None:
        for segment in self.kept.segments if hasattr(self, "kept") else ():
            rows = unpacked(segment)
            assert len(segment) == CLAIM_BYTES * claims.SEGMENT_CLAIMS
            assert rows == sorted(rows)


TestClaimsAreADict = ClaimsAreADict.TestCase
TestClaimsAreADict.settings = settings(max_examples=EXAMPLES // 4, stateful_step_count=20)


@given(st.dictionaries(KEYS, st.builds(Claim, CHECKS, POSITIONS), max_size=20))
def test_what_is_written_is_what_is_read(found: dict[int, Claim]) -> None:
    memory = Claims()
    for key, claim in found.items():
        memory.claim(key, claim.check, claim.position)
    _, at, new = memory.taken()
    assert at == 0
    assert len(new) == CLAIM_BYTES * len(found)
    assert dict(unpacked(new)) == found


@pytest.fixture(scope="module")
def large() -> tuple[Claims, Kept, int]:
    """A memory of real size: two full segments and a tail."""
    memory, kept = Claims(), Kept()
    count = 2 * claims.SEGMENT_CLAIMS + 100
    for number in range(count):
        memory.claim(key_of(number), number, number)
    memory.settle()
    kept.write(memory)
    return memory, kept, count


def test_every_key_of_a_large_memory_is_found_in_the_part_that_is_read(large: tuple[Claims, Kept, int]) -> None:
    memory, kept, count = large
    asked = range(0, count, 7)
    learned(memory, kept, [key_of(number) for number in asked])
    assert all(memory.find(key_of(number)) == Claim(number, number) for number in asked)
    memory.settle()


def test_a_memory_that_was_loaded_asks_for_the_same_parts(large: tuple[Claims, Kept, int]) -> None:
    memory, kept, count = large
    keys = [key_of(number) for number in range(0, 2 * count, 3)]
    assert kept.load().pages(keys) == memory.pages(keys)


def test_a_filter_of_which_a_part_is_lost_is_refused(large: tuple[Claims, Kept, int]) -> None:
    _, kept, _ = large
    for leaves in ([], [b""], [*kept.leaves.values(), b""]):
        with pytest.raises(ValueError, match=r"argument|leaf 0"):
            Claims.load(bytes(kept.tail), len(kept.segments), leaves)


def test_a_new_key_costs_a_large_memory_hardly_ever_a_read(large: tuple[Claims, Kept, int]) -> None:
    memory, _, count = large
    assert len(memory.pages(key_of(count + number) for number in range(20_000))) < 200


def test_a_part_that_is_read_is_a_small_part_of_a_segment(large: tuple[Claims, Kept, int]) -> None:
    memory, kept, _ = large
    [(_, page), *_] = memory.pages([key_of(0)])
    assert page.end - page.start <= len(kept.segments[0]) // 16

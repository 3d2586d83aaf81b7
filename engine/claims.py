"""Who claimed a key first, remembered for ever in 18 bytes a key: event identities, and instances of activities.

Newest claims lie in a tail, kept in memory and appended in the store. A full tail is sorted and sealed into a
segment that lives in the store only; memory keeps a filter, so that a key never seen before, which is nearly every
key, costs no read. Where the filter says perhaps, the part of the segment where the key would stand is read.

The store has the filter too, in leaves of eight segments, a bit each in one byte a slot. So opening a memory copies
bytes, as many as there are, and hashes no key.
"""

import struct
import sys
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

_CLAIM = struct.Struct(">QIHI")  # key, check, position in 48 bits
_LOW = 0xFFFF_FFFF
_CHECK_BIT = 48  # in a claim as one number, the check stands above the position
_POSITION = (1 << _CHECK_BIT) - 1
CLAIM_BYTES = _CLAIM.size
SEGMENT_CLAIMS = 32_768
_SLOTS = SEGMENT_CLAIMS * 32  # filter bits a segment
_PRIME = 1_048_573  # the greatest below _SLOTS: a fourth place in the filter that is not a part of the key
_MASK = _SLOTS - 1
_PLANE = 64  # segments that share one array of the filter, a bit each
_LEAF = 8  # of them that share one byte of each of its words, and are stored together
_BYTES = range(_LEAF) if sys.byteorder == "little" else range(_LEAF - 1, -1, -1)  # of a word, the lowest first
_SPREAD = 768  # keys are spread evenly: 8 sigma of where one stands in a sorted segment is within this


class Claim(NamedTuple):
    """What is remembered of a key: 32 bits to compare, and the position of the record that claimed it."""

    check: int
    position: int


class Page(NamedTuple):
    """A part of a sealed segment that has to be read: bytes from `start` to before `end`."""

    segment: int
    start: int
    end: int


class Claims:
    """A memory of claims; `sealed` segments are in the store, the rest is here."""

    def __init__(self) -> None:
        self.tail: dict[int, int] = {}  # a claim as one number: quicker to make than a tuple, and smaller
        self.tail_bytes = 0  # of the tail in the store
        self.sealed = 0  # segments in the store
        self._filter: list[tuple[bytearray, memoryview[int]]] = []  # each plane as bytes, and as words of 64 bits
        self._read: dict[int, int | None] = {}
        self.new: list[int] = []  # claims to append to the tail in the store, as the fields of `_CLAIM`
        self.seals: list[tuple[int, bytes]] = []  # segments to write

    @classmethod
    def load(cls, tail: bytes, sealed: int, leaves: Iterable[bytes]) -> "Claims":
        """The memory of what the store holds: `sealed` segments, with all leaves of their filter in order.

        Raises:
            ValueError: a leaf is missing, or has another length than a leaf has.
        """
        made = cls()
        made.sealed_elsewhere(sealed, leaves)
        made.claimed_elsewhere(tail)
        return made

    def sealed_elsewhere(self, sealed: int, leaves: Iterable[bytes]) -> None:
        """Takes note that the owner of the memory has sealed more; the tail has to be read again.

        Args:
            sealed: How many segments there are now.
            leaves: Of the filter, the ones that `leaves_until(sealed)` names.

        Raises:
            ValueError: a leaf is missing, or has another length than a leaf has.
        """
        for number, leaf in zip(self.leaves_until(sealed), leaves, strict=True):
            if len(leaf) != _SLOTS:
                raise ValueError(f"leaf {number} of a filter has {len(leaf)} bytes instead of {_SLOTS}")
            # A write that broke off may have left bits of a segment that does not count: its number will be given anew.
            counted = (1 << min(_LEAF, sealed - number * _LEAF)) - 1
            rows, _ = self._plane(number * _LEAF)
            rows[_leaf_slice(number)] = leaf.translate(bytes(bits & counted for bits in range(256)))
        self.sealed = sealed
        self.tail, self.tail_bytes = {}, 0

    def claimed_elsewhere(self, appended: bytes) -> None:
        """Takes note of what the owner of the memory has appended to the tail."""
        self.tail.update(_numbers(appended))
        self.tail_bytes += len(appended)

    def leaves_until(self, sealed: int) -> range:
        """The leaves that differ once `sealed` segments are sealed."""
        return range(self.sealed // _LEAF, -(-sealed // _LEAF))

    def leaf(self, number: int) -> bytes:
        """A leaf of the filter as it is stored."""
        rows, _ = self._plane(number * _LEAF)
        return bytes(rows[_leaf_slice(number)])

    def pages(self, keys: Collection[int]) -> list[tuple[int, Page]]:
        """The keys that may stand in sealed segments, with the part of each to read."""
        found: list[tuple[int, Page]] = []
        for plane, (_, rows) in enumerate(self._filter):
            for key in keys:
                bits = rows[key & _MASK] & rows[key >> 20 & _MASK] & rows[key >> 40 & _MASK] & rows[key % _PRIME]
                if bits and key not in self.tail and key not in self._read:
                    found += ((key, _page(plane * _PLANE + bit, key)) for bit in _bits(bits))
        return found

    def learn(self, key: int, page: bytes) -> None:
        """Takes note of what a page says about a key; call in the order of `pages`, the newest claim wins."""
        wanted = key.to_bytes(8)
        place = page.find(wanted)
        while place >= 0 and place % CLAIM_BYTES:
            place = page.find(wanted, place + 1)
        if place >= 0:
            _, check, high, low = _CLAIM.unpack_from(page, place)
            self._read[key] = check << _CHECK_BIT | high << 32 | low
        else:
            self._read.setdefault(key, None)

    def known(self, keys: Collection[int]) -> set[int]:
        """Those of the keys that are claimed; keys that `pages` named must have been learned."""
        found = self.tail.keys() & keys
        return found | {key for key in keys if self._read.get(key) is not None} if self._read else found

    def find(self, key: int) -> Claim | None:
        """Who claimed a key; keys that `pages` named must have been learned."""
        found = self.tail.get(key)
        if found is None and self._read:
            found = self._read.get(key)
        return None if found is None else Claim(found >> _CHECK_BIT, found & _POSITION)

    def claim(self, key: int, check: int, position: int) -> None:
        """Remembers a claim, over any older one of the same key."""
        self.tail[key] = check << _CHECK_BIT | position
        self.new += (key, check, position >> 32, position & _LOW)

    def settle(self) -> None:
        """Ends a batch: forgets what was read for it, and seals a full tail."""
        self._read.clear()
        while len(self.tail) >= SEGMENT_CLAIMS:
            # Exactly a segment's worth is sealed, the oldest claims, so that places can be computed.
            rows = list(self.tail.items())
            full, rest = rows[:SEGMENT_CLAIMS], rows[SEGMENT_CLAIMS:]
            full.sort()
            self.seals.append((self.sealed, _packed(full)))
            self._mark(self.sealed, (key for key, _ in full))
            self.sealed += 1
            self.tail = dict(rest)

    def taken(self) -> tuple[list[tuple[int, bytes]], int | None, bytes]:
        """What is to be written since the last call: (segments, where in the tail, bytes from there).

        The place is None where the tail has to be replaced, because it was sealed.
        """
        seals, fields = self.seals, self.new
        self.seals, self.new = [], []
        if seals:
            new = _packed(self.tail.items())
            self.tail_bytes = len(new)
            return seals, None, new
        new = struct.pack(">" + "QIHI" * (len(fields) // 4), *fields)
        at = self.tail_bytes
        self.tail_bytes += len(new)
        return seals, at, new

    def _plane(self, segment: int) -> "tuple[bytearray, memoryview[int]]":
        """The plane of a segment, made where it is the first of it."""
        plane = segment // _PLANE
        if plane == len(self._filter):
            rows = bytearray(8 * _SLOTS)
            self._filter.append((rows, memoryview(rows).cast("Q")))
        return self._filter[plane]

    def _mark(self, segment: int, keys: Iterable[int]) -> None:
        rows, _ = self._plane(segment)
        bit, byte = 1 << segment % _LEAF, _BYTES[segment // _LEAF % _LEAF]  # bytes: small numbers are not made anew
        for key in keys:
            rows[(key & _MASK) << 3 | byte] |= bit
            rows[(key >> 20 & _MASK) << 3 | byte] |= bit
            rows[(key >> 40 & _MASK) << 3 | byte] |= bit
            rows[key % _PRIME << 3 | byte] |= bit


def _bits(word: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while word:
        low = word & -word
        yield low.bit_length() - 1
        word ^= low


def _page(segment: int, key: int) -> Page:
    """Where a key would stand in a sealed segment."""
    middle = (key * SEGMENT_CLAIMS) >> 64
    low, high = max(0, middle - _SPREAD), min(SEGMENT_CLAIMS, middle + _SPREAD)
    return Page(segment, low * CLAIM_BYTES, high * CLAIM_BYTES)


def leaf_of(segment: int) -> int:
    """The leaf of the filter that has a segment."""
    return segment // _LEAF


def _leaf_slice(number: int) -> slice:
    """Where a leaf lies among the bytes of its plane."""
    return slice(_BYTES[number % _LEAF], None, _LEAF)


def _packed(claims: Iterable[tuple[int, int]]) -> bytes:
    fields: list[int] = []
    for key, claim in claims:
        fields += (key, claim >> _CHECK_BIT, claim >> 32 & 0xFFFF, claim & _LOW)
    return struct.pack(">" + "QIHI" * (len(fields) // 4), *fields)


def _numbers(blob: bytes) -> Iterator[tuple[int, int]]:
    for key, check, high, low in _CLAIM.iter_unpack(blob):
        yield key, check << _CHECK_BIT | high << 32 | low

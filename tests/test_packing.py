"""Packed lists of events give back what went in, and are small."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from engine.catalogue import Catalogue
from engine.compiling import compile_plan
from engine.evaluation import Entry, read
from engine.member import TAIL
from engine.packing import dump_entries, events_in, load_entries, pack, unpack
from schemas.rulebook import Rulebook
from tests.oracle.reviews import FOLDER, records, rulebook

NUMBERS = st.integers(0, 40)
AMOUNTS = st.integers(-1_000_000, 1_000_000)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(lambda text: f"s{text}")
ENTRIES = st.builds(
    Entry,
    st.integers(0, 4_000_000_000_000),
    st.sampled_from(("/git", "/wiki", "https://example.org/ü?a=b|c")),
    st.integers(0, 2**32 - 1).map(lambda number: f"{number:08x}"),
    st.integers(0, 2**40),
    st.lists(st.tuples(NUMBERS, AMOUNTS), max_size=3, unique_by=lambda pair: pair[0]).map(tuple),
    st.lists(st.tuples(NUMBERS, AMOUNTS | TEXTS), max_size=3, unique_by=lambda pair: pair[0]).map(tuple),
)
CHUNKS = st.lists(ENTRIES, min_size=1, max_size=5, unique_by=lambda entry: entry.position)  # as in every log


@given(CHUNKS)
def test_a_chunk_gives_back_its_events_in_canonical_order(events: list[Entry]) -> None:
    catalogue = Catalogue()
    chunk = pack(events, catalogue)
    assert list(unpack(chunk, Catalogue(catalogue.names))) == sorted(events)
    assert events_in(chunk) == len(events)


@given(CHUNKS, st.integers(0, 4_000_000_000_000))
def test_a_chunk_that_ends_before_an_instant_stays_closed(events: list[Entry], since: int) -> None:
    catalogue = Catalogue()
    opened = max(entry.time for entry in events) >= since
    assert list(unpack(pack(events, catalogue), catalogue, since)) == (sorted(events) if opened else [])


@given(CHUNKS, CHUNKS)
def test_events_that_are_not_packed_are_given_back_however_they_were_put_together(
    first: list[Entry], second: list[Entry]
) -> None:
    catalogue = Catalogue()
    text = dump_entries(first, catalogue) + b"," + dump_entries(second, catalogue)
    assert b"\n" not in text
    assert load_entries(text, Catalogue(catalogue.names)) == [*first, *second]


def test_a_chunk_that_was_cut_off_is_noticed() -> None:
    catalogue = Catalogue()
    blob = pack([Entry(5, "/git", "00000001", 1, ((1, 5),), ())], catalogue)
    with pytest.raises(zstandard.ZstdError, match="did not decompress full frame"):
        list(unpack(blob[:-1], catalogue))


ID_BYTES = 4


def test_a_packed_review_takes_at_most_nine_bytes_beside_its_identity() -> None:
    catalogue = Catalogue()
    plan = compile_plan(Rulebook.model_validate(rulebook()), 1, None, catalogue)
    lines = (FOLDER / "head5000.jsonl").read_text("utf-8").splitlines()
    by_member: dict[str, list[Entry]] = {}
    for position, record in enumerate(records(lines)):
        reading = read(record, position, plan)
        if reading.entry is not None:
            by_member.setdefault(reading.member, []).append(reading.entry)
    full = [
        entries[start : start + TAIL]
        for entries in by_member.values()
        for start in range(0, len(entries) - TAIL + 1, TAIL)
    ]
    events = TAIL * len(full)
    assert events > 4_000
    assert sum(len(pack(chunk, catalogue)) - ID_BYTES * TAIL for chunk in full) / events <= 9

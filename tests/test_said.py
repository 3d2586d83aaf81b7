"""What was said of a partition is cut again as it was cut, and fits beside a committed position."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.said import METADATA_BYTES_MAX, Said, fitting


@st.composite
def batches(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Batches of a partition, one after the other."""
    borders = sorted(draw(st.sets(st.integers(0, 2**48), min_size=2, max_size=600)))
    return list(pairwise(borders))


@given(batches(), st.data())
def test_a_fold_that_begins_anywhere_says_the_batches_that_were_being_sent_as_they_were(
    cuts: list[tuple[int, int]], data: st.DataObject
) -> None:
    until = data.draw(st.sampled_from([start for start, _ in cuts]))
    sending = data.draw(st.lists(st.sampled_from(cuts), max_size=20))
    said = fitting(until, sending)
    assert Said.load(until, said.dump()) == said
    assert len(said.dump()) <= METADATA_BYTES_MAX

    position, spoken = data.draw(st.integers(0, cuts[0][0])), []
    while (end := said.next_cut(position)) is not None:
        if not said.is_silent(position):
            spoken.append((position, end))
        position = end
    assert spoken == list(said.sending) == sorted({cut for cut in sending if cut[1] > until})[: len(said.sending)]
    assert position == max(position, said.end)
    assert not said.is_silent(position)


def test_more_cuts_than_fit_are_left_for_later() -> None:
    cuts = [(10 * number, 10 * number + 10) for number in range(2_000)]
    said = fitting(0, cuts)
    assert 0 < len(said.sending) < 2_000
    assert list(said.sending) == cuts[: len(said.sending)]


def test_nothing_said_is_nothing_to_heed() -> None:
    assert Said().next_cut(0) is None
    assert not Said().is_silent(0)
    assert Said.load(7, "") == Said(7)

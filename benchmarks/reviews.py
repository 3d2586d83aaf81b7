"""The reviews of examples/ as records of the log: in order of time, and as they might have come in.

What came in late there is drawn again here, from the event's id and nothing else: the lags have the quantiles of the
5,052 lines of `tests/data/reviews/head5000.arrived.jsonl`, and one event in eighty comes twice.
"""

import gzip
import itertools
from collections.abc import Iterator
from pathlib import Path

from benchmarks.workload import ORG, hasher, published_record
from schemas.records import RECORD, Record
from schemas.rulebook import Rulebook
from schemas.rulebook_text import read
from schemas.words import Instant
from streams.catalogue import Catalogue
from streams.judge import Judge, Taken, everything
from streams.quarantine import Message

_ROOT = Path(__file__).parents[1]
_EVENTS = _ROOT / "examples" / "reviews" / "reviews.jsonl.gz"
_RULEBOOK = _ROOT / "examples" / "reviews" / "rulebook.yaml"
_NOW = Instant(4_102_444_800_000)  # later than all of them
_TWICE = 80
_LAG_S = (
    *((0.0, 1), (0.2, 1), (0.3, 5_806), (0.4, 21_628), (0.5, 53_122), (0.6, 97_627), (0.7, 209_844)),
    *((0.8, 618_817), (0.9, 1_697_158), (0.95, 2_705_969), (0.98, 3_823_102), (0.99, 5_078_302)),
    *((0.995, 16_411_862), (1.0, 35_795_980)),
)


def review_rulebook() -> Rulebook:
    """The rulebook of the example."""
    found, faults = read(_RULEBOOK.read_text(), _RULEBOOK.name)
    if found is None:
        raise ValueError("\n".join(str(fault) for fault in faults))
    return found


def reviews(count: int | None) -> list[Record]:
    """The first reviews in order of time, as intake would put them into the log; None: all."""
    catalogue = Catalogue.of(review_rulebook())
    judge = Judge(lambda _: catalogue, hasher(), ORG, allowed=everything, trust_recorded=True)
    with gzip.open(_EVENTS, "rb") as lines:
        judged = [judge.read(Message(line), now=_NOW) for line in itertools.islice(lines, count)]
    return [each.record for each in judged if isinstance(each, Taken)]


def arrived(ordered: list[Record]) -> list[Record]:
    """The same in the order in which they might have come in, some twice."""
    coming: list[tuple[int, int, Record]] = []
    for number, record in enumerate(ordered):
        drawn = int(record["id"], 16)
        at = record["time"] + _lag_ms(drawn & 0xFFFF_FFFF)
        coming.append((at, number, {**record, "recorded": at}))
        if (drawn >> 32) % _TWICE == 0:
            again = at + _lag_ms(drawn >> 64 & 0xFFFF_FFFF)
            coming.append((again, number, {**record, "recorded": again}))
    return [record for _, _, record in sorted(coming, key=lambda each: each[:2])]


def out_of_order(records: list[Record]) -> float:
    """The share of records that are older than one before them."""
    newest = late = 0
    for record in records:
        late += record["time"] < newest
        newest = max(newest, record["time"])
    return late / len(records)


def values(records: list[Record]) -> Iterator[bytes]:
    """A whole log."""
    yield published_record(review_rulebook())
    for record in records:
        yield RECORD.dump_json(record)


def _lag_ms(drawn: int) -> int:
    """The lag at a quantile, given as a number of 32 bits; between two known ones the logarithm is linear."""
    wanted = drawn / 0xFFFF_FFFF
    for (low, short), (high, long) in itertools.pairwise(_LAG_S):
        if wanted <= high:
            return int(1_000 * short * (long / short) ** ((wanted - low) / (high - low)))
    raise AssertionError("the last quantile is 1")

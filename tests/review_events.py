"""The review events, as few and as all of them: in order of time, as they arrived, and when each line did."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests import golden

FOLDER = Path(__file__).parent / "data" / "reviews"
EXAMPLE = Path(__file__).parents[1] / "examples" / "reviews"


@dataclass(frozen=True)
class Reviews:
    """One amount of them, with the figures of the files it is from."""

    name: str
    ordered: Path
    """In order of time, as `karmalog import` takes it."""
    golden_file: Path
    events: int
    repeats: int
    """Lines, as they arrived, that were there before."""
    later_than_30_days: int
    """First copies of an event that arrived more than 30 days after it."""

    @property
    def golden(self) -> golden.Golden:
        """The right answers."""
        return golden.load(self.golden_file)

    def lines(self) -> list[bytes]:
        """In order of time."""
        whole = self.ordered.read_bytes()
        return (gzip.decompress(whole) if self.ordered.suffix == ".gz" else whole).splitlines()

    def arrived(self) -> Sequence[tuple[bytes, str]]:
        """As they arrived: each line with the moment of its arrival."""
        return _arrived_few() if self is FEW else _arrived_all()

    def arrived_with_times(self) -> Iterator[bytes]:
        """As they arrived, each with that moment as its recorded time."""
        for line, moment in self.arrived():
            yield line.removesuffix(b"}") + b',"recordedtime":"' + moment.encode() + b'"}'


FEW = Reviews("5,000", FOLDER / "head5000.jsonl", FOLDER / "head5000.golden.json", 5_000, 52, 262)
ALL = Reviews("all", EXAMPLE / "reviews.jsonl.gz", FOLDER / "coreboot.golden.json.gz", 93_919, 1_143, 5_212)


@cache
def _arrived_few() -> Sequence[tuple[bytes, str]]:
    lines = (FOLDER / "head5000.arrived.jsonl").read_bytes().splitlines()
    return list(zip(lines, (FOLDER / "head5000.arrived.times.txt").read_text().split(), strict=True))


@cache
def _arrived_all() -> Sequence[tuple[bytes, str]]:
    """Kept as the numbers of lines of the ordered file, since the events themselves are there already."""
    lines = ALL.lines()
    with gzip.open(FOLDER / "coreboot.arrived.tsv.gz", "rt") as rows:
        return [(lines[int(number) - 1], moment) for number, moment in map(str.split, rows)]

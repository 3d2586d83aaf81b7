"""What was said of a partition: up to where its facts are on the topic, and how those on their way were cut.

What a batch says of late events hangs on where the batch begins and ends. A store that forgot (emptied, or set back)
is folded again from the log, and then nothing may be said in other parts than before. So before facts are sent, the
cuts of their batches are committed to Kafka as the position of the worker's group, which only the owner of the
partition can do; what is folded again is silent up to that position, and cut where the cuts are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

Cut = tuple[int, int]
"""A batch, by its first position and the one after its last."""

METADATA_BYTES_MAX = 4_096
"""What a broker keeps beside a committed position, unless its `offset.metadata.max.bytes` says otherwise."""


class Said(NamedTuple):
    """Everything before `until` is on the topic; the facts of the batches `sending` may be."""

    until: int = 0
    sending: tuple[Cut, ...] = ()

    @property
    def end(self) -> int:
        """From here on, nothing was said."""
        return self.sending[-1][1] if self.sending else self.until

    def next_cut(self, position: int) -> int | None:
        """Where the batch that begins at `position` has to end at the latest; None where it may end anywhere."""
        borders = (self.until, *(border for cut in self.sending for border in cut))
        return next((border for border in borders if border > position), None)

    def is_silent(self, position: int) -> bool:
        """Whether the batch that begins at `position` says nothing: it was said, or there was nothing to say."""
        return position < self.end and not any(start == position for start, _ in self.sending)

    def dump(self) -> str:
        """The cuts as a text of at most `METADATA_BYTES_MAX` ASCII characters, for as many as `fitting` lets pass."""
        return " ".join(f"{start - self.until}-{end - start}" for start, end in self.sending)

    @classmethod
    def load(cls, until: int, text: str) -> "Said":
        """The opposite of `dump`."""
        pairs = (pair.split("-") for pair in text.split())
        return cls(until, tuple((until + int(start), until + int(start) + int(size)) for start, size in pairs))


def fitting(until: int, cuts: Iterable[Cut]) -> Said:
    """As many cuts as can be committed, the first ones; those that were said already are none."""
    said = Said(until)
    for start, end in sorted(set(cuts)):
        if end <= until:
            continue
        more = said._replace(sending=(*said.sending, (max(start, until), end)))
        if len(more.dump()) > METADATA_BYTES_MAX:
            break
        said = more
    return said


class Speech:
    """What was said of one partition, as Kafka has it; whoever reads the outbox or folds again holds `turn`."""

    def __init__(self, fetch: Callable[[], Awaitable[Said]], commit: Callable[[Said], Awaitable[None]]) -> None:
        """Reads and writes what the group has committed; `commit` fails where the group gave the partition away."""
        self._fetch, self._commit = fetch, commit
        self.turn = asyncio.Lock()
        self.said = Said()
        self.sent = 0  # up to where everything is on the topic; the next commit says so

    async def recall(self) -> Said:
        """What Kafka has; to be called with the `turn`."""
        self.said = await self._fetch()
        self.sent = self.said.until
        return self.said

    async def note(self, said: Said) -> None:
        """Commits, before what it names is sent; to be called with the `turn`."""
        if said != self.said:
            await self._commit(said)
            self.said = said

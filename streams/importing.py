"""Importing history: lines of CloudEvents go straight to the log, with recorded times of their own."""

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.verdicts import Verdict
from streams.publishing import Fate, Published, Publisher, Refusal
from streams.quarantine import Message

LINES = 2_000
"""Lines that are judged and appended at once."""


class Line(NamedTuple):
    """One line of history, and where it stands: `file:line`."""

    place: str
    text: bytes


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was refused: its place, and why."""

    place: str
    code: str
    detail: str


@dataclass(slots=True)
class Imported:
    """What an import did; read = appended + repeated + refused + waiting."""

    run: str
    read: int = 0
    appended: int = 0
    repeated: int = 0
    refused: int = 0
    waiting: int = 0
    position: int = 0
    before_log: Counter[str] = field(default_factory=Counter)
    bad: list[BadLine] = field(default_factory=list)

    def outcomes(self, of_run: Mapping[str, int]) -> dict[str, int]:
        """How many lines ended in each verdict; `of_run` says it of those that were appended."""
        return dict(sorted((self.before_log + Counter(of_run)).items()))

    def add(self, lines: Sequence[Line], published: Published) -> None:
        """Counts lines that were published."""
        self.read += len(lines)
        self.appended += published.count(Fate.ACCEPTED)
        self.repeated += published.count(Fate.REPEATED)
        self.waiting += published.count(Fate.WAITING)
        self.refused += len(published.refused)
        self.position = max(self.position, published.position)
        self.before_log.update(filter(None, map(_verdict, published.fates)))
        for index, refusal in published.refused:
            where = f" [{refusal.path}]" if refusal.path else ""
            self.bad.append(BadLine(lines[index].place, refusal.code, refusal.detail + where))


Publish = Callable[[Sequence[Line], str], Awaitable[Published]]
"""Publishes lines as history of the import that is named."""


async def import_lines(
    lines: Iterable[Line],
    publish: Publish,
    told: Callable[[Imported], None] = lambda _: None,
    *,
    bytes_max: int | None = None,
) -> Imported:
    """Publishes lines; empty ones are passed over. `bytes_max`: what is published at once has fewer, about.

    Raises:
        UnavailableLog: the log failed; importing the same again goes on where it stopped.
    """
    done = Imported(secrets.token_hex(6))
    for batch in _batches(lines, bytes_max):
        done.add(batch, await publish(batch, done.run))
        told(done)
    return done


def straight_to(publisher: Publisher) -> Publish:
    """The way of an import that reaches the log itself."""

    async def publish(lines: Sequence[Line], run: str) -> Published:
        return await publisher.publish([Message(line.text, place=line.place) for line in lines], run=run)

    return publish


def _batches(lines: Iterable[Line], bytes_max: int | None) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        if not line.text.strip():
            continue
        size += len(line.text)
        if batch and (len(batch) >= LINES or (bytes_max is not None and size > bytes_max)):
            yield batch
            batch, size = [], len(line.text)
        batch.append(line)
    if batch:
        yield batch


def _verdict(fate: Fate | Refusal) -> Verdict | None:
    """The verdict of a message that did not reach the log."""
    if isinstance(fate, Refusal):
        return fate.verdict
    return {Fate.REPEATED: Verdict.REPEATED, Fate.WAITING: Verdict.UNKNOWN_TYPE}.get(fate)

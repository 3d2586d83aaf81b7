"""Importing history: lines of CloudEvents go straight to the log, with recorded times of their own."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from schemas.verdicts import Verdict
from streams.publishing import Publisher
from streams.quarantine import Message

LINES = 2_000
"""Lines that are judged and appended at once."""


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
    before_log: Counter[Verdict] = field(default_factory=Counter)
    bad: list[BadLine] = field(default_factory=list)


async def import_lines(
    lines: Iterable[tuple[str, bytes]],
    publisher: Publisher,
    told: Callable[[Imported], None] = lambda _: None,
) -> Imported:
    """Publishes lines, each with its place (`file:line`); empty lines are passed over.

    Raises:
        UnavailableLog: the log failed; importing the same again goes on where it stopped.
    """
    done = Imported(secrets.token_hex(6))
    batch: list[Message] = []
    for place, line in lines:
        if line.strip():
            batch.append(Message(line, place=place))
        if len(batch) >= LINES:
            await _publish(batch, publisher, done)
            told(done)
            batch = []
    if batch:
        await _publish(batch, publisher, done)
        told(done)
    return done


async def _publish(batch: list[Message], publisher: Publisher, done: Imported) -> None:
    result = await publisher.publish(batch, run=done.run)
    done.read += len(batch)
    done.appended += result.accepted
    done.repeated += result.repeated
    done.waiting += result.waiting
    done.refused += len(result.refused)
    done.position = max(done.position, result.position)
    done.before_log.update(result.verdicts)
    for refusal in result.refused:
        where = f" [{refusal.path}]" if refusal.path else ""
        done.bad.append(BadLine(batch[refusal.index].place, refusal.code, refusal.detail + where))

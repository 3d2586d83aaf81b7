"""A log folded into a real store, batch by batch, as a worker does it and without one."""

from collections.abc import Sequence
from typing import cast

import redis

from engine.changes import Changes
from engine.cutting import cut
from engine.fold import Fold
from engine.needs import Answer, Need, NeedRecords
from schemas.records import RECORD, Record
from schemas.words import OrgId, Position
from streams.answers import Answers
from streams.needed import needed, shares
from streams.store import Identity, Store
from streams.writes import Noted

ORG = OrgId("acme")
_HOT_MS = 40 * 86_400_000


class Folding:
    """An organisation in a store that was empty, and how far its log is folded."""

    def __init__(self, client: "redis.Redis") -> None:
        client.flushdb()
        self.client = client
        self.answers = Answers(client, ORG)
        self.log: list[bytes] = []
        self.restart()

    def restart(self) -> None:
        """Begins again with what the store holds."""
        self.store = Store(self.client, Identity("log", "secret", "engine"), "worker")
        self.org, self.noted = self.store.open(ORG), Noted()

    def append(self, *records: Record) -> None:
        """Appends records to the log."""
        self.log += [RECORD.dump_json(each) for each in records]

    def fold(self, *records: Record, batch: int = 1_000) -> "Folding":
        """Appends records to the log and folds all of it."""
        self.append(*records)
        while self.org.position < len(self.log):
            self.fold_next(batch)
        return self

    def fold_next(self, size: int) -> None:
        """Folds the next records, so many at most."""
        start = self.org.position
        lines = enumerate(self.log[start : start + size], start)
        items = [(Position(place), RECORD.validate_json(line)) for place, line in lines]
        changes = self._drive(Fold(self.org, items[: cut(self.org, items)], _HOT_MS))
        missing = self.noted.missing(changes)
        self.noted.groups.update(zip(missing, shares(self.store.client, ORG, missing), strict=True))
        end = self.org.position
        call = self.store.call(
            self.org, changes, self.noted, expected=start, last=self.log[end - 1], said_as=(start, end)
        )
        assert self.store.apply(call) is None

    def _drive(self, fold: Fold) -> Changes:
        running = fold.run()
        try:
            need = next(running)
            while True:
                need = running.send(self._answer(need))
        except StopIteration as end:
            return cast("Changes", end.value)

    def _answer(self, need: Need) -> Answer:
        if isinstance(need, NeedRecords):
            return {position: RECORD.validate_json(self.log[position]) for position in need.positions}
        return needed(self.store.client, ORG, need)


def folded(client: "redis.Redis", log: Sequence[Record], *, batch: int = 1_000) -> Answers:
    """The answers of a log."""
    return Folding(client).fold(*log, batch=batch).answers

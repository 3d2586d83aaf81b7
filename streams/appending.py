"""Events that were taken, on their way into the log: texts go first, so that no record names one that is not there."""

import asyncio

from pydantic_core import to_json

from schemas.words import OrgId, Position
from streams.judge import Taken
from streams.log import Log
from streams.shelf import Shelf


class Appending:
    """Some taken events; appending them again after a failure is harmless, since the fold recognises repeats."""

    def __init__(self, log: Log, texts: Shelf) -> None:
        self._log, self._texts = log, texts
        self._records: dict[int, list[tuple[bytes, bytes]]] = {}
        self._kept: dict[str, bytes | None] = {}

    def add(self, taken: Taken, run: str | None = None) -> None:
        """One event more; `run` names the import that it belongs to."""
        record = taken.record if run is None else {**taken.record, "run": run}
        org = record["org"]
        line = (org.encode(), to_json(record))
        self._records.setdefault(self._log.partition_of(OrgId(org)), []).append(line)
        if taken.texts:
            self._kept[taken.text_key] = to_json(taken.texts)

    async def append(self) -> dict[int, Position]:
        """Makes all of it durable; for each partition, the position behind its last record.

        Raises:
            UnavailableLog: nothing is known to be appended.
        """
        if self._kept:
            await self._texts.put(self._kept)
        ends = await asyncio.gather(*(self._log.append(part, lines) for part, lines in self._records.items()))
        return {part: Position(max(positions) + 1) for part, positions in zip(self._records, ends, strict=True)}

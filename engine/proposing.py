"""What rules give in karma: the fold notes what is due, and the log has to tell it before anything is minted.

So the ledger hangs on what the log told and never on rules that are read again. A correction is told as well: a void or
a late event changes what an event gives, and what was told of it is then due again.
"""

from collections.abc import Generator
from typing import cast

from engine.batch import Batch
from engine.ledger.vault import Drawer
from engine.needs import Answer, Need, NeedRecords
from engine.requests import look
from schemas.records import Record


def propose(batch: Batch) -> Generator[Need, Answer, None]:
    """Notes for every event of the batch, and for those that were folded again, what karma is due."""
    gives = {
        f"{position}/{number}/{ident}": (position, karma)
        for ident, effects in batch.effects.items()
        for (position, number), karma in effects.minted.items()
    }
    first = batch.items[0][0]
    earlier = {cause: position for cause, (position, _) in gives.items() if position < first}
    for drawer in (Drawer.TOLD, Drawer.DUE, Drawer.HELD):
        yield from look(batch, drawer, earlier)
    unread = sorted(set(earlier.values()) - batch.here.keys())
    if unread:
        batch.here |= cast("dict[int, Record]", (yield NeedRecords(unread)))
    for cause, (position, karma) in gives.items():
        batch.vault.give(cause, karma, batch.here[position].get("run"))

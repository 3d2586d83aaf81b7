"""Voids: an event is taken out, as if nothing had come of it; of its instance the earliest that is left counts.

Which events lost an instance to an earlier one is remembered beside who claimed it, so that one of them can take its
place.
"""

from collections.abc import Generator

from engine.batch import Batch
from engine.claiming import by_cause, claimant, give, is_voided, learn, learn_all, rest_key, void_key, withdraw
from engine.confirmations import NOT_ACTIVITIES, known_event, recall, waits
from engine.confirming import positions
from engine.evaluation import Reading
from engine.needs import Answer, Need
from schemas.records import Record
from schemas.verdicts import Verdict


def recall_voided(batch: Batch) -> Generator[Need, Answer, None]:
    """Loads the events that the batch voids, and those that lost their instance to them."""
    voids = [record for position, record in batch.items if is_void(record) and position not in batch.readings]
    if not voids:
        return
    idents = [str(record["data"]["id"]) for record in voids]
    yield from learn(batch.org.identities, [int(ident[:16], 16) for ident in idents], "identities")
    found = {claim.position for ident in idents if (claim := known_event(batch, ident)) is not None}
    yield from recall(batch, found)
    rests: set[int] = set()
    for position in found:
        reading = batch.readings.get(position)
        if reading is not None and reading.once is not None:
            once = reading.once
            rests |= yield from learn_all(batch.org.instances, rest_key(once), by_cause(once))
    yield from recall(batch, rests)


def is_void(record: Record) -> bool:
    """Whether a record takes an event out."""
    return record["type"] == "event.voided"


def void(batch: Batch, position: int, record: Record) -> Verdict:
    """Takes an event out; refused where there is none, or where it is no activity."""
    claim = known_event(batch, str(record["data"]["id"]))
    if claim is None or claim.position >= position:
        return Verdict.REFUSED
    memory, event = batch.org.instances, batch.here[claim.position]
    if event["type"] in NOT_ACTIVITIES or event["id"] != record["data"]["id"]:
        return Verdict.REFUSED
    if is_voided(batch, claim.position):
        return Verdict.APPLIED
    memory.claim(void_key(event), 0, position)
    voided = batch.readings[claim.position]
    if voided.entry is None or waits(batch, claim.position):
        return Verdict.APPLIED
    if voided.once is not None:
        holder = memory.find(voided.once)
        if holder is None or holder.position != claim.position:
            return Verdict.APPLIED  # it counted no more
    withdraw(batch, voided, position)
    if voided.once is not None:
        _succeed(batch, voided.once, claim.position)
    return Verdict.APPLIED


def _succeed(batch: Batch, once: int, voided: int) -> None:
    """Lets the earliest of an instance's other events count."""
    memory = batch.org.instances
    heirs = [
        (reading.entry, reading)
        for position in positions(memory, rest_key(once), by_cause(once))
        if (reading := _heir(batch, position)) is not None and reading.entry is not None
    ]
    if not heirs:
        memory.claim(once, 0xFFFF_FFFF, voided)
        return
    entry, reading = min(heirs, key=lambda heir: heir[0][:3])
    memory.claim(once, entry.time // 1000 & 0xFFFF_FFFF, entry.position)
    for ident, given in reading.given:
        give(batch, ident, given)


def _heir(batch: Batch, position: int) -> Reading | None:
    """What an event says, if it is valid; one that lost its instance in this very batch was, and is at hand."""
    if position not in batch.readings:
        return None if is_voided(batch, position) else claimant(batch, position)
    if is_voided(batch, position) or waits(batch, position):
        return None
    return batch.readings[position]

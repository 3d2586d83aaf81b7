"""Confirmations as they come: an event that asks for a second person waits, and counts once that person has spoken."""

from collections.abc import Generator
from typing import cast

from engine.batch import Batch
from engine.claiming import claimant, is_voided, learn, learn_all, rest_key, void_key
from engine.claims import Claim
from engine.confirming import Keys, add, by_position, confirmation_key, keys_of, positions
from engine.evaluation import Reading, read
from engine.loading import load_members
from engine.needs import Answer, Need, NeedRecords
from engine.people import asked_about
from schemas.activities import INTERNAL, PEOPLE
from schemas.records import Record
from schemas.words import Position

NOT_ACTIVITIES = PEOPLE.keys() | INTERNAL


def reading_of(batch: Batch, position: int, record: Record) -> Reading:
    """What an activity says; one that asks for a confirmation is noted with where it looks for it."""
    plan = batch.org.plan_at(record["time"])
    reading = read(record, position, plan)
    if reading.confirmer is not None:
        batch.confirmable[position] = keys_of(record, reading, plan.calendar.day(record["time"]))
    return reading


def recall_confirmations(batch: Batch) -> Generator[Need, Answer, None]:
    """Loads what is known of confirmations, and the earlier events that this batch may confirm."""
    memory, earlier = batch.org.instances, set[int]()
    for position, record in batch.items:
        if record["type"] == "activity.confirmed" and position not in batch.readings:
            ident = str(record["data"]["id"])
            yield from learn(batch.org.identities, [int(ident[:16], 16)], "identities")
            claim = known_event(batch, ident)
            if claim is not None:
                earlier.add(claim.position)
    for keys in list(batch.confirmable.values()):
        yield from learn(memory, [keys.event, keys.valid, keys.confirmed], "instances")
        for key in (keys.partner, keys.partner_same, keys.waits_for_me):
            if key is not None:
                earlier |= yield from learn_all(memory, key, by_position(key))
        for key in (keys.report, keys.same, keys.waiting):
            if key is not None:
                yield from learn_all(memory, key, by_position(key))
    yield from recall(batch, earlier)


def is_confirmed(batch: Batch, position: int, keys: Keys) -> tuple[bool, list[int]]:
    """Whether an event is valid, and the earlier events that are valid because it reports the same."""
    memory, record = batch.org.instances, batch.here[position]
    others = {
        each
        for key in (keys.partner, keys.partner_same, keys.waits_for_me)
        if key is not None
        for each in positions(memory, key, by_position(key))
    }
    now_valid = [
        each
        for each in sorted(others)
        if batch.readings[each].confirmer == record["subject"] and stops_waiting(batch, each)
    ]
    confirmer = batch.readings[position].confirmer
    valid = (
        confirmer == record["subject"]
        or memory.find(keys.confirmed) is not None
        or any(batch.here[each]["subject"] == confirmer and not is_voided(batch, each) for each in others)
    )
    if not valid:
        memory.claim(keys.event, 0, position)
        if keys.waiting is not None:
            add(memory, keys.waiting, position)
    add(memory, keys.report, position)
    if keys.same is not None:
        add(memory, keys.same, position)
    return valid, now_valid


def stops_waiting(batch: Batch, position: int) -> bool:
    """Whether an event waited until now; it is valid from here on, and counts at its own time."""
    memory, keys = batch.org.instances, batch.confirmable[position]
    if not waits(batch, position):
        return False
    memory.claim(keys.valid, 0, position)
    return not is_voided(batch, position)


def waits(batch: Batch, position: int) -> bool:
    """Whether an event still has to be confirmed."""
    keys, memory = batch.confirmable.get(position), batch.org.instances
    return keys is not None and memory.find(keys.event) is not None and memory.find(keys.valid) is None


def known_event(batch: Batch, ident: str) -> Claim | None:
    """The claim of an identity."""
    return batch.org.identities.find(int(ident[:16], 16))


def confirmed_event(batch: Batch, position: int, record: Record) -> int | None:
    """Where the event lies that a confirmation is about; None where it has not come yet."""
    claim = known_event(batch, str(record["data"]["id"]))
    return claim.position if claim is not None and claim.position < position else None


def may_confirm(batch: Batch, event: int, record: Record) -> bool:
    """Whether it is for this member to confirm an event."""
    reading = batch.readings.get(event)
    return event in batch.confirmable and reading is not None and reading.confirmer == record["subject"]


def note_confirmation(batch: Batch, position: int, record: Record) -> None:
    """Remembers a confirmation, for an event that may still come."""
    key = confirmation_key(str(record["data"]["id"]), record["subject"])
    if batch.org.instances.find(key) is None:
        batch.org.instances.claim(key, 0, position)


def has_earlier(batch: Batch, reading: Reading) -> bool:
    """Whether an earlier event, in canonical order, counts for the instance of one that waits."""
    claim = None if reading.once is None else batch.org.instances.find(reading.once)
    if claim is None or reading.entry is None or is_voided(batch, claim.position):
        return False
    other = claimant(batch, claim.position).entry
    return other is not None and reading.entry[:3] > other[:3]


def recall(batch: Batch, wanted: set[int]) -> Generator[Need, Answer, None]:
    """Reads events of earlier batches again, with what is known of them."""
    missing = sorted(wanted - batch.here.keys())
    if missing:
        batch.here |= cast("dict[int, Record]", (yield NeedRecords(missing)))
    if batch.org.asks_groups:
        recalled = [(Position(position), batch.here[position]) for position in wanted]
        yield from load_members(batch.org, asked_about(batch, recalled))
    for position in wanted:
        yield from _recall(batch, position)


def _recall(batch: Batch, position: int) -> Generator[Need, Answer, None]:
    if position in batch.readings or batch.here[position]["type"] in NOT_ACTIVITIES:
        return
    reading = batch.readings[position] = reading_of(batch, position, batch.here[position])
    wanted = [void_key(batch.here[position])]
    wanted += [] if reading.once is None else [reading.once, rest_key(reading.once)]
    if position in batch.confirmable:
        keys = batch.confirmable[position]
        wanted += [keys.event, keys.valid, keys.confirmed]
    yield from learn(batch.org.instances, wanted, "instances")

"""Who was first: which records of a batch repeat an identity, and which event is the earliest of its instance."""

from collections.abc import Generator, Iterable
from typing import cast

from engine.batch import Batch
from engine.claims import Claims
from engine.confirming import Link, key_of
from engine.evaluation import Entry, Reading, read
from engine.loading import load_members
from engine.needs import Answer, Need, NeedPages, NeedRecords
from engine.people import asked_about
from schemas.records import Record
from schemas.verdicts import Verdict
from schemas.words import MemberId, Position


def claim_identities(batch: Batch) -> Generator[Need, Answer, None]:
    """Judges which records repeat an identity, and claims the others."""
    memory = batch.org.identities
    keys = [int(record["id"][:16], 16) for _, record in batch.items]
    checks = [int(record["stamp"][:8], 16) for _, record in batch.items]
    yield from learn(memory, keys, "identities")
    taken = memory.known(keys)
    doubtful = [
        claim.position
        for key, check in (zip(keys, checks, strict=True) if taken else ())
        if key in taken and (claim := memory.find(key)) is not None and claim.check != check
    ]
    records = batch.here
    if doubtful:
        records = records | cast("dict[int, Record]", (yield NeedRecords(doubtful)))
    for key, check, (position, record) in zip(keys, checks, batch.items, strict=True):
        if key not in taken:
            taken.add(key)
            memory.claim(key, check, position)
        elif (claim := memory.find(key)) is not None and claim.check == check:
            batch.end(position, Verdict.REPEATED)
        elif claim is not None and records[claim.position]["id"] == record["id"]:
            batch.end(position, Verdict.CONFLICT)


def recall_instances(batch: Batch) -> Generator[Need, Answer, None]:
    """Loads what is known of the instances that the batch's events are of, with the records that claimed them."""
    memory = batch.org.instances
    keys = [reading.once for reading in batch.readings.values() if reading.once is not None]
    yield from learn(memory, keys, "instances")
    known = memory.known(keys)
    claims = [claim for key in known if (claim := memory.find(key)) is not None]
    contested = {claim.position for claim in claims if claim.position not in batch.here}
    if contested:
        batch.here |= cast("dict[int, Record]", (yield NeedRecords(sorted(contested))))
    beside = [void_key(batch.here[claim.position]) for claim in claims] + [rest_key(key) for key in known]
    yield from learn(memory, beside, "instances")
    if batch.org.asks_groups:
        claimed = [(Position(claim.position), batch.here[claim.position]) for claim in claims]
        yield from load_members(batch.org, asked_about(batch, claimed))
    for claim in claims if batch.org.hands_on else ():
        batch.named.update(ident for ident, _ in claimant(batch, claim.position).others)


def claim_instance(batch: Batch, key: int, entry: Entry) -> bool:
    """Whether an event is the earliest of its instance so far; a later one that counted is taken out."""
    memory = batch.org.instances
    claim = memory.find(key)
    second = entry.time // 1000 & 0xFFFF_FFFF
    if claim is not None and (second > claim.check or not _displaces(batch, claim.position, entry)):
        _note_loser(batch, key, entry.position, entry.position)
        return False
    memory.claim(key, second, entry.position)
    return True


def _displaces(batch: Batch, position: int, entry: Entry) -> bool:
    """Whether an event is earlier than the one that claimed its instance, which is taken out then."""
    other = claimant(batch, position)
    if is_voided(batch, position):
        return True
    if other.entry is None or other.once is None or entry[:3] > other.entry[:3]:
        return False
    _note_loser(batch, other.once, position, entry.position)
    withdraw(batch, other, entry.position)
    return True


def give(batch: Batch, ident: MemberId, entry: Entry) -> None:
    """Lets an event count for a member."""
    arrived = batch.arrived.get(ident)
    if arrived is None:
        batch.arrived[ident] = [entry]
        if batch.org.has_karma:
            batch.meet(ident, entry.position)
    else:
        arrived.append(entry)


def withdraw(batch: Batch, reading: Reading, cause: int) -> None:
    """Takes an event that does not count any more from all whom it gave something."""
    for ident, entry in reading.given:
        _take_back(batch, ident, entry, cause)


def _take_back(batch: Batch, ident: MemberId, given: Entry, cause: int) -> None:
    arrived = batch.arrived.get(ident, [])
    if given in arrived:
        arrived.remove(given)
        return
    batch.gone.setdefault(ident, []).append(given)
    batch.causes[ident] = cause
    batch.touch(ident)


def _note_loser(batch: Batch, once: int, position: int, cause: int) -> None:
    """Remembers that an event lost its instance; the loser before it is found by what caused this."""
    memory, key, check = batch.org.instances, rest_key(once), cause & 0xFFFF_FFFF
    before = memory.find(key)
    if before is not None:
        memory.claim(key_of(key, check), before.check, before.position)
    memory.claim(key, check, position)


def by_cause(once: int) -> Link:
    """The link of claims that `_note_loser` made."""
    key = rest_key(once)
    return lambda claim: key_of(key, claim.check)


def void_key(record: Record) -> int:
    """Where the void of an event is found."""
    return key_of("void", record["id"])


def is_voided(batch: Batch, position: int) -> bool:
    """Whether an event was taken out."""
    return batch.org.instances.find(void_key(batch.here[position])) is not None


def rest_key(once: int) -> int:
    """Where the events are found that lost an instance to an earlier one."""
    return key_of("rest", once)


def claimant(batch: Batch, position: int) -> Reading:
    """What the event says that claimed an instance."""
    record = batch.here[position]
    return read(record, position, batch.org.plan_at(record["time"]))


def learn(memory: Claims, keys: Iterable[int], name: str) -> Generator[Need, Answer, None]:
    """Loads the parts of sealed segments in which keys may stand."""
    wanted = memory.pages(dict.fromkeys(keys))
    if wanted:
        pages = cast(
            "list[bytes]",
            (yield NeedPages("identities" if name == "identities" else "instances", [page for _, page in wanted])),
        )
        for (key, _), page in zip(wanted, pages, strict=True):
            memory.learn(key, page)


def learn_all(memory: Claims, key: int, link: Link) -> Generator[Need, Answer, set[int]]:
    """Loads every claim of a key, one link after the other; their positions."""
    found: set[int] = set()
    at = key
    while True:
        yield from learn(memory, [at], "instances")
        claim = memory.find(at)
        if claim is None:
            return found
        found.add(claim.position)
        at = link(claim)

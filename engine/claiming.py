"""Who was first: which records of a batch repeat an identity, and which event is the earliest of its instance."""

from collections.abc import Generator, Iterable
from typing import cast

from engine.batch import Batch
from engine.claims import Claims
from engine.evaluation import ENDED, Entry, Reading, read
from engine.needs import Answer, Need, NeedPages, NeedRecords
from schemas.records import Record
from schemas.verdicts import Verdict
from schemas.words import MemberId


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
            batch.readings[position] = ENDED[Verdict.REPEATED]
        elif claim is not None and records[claim.position]["id"] == record["id"]:
            batch.readings[position] = ENDED[Verdict.CONFLICT]


def recall_instances(batch: Batch) -> Generator[Need, Answer, None]:
    """Loads what is known of the instances that the batch's events are of, with the records that claimed them."""
    memory = batch.org.instances
    keys = [reading.once for reading in batch.readings.values() if reading.once is not None]
    yield from learn(memory, keys, "instances")
    claims = [memory.find(key) for key in memory.known(keys)]
    contested = {claim.position for claim in claims if claim is not None and claim.position not in batch.here}
    if contested:
        batch.here |= cast("dict[int, Record]", (yield NeedRecords(sorted(contested))))
    for claim in claims if batch.org.hands_on else ():
        if claim is not None:
            batch.named.update(ident for ident, _ in claimant(batch, claim.position).others)


def claim_instance(batch: Batch, key: int, entry: Entry) -> bool:
    """Whether an event is the earliest of its instance so far; a later one that counted is taken out."""
    memory = batch.org.instances
    claim = memory.find(key)
    second = entry.time // 1000 & 0xFFFF_FFFF
    if claim is None:
        memory.claim(key, second, entry.position)
        return True
    if second > claim.check:
        return False
    other = claimant(batch, claim.position)
    if other.entry is None or entry[:3] > other.entry[:3]:
        return False
    memory.claim(key, second, entry.position)
    asked = batch.here[claim.position]["type"] in batch.org.plan_at(other.entry.time).asked_groups
    # What an expression said of groups then, it may not say again: the event is taken out whatever it gives now.
    for ident, given in other.given or ([(other.member, other.entry)] if asked else []):
        _take_back(batch, ident, given, entry.position)
    return True


def _take_back(batch: Batch, ident: MemberId, given: Entry, cause: int) -> None:
    """Takes an event that does not count any more from a member whom it gave something."""
    arrived = batch.arrived.get(ident, [])
    if given in arrived:
        arrived.remove(given)
        return
    batch.gone.setdefault(ident, []).append(given)
    batch.causes[ident] = cause
    batch.touch(ident)


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

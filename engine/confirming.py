"""Activities that a second person has to confirm: what waits, who has confirmed, who reported the same.

All of it is remembered as claims beside the instances, under keys of 64 bits made here, so it costs memory only
where activities ask for confirmation, and nothing that names a person.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from engine.claims import Claim, Claims
from engine.evaluation import Reading
from schemas.records import Record
from schemas.words import Day


class Keys(NamedTuple):
    """Where a confirmable event is found, and where it looks for what confirms it."""

    event: int  # of the event itself: claimed while it waits
    valid: int  # claimed when it has stopped waiting
    confirmed: int  # claimed by the confirmation of the right member
    report: int  # found by a report of the same whose `confirm` names this one's subject
    partner: int  # where such a report of the other would be
    same: int | None  # found by a report with the same once-key, by subject
    partner_same: int | None
    waiting: int | None  # found by a report with the same once-key, by whom it waits for
    waits_for_me: int | None


def keys_of(record: Record, reading: Reading, day: Day) -> Keys:
    """The keys of an event whose activity asks for confirmation."""
    ident, kind, subject, confirmer = record["id"], record["type"], record["subject"], reading.confirmer
    once = reading.once
    return Keys(
        key_of("waits", ident),
        key_of("valid", ident),
        confirmation_key(ident, confirmer or ""),
        key_of("report", kind, day, subject, confirmer),
        key_of("report", kind, day, confirmer, subject),
        None if once is None else key_of("same", once, day, subject),
        None if once is None else key_of("same", once, day, confirmer),
        None if once is None else key_of("waiting", once, day, confirmer),
        None if once is None else key_of("waiting", once, day, subject),
    )


def confirmation_key(ident: str, member: str) -> int:
    """Where the confirmation of an event by a member is found."""
    return key_of("confirmed", ident, member)


def linked(key: int, position: int) -> int:
    """Where the claim that stood under a key before the one of `position` is found."""
    return key_of("before", key, position)


def add(memory: Claims, key: int, position: int) -> None:
    """Claims a key for one position more; the ones before stay reachable."""
    before = memory.find(key)
    if before is not None:
        memory.claim(linked(key, position), before.check, before.position)
    memory.claim(key, 0, position)


Link = Callable[[Claim], int]
"""Where the claim is found that stood under a key before another one."""


def by_position(key: int) -> Link:
    """The link of claims that `add` made."""
    return lambda claim: linked(key, claim.position)


def positions(memory: Claims, key: int, link: Link) -> list[int]:
    """Every position that claimed a key, the newest first, as far as the claims are in memory."""
    found: list[int] = []
    claim = memory.find(key)
    while claim is not None:
        found.append(claim.position)
        claim = memory.find(link(claim))
    return found


def key_of(*parts: object) -> int:
    """The 64 bits under which something is remembered."""
    return int.from_bytes(blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest())

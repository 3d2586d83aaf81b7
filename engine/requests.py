"""Requests about karma as they come: what they name is loaded for a whole batch, then the ledger decides one by one.

The ledger sees people as they are at that place of the log. So what the batch says of somebody before a request holds
for it, and `engine.cutting.cut` ends a batch where that would not be known in time.
"""

from collections.abc import Generator, Iterable
from typing import cast

from engine.batch import Batch
from engine.fairness.deciding import REQUESTS as ABOUT_ALERTS
from engine.gathering import gather
from engine.ledger.deciding import REQUESTS, decide
from engine.ledger.draft import NOTHING, Accepted, Asked, State
from engine.ledger.needs import budgets, named, people, stocks
from engine.ledger.persons import Person, Presence, spelling
from engine.ledger.purse import Purse
from engine.ledger.refusals import Code, Refused
from engine.ledger.vault import Drawer, Place
from engine.loading import load_members
from engine.needs import Answer, Need, NeedKarma
from engine.people import belongs, key_of
from schemas.members import is_member
from schemas.verdicts import Verdict
from schemas.words import Instant, MemberId

_PRESENCE = frozenset({"member.joined", "member.left"})
_ONLY_WITH_KARMA = _PRESENCE | {"event.voided"}
"""What is about karma only where there is any."""
_ASKING = REQUESTS | ABOUT_ALERTS


def take_down(batch: Batch) -> None:
    """Notes the requests of a batch, each with the log's time: about karma, and about alerts of the fairness watch."""
    for position, record in batch.items:
        kind = record["type"]
        if kind not in _ASKING or position in batch.readings:
            continue
        if kind not in _ONLY_WITH_KARMA or batch.org.has_karma:
            at, when = batch.time_of(position), record["time"]
            about = record["id"], kind, record["subject"], at, when, position, record["data"]
            batch.asked[position] = Asked(*about)


def recall_karma(batch: Batch) -> Generator[Need, Answer, None]:
    """Loads what requests about karma name, and whom they concern."""
    vault, asked = batch.vault, [each for each in batch.asked.values() if each.type in REQUESTS]
    first = [named(each) for each in asked]
    yield from look(batch, Drawer.GIFTS, {ident for each in first for ident in each.gifts})
    yield from look(batch, Drawer.REDEMPTIONS, {ident for each in first for ident in each.redemptions})
    for drawer in (Drawer.MINTED, Drawer.TOLD, Drawer.DUE, Drawer.HELD):
        yield from look(batch, drawer, {ident for each in first for ident in each.causes})
    said = {ident for each in asked for ident in people(each, vault.gifts, vault.redemptions)}
    yield from recall_links(batch, said)
    members = {vault.follow(ident) for ident in said}
    yield from load_members(batch.org, (each for each in sorted(members) if is_member(each)))
    yield from look(batch, Drawer.PURSES, members)
    yield from look(
        batch, Drawer.STOCKS, {*stocks(vault.redemptions), *(name for each in first for name in each.stocks)}
    )
    names: set[str] = set()
    for each in asked:
        if (policy := batch.org.timeline.at(each.at)) is not None:
            persons = {ident: _at_most(batch, ident) for ident in people(each, {}, {})}
            names |= budgets(each, persons, vault.redemptions, policy)
    yield from look(batch, Drawer.BUDGETS, names)


def recall_links(batch: Batch, idents: Iterable[str]) -> Generator[Need, Answer, None]:
    """Loads whose these ids are, if they are other members'."""
    looking = set(idents)
    while looking:
        yield from look(batch, Drawer.LINKS, looking)
        followed = {batch.vault.follow(ident) for ident in looking}
        looking = {ident for ident in followed if batch.vault.missing([(Drawer.LINKS, ident)])}


def look(batch: Batch, drawer: Drawer, idents: Iterable[str]) -> Generator[Need, Answer, None]:
    """Loads what is kept under these ids in a drawer."""
    places = batch.vault.missing((drawer, ident) for ident in sorted(idents))
    if places:
        batch.vault.learn(places, cast("dict[Place, bytes]", (yield NeedKarma(places))))


def is_about_a_gift(batch: Batch, asked: Asked) -> bool:
    """Whether what is voided is a gift."""
    return asked.data.get("id") in batch.vault.gifts


def ask(batch: Batch, asked: Asked) -> Verdict:
    """Lets the ledger decide a request."""
    vault = batch.vault
    if asked.type in _PRESENCE and not _is_last_word(batch, asked):
        return Verdict.APPLIED
    decision = _linked(batch, asked) if asked.type == "member.linked" else _decided(batch, asked)
    if asked.type == "karma.minted":
        vault.tell(str(asked.data["cause"]), cast("int", asked.data["karma"]))
    if isinstance(decision, Refused):
        vault.refuse(asked, decision)
        return Verdict.REFUSED
    vault.accept(asked, decision)
    gather(batch, decision.gifts)
    return Verdict.APPLIED


def _decided(batch: Batch, asked: Asked) -> Accepted | Refused:
    vault, first = batch.vault, named(asked)
    gifts = {ident: vault.gifts[ident] for ident in first.gifts if ident in vault.gifts}
    redemptions = {ident: vault.redemptions[ident] for ident in first.redemptions if ident in vault.redemptions}
    persons = {said: person_of(batch, said, asked.at) for said in people(asked, gifts, redemptions)}
    purses = vault.purses, vault.gifts, vault.redemptions, vault.stocks, vault.spent, vault.minted
    return decide(State(persons, *purses), batch.org.timeline, asked)


def _linked(batch: Batch, asked: Asked) -> Accepted | Refused:
    """An id turns out to be a known member's: from now on it means that member, who gets what it had."""
    same_as = str(asked.data["same_as"])
    if not _is_known(batch, batch.vault.follow(same_as)):
        return Refused(Code.RECEIVER_UNKNOWN, f"nobody here is called {same_as}")
    had = _is_known(batch, batch.vault.follow(asked.sender)) and batch.org.has_karma
    decision = _decided(batch, asked) if had else NOTHING
    batch.vault.link(asked.sender, same_as)
    return decision


def _is_last_word(batch: Batch, asked: Asked) -> bool:
    """Whether a joining or leaving decides if a member is here: of their own id, and after all that was said of it."""
    ident = batch.vault.follow(asked.sender)
    said = batch.org.members[ident].standing.presence
    return ident == asked.sender and (not said or said[-1][:3] < key_of(batch.here[asked.position]))


def _is_known(batch: Batch, ident: MemberId) -> bool:
    """Whether somebody has joined, or has done something that counted."""
    member = batch.org.members.get(ident)
    return member is not None and (not member.new or ident in batch.changes.members or ident in batch.arrived)


def person_of(batch: Batch, said: str, at: Instant) -> Person:
    """Whom an id means at this place of the log."""
    org, ident = batch.org, batch.vault.follow(said)
    if not _is_known(batch, ident):
        kind, _, group = said.partition(":")
        if _belonging(batch, (kind, group)) > 0:
            return Person(MemberId(said), Presence.GROUP, groups=frozenset({(kind, group)}))
        return Person(ident, Presence.UNKNOWN, since=at)
    _begin(batch, ident)
    standing, policy = org.members[ident].standing, org.timeline.at(at)
    if policy is not None and {spelling(said), spelling(ident)} & policy.bots:
        return Person(ident, Presence.BOT)
    presence = Presence.FORMER if standing.left else Presence.HERE
    return Person(ident, presence, groups=frozenset(belongs(standing)))


def _at_most(batch: Batch, said: str) -> Person:
    """Whom an id means, with each group of theirs: who has left may come back before the batch ends."""
    ident = batch.vault.follow(said)
    member = batch.org.members.get(ident)
    held = {} if member is None else member.standing.groups()
    return Person(ident, Presence.HERE, groups=frozenset((kind, each) for kind in held for each in held[kind]))


def _belonging(batch: Batch, group: tuple[str, str]) -> int:
    """How many belong to a group; rosters know what was said up to the batch."""
    moved = {ident: belongs(batch.org.members[ident].standing) for ident in batch.belonged}
    came_or_went = sum((group in now) - (group in batch.belonged[ident]) for ident, now in moved.items())
    return batch.org.rosters[group] + came_or_went


def begin_purses(batch: Batch) -> None:
    """Gives a purse to those who became known in the batch; of who was known before there was karma none is needed."""
    for ident in batch.met:
        _begin(batch, ident)


def _begin(batch: Batch, ident: MemberId) -> None:
    if ident in batch.met and ident not in batch.vault.purses and batch.vault.follow(ident) == ident:
        batch.vault.begin(Purse(ident, batch.met[ident]))

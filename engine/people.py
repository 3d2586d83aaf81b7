"""People's events: who is here, who may be seen, and who belongs to which group from which day on."""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from engine.badges import dump_times, reached
from engine.batch import Batch, Change, Item
from engine.disclosure import footprint_of
from engine.effects import Key
from engine.heads import heads_of
from engine.standing import Move, Standing
from schemas.members import is_member
from schemas.records import Record
from schemas.rulebook import Badge, Rulebook
from schemas.verdicts import Verdict
from schemas.words import Day, MemberId

T = TypeVar("T")

GROUPS = frozenset({"group.joined", "group.left"})
_AWAY_DAYS_MAX = 365


def asked_about(batch: Batch, items: Iterable[Item]) -> Iterator[MemberId]:
    """The members for whose groups expressions about these records may ask."""
    for position, record in items:
        if position not in batch.readings:
            asked = batch.org.plan_at(record["time"]).asked_groups.get(record["type"], ())
            for name in asked:
                found = record["subject"] if name == "subject" else record["data"].get(name.removeprefix("data."))
                if isinstance(found, str) and is_member(found):
                    yield MemberId(found)


def person(batch: Batch, position: int, record: Record) -> Verdict:
    """Applies what is no activity: an event about a person, or the closing of a day."""
    kind, org = record["type"], batch.org
    if kind == "day.closed":
        org.closed_day = max(org.closed_day, date.fromisoformat(str(record["data"]["day"])).toordinal())
        return Verdict.APPLIED
    if kind not in PEOPLE or not is_member(record["subject"]):
        return Verdict.REFUSED
    ident = record["subject"]
    standing = org.members[ident].standing
    shelves = standing.shelves
    if ident not in batch.belonged:
        batch.belonged[ident] = belongs(standing)
        batch.heads[ident] = heads_of(standing, org.day_of)
        batch.footprints[ident] = footprint_of(standing, batch.belonged[ident], org)
    if not _APPLY[kind](batch, ident, position, record):
        return Verdict.REFUSED
    if standing.shelves != shelves:
        batch.shelves.setdefault(ident, shelves)
    batch.touch(ident)
    return Verdict.APPLIED


def _presence(batch: Batch, ident: MemberId, _position: int, record: Record) -> bool:
    """A member joined or left, or chose who may see them."""
    standing, key = batch.org.members[ident].standing, key_of(record)
    visibility = record["data"].get("visibility")
    if record["type"] != "member.visibility_changed":
        standing.come_or_go(left=record["type"] == "member.left", at=key)
    if visibility is not None:
        standing.choose(str(visibility), key)
    return True


def _group(batch: Batch, ident: MemberId, position: int, record: Record) -> bool:
    """A member joined or left a group: from that local day on, what they do counts for another group."""
    if str(record["data"]["kind"]) not in batch.org.plans[-1].rulebook.groups:
        return False
    move = move_of(batch, position, record)
    _from(batch, ident, position, start_of_move(batch, record), lambda standing: standing.move(move))
    return True


def _away(batch: Batch, ident: MemberId, position: int, record: Record) -> bool:
    """A member is away for some local days, which break no streak."""
    try:
        first, last = (date.fromisoformat(str(record["data"][name])).toordinal() for name in ("first_day", "last_day"))
    except ValueError:
        return False
    if not 0 <= last - first <= _AWAY_DAYS_MAX:
        return False
    away = (first, last, *key_of(record))
    start = batch.org.plan_at(record["time"]).calendar.midnight(Day(first)) - 1
    _from(batch, ident, position, (start, "", ""), lambda standing: insort(standing.away, away))
    return True


def _freeze(batch: Batch, ident: MemberId, position: int, record: Record) -> bool:
    """A member is given a freeze for a streak."""
    name = str(record["data"]["badge"])
    number, badge = _badge(batch, name)
    if badge is None or badge.streak is None or badge.streak.freezes is None:
        return False
    time, source, stored = key_of(record)
    freeze = (time, source, stored, number)
    _from(batch, ident, position, (time - 1, "", ""), lambda standing: insort(standing.granted, freeze))
    return True


def _challenge(batch: Batch, ident: MemberId, position: int, record: Record) -> bool:
    """A member joins a challenge that asks for it, or leaves it: what they do counts from then on, or no more."""
    name = str(record["data"]["challenge"])
    number, challenge = _last_named(batch, "challenge", name, lambda book: book.challenges)
    if challenge is None or not challenge.opt_in:
        return False
    joined = (*key_of(record), number, record["type"] == "challenge.joined")
    _from(batch, ident, position, (record["time"] - 1, "", ""), lambda standing: insort(standing.joined, joined))
    return True


def _by_hand(batch: Batch, ident: MemberId, position: int, record: Record) -> bool:
    """A badge, or a level of one, is given or taken by hand."""
    name, level = str(record["data"]["badge"]), record["data"].get("level")
    number, badge = _badge(batch, name)
    if badge is None or badge.each is not None or level not in ([*badge.levels, *(badge.chain or ())] or [None]):
        return False
    member = batch.org.members[ident]
    if not member.standing.given:  # from now on all badges of the member are told together
        member.mark(member.marks | dump_times(reached(member.totals, batch.org.catalogue)))
        batch.org.decides = True
    given = (*key_of(record), number, "" if level is None else str(level), record["type"] == "badge.granted")
    insort(member.standing.given, given)
    batch.decided[ident] = position
    return True


_APPLY: dict[str, Callable[[Batch, MemberId, int, Record], bool]] = {
    "member.joined": _presence,
    "member.left": _presence,
    "member.visibility_changed": _presence,
    "group.joined": _group,
    "group.left": _group,
    "member.away": _away,
    "freeze.granted": _freeze,
    "challenge.joined": _challenge,
    "challenge.left": _challenge,
    "badge.granted": _by_hand,
    "badge.revoked": _by_hand,
}
PEOPLE = _APPLY.keys()


def _badge(batch: Batch, name: str) -> tuple[int, Badge | None]:
    return _last_named(batch, "badge", name, lambda book: book.badges)


def _last_named(
    batch: Batch, section: str, name: str, of: Callable[[Rulebook], Mapping[str, T]]
) -> tuple[int, T | None]:
    """The number of a badge or challenge, and what the newest version says of it that names it."""
    for plan in reversed(batch.org.plans):
        if (said := of(plan.rulebook).get(name)) is not None:
            return plan.numbers[section][name], said
    return 0, None


def _from(batch: Batch, ident: MemberId, position: int, start: Key, change: Change) -> None:
    """Changes how a member stands; where something happened since that it concerns, the member is folded again."""
    member = batch.org.members[ident]
    newest = max([member.totals.key[0], *(entry.time for entry in batch.arrived.get(ident, ()))])
    if newest > start[0] or ident in batch.moves:
        batch.moves.setdefault(ident, []).append((start, change))
        batch.causes[ident] = position
    else:
        change(member.standing)


def move_of(batch: Batch, position: int, record: Record) -> Move:
    """A joining or leaving of a group, as a standing keeps it."""
    kind, group = str(record["data"]["kind"]), str(record["data"]["group"])
    one = batch.org.plans[-1].rulebook.groups[kind].one_at_a_time
    is_joined = record["type"] == "group.joined"
    return (batch.org.day_of(record["time"]), *key_of(record), kind, group, is_joined, one, position)


def start_of_move(batch: Batch, record: Record) -> Key:
    """Before the first event that a joining or leaving of a group may concern."""
    return (batch.org.plan_at(record["time"]).calendar.midnight(batch.org.day_of(record["time"])) - 1, "", "")


def key_of(record: Record) -> Key:
    """A record's place in canonical order."""
    return (record["time"], record["source"], record["id"][:8])


def belongs(standing: Standing) -> set[tuple[str, str]]:
    """The groups that count a member now: none for a former one."""
    if standing.left:
        return set()
    return {(kind, group) for kind, groups in standing.groups().items() for group in groups}

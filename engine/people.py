"""People's events: who is here, who may be seen, and who belongs to which group from which day on."""

from datetime import date

from engine.batch import Batch
from engine.disclosure import footprint_of
from engine.evaluation import is_member
from engine.standing import Move, Standing
from engine.totals import Key
from schemas.records import Record
from schemas.verdicts import Verdict
from schemas.words import Day, MemberId

PEOPLE = frozenset({"member.joined", "member.left", "member.visibility_changed", "group.joined", "group.left"})


def person(batch: Batch, position: int, record: Record) -> Verdict:
    """Applies what is no activity: an event about a person, or the closing of a day."""
    kind, org = record["type"], batch.org
    if kind == "day.closed":
        org.closed_day = max(org.closed_day, date.fromisoformat(str(record["data"]["day"])).toordinal())
        return Verdict.APPLIED
    if kind not in PEOPLE or not is_member(record["subject"]):
        return Verdict.REFUSED
    ident = record["subject"]
    standing, key = org.members[ident].standing, key_of(record)
    shelves = standing.shelves
    if ident not in batch.belonged:
        batch.belonged[ident] = belongs(standing)
        batch.footprints[ident] = footprint_of(standing, batch.belonged[ident], org)
    visibility = record["data"].get("visibility")
    if kind in {"member.joined", "member.left"}:
        standing.come_or_go(left=kind == "member.left", at=key)
    if visibility is not None:
        standing.choose(str(visibility), key)
    if kind.startswith("group."):
        if str(record["data"]["kind"]) not in org.plans[-1].rulebook.groups:
            return Verdict.REFUSED
        _move(batch, ident, position, record)
    if standing.shelves != shelves:
        batch.shelves.setdefault(ident, shelves)
    batch.touch(ident)
    return Verdict.APPLIED


def _move(batch: Batch, ident: MemberId, position: int, record: Record) -> None:
    """A member joined or left a group: from that local day on, what they do counts for another group."""
    member, start = batch.org.members[ident], start_of_move(batch, record)
    newest = max([member.totals.key[0], *(entry.time for entry in batch.arrived.get(ident, ()))])
    if newest > start[0] or ident in batch.moves:
        batch.moves.setdefault(ident, []).append(record)
        batch.causes[ident] = position
    else:
        member.standing.move(move_of(batch, record))


def move_of(batch: Batch, record: Record) -> Move:
    """A joining or leaving of a group, as a standing keeps it."""
    kind, group = str(record["data"]["kind"]), str(record["data"]["group"])
    one = batch.org.plans[-1].rulebook.groups[kind].one_at_a_time
    return (_day_of(batch, record), *key_of(record), kind, group, record["type"] == "group.joined", one)


def start_of_move(batch: Batch, record: Record) -> Key:
    """Before the first event that a joining or leaving of a group may concern."""
    return (batch.org.plan_at(record["time"]).calendar.midnight(_day_of(batch, record)) - 1, "", "")


def _day_of(batch: Batch, record: Record) -> Day:
    return batch.org.plan_at(record["time"]).calendar.day(record["time"])


def key_of(record: Record) -> Key:
    """A record's place in canonical order."""
    return (record["time"], record["source"], record["id"][:8])


def belongs(standing: Standing) -> set[tuple[str, str]]:
    """The groups that count a member now: none for a former one."""
    if standing.left:
        return set()
    return {(kind, group) for kind, groups in standing.groups().items() for group in groups}

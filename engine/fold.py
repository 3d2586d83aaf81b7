"""The fold: takes a run of an organisation's log and moves its state; pure, it yields what it needs to be loaded.

The steps of a batch: who claimed the identities and instances; what each event says on its own; the members it is
about; then each event in log order. An event later than all before it moves its member's totals at once; late
events are gathered and put in place together, once a batch.
"""

from collections import Counter
from collections.abc import Generator, Sequence
from datetime import date
from typing import cast

from pydantic import ValidationError

from engine.calendar import Calendar
from engine.cells import parts_of
from engine.changes import Changes
from engine.claims import Claim, Claims
from engine.confirming import Keys, add, confirmation_key, keys_of, linked, positions
from engine.evaluation import Entry, Reading, is_member, read
from engine.member import Member, Stored
from engine.needs import Answer, Kept, Need, NeedMembers, NeedPages, NeedRecords, NeedStored
from engine.organisation import RUNS_KEPT, Organisation
from engine.standing import Standing
from engine.totals import FIRST, Cells, Effects, Key, Shares
from schemas import activities
from schemas.records import Record
from schemas.rulebook import Rulebook
from schemas.verdicts import Verdict
from schemas.words import Day, Instant, MemberId, Position
from schemas.zones import zone

FUTURE_MS = 300_000
"""An event may be this far ahead of the moment at which it is recorded."""

Item = tuple[Position, Record]

PEOPLE = frozenset({"member.joined", "member.left", "member.visibility_changed", "group.joined", "group.left"})

_NOT_ACTIVITIES = activities.PEOPLE.keys() | activities.INTERNAL

_SHELVES_OFF = frozenset({"former"})


class NoRulebookError(Exception):
    """Events came before any rulebook; nothing can be judged."""


def cut(items: Sequence[Item]) -> int:
    """How many of the items make one batch: a rulebook stands alone, so that what follows is judged with it."""
    for index, (_, record) in enumerate(items):
        if record["type"] == "rulebook.published":
            return index or 1
    return len(items)


class Fold:
    """One batch of one organisation; `run` does it."""

    def __init__(self, org: Organisation, items: Sequence[Item], hot_ms: int) -> None:
        self.org = org
        self.items = items
        self.hot_ms = hot_ms
        self.changes = Changes(next_position=items[-1][0] + 1)
        self.here: dict[int, Record] = dict(items)  # records of this batch by position, and those looked up
        self.confirmable: dict[int, Keys] = {}  # by position
        self.verdicts: list[Verdict] = []
        self.readings: dict[int, Reading] = {}  # by position
        self.effects: dict[MemberId, Effects] = {}
        self.late: dict[MemberId, list[Entry]] = {}
        self.gone: dict[MemberId, list[Entry]] = {}
        self.moves: dict[MemberId, list[Record]] = {}
        self.shelves: dict[MemberId, str] = {}  # members whose shelf changed: the one they stood on before
        self.belonged: dict[MemberId, set[tuple[str, str]]] = {}  # of members about whom something was said
        self.causes: dict[MemberId, int] = {}  # the last record that made a member fold again

    def run(self) -> Generator[Need, Answer, Changes]:
        """Folds the batch; answers to what it yields are sent in.

        Raises:
            NoRulebookError: the first record is not a rulebook and none was published.
        """
        if self.items[0][1]["type"] == "rulebook.published":
            yield from self._identities()
            repeat = self.readings.get(self.items[0][0])
            self.verdicts.append(
                self._publish(self.items[0][1]) if repeat is None or repeat.verdict is None else repeat.verdict
            )
        elif not self.org.plans:
            raise NoRulebookError
        else:
            yield from self._identities()
            yield from self._read()
            yield from self._members()
            for position, record in self.items:
                self._one(position, record)
            yield from self._go_back()
        self._finish()
        return self.changes

    # Who was first.

    def _identities(self) -> Generator[Need, Answer, None]:
        """Judges which records repeat an identity, and claims the others."""
        memory = self.org.identities
        keys = [int(record["id"][:16], 16) for _, record in self.items]
        yield from _learn(memory, keys, "identities")
        doubtful: list[int] = []
        for key, (_, record) in zip(keys, self.items, strict=True):
            claim = memory.find(key)
            if claim is not None and claim.check != _check(record) and claim.position not in self.here:
                doubtful.append(claim.position)
        known = dict(self.here)
        if doubtful:
            known |= cast("dict[int, Record]", (yield NeedRecords(doubtful)))
        for key, (position, record) in zip(keys, self.items, strict=True):
            claim = memory.find(key)
            if claim is None:
                memory.claim(key, Claim(_check(record), position))
            elif claim.check == _check(record):
                self.readings[position] = Reading(Verdict.REPEATED)
            elif known[claim.position]["id"] == record["id"]:
                self.readings[position] = Reading(Verdict.CONFLICT)

    def _read(self) -> Generator[Need, Answer, None]:
        """Evaluates what each record says on its own, and loads what is known of its instances."""
        keys: list[int] = []
        for position, record in self.items:
            kind = record["type"]
            if position in self.readings or kind in _NOT_ACTIVITIES:
                continue
            reading = self.readings[position] = self._said(position, record)
            self.org.failures.update(reading.failed)
            if reading.once is not None:
                keys.append(reading.once)
        memory = self.org.instances
        yield from _learn(memory, keys, "instances")
        yield from self._confirmations()
        contested = {
            claim.position
            for reading in self.readings.values()
            if reading.once is not None
            and (claim := memory.find(reading.once)) is not None
            and claim.position not in self.here
        }
        if contested:
            self.here |= cast("dict[int, Record]", (yield NeedRecords(sorted(contested))))

    def _said(self, position: int, record: Record) -> Reading:
        plan = self.org.plan_at(record["time"])
        reading = read(record, position, plan)
        if reading.confirmer is not None:
            self.confirmable[position] = keys_of(record, reading, plan.calendar.day(Instant(record["time"])))
        return reading

    def _confirmations(self) -> Generator[Need, Answer, None]:
        """Loads what is known of confirmations, and the earlier events that this batch may confirm."""
        memory, earlier = self.org.instances, set[int]()
        for position, record in self.items:
            if record["type"] == "activity.confirmed" and position not in self.readings:
                ident = str(record["data"]["id"])
                yield from _learn(self.org.identities, [int(ident[:16], 16)], "identities")
                claim = self.org.identities.find(int(ident[:16], 16))
                if claim is not None:
                    earlier.add(claim.position)
        for keys in list(self.confirmable.values()):
            yield from _learn(memory, [keys.event, keys.valid, keys.confirmed], "instances")
            for key in (keys.partner, keys.partner_same, keys.waits_for_me):
                if key is not None:
                    earlier |= yield from _learn_all(memory, key)
            for key in (keys.report, keys.same, keys.waiting):
                if key is not None:
                    yield from _learn_all(memory, key)
        missing = sorted(earlier - self.here.keys())
        if missing:
            self.here |= cast("dict[int, Record]", (yield NeedRecords(missing)))
        for found in earlier:
            yield from self._recall(found)

    def _recall(self, position: int) -> Generator[Need, Answer, None]:
        """Reads an event of an earlier batch again, with what is known of it."""
        if position in self.readings or self.here[position]["type"] in _NOT_ACTIVITIES:
            return
        reading = self.readings[position] = self._said(position, self.here[position])
        wanted = [] if reading.once is None else [reading.once]
        if position in self.confirmable:
            keys = self.confirmable[position]
            wanted += [keys.event, keys.valid, keys.confirmed]
        yield from _learn(self.org.instances, wanted, "instances")

    def _members(self) -> Generator[Need, Answer, None]:
        """Makes sure that every member that the batch is about is in memory."""
        members = self.org.members
        wanted: dict[MemberId, None] = {}
        for position, record in self.items:
            if position not in self.readings and record["type"] != "activity.confirmed":
                wanted[MemberId(record["subject"])] = None
        for reading in self.readings.values():
            if reading.entry is not None:
                wanted[MemberId(reading.member)] = None
        missing = [ident for ident in wanted if ident not in members]
        if missing:
            kept = cast("dict[MemberId, Kept | None]", (yield NeedMembers(missing)))
            for ident in missing:
                found = kept[ident]
                members[ident] = (
                    Member(ident) if found is None else Member.load(ident, found.record, found.distinct.items())
                )
        for ident in wanted:  # the members of a batch are the last to leave the memory
            members[ident] = members.pop(ident)

    # Each event in log order.

    def _one(self, position: int, record: Record) -> None:
        reading = self.readings.get(position)
        if reading is None and record["type"] == "activity.confirmed":
            verdict = self._confirmation(position, record)
        elif reading is None:
            verdict = self._person(position, record)
        elif reading.verdict is not None:
            verdict = reading.verdict
        else:
            verdict = self._activity(position, reading)
        self.verdicts.append(verdict)

    def _activity(self, position: int, reading: Reading) -> Verdict:
        keys = self.confirmable.get(position)
        if keys is not None and not self._is_confirmed(position, keys):
            return Verdict.DOES_NOT_COUNT if self._has_earlier(reading) else Verdict.PENDING
        return self._counts(position, reading)

    def _is_confirmed(self, position: int, keys: Keys) -> bool:
        """Whether an event is valid; and makes those valid that it reports the same as."""
        memory, record = self.org.instances, self.here[position]
        others = {
            each
            for key in (keys.partner, keys.partner_same, keys.waits_for_me)
            if key is not None
            for each in positions(memory, key)
        }
        for each in sorted(others):
            if self.readings[each].confirmer == record["subject"]:
                self._confirm(each)
        confirmer = self.readings[position].confirmer
        valid = (
            confirmer == record["subject"]
            or memory.find(keys.confirmed) is not None
            or any(self.here[each]["subject"] == confirmer for each in others)
        )
        if not valid:
            memory.claim(keys.event, Claim(0, position))
            if keys.waiting is not None:
                add(memory, keys.waiting, position)
        add(memory, keys.report, position)
        if keys.same is not None:
            add(memory, keys.same, position)
        return valid

    def _confirm(self, position: int) -> None:
        """An event that waited is valid now, and counts at its own time."""
        memory, keys = self.org.instances, self.confirmable[position]
        if memory.find(keys.event) is not None and memory.find(keys.valid) is None:
            memory.claim(keys.valid, Claim(0, position))
            self._counts(position, self.readings[position])

    def _confirmation(self, position: int, record: Record) -> Verdict:
        """A member says that an event happened."""
        ident = str(record["data"]["id"])
        claim = self.org.identities.find(int(ident[:16], 16))
        if claim is not None and claim.position < position:
            reading = self.readings.get(claim.position)
            if claim.position not in self.confirmable or reading is None or reading.confirmer != record["subject"]:
                return Verdict.REFUSED
            self._confirm(claim.position)
        key = confirmation_key(ident, record["subject"])
        if self.org.instances.find(key) is None:
            self.org.instances.claim(key, Claim(0, position))
        return Verdict.APPLIED

    def _counts(self, position: int, reading: Reading) -> Verdict:
        entry = reading.entry
        if entry is None:
            raise AssertionError("a reading has a verdict or an entry")
        ident = MemberId(reading.member)
        if reading.once is not None and not self._claims_instance(ident, reading.once, entry):
            return Verdict.DOES_NOT_COUNT
        if not entry.awards and not entry.values:
            return Verdict.NO_RULE
        member = self.org.members[ident]
        newest = member.totals.key
        if entry.time > newest[0] or entry[:3] > newest:
            effects = self.effects.get(ident)
            if effects is None:
                effects = self.effects[ident] = Effects()
                effects.facts, effects.undo = [], []
            effects.position = position
            member.append(entry, self.org.plan_at(entry.time), effects, self.org.catalogue, self.hot_ms)
        else:
            self.late.setdefault(ident, []).append(entry)
            self.causes[ident] = position
        self.changes.members[ident] = member
        return Verdict.APPLIED

    def _effects(self, ident: MemberId) -> Effects:
        found = self.effects.get(ident)
        if found is None:
            found = self.effects[ident] = Effects()
        return found

    def _has_earlier(self, reading: Reading) -> bool:
        """Whether an earlier event, in canonical order, counts for the instance of one that waits."""
        claim = None if reading.once is None else self.org.instances.find(reading.once)
        if claim is None or reading.entry is None:
            return False
        record = self.here[claim.position]
        other = read(record, claim.position, self.org.plan_at(record["time"])).entry
        return other is not None and reading.entry[:3] > other[:3]

    def _claims_instance(self, ident: MemberId, key: int, entry: Entry) -> bool:
        """Whether an event is the earliest of its instance so far; a later one that counted is taken out."""
        memory = self.org.instances
        claim = memory.find(key)
        mine = Claim(entry.time // 1000 & 0xFFFF_FFFF, entry.position)
        if claim is None:
            memory.claim(key, mine)
            return True
        if mine.check > claim.check:
            return False
        record = self.here[claim.position]
        other = read(record, claim.position, self.org.plan_at(record["time"])).entry
        if other is None or entry[:3] > other[:3]:
            return False
        memory.claim(key, mine)
        if other in (waiting := self.late.get(ident, [])):
            waiting.remove(other)
        elif other.awards or other.values:
            self.gone.setdefault(ident, []).append(other)
            self.causes[ident] = entry.position
            self.changes.members[ident] = self.org.members[ident]
        return True

    def _person(self, position: int, record: Record) -> Verdict:
        kind = record["type"]
        if kind == "day.closed":
            self.org.closed_day = max(self.org.closed_day, date.fromisoformat(str(record["data"]["day"])).toordinal())
            return Verdict.APPLIED
        if kind not in PEOPLE or not is_member(record["subject"]):
            return Verdict.REFUSED
        ident = MemberId(record["subject"])
        member = self.org.members[ident]
        standing, key = member.standing, _key(record)
        shelf = standing.shelf
        self.belonged.setdefault(ident, _belongs(standing))
        visibility = record["data"].get("visibility")
        if kind in {"member.joined", "member.left"}:
            standing.come_or_go(left=kind == "member.left", at=key)
        if visibility is not None:
            standing.choose(str(visibility), key)
        if kind.startswith("group."):
            if str(record["data"]["kind"]) not in self.org.plans[-1].rulebook.groups:
                return Verdict.REFUSED
            self._move(ident, position, record)
        if standing.shelf != shelf:
            self.shelves.setdefault(ident, shelf)
        self.changes.members[ident] = member
        return Verdict.APPLIED

    def _move(self, ident: MemberId, position: int, record: Record) -> None:
        """A member joined or left a group: from that local day on, what they do counts for another group."""
        member = self.org.members[ident]
        plan = self.org.plan_at(record["time"])
        day = plan.calendar.day(Instant(record["time"]))
        move = self._as_move(record, day)
        late = self.late.get(ident, ())
        if member.totals.key[0] >= plan.calendar.midnight(day) or late or ident in self.moves:
            self.moves.setdefault(ident, []).append(record)
            self.causes[ident] = position
            return
        member.standing.move(move)

    def _as_move(self, record: Record, day: Day) -> tuple[int, int, str, str, str, str, bool, bool]:
        kind, group = str(record["data"]["kind"]), str(record["data"]["group"])
        joined = record["type"] == "group.joined"
        one = self.org.plans[-1].rulebook.groups[kind].one_at_a_time
        return (day, *_key(record), kind, group, joined, one)

    # Late events, and whatever else makes a member fold again.

    def _go_back(self) -> Generator[Need, Answer, None]:
        org = self.org
        earliest: dict[MemberId, Key] = {}
        for ident in {*self.late, *self.gone, *self.moves}:
            keys = [entry[:3] for entry in (*self.late.get(ident, ()), *self.gone.get(ident, ()))]
            for record in self.moves.get(ident, ()):
                calendar = org.plan_at(record["time"]).calendar
                keys.append((calendar.midnight(calendar.day(Instant(record["time"]))) - 1, "", ""))
            if keys:
                earliest[ident] = min(keys)
        for ident in self.shelves:
            if org.members[ident].totals.key != FIRST:
                earliest[ident] = FIRST
        closed = [ident for ident, key in earliest.items() if not org.members[ident].opens_at(key)]
        if closed:
            stored = cast("dict[MemberId, Stored]", (yield NeedStored(closed)))
            for ident in closed:
                member = org.members[ident]
                member.open(member.unwritten(stored[ident]), earliest[ident], org.plan_at, org.catalogue)
        for ident in earliest:
            self._again(ident)

    def _again(self, ident: MemberId) -> None:
        """Folds a member again with everything that waited for it."""
        org, member = self.org, self.org.members[ident]
        effects = self._effects(ident)
        self._say(ident, effects)
        points, levels = dict(member.totals.points), _flat(member.totals.levels)
        for entry in self.gone.get(ident, ()):
            _merge(effects, *member.remove(entry, org.plan_at))
        if late := self.late.get(ident):
            _merge(effects, *member.insert(late, org.plan_at, org.catalogue, self.hot_ms))
        for record in self.moves.get(ident, ()):
            calendar = org.plan_at(record["time"]).calendar
            day = calendar.day(Instant(record["time"]))
            move = self._as_move(record, day)
            start = (calendar.midnight(day) - 1, "", "")

            def change(standing: Standing, move: tuple[int, int, str, str, str, str, bool, bool] = move) -> None:
                standing.move(move)

            _merge(effects, *member.move(change, start, org.plan_at))
        if ident in self.shelves and member.history is not None:
            self._reshelve(ident, member.history.cells)
        member.trim(self.hot_ms)
        cause = self.causes.get(ident)
        if cause is not None:
            # What was said of the member already, with the totals as they were, comes before what differs now.
            self._difference(max(cause, effects.position), ident, points, levels)

    def _reshelve(self, ident: MemberId, cells: Cells) -> None:
        """Takes a member's scores off the shelf they stood on; `_finish` puts those of `effects` on the new one."""
        old = self.shelves[ident]
        if old not in _SHELVES_OFF:
            for code in cells:
                self.changes.cells.setdefault((*parts_of(code), old), {})[ident] = None
        self._effects(ident).cells = dict(cells)

    def _difference(
        self, cause: int, ident: MemberId, points: dict[int, int], levels: dict[tuple[int, str], int]
    ) -> None:
        totals = self.org.members[ident].totals
        rows = self.changes.facts
        for number in sorted({*points, *totals.points}):
            before, after = points.get(number, 0), totals.points.get(number, 0)
            if before != after:
                rows.append((cause, number, ident, None, after - before, after))
        now = _flat(totals.levels)
        for number, level in sorted({*levels, *now}):
            slot = (number, level)
            if levels.get(slot) != now.get(slot):
                gained = 1 if slot not in levels else 0 if slot in now else -1
                rows.append((cause, number, ident, level, gained, now.get(slot, 0)))

    # The end of a batch.

    def _publish(self, record: Record) -> Verdict:
        """A rulebook comes into force at its local midnight, or is refused: its `from` lies in the past."""
        data = record["data"]
        org = self.org
        try:
            rulebook = Rulebook.model_validate(data["rulebook"])
        except ValidationError:
            return Verdict.REFUSED
        since: int | None = None
        if org.plans:
            if data["from"] is None:  # only the first one holds for all time before
                return Verdict.REFUSED
            calendar = Calendar(zone(rulebook.calendar.timezone))
            since = calendar.midnight(Day(date.fromisoformat(str(data["from"])).toordinal()))
            newest = org.books[-1][0]
            if since < record["recorded"] + FUTURE_MS or (newest is not None and since < newest):
                return Verdict.REFUSED
        org.publish(rulebook, since)
        self.changes.published = True
        return Verdict.APPLIED

    def _finish(self) -> None:
        org, changes = self.org, self.changes
        self._gather()
        for ident, before in self.belonged.items():
            after = _belongs(org.members[ident].standing)
            org.rosters.update(after - before)
            org.rosters.subtract(before - after)
        for (_, record), verdict in zip(self.items, self.verdicts, strict=True):
            changes.outcomes[verdict.value] += 1
            if "run" in record:
                org.runs.setdefault(record["run"], Counter())[verdict.value] += 1
            else:
                org.clock = max(org.clock, Instant(record["recorded"]))
                org.began = org.began or org.clock
        for run in list(org.runs)[:-RUNS_KEPT]:
            del org.runs[run]
        org.outcomes.update(changes.outcomes)
        org.identities.settle()
        org.instances.settle()
        org.position = changes.next_position

    def _say(self, ident: MemberId, effects: Effects) -> None:
        """Takes over the facts of a member's events that came in order."""
        for position, number, level, by, total in effects.facts or ():
            self.changes.facts.append((position, number, ident, level, by, total))
        effects.facts = None

    def _gather(self) -> None:
        """Puts what members' totals did under the boards that it belongs to."""
        changes = self.changes
        shelves: dict[str, dict[int, dict[MemberId, int]]] = {}
        for ident, effects in self.effects.items():
            member = changes.members[ident] = self.org.members[ident]
            self._say(ident, effects)
            shelf = member.standing.shelf
            if shelf not in _SHELVES_OFF:
                rows = shelves.setdefault(shelf, {})
                for code, value in effects.cells.items():
                    row = rows.get(code)
                    if row is None:
                        row = rows[code] = {}
                    row[ident] = value
            for slot, share in effects.shares.items():
                changes.shares[slot] = changes.shares.get(slot, 0) + share
        for shelf, rows in shelves.items():
            for code, found in rows.items():
                changes.cells.setdefault((*parts_of(code), shelf), {}).update(found)


def _learn(memory: Claims, keys: list[int], name: str) -> Generator[Need, Answer, None]:
    """Loads the parts of sealed segments in which keys may stand."""
    wanted = memory.pages(dict.fromkeys(keys))
    if wanted:
        pages = cast(
            "list[bytes]",
            (yield NeedPages("identities" if name == "identities" else "instances", [page for _, page in wanted])),
        )
        for (key, _), page in zip(wanted, pages, strict=True):
            memory.learn(key, page)


def _learn_all(memory: Claims, key: int) -> Generator[Need, Answer, set[int]]:
    """Loads every claim of a key, one link after the other; their positions."""
    found: set[int] = set()
    at = key
    while True:
        yield from _learn(memory, [at], "instances")
        claim = memory.find(at)
        if claim is None:
            return found
        found.add(claim.position)
        at = linked(key, claim.position)


def _check(record: Record) -> int:
    return int(record["stamp"][:8], 16)


def _key(record: Record) -> Key:
    return (record["time"], record["source"], record["id"][:8])


def _belongs(standing: Standing) -> set[tuple[str, str]]:
    """The groups that count a member now: none for a former one."""
    if standing.left:
        return set()
    return {(kind, group) for kind, groups in standing.groups().items() for group in groups}


def _flat(levels: dict[int, dict[str, int]]) -> dict[tuple[int, str], int]:
    return {(number, level): at for number, reached in levels.items() for level, at in reached.items()}


def _merge(effects: Effects, cells: Cells, shares: Shares) -> None:
    effects.cells.update(cells)
    for slot, share in shares.items():
        effects.shares[slot] = effects.shares.get(slot, 0) + share

"""The fold: takes a run of an organisation's log and moves its state; pure, it yields what it needs to be loaded.

The steps of a batch: who claimed the identities and instances; what each event says on its own; the members it is
about; then each event in log order. What counts is gathered by member: events later than all of the member's before
move the totals, late ones are put in place together.
"""

from collections import Counter
from collections.abc import Generator, Sequence
from datetime import date

from pydantic import ValidationError

from engine.badges import Badges, dump_times, load_times, reached
from engine.batch import Batch, Item
from engine.bests import raise_bests
from engine.calendar import ALL, Calendar
from engine.cells import NUMBER_BIT, parts_of
from engine.changes import Changes
from engine.claiming import claim_identities, claim_instance, give, recall_instances
from engine.confirmations import (
    NOT_ACTIVITIES,
    confirmed_event,
    has_earlier,
    is_confirmed,
    may_confirm,
    note_confirmation,
    reading_of,
    recall_confirmations,
    stops_waiting,
)
from engine.disclosure import footprint_of
from engine.evaluation import Entry, Reading
from engine.fairness.deciding import REQUESTS as ABOUT_ALERTS
from engine.fairness_requests import ask_about_alert, has_to_wait, recall_cases
from engine.going_back import OFF_BOARDS, differing, go_back
from engine.heads import heads_of
from engine.ledger.deciding import REQUESTS
from engine.ledger.draft import Asked
from engine.loading import load_members
from engine.needs import Answer, Need
from engine.organisation import RUNS_KEPT, Organisation
from engine.people import GROUPS, PEOPLE, asked_about, belongs, person
from engine.proposing import propose
from engine.requests import ask, begin_purses, is_about_a_gift, recall_karma, recall_links, take_down
from engine.settling import CANDIDATES, candidates, settle
from engine.voiding import is_void, recall_voided, void
from engine.watching import watch
from schemas.records import Record
from schemas.rulebook import Rulebook
from schemas.verdicts import Verdict
from schemas.words import FUTURE_MS_MAX, Day, Instant, MemberId, Position
from schemas.zones import zone

_ABOUT_EVENTS = frozenset({"activity.confirmed", "event.voided"})
_ALONE = frozenset({"rulebook.published", "member.linked"})
_ASKS_GROUPS = REQUESTS - {"member.joined", "member.left"}


class NoRulebookError(Exception):
    """Events came before any rulebook; nothing can be judged."""


def cut(org: Organisation, items: Sequence[Item]) -> int:
    """How many of the items make one batch.

    A rulebook stands alone, so that what follows is judged with it; so does the closing of a day, where boards or gifts
    are read then, and that somebody turns out to be another member. Events about groups are apart from others, where an
    expression asks for groups; a request does not come after one, since who belongs where is known when a batch ends.
    """
    alone = _ALONE | {"day.closed"} if org.settles or org.watches else _ALONE
    apart = GROUPS if org.asks_groups else frozenset[str]()
    begins_apart = items[0][1]["type"] in apart
    has_moved = False
    for index, (_, record) in enumerate(items):
        kind = record["type"]
        if kind in alone:
            return index or 1
        if apart and (kind in apart) is not begins_apart:
            return index
        if kind in GROUPS:
            has_moved = True
        elif has_moved and kind in _ASKS_GROUPS:
            return index
    return len(items)


def turns_boards(before: Rulebook, after: Rulebook) -> bool:
    """Whether a board would be the other way round, which its scores in the store cannot follow."""
    return any(name in before.boards and before.boards[name].order != each.order for name, each in after.boards.items())


class Fold:
    """One batch of one organisation; `run` does it."""

    def __init__(self, org: Organisation, items: Sequence[Item], hot_ms: int) -> None:
        self.org = org
        self.items = items
        self.batch = Batch(org, items, hot_ms)
        self.verdicts: list[Verdict] = []

    def run(self) -> Generator[Need, Answer, Changes]:
        """Folds the batch; answers to what it yields are sent in.

        Raises:
            NoRulebookError: the first record is not a rulebook and none was published.
        """
        position, record = self.items[0]
        if record["type"] == "rulebook.published":
            yield from claim_identities(self.batch)
            repeat = self.batch.readings.get(position)
            said = None if repeat is None else repeat.verdict
            self.verdicts.append(self._publish(position, record) if said is None else said)
        elif not self.org.plans:
            raise NoRulebookError
        else:
            yield from claim_identities(self.batch)
            if self.org.asks_groups:
                yield from load_members(self.org, asked_about(self.batch, self.items))
            self._read()
            yield from recall_confirmations(self.batch)
            yield from recall_voided(self.batch)
            yield from recall_instances(self.batch)
            take_down(self.batch)
            if self.batch.asked:
                yield from recall_karma(self.batch)
                yield from recall_cases(self.batch)
            yield from self._members()
            self._in_log_order()
            if record["type"] == "day.closed" and self.verdicts == [Verdict.APPLIED]:
                yield from self._close(position, record)
            late = self._move_on()
            yield from go_back(self.batch, late)
            yield from propose(self.batch)
            self._decide()
            self._show()
            begin_purses(self.batch)
        self._count()
        return self.batch.changes

    def _read(self) -> None:
        """Evaluates what each record says on its own."""
        readings, failures = self.batch.readings, self.org.failures
        for position, record in self.items:
            if position in readings or record["type"] in NOT_ACTIVITIES:
                continue
            reading = readings[position] = reading_of(self.batch, position, record)
            if reading.failed:
                failures.update(reading.failed)

    def _members(self) -> Generator[Need, Answer, None]:
        """Makes sure that every member that the batch is about is in memory."""
        members, readings = self.org.members, self.batch.readings
        wanted: dict[MemberId, None] = {}
        for position, record in self.items:
            if position not in readings and record["type"] not in _ABOUT_EVENTS:
                wanted[record["subject"]] = None
        for reading in readings.values():
            if reading.entry is not None:
                wanted[reading.member] = None
            for ident, _ in reading.others:
                wanted[ident] = None
        wanted |= dict.fromkeys(self.batch.named)
        yield from load_members(self.org, wanted)
        for ident in wanted:  # the members of a batch are the last to leave the memory
            members[ident] = members.pop(ident)
        if self.org.has_karma and (new := [ident for ident in wanted if members[ident].new]):
            yield from recall_links(self.batch, new)

    # Each event in log order.

    def _in_log_order(self) -> None:
        readings, confirmable, verdicts = self.batch.readings, self.batch.confirmable, self.verdicts
        for position, record in self.items:
            reading = readings.get(position)
            if reading is not None and reading.verdict is None and position not in confirmable:
                verdicts.append(self._counts(reading))  # as nearly all are
            else:
                verdicts.append(self._one(position, record))

    def _one(self, position: int, record: Record) -> Verdict:
        batch = self.batch
        batch.at_hand = position
        reading = batch.readings.get(position)
        if reading is None:
            return self._said(position, record)
        if reading.verdict is not None:
            return reading.verdict
        keys = batch.confirmable.get(position)
        if keys is not None:
            valid, now_valid = is_confirmed(batch, position, keys)
            for each in now_valid:
                self._counts(batch.readings[each])
            if not valid:
                return Verdict.DOES_NOT_COUNT if has_earlier(batch, reading) else Verdict.PENDING
        return self._counts(reading)

    def _said(self, position: int, record: Record) -> Verdict:
        """What is no activity: a correction, a confirmation, a request, or an event about a person."""
        batch, kind = self.batch, record["type"]
        asked = batch.asked.get(position)
        if is_void(record) and (asked is None or not is_about_a_gift(batch, asked)):
            return void(batch, position, record)
        if kind == "activity.confirmed":
            return self._confirmation(position, record)
        verdict = Verdict.APPLIED if asked is None else self._asked(asked)
        if asked is not None and kind not in PEOPLE:
            return verdict
        verdict = person(batch, position, record)
        if verdict is Verdict.APPLIED and kind in PEOPLE and batch.org.has_karma:
            batch.meet(record["subject"], position)
        return verdict

    def _asked(self, asked: Asked) -> Verdict:
        """What becomes of a request."""
        if asked.type in ABOUT_ALERTS:
            return ask_about_alert(self.batch, asked)
        return Verdict.REFUSED if has_to_wait(self.batch, asked) else ask(self.batch, asked)

    def _confirmation(self, position: int, record: Record) -> Verdict:
        """A member says that an event happened."""
        batch = self.batch
        event = confirmed_event(batch, position, record)
        if event is not None and not may_confirm(batch, event, record):
            return Verdict.REFUSED
        if event is not None and stops_waiting(batch, event):
            self._counts(batch.readings[event])
        note_confirmation(batch, position, record)
        return Verdict.APPLIED

    def _counts(self, reading: Reading) -> Verdict:
        """Gives a valid event to its member, unless another one of its instance was earlier."""
        entry = reading.entry
        if entry is None:
            raise AssertionError("a reading has a verdict or an entry")
        if reading.once is not None and not claim_instance(self.batch, reading.once, entry):
            return Verdict.DOES_NOT_COUNT
        if entry.awards or entry.values:
            give(self.batch, reading.member, entry)
        elif not reading.others:
            return Verdict.NO_RULE
        for other, given in reading.others:
            give(self.batch, other, given)
        return Verdict.APPLIED

    def _close(self, position: Position, record: Record) -> Generator[Need, Answer, None]:
        """Works out what is worked out once, now that a day is over."""
        if self.org.settles:
            yield from settle(self.batch, position, record)
        if self.org.watches:
            yield from watch(self.batch, record)

    # Each member.

    def _move_on(self) -> dict[MemberId, list[Entry]]:
        """Moves the totals of members past what came in order; gives back what came late."""
        batch, org, found = self.batch, self.org, dict[MemberId, list[Entry]]()
        for ident, entries in batch.arrived.items():
            member = batch.touch(ident)
            late = member.append(entries, org.plan_at, batch.effects_of(ident), org.catalogue, batch.hot_ms)
            if late:
                found[ident] = late
                batch.causes[ident] = max(batch.causes.get(ident, 0), late[-1].position)
            if org.greatest:
                raise_bests(batch, ident, entries)
        return found

    def _decide(self) -> None:
        """Says what changed of badges that hang on other badges, or on people."""
        batch, org = self.batch, self.org
        badges = Badges(org.plans, org.catalogue)
        collections = {number for plan in org.plans for number in plan.collections}
        moved = [
            ident
            for ident, effects in batch.effects.items()
            if effects.reached and (collections or org.members[ident].standing.given)
        ]
        for ident in dict.fromkeys((*moved, *batch.decided)):
            member = org.members[ident]
            times = badges.held(member.totals, member.standing, member.settled, org.clock)
            if not member.standing.given:
                times = {what: at for what, at in times.items() if what.badge in collections}
            marks = dump_times(times)
            if marks != member.marks:
                cause = max(batch.effects_of(ident).cause, batch.decided.get(ident, 0), batch.causes.get(ident, 0))
                batch.changes.facts.append((cause, ident, differing(load_times(member.marks), times)))
                batch.touch(ident).mark(marks)

    def _show(self) -> None:
        """Puts what members' totals did on the boards that show them."""
        org, changes, members = self.org, self.batch.changes, self.org.members
        rows: dict[str, dict[int, dict[MemberId, int]]] = {}
        for ident, effects in self.batch.effects.items():
            member = changes.members[ident] = members[ident]
            shelf, shelf_of_groups = member.standing.shelves
            if effects.reached and org.settles:
                for (number, place), score in candidates(org.plans, reached(member.totals, org.catalogue)).items():
                    changes.cells.setdefault((number, ALL, place, CANDIDATES), {})[ident] = score
            if shelf not in OFF_BOARDS:
                shown = rows.setdefault(shelf, {})
                for code, score in member.totals.show(effects):
                    row = shown.get(code)
                    if row is None:
                        row = shown[code] = {}
                    row[ident] = -score if org.lowest and code >> NUMBER_BIT in org.lowest else score
            for slot, share in effects.shares.items():
                changes.share((*slot, shelf_of_groups), share)
            for (slot, month), best in effects.bests.items():
                changes.raise_best((*slot, shelf_of_groups), (ident, month), best)
        for shelf, shown in rows.items():
            for code, row in shown.items():
                changes.cells.setdefault((*parts_of(code), shelf), {}).update(row)

    # The end of a batch.

    def _publish(self, position: Position, record: Record) -> Verdict:
        """A rulebook comes into force at its local midnight, or is refused: its `from` lies in the past."""
        data, org = record["data"], self.org
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
            if turns_boards(org.plans[-1].rulebook, rulebook):
                return Verdict.REFUSED
            if since < record["recorded"] + FUTURE_MS_MAX or (newest is not None and since < newest):
                return Verdict.REFUSED
        now = org.clock if "run" in record else max(org.clock, record["recorded"])
        org.publish(rulebook, since, Instant(max(since or 0, now + 1)), position)
        self.batch.changes.published = True
        org.disclosure.review(org.plans, org.rosters)
        return Verdict.APPLIED

    def _count(self) -> None:
        org, batch, changes = self.org, self.batch, self.batch.changes
        for ident, before in batch.belonged.items():
            after = belongs(org.members[ident].standing)
            org.rosters.update(after - before)
            org.rosters.subtract(before - after)
            footprint = footprint_of(org.members[ident].standing, after, org)
            org.disclosure.move(batch.footprints[ident], footprint)
            org.heads.move(batch.heads[ident], heads_of(org.members[ident].standing, org.day_of))
        if batch.belonged:
            org.disclosure.review(org.plans, org.rosters)
        changes.outcomes.update({verdict.value: count for verdict, count in Counter(self.verdicts).items()})
        lived = [record["recorded"] for _, record in self.items if "run" not in record]
        if lived:
            org.began = org.began or Instant(max(org.clock, lived[0]))
            org.clock = Instant(max(org.clock, *lived))
        if len(lived) < len(self.items):
            for (_, record), verdict in zip(self.items, self.verdicts, strict=True):
                if "run" in record:
                    org.runs.setdefault(record["run"], Counter())[verdict.value] += 1
        for run in list(org.runs)[:-RUNS_KEPT]:
            del org.runs[run]
        org.outcomes.update(changes.outcomes)
        org.weigh(changes.members.values())
        org.identities.settle()
        org.instances.settle()
        org.position = changes.next_position

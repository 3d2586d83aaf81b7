"""The fold: takes a run of an organisation's log and moves its state; pure, it yields what it needs to be loaded.

The steps of a batch: what each event says on its own; who claimed the identities and instances; the members it is
about; then each event in log order. What counts is gathered by member: events later than all of the member's before
move the totals, late ones are put in place together.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Sequence

from engine.batch import Batch, Item
from engine.bests import raise_bests
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
from engine.going_back import go_back
from engine.heads import heads_of
from engine.ledger.draft import Asked
from engine.loading import load_members
from engine.needs import Answer, Need
from engine.organisation import RUNS_KEPT, Organisation
from engine.people import PEOPLE, asked_about, belongs, person
from engine.proposing import propose
from engine.publishing import publish
from engine.requests import ask, begin_purses, is_about_a_gift, recall_karma, recall_links, take_down
from engine.settling import settle
from engine.showing import decide, show
from engine.voiding import is_void, recall_voided, void
from engine.watching import watch
from schemas.records import Record
from schemas.verdicts import Verdict
from schemas.words import Instant, MemberId, Position

_ABOUT_EVENTS = frozenset({"activity.confirmed", "event.voided"})


class NoRulebookError(Exception):
    """Events came before any rulebook; nothing can be judged."""


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
            self.verdicts.append(publish(self.batch, position, record) if said is None else said)
        elif not self.org.plans:
            raise NoRulebookError
        else:
            if self.org.asks_groups:
                yield from load_members(self.org, asked_about(self.batch, self.items))
            failed = self._read()  # needs nothing that is being written with the batch before
            yield from claim_identities(self.batch)
            self._note_failures(failed)
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
            decide(self.batch)
            show(self.batch)
            begin_purses(self.batch)
        self._count()
        return self.batch.changes

    def _read(self) -> list[int]:
        """Evaluates what each record says on its own; the positions of those of which an expression failed."""
        batch, readings, failed = self.batch, self.batch.readings, list[int]()
        for position, record in self.items:
            if record["type"] not in NOT_ACTIVITIES:
                reading = readings[position] = reading_of(batch, position, record)
                if reading.failed:
                    failed.append(position)
        return failed

    def _note_failures(self, failed: Iterable[int]) -> None:
        """Counts expressions that failed, but not for a record that repeats another."""
        for position in failed:
            self.org.failures.update(self.batch.readings[position].failed)

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

    # The end of a batch.

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

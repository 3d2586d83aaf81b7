"""What one event says under one version of the rulebook, on its own: no state is read, so it can run anywhere.

The result names the credited member and what the event would give; whether it does (limits, earlier instances,
windows) is for `engine.totals`.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from engine.expressions import Expression, Failed
from engine.plan import Plan
from engine.values import Awards, Values, distinct_text
from schemas.members import is_member
from schemas.records import Record
from schemas.verdicts import Verdict
from schemas.words import Day, Instant, MemberId


class Entry(NamedTuple):
    """An event that counts, as a member's timeline keeps it; sorts in canonical order."""

    time: Instant
    source: str
    id: str  # the first 8 hex digits of the stored id
    position: int
    awards: Awards
    values: Values


_NOBODY = MemberId("")
_ANY_DAY = Day(0)


@dataclass(slots=True)
class Reading:
    """What an event says: either a verdict that ends it, or an entry for the credited member."""

    verdict: Verdict | None = None
    member: MemberId = _NOBODY
    entry: Entry | None = None
    once: int | None = None  # 64 bits: of several with one key the earliest counts
    confirmer: str | None = None  # where the activity asks for one; the subject confirms by reporting
    failed: tuple[int, ...] = ()  # numbers of the rules and scores whose expressions failed
    others: tuple[tuple[MemberId, Entry], ...] = ()  # what it gives to members whom rules name

    @property
    def given(self) -> list[tuple[MemberId, Entry]]:
        """To whom it gives anything, and what."""
        own = self.entry is not None and (self.entry.awards or self.entry.values)
        return [(self.member, self.entry), *self.others] if self.entry is not None and own else [*self.others]


ENDED = {verdict: Reading(verdict) for verdict in Verdict}
"""Readings of events that end with a verdict before anything is asked of state."""


def read(record: Record, position: int, plan: Plan) -> Reading:
    """What an activity says under the version in force when it occurred."""
    time = record["time"]
    if record["recorded"] - time > plan.late:
        return ENDED[Verdict.TOO_LATE]
    kind = plan.types.get(record["type"])
    if kind is None:
        return ENDED[Verdict.NO_RULE]
    subject, data, at = record["subject"], record["data"], time
    plan.around.before = position
    if kind.counts is not None and kind.counts(data, subject, at) is not True:
        return ENDED[Verdict.DOES_NOT_COUNT]
    member = subject
    if kind.credit is not None:
        found = kind.credit(data, subject, at)
        if not isinstance(found, str) or not is_member(found):
            return ENDED[Verdict.DOES_NOT_COUNT]
        member = MemberId(found)
    confirmer: str | None = None
    if kind.confirm is not None:
        asked = kind.confirm(data, subject, at)
        if not isinstance(asked, str) or not is_member(asked):
            return ENDED[Verdict.DOES_NOT_COUNT]
        confirmer = asked
    questions = kind.questions
    day = _ANY_DAY if questions.are_constant else plan.calendar.day(at)
    awards, values, failed = questions.answer(data, subject, at, day)
    once = _once(kind.once, record, member, plan) if kind.once else None
    key = (time, record["source"], record["id"][:8], position)
    others: tuple[tuple[MemberId, Entry], ...] = ()
    if questions.hand_on is not None:
        given, more_failed = questions.hand_on(data, subject, at, day)
        gates, _ = questions.gated(data, subject, at, day) if given and questions.gates else ((), ())
        failed += more_failed
        own = given.get(member, ())
        if own:
            values = values if awards else values + gates
            awards += own
        others = tuple(
            (MemberId(other), Entry._make((*key, handed, gates))) for other, handed in given.items() if other != member
        )
    entry = Entry._make((*key, awards, values))  # quicker than by name
    return Reading(None, member, entry, once, confirmer, failed, others)


def _once(parts: tuple[Expression | None, ...], record: Record, member: str, plan: Plan) -> int | None:
    """The 64-bit key of an instance; None where a part of it is absent."""
    at = record["time"]
    key = f"{record['type']}\0{member}"
    for part in parts:
        if part is None:
            key += f"\0{plan.calendar.day(at)}"
            continue
        got = part(record["data"], record["subject"], at)
        if isinstance(got, str):
            key += "\0str:" + got
        elif isinstance(got, Failed):
            return None
        else:
            key += f"\0{distinct_text(got)}"
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest())

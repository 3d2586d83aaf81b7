"""What one event says under one version of the rulebook, on its own: no state is read, so it can run anywhere.

The result names the credited member and what the event would give; whether it does (limits, earlier instances,
windows) is for `engine.totals`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, cast

from pydantic import JsonValue

from engine.expressions import Expression, Failed
from engine.plan import AMOUNT_MAX, Always, Asked, Measure, Memory, Plan, TypePlan
from schemas.members import member_id_fault
from schemas.records import Record
from schemas.verdicts import Verdict
from schemas.words import Instant

Awards = tuple[tuple[int, int], ...]
"""Raw amounts by rule number."""

Values = tuple[tuple[int, int | str], ...]
"""Values by score number: whole numbers of the score's scale, or the text that stands for a distinct value."""


class Entry(NamedTuple):
    """An event that counts, as a member's timeline keeps it; sorts in canonical order."""

    time: int
    source: str
    id: str  # the first 8 hex digits of the stored id
    position: int
    awards: Awards
    values: Values


@dataclass(slots=True)
class Reading:
    """What an event says: either a verdict that ends it, or an entry for the credited member."""

    verdict: Verdict | None = None
    member: str = ""
    entry: Entry | None = None
    once: int | None = None  # 64 bits: of several with one key the earliest counts
    confirmer: str | None = None  # where the activity asks for one; the subject confirms by reporting
    failed: tuple[int, ...] = ()  # numbers of the rules and scores whose expressions failed


class Said(NamedTuple):
    """What an event of one type says, as far as it hangs on a few of its fields and so comes again and again."""

    verdict: Verdict | None
    credited: str | None  # None: the subject
    awards: Awards
    values: Values
    failed: tuple[int, ...]
    confirmer: str | None


def read(record: Record, position: int, plan: Plan) -> Reading:
    """What an activity says under the version in force when it occurred."""
    time = record["time"]
    if record["recorded"] - time > plan.rulebook.late:
        return Reading(Verdict.TOO_LATE)
    kind = plan.types.get(record["type"])
    if kind is None:
        return Reading(Verdict.NO_RULE)
    subject = record["subject"]
    said = _said(kind, record["data"], subject, Instant(time), plan)
    if said.verdict is not None:
        return Reading(said.verdict)
    member = said.credited or subject
    entry = Entry(time, record["source"], record["id"][:8], position, said.awards, said.values)
    reading = Reading(None, member, entry, failed=said.failed)
    if kind.once:
        reading.once = _once(kind.once, record, member, plan)
    reading.confirmer = said.confirmer
    return reading


def _said(kind: TypePlan, data: Mapping[str, JsonValue], subject: str, at: Instant, plan: Plan) -> Said:
    """What an event says, from memory where the same was asked before."""
    memory = kind.memory
    if memory is None:
        memory = kind.memory = Memory.of(kind)
    if not memory.pays:
        return _work_out(kind, data, subject, at, plan)
    key = memory.key(data, subject, plan.calendar.day(at) if memory.by_day else 0)
    try:
        found = memory.known.get(key)
    except TypeError:  # a list is no key
        return _work_out(kind, data, subject, at, plan)
    if found is None:
        found = _work_out(kind, data, subject, at, plan)
        memory.learn(key, found)
    else:
        memory.hits += 1
    return cast("Said", found)


def _work_out(kind: TypePlan, data: Mapping[str, JsonValue], subject: str, at: Instant, plan: Plan) -> Said:
    if kind.counts is not None and kind.counts(data, subject, at) is not True:
        return _DOES_NOT_COUNT
    credited: str | None = None
    if kind.credit is not None:
        found = kind.credit(data, subject, at)
        if not isinstance(found, str) or not is_member(found):
            return _DOES_NOT_COUNT
        credited = found
    awards, values, failed = _contributions(kind, data, subject, at, plan)
    confirmer: str | None = None
    if kind.confirm is not None:
        asked = kind.confirm(data, subject, at)
        if not isinstance(asked, str) or not is_member(asked):
            return _DOES_NOT_COUNT
        confirmer = asked
    return Said(None, credited, awards, values, failed, confirmer)


_DOES_NOT_COUNT = Said(Verdict.DOES_NOT_COUNT, None, (), (), (), None)


@lru_cache(maxsize=65_536)
def is_member(text: str) -> bool:
    """Whether a text is a member id."""
    return member_id_fault(text) is None


def _contributions(
    kind: TypePlan, data: Mapping[str, JsonValue], subject: str, at: Instant, plan: Plan
) -> tuple[Awards, Values, tuple[int, ...]]:
    always = kind.always
    if always is None:
        always = kind.always = Always.of(kind)
    failed: list[int] = []
    awards: list[tuple[int, int]] = list(always.awards)
    values: list[tuple[int, int | str]] = list(always.values)
    for asked in always.rules:
        if asked.last_day is not None and plan.calendar.day(at) > asked.last_day:
            continue
        amount = _ask(asked, data, subject, at)
        if amount is None:
            continue
        if isinstance(amount, int) and not isinstance(amount, bool) and abs(amount) <= AMOUNT_MAX:
            awards.append((asked.number, amount))
        else:
            failed.append(asked.number)
    for asked in always.scores:
        if asked.measure is Measure.POINTS and not awards:
            continue  # a condition about points that nobody gave
        got = _ask(asked, data, subject, at)
        if got is None:
            continue
        value = _value(asked, got)
        if value is None:
            failed.append(asked.number)
        else:
            values.append((asked.number, value))
    return tuple(awards), tuple(values), tuple(failed)


def _ask(asked: Asked, data: Mapping[str, JsonValue], subject: str, at: Instant) -> object:
    """What the expression gives; None where its condition is false."""
    if asked.when is not None:
        holds = asked.when(data, subject, at)
        if holds is not True:
            return None if holds is False else holds
    what = asked.what
    return what if isinstance(what, int) else what(data, subject, at)


def _value(asked: Asked, got: object) -> int | str | None:
    if asked.measure is Measure.DISTINCT:
        return distinct_text(got)
    if isinstance(got, Failed):
        return None
    if isinstance(got, bool) or not isinstance(got, int | float) or not -AMOUNT_MAX <= got <= AMOUNT_MAX:
        return None
    return scaled(got, asked.scale)


_POWERS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)


def scaled(value: float, scale: int) -> int:
    """A number as whole units of 10^-scale; the double's exact value, rounded half-even."""
    if isinstance(value, int):
        return value * _POWERS[scale]
    return int(Decimal(value).scaleb(scale).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def distinct_text(value: object) -> str | None:
    """A short text that is the same for equal values and for no others; None where it cannot be compared."""
    if isinstance(value, str):
        if len(value) < 48:  # noqa: PLR2004  the common case first
            return "s" + value
        text = "s" + value
    elif isinstance(value, bool):
        text = "b1" if value else "b0"
    elif isinstance(value, int | float):
        text = f"n{int(value)}" if value == int(value) else f"n{value!r}"
    else:
        return None
    if len(text) <= 48:  # noqa: PLR2004  longer ones are named by their hash
        return text
    return "h" + blake2b(text.encode(), digest_size=16).hexdigest()


def _once(parts: tuple[Expression | None, ...], record: Record, member: str, plan: Plan) -> int | None:
    """The 64-bit key of an instance; None where a part of it is absent."""
    at = Instant(record["time"])
    key = f"{record['type']}\0{member}"
    for part in parts:
        if part is None:
            key += f"\0{plan.calendar.day(at)}"
            continue
        got = part(record["data"], record["subject"], at)
        if isinstance(got, Failed):
            return None
        key += f"\0{got.__class__.__name__}:{got}" if isinstance(got, str) else f"\0{distinct_text(got)}"
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest())

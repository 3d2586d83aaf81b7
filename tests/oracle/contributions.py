"""What one activity is and gives: whose it is, its key, its amounts by rule, its values by score."""

import math
import unicodedata
from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias, TypeGuard

from pydantic import JsonValue

from schemas.records import Record

from .asking import scope_of
from .cel import CelError, Scope, comparable, evaluate
from .rulebook import Activity, Place, Rule, Score, Version

LARGEST = 10**6
"""The greatest size of one amount or value, before scaling and multiplying."""

Value: TypeAlias = int | tuple[str, object]
"""What a score gets: `count` 1; `sum`, `best` the number in units of its scale; `distinct` the value."""

Scalar: TypeAlias = str | int | float | bool
"""A value by which badges with `each` are told apart."""


class Amount(NamedTuple):
    """What a rule gives before cool-down, multiplier and limits, to each of these members."""

    points: int
    to: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Event:
    """An activity that is neither too late nor ruled out by `counts` or `credit`."""

    record: Record
    version: Version
    day: date
    member: str  # the credited one
    key: Hashable  # None: it has none, and is never the same as another
    confirm: str | None  # who has to confirm it
    amounts: Mapping[str, Amount]  # by rule
    values: Mapping[Place, Value]  # those of `points` are 0: what was awarded is known only after limits
    each: Mapping[str, Scalar]  # by badge with `each`
    open: frozenset[Place]  # every score for which something may count that happens then

    @property
    def time(self) -> int:
        """When it happened."""
        return self.record["time"]

    @property
    def takers(self) -> set[str]:
        """Everyone who may get something from it."""
        return {self.member, *(member for amount in self.amounts.values() for member in amount.to)}


def real(record: Record, version: Version, people: Sequence[Record]) -> Event | None:
    """The record as an activity of that version; None if `counts` or a member id says it is none."""
    day = version.calendar.day(record["time"])
    scope = scope_of(record, version, day, people)
    activity = version.activities.get(record["type"], Activity())
    try:
        if not holds(activity.counts, scope):
            return None
        member = person(activity.credit, scope) if activity.credit else record["subject"]
        confirm = person(activity.confirm, scope) if activity.confirm else None
    except CelError:
        return None
    amounts = {
        name: amount
        for name, rule in version.rules.items()
        if record["type"] in rule.types and is_its_time(rule, version, day)
        if (amount := amount_of(rule, scope, member)) is not None
    }
    each = {
        name: scalar
        for name, badge in version.badges.items()
        if badge.each is not None and not badge.closed(day) and (scalar := scalar_of(badge.each, scope)) is not None
    }
    open_places = places(version, day, each)
    values = {
        place: value
        for place in open_places
        if record["type"] in version.score(place).types
        if (value := value_of(version.score(place), scope, amounts)) is not None
    }
    key = key_of(record["type"], member, activity.once, day, scope)
    return Event(record, version, day, member, key, confirm, amounts, values, each, frozenset(open_places))


def places(version: Version, day: date, each: Container[str]) -> list[Place]:
    """Every score for which something may count that happens on a day; of badges with `each` those in it."""
    badges = {
        name: badge
        for name, badge in version.badges.items()
        if not badge.closed(day) and (badge.each is None or name in each)
    }
    return [
        *(Place("boards", name) for name in version.boards),
        *(Place("levels", name) for name in version.ladders),
        *(Place("badges", name, step) for name, badge in badges.items() for step in badge.scores),
        *(Place("challenges", name) for name, challenge in version.challenges.items() if not challenge.closed(day)),
    ]


def holds(condition: str | None, scope: Scope) -> bool:
    """Whether a condition is true or absent."""
    return condition is None or evaluate(condition, scope) is True


def person(expression: str, scope: Scope) -> str:
    """The member that an expression names.

    Raises:
        CelError: it names none.
    """
    member = evaluate(expression, scope)
    if not is_member_id(member):
        raise CelError(f"{member!r} is no member id")
    return member


def is_member_id(value: JsonValue) -> TypeGuard[str]:
    """NFC, 1 to 256 bytes of UTF-8, nothing that cannot be seen."""
    return (
        isinstance(value, str)
        and unicodedata.is_normalized("NFC", value)
        and not any(unicodedata.category(letter) in {"Cc", "Cf", "Cn", "Cs"} for letter in value)
        and 1 <= len(value.encode()) <= 256
    )


def key_of(kind: str, member: str, once: Sequence[str], day: date, scope: Scope) -> Hashable:
    """What two reports of the same have in common; None where `once` says nothing or has no value here."""
    if not once:
        return None
    try:
        parts = [day if part == "day" else comparable(evaluate(part, scope)) for part in once]
    except CelError:
        return None
    return (kind, member, *parts)


def is_its_time(rule: Rule, version: Version, day: date) -> bool:
    """Whether the rule gives anything on that day."""
    return (
        day <= rule.until
        and (not rule.seasons or not version.seasons_of(day).isdisjoint(rule.seasons))
        and (not rule.weekdays or day.weekday() in rule.weekdays)
    )


def amount_of(rule: Rule, scope: Scope, credited: str) -> Amount | None:
    """What a rule gives; None if it gives to nobody, does not apply or fails (RULE_FAILED)."""
    try:
        if not holds(rule.when, scope):
            return None
        points = evaluate(rule.award, scope) if isinstance(rule.award, str) else rule.award
        to = receivers(rule.to, scope) if rule.to is not None else (credited,)
    except CelError:
        return None
    return Amount(points, to) if type(points) is int and abs(points) <= LARGEST and to else None


def receivers(expression: str, scope: Scope) -> tuple[str, ...]:
    """The members that `to` names, each once.

    Raises:
        CelError: some of it is no member id.
    """
    named = evaluate(expression, scope)
    members = named if isinstance(named, list) else [named]
    if not all(is_member_id(member) for member in members):
        raise CelError(f"{named!r} are not all member ids")
    return tuple(dict.fromkeys(str(member) for member in members))


def scalar_of(expression: str, scope: Scope) -> Scalar | None:
    """The value that tells a badge with `each` apart; None where there is none."""
    try:
        value = evaluate(expression, scope)
    except CelError:
        return None
    return value if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)) else None


def value_of(score: Score, scope: Scope, amounts: Mapping[str, Amount]) -> Value | None:
    """What a score gets; None if nothing, also where its expressions fail (RULE_FAILED)."""
    try:
        if not holds(score.when, scope):
            return None
        if score.kind == "count":
            return 1
        if score.kind == "points":
            return 0 if any(rule in amounts for rule in score.rules) else None
        value = evaluate(score.value, scope)
    except CelError:
        return None
    if score.kind == "distinct":
        return comparable(value)
    return scaled(value, score.scale)


def scaled(value: JsonValue, scale: int) -> int | None:
    """The number in units of its scale, rounded half-even; None if it is none or too large."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return None
    return round(Fraction(value) * int(10**scale))

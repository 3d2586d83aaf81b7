"""All that a rulebook asks of an event of one type."""

from collections.abc import Mapping

from pydantic import JsonValue

from engine.asked import Asked, Part, grouped, parts_of
from engine.handing import handing
from engine.remembering import WorkOut
from engine.values import Values
from schemas.words import Day, Instant


class Questions:
    """The questions of a type, sorted.

    Attributes:
        answer: What an event gives to the credited member.
        hand_on: What it gives to members whom rules name; None where none does.
        gates: What an event says about points; not asked where no rule gave any.
        are_constant: Whether every event gives the same.
    """

    def __init__(self, rules: list[Asked], scores: list[Asked]) -> None:
        every = scores
        always = {each.number for each in scores if each.is_constant}
        sure = {each.number: each for each in scores if each.key_of in always}  # values that something is always for
        scores = [each for each in scores if each.is_gate or sure.get(each.number, each) is each]
        own = [each for each in rules if each.to is None]
        self.hand_on = handing(rules)
        self.gates = grouped([each for each in scores if each.is_gate])
        asked = [each for each in (*own, *scores) if not each.is_gate]
        self.are_constant = self.hand_on is None and not self.gates and all(each.is_constant for each in asked)
        self._parts = parts_of(asked)
        self._scores = len(scores)
        self._keys: dict[int, set[int]] = {}
        for each in scores:
            if each.key_of is not None and each.number not in sure:
                self._keys.setdefault(each.number, set()).add(each.number if each.is_gate else each.key_of)
        self._needs = {each.key_of: each.number for each in every if each.key_of is not None and not each.is_gate}
        self.answer: WorkOut[Part] = self._gated_and_needed if self.gates or self._needs else self._parts

    def gated(
        self, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day
    ) -> tuple[Values, tuple[int, ...]]:
        """What an event says about the points that it gives, and what failed."""
        parts = [group(data, subject, at, day) for group in self.gates]
        return tuple(each for part in parts for each in part[1]), tuple(each for part in parts for each in part[2])

    def _gated_and_needed(self, data: Mapping[str, JsonValue], subject: str, at: Instant, day: Day) -> Part:
        awards, values, failed = self._parts(data, subject, at, day)
        if awards and self.gates:
            more_values, more_failed = self.gated(data, subject, at, day)
            values, failed = values + more_values, failed + more_failed
        if self._needs and values and (self._keys or len(values) < self._scores):
            there = {number for number, _ in values}
            values = tuple(each for each in dict.fromkeys(values) if self._stands(each[0], there))
        return awards, values, failed

    def _stands(self, number: int, there: set[int]) -> bool:
        """Whether a value is one for a badge: a score with what the badge is for, and that only with a score."""
        if number in self._needs:
            return self._needs[number] in there
        return number not in self._keys or not there.isdisjoint(self._keys[number])

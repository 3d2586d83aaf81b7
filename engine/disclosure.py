"""What may be shown of an organisation's groups, so that nobody in them can be computed; kept as people's events come.

It hangs on who belongs, who is hidden and since when, and on nothing that anybody does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from engine.covers import Cover, DayOf, Step, Steps, cover_of, steps_of
from engine.plan import Plan
from engine.standing import Standing
from engine.withholding import Group, Pair, pairs_of, withheld

Fields = dict[str, str | None]
"""Fields of a hash in the store and their contents; None takes one away."""


class Footprint(NamedTuple):
    """What one member adds to what is known here."""

    steps: Steps
    pairs: set[Pair]
    hides: bool


def footprint_of(standing: Standing, groups: Iterable[Group], day_of: DayOf) -> Footprint:
    """What a member adds who stands like that, and whom these groups count now."""
    return Footprint(steps_of(standing, day_of), pairs_of(groups), standing.shelf == "hidden")


class Disclosure:
    """What is known of hidden members and of groups that share members, and what follows for what is shown."""

    __slots__ = ("_changed_pairs", "_changed_steps", "_pairs", "_steps", "covers", "hidden", "withheld")

    def __init__(self) -> None:
        self.hidden = 0  # members who are here, and hidden by their own choice
        self.covers: dict[Group, Cover] = {}  # groups whose score may hold that of their hidden members
        self.withheld: frozenset[Group] = frozenset()  # groups that are large enough, and not shown
        self._steps: dict[Group, Steps] = {}
        self._pairs: Counter[Pair] = Counter()
        self._changed_steps: set[Step] = set()  # since they were written, as the pairs
        self._changed_pairs: set[Pair] = set()

    @classmethod
    def load(cls, hidden: int, steps: Mapping[bytes, bytes], pairs: Mapping[bytes, bytes]) -> "Disclosure":
        """What the store holds; `review` says what follows."""
        made = cls()
        made.hidden = hidden
        for name, count in steps.items():
            kind, group, shelf, is_only, day = from_json(name)
            made._steps.setdefault((kind, group), Counter())[kind, group, shelf, is_only, day] = int(count)
        for name, count in pairs.items():
            kind, group, other_kind, other_group = from_json(name)
            made._pairs[kind, group, other_kind, other_group] = int(count)
        return made

    def dump(self) -> dict[str, Any]:
        """What answers have to know, as JSON data."""
        return {
            "hidden": self.hidden,
            "covers": [(*group, *cover) for group, cover in self.covers.items()],
            "withheld": sorted(self.withheld),
        }

    def move(self, before: Footprint, after: Footprint) -> None:
        """Something was said of a member."""
        self.hidden += after.hides - before.hides
        steps, pairs = Counter(after.steps), Counter(after.pairs)
        steps.subtract(before.steps)
        pairs.subtract(before.pairs)
        for step, count in steps.items():
            self._steps.setdefault(step[:2], Counter())[step] += count
        self._pairs.update(pairs)
        self._changed_steps |= steps.keys()
        self._changed_pairs |= pairs.keys()

    def review(self, plans: Sequence[Plan], sizes: Mapping[Group, int]) -> None:
        """Works out what may be shown under the newest rulebook of groups that have so many members."""
        kinds, open_since = _kinds(plans), _open_since(plans)
        counted = _counted(kinds)
        covers = {group: cover_of(steps, open_since) for group, steps in self._steps.items() if group[0] == counted}
        self.covers = {group: cover for group, cover in covers.items() if cover is not None}
        self.withheld = withheld(sizes, self._pairs, kinds, plans[-1].rulebook.people.smallest_group)

    def taken(self) -> tuple[Fields, Fields]:
        """Steps and pairs that have changed since this was asked last, as the store keeps them."""
        steps = {step: self._steps[step[:2]][step] for step in self._changed_steps}
        pairs = {pair: self._pairs[pair] for pair in self._changed_pairs}
        self._changed_steps, self._changed_pairs = set(), set()
        return _fields(steps.items()), _fields(pairs.items())


def _fields(counts: Iterable[tuple[Step | Pair, int]]) -> Fields:
    return {to_json(name).decode(): str(count) if count else None for name, count in counts}


def _kinds(plans: Sequence[Plan]) -> dict[str, bool]:
    """The kinds of group by which a board is kept, in the newest rulebook's order; whether one belongs to one."""
    books = [plan.rulebook for plan in reversed(plans)]
    shown = {kind for book in books for board in book.boards.values() for kind in board.by}
    found: dict[str, bool] = {}
    for book in books:
        for name, kind in book.groups.items():
            if name in shown:
                found.setdefault(name, kind.one_at_a_time)
    return found


def _counted(kinds: Mapping[str, bool]) -> str | None:
    """The one kind of group in which hidden members are counted.

    Of two numbers that a hidden member entered, the difference might be theirs. Kinds come first of which one belongs
    to one group at a time: in the others groups overlap.
    """
    return min(kinds, key=lambda kind: not kinds[kind], default=None)


def _open_since(plans: Sequence[Plan]) -> int | None:
    """The local day since which the rulebook hides who chose nothing; None: it does not."""
    hiding = [*takewhile(lambda plan: plan.rulebook.people.visibility == "hidden", reversed(plans))]
    if not hiding:
        return None
    first = hiding[-1]
    return 0 if first.since is None else first.calendar.day(first.since)

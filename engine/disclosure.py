"""What may be shown of an organisation's groups, so that nobody in them can be computed; kept as people's events come.

It hangs on who belongs, who is hidden and since when, and on nothing that anybody does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from engine.covers import Cover, Rulebooks, Step, Steps, cover_of, steps_of
from engine.plan import Plan
from engine.standing import Standing
from engine.withholding import Group, Pair, pairs_of, withheld

Fields = dict[str, str | None]
"""Fields of a hash in the store and their contents; None takes one away."""


class Footprint(NamedTuple):
    """What one member adds to what is known here."""

    steps: Steps
    groups: frozenset[Group]
    hides: bool


def footprint_of(standing: Standing, groups: Iterable[Group], rulebooks: Rulebooks) -> Footprint:
    """What a member adds who stands like that, and whom these groups count now."""
    return Footprint(steps_of(standing, rulebooks), frozenset(groups), standing.shelf == "hidden")


class Disclosure:
    """What is known of hidden members and of groups that share members, and what follows for what is shown."""

    __slots__ = (
        "_changed_pairs",
        "_changed_steps",
        "_regrouped",
        "_shared",
        "_stale",
        "_steps",
        "_version",
        "covers",
        "hidden",
        "withheld",
    )

    def __init__(self) -> None:
        self.hidden = 0  # members who are here, and hidden by their own choice
        self.covers: dict[Group, Cover] = {}  # groups whose score may hold that of their hidden members
        self.withheld: frozenset[Group] = frozenset()  # groups that are large enough, and not shown
        self._steps: dict[Group, Steps] = {}
        self._shared: dict[Group, Counter[Group]] = {}
        self._version = 0  # of the rulebook for which the following were worked out
        self._stale: set[Group] = set()  # their steps have changed since
        self._regrouped = False  # somebody belongs to other groups than then
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
            made._share((kind, group, other_kind, other_group), int(count))
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
        steps = Counter(after.steps)
        steps.subtract(before.steps)
        for step, count in steps.items():
            if count:
                self._steps.setdefault(step[:2], Counter())[step] += count
                self._stale.add(step[:2])
                self._changed_steps.add(step)
        if before.groups == after.groups:
            return
        self._regrouped = True
        old, new = pairs_of(before.groups), pairs_of(after.groups)
        for pair in old ^ new:
            self._share(pair, 1 if pair in new else -1)
            self._changed_pairs.add(pair)

    def _share(self, pair: Pair, count: int) -> None:
        for one, other in ((pair[:2], pair[2:]), (pair[2:], pair[:2])):
            self._shared.setdefault(one, Counter())[other] += count

    def review(self, plans: Sequence[Plan], sizes: Mapping[Group, int]) -> None:
        """Works out what may be shown under the newest rulebook of groups that have so many members."""
        kinds = _kinds(plans)
        counted, open_since = _counted(kinds), hides_since(plans)
        if len(plans) != self._version:
            self._version, self._regrouped, self._stale, self.covers = len(plans), True, {*self._steps}, {}
        for group in self._stale:
            cover = cover_of(self._steps[group], open_since) if group[0] == counted else None
            if cover is not None:
                self.covers[group] = cover
            else:
                self.covers.pop(group, None)
        self._stale = set()
        if self._regrouped:
            self.withheld = withheld(sizes, self._shared, kinds, plans[-1].rulebook.people.smallest_group)
            self._regrouped = False

    def covering(self, kind: str, start: int) -> set[str]:
        """The groups of a kind that count their hidden members in a window that begins on a local day."""
        return {group for (each, group), cover in self.covers.items() if each == kind and cover.holds(start)}

    def taken(self) -> tuple[Fields, Fields]:
        """Steps and pairs that have changed since this was asked last, as the store keeps them."""
        steps = {step: self._steps[step[:2]][step] for step in self._changed_steps}
        pairs = {pair: self._shared[pair[:2]][pair[2:]] for pair in self._changed_pairs}
        self._changed_steps, self._changed_pairs = set(), set()
        return _fields(steps.items()), _fields(pairs.items())


def _fields(counts: Iterable[tuple[Step | Pair, int]]) -> Fields:
    return {to_json(name).decode(): str(count) if count else None for name, count in counts}


def _kinds(plans: Sequence[Plan]) -> dict[str, bool]:
    """The kinds of group by which anything is kept, in the newest rulebook's order; whether one belongs to one."""
    books = [plan.rulebook for plan in reversed(plans)]
    shown = {kind for book in books for board in book.boards.values() for kind in board.by}
    shown |= {challenge.whose for book in books for challenge in book.challenges.values()}
    found: dict[str, bool] = {}
    for book in books:
        for name, kind in book.groups.items():
            if name in shown:
                found.setdefault(name, kind.one_at_a_time)
    return found


def counted_kind(plans: Sequence[Plan]) -> str | None:
    """The one kind of group in which hidden members are counted, under some versions of a rulebook."""
    return _counted(_kinds(plans))


def _counted(kinds: Mapping[str, bool]) -> str | None:
    """The one kind of group in which hidden members are counted.

    Of two numbers that a hidden member entered, the difference might be theirs. Kinds come first of which one belongs
    to one group at a time: in the others groups overlap.
    """
    return min(kinds, key=lambda kind: not kinds[kind], default=None)


def shelves(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The shelves that a version shows to everyone, and those that it does not."""
    if plan.rulebook.people.visibility == "hidden":
        return ("listed",), ("open", "hidden")
    return ("listed", "open"), ("hidden",)


def hides_since(plans: Sequence[Plan]) -> int | None:
    """The local day since which versions of a rulebook hide who chose nothing; None: the last one does not."""
    hiding = [*takewhile(lambda plan: plan.rulebook.people.visibility == "hidden", reversed(plans))]
    if not hiding:
        return None
    first = hiding[-1]
    return 0 if first.since is None else first.calendar.day(first.since)

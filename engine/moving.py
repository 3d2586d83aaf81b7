"""What events move of a member: totals, the distinct values that were met, and how the member stands."""

from collections.abc import Callable, Iterable, Sequence

from engine.asked import Measure
from engine.effects import Distinct, Effects, Groups, Met
from engine.evaluation import Entry
from engine.layout import Layout
from engine.plan import Plan
from engine.scores.meeting import in_season
from engine.standing import Standing
from engine.totals import Totals
from schemas.rulebook_challenges import EVERYONE
from schemas.words import Day

PlanAt = Callable[[int], Plan]
"""The version of the rulebook in force at a time in ms."""

Value = tuple[int, str]
"""A distinct value: score number, and the text that stands for it."""

Undo = list[tuple[Value, Met | None]]
"""What was known of values before events met them, in the order of the events."""

_NO_GROUPS: Groups = {}


class Moving:
    """Goes forward only; `engine.history` knows how to go back."""

    __slots__ = ("distinct", "distinct_writes", "standing", "tally_writes", "totals")

    def __init__(self, layout: Layout) -> None:
        """Nothing has happened yet."""
        self.totals = Totals(layout)
        self.standing = Standing()
        self.distinct: Distinct = {}
        self.tally_writes: set[str] = set()  # names of tallies that changed since they were written
        self.distinct_writes: set[Value] = set()  # that changed since they were written

    def add(self, entries: Sequence[Entry], plan_at: PlanAt, effects: Effects, undo: Undo) -> None:
        """Moves past events, each later in canonical order than all before it; `undo` is appended to."""
        effects.undo, done = undo, len(undo)
        effects.standing, effects.distinct = self.standing, self.distinct
        effects.tallies, effects.tallied = self.totals.tallies, self.tally_writes
        add, moves = self.totals.add, self.standing.moves
        plan = plan_at(entries[0].time)
        one_plan = plan is plan_at(entries[-1].time)
        for entry in entries:
            if not one_plan:
                plan = plan_at(entry.time)
            groups = self._groups(plan, plan.calendar.day(entry.time)) if moves or plan.shared else _NO_GROUPS
            add(entry, plan, groups, effects)
        if len(undo) > done:
            self.distinct_writes.update(value for value, _ in undo[done:])
        effects.undo = None

    def _groups(self, plan: Plan, day: Day) -> Groups:
        """The groups for which something counts on a local day; everyone together are one, where that is asked."""
        groups = self.standing.groups(day)
        return {**groups, EVERYONE: (EVERYONE,)} if plan.shared else groups

    def take_back(self, undo: Undo) -> None:
        """Forgets that values were met."""
        for value, known in reversed(undo):
            if known is None:
                self.distinct.pop(value, None)
            else:
                self.distinct[value] = known
            self.distinct_writes.add(value)

    def met(self, entry: Entry, plan_at: PlanAt) -> Iterable[tuple[Value, Day]]:
        """The distinct values that an event meets, with its local day."""
        plan = plan_at(entry.time)
        day = plan.calendar.day(entry.time)
        for number, value in entry.values:
            score = plan.scores.get(number)
            if score is None or score.measure is not Measure.DISTINCT:
                continue
            if score.days is not None and not score.days[0] <= day <= score.days[1]:
                continue
            if score.opt_in and not self.standing.takes_part(score.number, entry[:3]):
                continue
            if score.key >= 0:
                keys = [text for key, text in entry.values if key == score.key]
                if keys:
                    yield (number, f"{keys[0]}\0{value}"), day
                continue
            groups = self._groups(plan, day) if score.by else _NO_GROUPS
            met = [str(value), *(f"{kind}\0{group}\0{value}" for kind in score.by for group in groups.get(kind, ()))]
            for each in met:
                yield (number, each), day
                for season in score.seasons:
                    if season.first <= day <= season.last:
                        yield (number, in_season(season, each)), day

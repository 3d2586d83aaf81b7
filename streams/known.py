"""What answers need to know of an organisation beside scores: its rulebooks, made ready, and its state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic_core import from_json

from engine.catalogue import Catalogue
from engine.compiling import compile_plan
from engine.covers import Cover
from engine.leagues import Sizes
from engine.ledger.policies import Timeline, policy_of
from engine.plan import Plan, name_at
from schemas.failures import Refused
from schemas.rulebook import Challenge, Rulebook
from schemas.words import Instant, Position


class UnknownError(Refused):
    """What was asked for does not exist; `code` is stable, the message names what does."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of the rulebook, oldest first, and the numbers of what they name; kept until there is another."""

    plans: list[Plan]
    catalogue: Catalogue

    @classmethod
    def of(cls, books: Iterable[bytes], names: Iterable[str]) -> "Versions":
        """Makes ready what the store holds."""
        catalogue = Catalogue(names)
        made = cls([], catalogue)
        for version, book in enumerate(books, 1):
            since, rulebook = from_json(book)
            made.plans.append(compile_plan(Rulebook.model_validate(rulebook), version, since, catalogue, made.plans))
        return made

    def hold(self, names: list[str]) -> bool:
        """Whether a state's catalogue only adds to the one that these were made with."""
        mine = self.catalogue.names
        return names[: len(mine)] == mine

    @property
    def newest(self) -> Plan:
        """The version that was published last."""
        return self.plans[-1]

    def in_force(self, now: Instant) -> Plan:
        """The newest version that is in force at a moment."""
        return next((plan for plan in reversed(self.plans) if plan.since is None or plan.since <= now), self.plans[0])

    def board(self, name: str) -> int:
        """The number of a board.

        Raises:
            UnknownError: UNKNOWN_BOARD.
        """
        naming = (plan for plan in reversed(self.plans) if name in plan.rulebook.boards)
        number = next((plan.numbers["board"][name] for plan in naming), None)
        if number is None:
            names = ", ".join(sorted(self.newest.rulebook.boards)) or "none"
            raise UnknownError("UNKNOWN_BOARD", f"no board is called {name!r}; there are: {names}")
        return number

    def challenge(self, name: str) -> tuple[Plan, Challenge]:
        """A challenge, and the newest version that names it.

        Raises:
            UnknownError: UNKNOWN_CHALLENGE.
        """
        for plan in reversed(self.plans):
            if (said := plan.rulebook.challenges.get(name)) is not None:
                return plan, said
        names = ", ".join(sorted(self.newest.rulebook.challenges)) or "none"
        raise UnknownError("UNKNOWN_CHALLENGE", f"no challenge is called {name!r}; there are: {names}")


@dataclass(frozen=True)
class Known:
    """An organisation at one position; `at` is (position, last record, log) as its checkpoint has them."""

    at: tuple[bytes, bytes, bytes]
    versions: Versions
    state: Mapping[str, Any]

    @property
    def position(self) -> int:
        """Everything before it is in the answers."""
        return int(self.at[0])

    @property
    def plans(self) -> list[Plan]:
        """Every version of the rulebook."""
        return self.versions.plans

    @property
    def plan(self) -> Plan:
        """The newest version of the rulebook."""
        return self.versions.newest

    @property
    def catalogue(self) -> Catalogue:
        """The numbers of everything that a version names."""
        return self.versions.catalogue

    @property
    def groups(self) -> list[str]:
        """The kinds of group of any version."""
        return sorted({kind for plan in self.plans for kind in plan.rulebook.groups})

    @property
    def clock(self) -> Instant:
        """When the last event was recorded; 0 where all were imported."""
        return Instant(self.state["clock"])

    @cached_property
    def timeline(self) -> Timeline:
        """What the versions say of karma."""
        policies = zip(self.plans, self.state["policies"], strict=True)
        return Timeline(*(policy_of(plan, Instant(start), Position(at)) for plan, (start, at) in policies))

    @property
    def outcomes(self) -> dict[str, int]:
        """How many records ended in each verdict."""
        return dict(self.state["outcomes"])

    @property
    def runs(self) -> dict[str, dict[str, int]]:
        """The outcomes of each of the newest imports."""
        return dict(self.state["runs"])

    @cached_property
    def rosters(self) -> dict[str, dict[str, int]]:
        """How many members belong to each group now, by kind."""
        found: dict[str, dict[str, int]] = {}
        for kind, group, count in self.state["rosters"]:
            found.setdefault(kind, {})[group] = count
        return found

    @property
    def hidden(self) -> int:
        """How many members are hidden by their own choice."""
        return int(self.state["hidden"])

    def cohorts(self, league: int) -> Sizes:
        """How many members were active of late in each tier of a league."""
        found: Sizes = self.state["cohorts"].get(str(league), [])
        return found

    def sizes(self, kind: str) -> dict[str, int]:
        """How many members belong now to each group of a kind that is large enough to be shown."""
        smallest = self.plan.rulebook.people.smallest_group
        return {group: size for group, size in self.rosters.get(kind, {}).items() if size >= smallest}

    def withheld(self, kind: str) -> set[str]:
        """The groups of a kind that are shown to operators alone: with them a smaller one could be subtracted."""
        return {group for each, group in self.state["withheld"] if each == kind}

    def covering(self, kind: str, start: int) -> set[str]:
        """The groups of a kind that count their hidden members in a window that begins on a local day."""
        return {group for group, cover in self._covers.get(kind, {}).items() if cover.holds(start)}

    @cached_property
    def _covers(self) -> dict[str, dict[str, Cover]]:
        found: dict[str, dict[str, Cover]] = {}
        for kind, group, first, since in self.state["covers"]:
            found.setdefault(kind, {})[group] = Cover(first, since)
        return found

    def name(self, number: int, now: Instant) -> str:
        """What a number is called at a moment, such as `rule:review`."""
        return name_at(self.plans, number, now)

    def in_force(self, now: Instant) -> Plan:
        """See `Versions.in_force`."""
        return self.versions.in_force(now)

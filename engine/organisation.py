"""One organisation's state: its rulebooks, its members in memory, who claimed what, and the counts that must add up."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import from_json, to_json

from engine.catalogue import Catalogue
from engine.claims import Claims
from engine.compiling import compile_plan
from engine.disclosure import Disclosure, hides_since
from engine.fairness.alerts import kinds
from engine.heads import Heads
from engine.leagues import Sizes
from engine.ledger.policies import Timeline, policy_of
from engine.member import Member
from engine.plan import Plan
from schemas.rulebook import Rulebook
from schemas.words import Day, Instant, MemberId, OrgId, Position

RUNS_KEPT = 20
"""Imports whose outcomes are remembered."""


class Organisation:
    """The state of one organisation up to `position`, the next record of the log to be folded."""

    def __init__(self, ident: OrgId) -> None:
        self.id = ident
        self.position = 0
        self.clock = Instant(0)  # the latest recorded time that was not imported
        self.began = Instant(0)  # when the first record came that was not imported
        self.closed_day = 0  # the last local day that was closed
        self.decides = False  # whether a badge was ever given or taken by hand
        self.settled_day = 0  # the last local day that was settled
        self.firsts: Counter[str] = Counter()  # how many got a badge that only the first get
        self.rounds: dict[str, int] = {}  # of challenges, by number: the round that was settled last
        self.cohorts: dict[str, Sizes] = {}  # of leagues, by number: how many were active in each tier of late
        self.catalogue = Catalogue()
        self.books: list[tuple[int | None, Rulebook]] = []  # since (ms; None for the first), rulebook
        self.timeline = Timeline()  # what they say of karma
        self.plans: list[Plan] = []
        self.outcomes: Counter[str] = Counter()
        self.runs: dict[str, Counter[str]] = {}
        self.failures: Counter[int] = Counter()  # expressions that failed, by number of the rule or score
        self.rosters: Counter[tuple[str, str]] = Counter()  # members of each group now
        self.disclosure = Disclosure()
        self.heads = Heads()
        self.identities = Claims()
        self.instances = Claims()
        self.members: dict[MemberId, Member] = {}
        self.weight = 0  # of the members in memory: roughly the bytes that they take
        self.asks_groups = False  # whether an expression of any version asks who belongs to which group
        self.lowest: frozenset[int] = frozenset()  # boards whose lowest score is the best
        self.greatest: frozenset[int] = frozenset()  # boards that compare groups by a value that one member reached
        self.settles = False  # whether anything is settled when a day is closed
        self.hands_on = False  # whether a rule of any version gives to others than the credited member
        self.has_karma = False  # whether any version has a `karma` section
        self.watches = False  # whether any version looks for gifts that look arranged
        self.gift_days: set[Day] = set()  # the local days of which gifts are gathered for that
        self.holds: dict[str, Instant] = {}  # alerts that hold redemptions, and until when
        self._sinces: list[int] = []

    def dump(self) -> bytes:
        """The state beside members, claims and rulebooks, as JSON."""
        return to_json(
            {
                "clock": self.clock,
                "began": self.began,
                "closed_day": self.closed_day,
                "settled_day": self.settled_day,
                "decides": self.decides,
                "policies": [(policy.start, policy.position) for policy in self.timeline],
                "firsts": self.firsts,
                "rounds": self.rounds,
                "cohorts": self.cohorts,
                "catalogue": self.catalogue.names,
                "outcomes": self.outcomes,
                "runs": self.runs,
                "gift_days": sorted(self.gift_days),
                "holds": self.holds,
                "failures": self.failures,
                "rosters": [[kind, group, count] for (kind, group), count in self.rosters.items() if count],
                **self.disclosure.dump(),
            }
        )

    @classmethod
    def load(
        cls,
        ident: OrgId,
        position: int,
        state: bytes,
        books: Iterable[tuple[int | None, dict[str, Any]]],
        identities: Claims,
        instances: Claims,
        steps: Mapping[bytes, bytes],
        pairs: Mapping[bytes, bytes],
        heads: Mapping[bytes, bytes],
    ) -> "Organisation":
        """The organisation of what the store holds, with no member in memory."""
        made = cls(ident)
        raw = from_json(state)
        made.position, made.clock, made.closed_day = position, raw["clock"], raw["closed_day"]
        made.began = Instant(raw["began"])
        made.settled_day, made.firsts, made.decides = raw["settled_day"], Counter(raw["firsts"]), raw["decides"]
        made.gift_days, made.holds = set(raw["gift_days"]), raw["holds"]
        made.rounds, made.cohorts = raw["rounds"], raw["cohorts"]
        made.catalogue = Catalogue(raw["catalogue"])
        made.outcomes = Counter(raw["outcomes"])
        made.runs = {run: Counter(outcomes) for run, outcomes in raw["runs"].items()}
        made.failures = Counter({int(number): count for number, count in raw["failures"].items()})
        made.rosters = Counter({(kind, group): count for kind, group, count in raw["rosters"]})
        made.disclosure = Disclosure.load(raw["hidden"], steps, pairs)
        made.heads = Heads(heads)
        made.identities, made.instances = identities, instances
        for (since, book), (start, where) in zip(books, raw["policies"], strict=True):
            made.publish(Rulebook.model_validate(book), since, start, where)
        made.disclosure.review(made.plans, made.rosters)
        return made

    def publish(self, rulebook: Rulebook, since: int | None, decides: Instant, position: Position) -> Plan:
        """Adds a version of the rulebook.

        Args:
            rulebook: The version's.
            since: From when on it is in force for what happens, in ms; None: the first one, for all time before.
            decides: From which of the log's times on requests are decided by it.
            position: The record that published it.
        """
        start = None if since is None else Instant(since)
        plan = compile_plan(rulebook, len(self.plans) + 1, start, self.catalogue, self.plans)
        plan.around.groups_of = self._groups_of
        self.asks_groups = self.asks_groups or bool(plan.asked_groups)
        self.lowest |= plan.lowest
        self.greatest |= plan.greatest
        self.settles = self.settles or bool(plan.ranks or plan.firsts or plan.challenges or plan.leagues)
        self.hands_on = self.hands_on or any(rule.to is not None for rule in rulebook.rules.values())
        self.has_karma = self.has_karma or rulebook.karma is not None
        self.watches = self.watches or bool(rulebook.karma and kinds(rulebook.karma.fairness))
        self.books.append((since, rulebook))
        self.timeline = self.timeline.extended(policy_of(plan, decides, position))
        self.plans.append(plan)
        self._sinces = [each or 0 for each, _ in self.books[1:]]
        for member in self.members.values():
            member.totals.grow()
        return plan

    def _groups_of(self, kind: str, ident: str, at: Instant, before: int) -> tuple[str, ...]:
        """The groups of a member on the local day of a moment, by what was said before; the member is in memory."""
        member = self.members.get(MemberId(ident))
        return () if member is None else member.standing.groups_said(self.day_of(at), before).get(kind, ())

    def plan_at(self, time: int) -> Plan:
        """The version in force at a time in ms.

        Raises:
            IndexError: no rulebook has been published.
        """
        return self.plans[bisect_right(self._sinces, time)] if self._sinces else self.plans[0]

    def day_of(self, time: Instant) -> Day:
        """The local day of a moment."""
        return self.plan_at(time).calendar.day(time)

    @property
    def tallies(self) -> bool:
        """Whether anything can be kept beside the records of members."""
        return self.decides or bool(self.catalogue.tallies) or any(plan.collections for plan in self.plans)

    def hides_since(self, time: Instant) -> int | None:
        """The local day since which, until a moment, who chose nothing has been hidden; None: they are not, then."""
        return hides_since(self.plans[: 1 + bisect_right(self._sinces, time)])

    def weigh(self, members: Iterable[Member]) -> None:
        """Takes note of what members weigh now that they have changed."""
        for member in members:
            self.weight -= member.weight
            self.weight += member.weigh()

    def forget(self, ident: MemberId) -> None:
        """Drops a member from memory; what was written of it can be loaded again."""
        self.weight -= self.members.pop(ident).weight

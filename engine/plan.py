"""A rulebook version made ready to run: per event type, the expressions to evaluate and the sums they feed.

Everything that depends on the rulebook alone is worked out here, once; folding an event then follows numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from pydantic import JsonValue

from engine.calendar import ALL, KINDS, Calendar
from engine.catalogue import Catalogue
from engine.cells import cell
from engine.expression_types import Expected
from engine.expressions import Expression, ExpressionFault, compile_expression
from schemas.activities import Activity, declared
from schemas.rulebook import Badge, Board, Limit, Per, Rulebook, Score
from schemas.words import Day, Instant
from schemas.zones import zone

_PER = {per: KINDS.index(per) for per in ("day", "week", "month", "quarter", "year")} | {"ever": ALL}
DEFAULT_SCALE = 2

AMOUNT_MAX = 1_000_000
"""The greatest size of one event's amount or value, before scaling."""


class Measure(IntEnum):
    """The kinds of score."""

    COUNT = 0
    SUM = 1
    DISTINCT = 2
    BEST = 3
    POINTS = 4


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of a rule: at most so many times, or so many points, per window of that kind."""

    per: int
    times: int | None
    points: int | None


@dataclass(frozen=True, slots=True)
class StreakPlan:
    """Periods of that kind count as done once their running score reaches `at_least`."""

    period: int
    at_least: int


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """What one board or badge does with the values of its score."""

    number: int
    measure: Measure
    scale: int
    windows: tuple[int, ...] = ()
    by: tuple[str, ...] = ()
    members: bool = False
    levels: tuple[tuple[str, int], ...] = ()
    streak: StreakPlan | None = None
    gated: bool = False
    spans: tuple[tuple[int, int, int], ...] = ()
    """Of each window but `all`: its kind, its place in the totals' row, the `cell` of its window 0."""
    whole: int = 0
    """The `cell` of all time, where that is a window."""


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A rule's limits, and the scores that its points flow into."""

    number: int
    caps: tuple[Cap, ...]
    scores: tuple[ScorePlan, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One expression of a rule or a score for one type: `when` it holds, `what` it gives (a constant or CEL)."""

    number: int
    when: Expression | None
    what: Expression | int
    measure: Measure | None
    scale: int
    last_day: Day | None


@dataclass(frozen=True, slots=True)
class Always:
    """What every event of a type gives, and what is left to ask of each."""

    awards: tuple[tuple[int, int], ...]
    values: tuple[tuple[int, int], ...]
    rules: tuple[Asked, ...]
    scores: tuple[Asked, ...]

    @classmethod
    def of(cls, kind: "TypePlan") -> "Always":
        """Sorts what is asked of a type."""
        return cls(
            tuple((each.number, each.what) for each in kind.rules if _constant(each) and isinstance(each.what, int)),
            tuple((each.number, each.what) for each in kind.scores if _constant(each) and isinstance(each.what, int)),
            tuple(each for each in kind.rules if not _constant(each)),
            tuple(each for each in kind.scores if not _constant(each)),
        )


def _constant(asked: Asked) -> bool:
    what = asked.what
    return asked.when is None and asked.last_day is None and isinstance(what, int) and abs(what) <= AMOUNT_MAX


@dataclass(slots=True)
class Memory:
    """What events of one type said, by the few fields that decide it."""

    texts: tuple[str, ...]  # fields that hold texts: equal ones say the same
    others: tuple[str, ...]  # 1 == True == 1.0, so their classes belong to the key
    by_subject: bool
    by_day: bool
    known: dict[tuple[object, ...], object] = field(default_factory=dict[tuple[object, ...], object])
    hits: int = 0
    misses: int = 0
    pays: bool = True

    @classmethod
    def of(cls, kind: "TypePlan") -> "Memory":
        """An empty memory for a type; one that asks for the time itself remembers nothing."""
        asked = [*kind.rules, *kind.scores]
        said = [kind.counts, kind.credit, kind.confirm]
        said += [each.when for each in asked]
        said += [each.what for each in asked if isinstance(each.what, Expression)]
        read = [each for each in said if each is not None]
        fields = sorted({name for each in read for name in each.fields})
        properties = kind.activity.data.get("properties")
        shapes = properties if isinstance(properties, dict) else {}
        texts = tuple(
            name for name in fields if isinstance(shape := shapes.get(name), dict) and shape.get("type") == "string"
        )
        return cls(
            texts,
            tuple(name for name in fields if name not in texts),
            any(each.reads_subject for each in read),
            any(each.last_day is not None for each in asked),
            pays=not any(each.reads_time for each in read),
        )

    def key(self, data: Mapping[str, JsonValue], subject: str, day: int) -> tuple[object, ...]:
        """What decides what an event says."""
        get = data.get
        key: tuple[object, ...] = (subject if self.by_subject else "", day, *map(get, self.texts))
        if self.others:
            found = [get(name) for name in self.others]
            return (*key, *found, *map(type, found))
        return key

    def learn(self, key: tuple[object, ...], said: object) -> None:
        """Remembers; gives up where events hardly ever say the same again."""
        self.misses += 1
        if self.misses > _MEMORY_TRIED and self.hits < self.misses:
            self.pays, self.known = False, {}
            return
        if len(self.known) >= _MEMORY_MAX:
            self.known.clear()
        self.known[key] = said


_MEMORY_MAX = 32_768
_MEMORY_TRIED = 4_096


@dataclass(slots=True)
class TypePlan:
    """What to evaluate for one event type."""

    activity: Activity
    counts: Expression | None = None
    credit: Expression | None = None
    once: tuple[Expression | None, ...] | None = None
    confirm: Expression | None = None
    rules: list[Asked] = field(default_factory=list[Asked])
    scores: list[Asked] = field(default_factory=list[Asked])
    always: Always | None = None
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """An expression of the rulebook that cannot run; `path` says where it stands."""

    path: tuple[str, ...]
    message: str
    column: int


@dataclass(slots=True)
class Plan:
    """A version of the rulebook, ready to run."""

    version: int
    since: Instant | None
    rulebook: Rulebook
    calendar: Calendar
    types: dict[str, TypePlan] = field(default_factory=dict[str, TypePlan])
    rules: dict[int, RulePlan] = field(default_factory=dict[int, RulePlan])
    scores: dict[int, ScorePlan] = field(default_factory=dict[int, ScorePlan])
    misfits: list[Misfit] = field(default_factory=list[Misfit])

    @property
    def late(self) -> int:
        """How long after it happened an event still counts, in ms."""
        return self.rulebook.late


def compile_plan(rulebook: Rulebook, version: int, since: Instant | None, catalogue: Catalogue) -> Plan:
    """The plan of a rulebook version; expressions that cannot run are left out and named in `misfits`."""
    plan = Plan(version, since, rulebook, Calendar(zone(rulebook.calendar.timezone)))
    _Compiler(plan, catalogue).run()
    return plan


class _Compiler:
    """Walks a rulebook once and fills a plan."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        self.plan = plan
        self.book = plan.rulebook
        self.catalogue = catalogue
        self.activities = declared(self.book)
        self.flows: dict[str, list[ScorePlan]] = {rule: [] for rule in self.book.rules}

    def run(self) -> None:
        for name, board in self.book.boards.items():
            self._score(("boards", name, "score"), board.score, self._board(name, board))
        for name, badge in self.book.badges.items():
            if plan := self._badge(name, badge):
                path = ("badges", name) + (("streak",) if badge.streak else ()) + ("score",)
                score = badge.streak.score if badge.streak else badge.score
                if score is not None:
                    self._score(path, score, plan)
        for name in self.book.rules:
            self._rule(name)
        for name in self.activities:
            self._activity(name)

    def _board(self, name: str, board: Board) -> ScorePlan:
        measure = Measure[board.score.kind.upper()]
        groups = tuple(kind for kind in board.by if kind != "member")
        number = self.catalogue.number(f"board:{name}")
        windows = tuple(sorted(KINDS.index(kind.value) for kind in board.windows))
        return ScorePlan(
            number=number,
            measure=measure,
            scale=self._scale(board.score),
            windows=windows,
            spans=tuple((kind, 2 * kind, cell(number, kind, 0)) for kind in windows if kind != ALL),
            whole=cell(number, ALL, 0) if ALL in windows else 0,
            by=() if measure is Measure.BEST else groups,
            members="member" in board.by,
            gated=measure is Measure.POINTS and board.score.when is not None,
        )

    def _badge(self, name: str, badge: Badge) -> ScorePlan | None:
        """The plan of a badge by score or a plain streak; other kinds are not evaluated yet."""
        score = badge.streak.score if badge.streak else badge.score
        if score is None or not evaluated(badge):
            return None
        scale = self._scale(score)
        unit = 0 if badge.streak else scale
        levels = badge.levels or {"": badge.at if badge.at is not None else 1}
        return ScorePlan(
            number=self.catalogue.number(f"badge:{name}"),
            measure=Measure[score.kind.upper()],
            scale=scale,
            levels=tuple(
                sorted(
                    ((level, round(number * 10**unit)) for level, number in levels.items()),
                    key=lambda level: level[1],
                )
            ),
            streak=StreakPlan(KINDS.index(badge.streak.every), round(badge.streak.at_least * 10**scale))
            if badge.streak
            else None,
            gated=score.kind == "points" and score.when is not None,
        )

    def _scale(self, score: Score) -> int:
        if score.kind not in {"sum", "best"}:
            return 0
        if score.scale is not None:
            return score.scale
        results = {
            found.result for kind in score.events if (found := self._try(kind, score.value or "", "number")) is not None
        }
        return 0 if results == {"int"} else DEFAULT_SCALE

    def _score(self, path: tuple[str, ...], score: Score, plan: ScorePlan) -> None:
        self.plan.scores[plan.number] = plan
        if plan.measure is Measure.POINTS:
            for rule in score.rules:
                if rule in self.flows:
                    self.flows[rule].append(plan)
            if not plan.gated:
                return
        types = score.events or self._types_of(score.rules)
        for kind in types:
            when = self._expression(kind, (*path, "when"), score.when, "bool")
            what: Expression | int | None = 1
            if score.value is not None:
                expected: Expected = "value" if plan.measure is Measure.DISTINCT else "number"
                what = self._expression(kind, (*path, score.kind), score.value, expected)
            if what is None or (score.when is not None and when is None):
                continue
            self._type(kind).scores.append(Asked(plan.number, when, what, plan.measure, plan.scale, None))

    def _types_of(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(kind for rule in rules if rule in self.book.rules for kind in self.book.rules[rule].event)
        )

    def _rule(self, name: str) -> None:
        rule = self.book.rules[name]
        number = self.catalogue.number(f"rule:{name}")
        caps = tuple(_cap(limit) for limit in rule.limits if limit.per is not Per.WORKDAY)
        self.plan.rules[number] = RulePlan(number, caps, tuple(self.flows[name]))
        points = rule.award.points
        if points is None:
            return
        last = Day(rule.until.toordinal()) if isinstance(rule.until, date) else None
        for kind in rule.event:
            when = self._expression(kind, ("rules", name, "when"), rule.when, "bool")
            what = (
                self._expression(kind, ("rules", name, "award"), points, "int") if isinstance(points, str) else points
            )
            if what is None or (rule.when is not None and when is None):
                continue
            self._type(kind).rules.append(Asked(number, when, what, None, 0, last))

    def _activity(self, name: str) -> None:
        said, plan = self.activities[name], self._type(name)
        path = ("activities", name)
        plan.counts = self._expression(name, (*path, "counts"), said.counts, "bool")
        plan.credit = self._expression(name, (*path, "credit"), said.credit, "text")
        plan.confirm = self._expression(name, (*path, "confirm"), said.confirm, "text")
        if said.once is not None:
            keys: list[Expression | None] = []
            for part in said.once:
                if part == "day":
                    keys.append(None)
                elif (found := self._expression(name, (*path, "once"), part, "value", guarded=True)) is not None:
                    keys.append(found)
                else:
                    return
            plan.once = tuple(keys)

    def _type(self, kind: str) -> TypePlan:
        found = self.plan.types.get(kind)
        if found is None:
            found = self.plan.types[kind] = TypePlan(self.activities[kind])
        return found

    def _try(self, kind: str, text: str, expected: Expected) -> Expression | None:
        if kind not in self.activities:
            return None
        try:
            return compile_expression(text, _schema(self.activities[kind]), expected)
        except ExpressionFault:
            return None

    def _expression(
        self, kind: str, path: tuple[str, ...], text: str | None, expected: Expected, *, guarded: bool = False
    ) -> Expression | None:
        """Compiles, or notes a misfit. `guarded`: an absent optional field is an answer here (no key)."""
        if text is None or kind not in self.activities:
            return None
        schema = _schema(self.activities[kind])
        if guarded:
            required: list[JsonValue] = [*_properties(schema)]
            schema = {**schema, "required": required}
        try:
            return compile_expression(text, schema, expected)
        except ExpressionFault as fault:
            self.plan.misfits.append(Misfit(path, f"{fault.message} (for {kind})", fault.column))
            return None


def evaluated(badge: Badge) -> bool:
    """Whether this version of the engine evaluates a badge: by score with levels, and plain streaks."""
    unplain = badge.each or badge.valid or badge.all_of or badge.any_of or badge.chain or badge.rank or badge.within
    streak = badge.streak
    if streak is not None and (streak.forgive or streak.freezes or streak.every == "workday"):
        return False
    return not unplain and not badge.first and (badge.score is not None or streak is not None)


def _cap(limit: Limit) -> Cap:
    return Cap(_PER[limit.per.value], limit.times, limit.points)


def _schema(activity: Activity) -> Mapping[str, JsonValue]:
    return activity.data


def _properties(schema: Mapping[str, JsonValue]) -> Iterator[str]:
    found = schema.get("properties")
    if isinstance(found, dict):
        yield from found

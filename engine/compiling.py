"""Compiling a rulebook: every expression checked, every id numbered, every sum given its place in members' totals."""

from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import JsonValue

from engine.calendar import ALL, KINDS, Calendar
from engine.catalogue import Catalogue
from engine.cells import cell
from engine.expression_types import Expected
from engine.expressions import Expression, ExpressionFault, compile_expression
from engine.plan import Cap, Misfit, Plan, RulePlan, ScorePlan, Span, Step, StreakPlan, TypePlan
from engine.questions import Asked, Measure
from schemas.activities import Activity, declared
from schemas.rulebook import Badge, Board, Limit, Per, Rulebook, Score
from schemas.words import Day, Instant
from schemas.zones import zone

_PER = {per: KINDS.index(per) for per in ("day", "week", "month", "quarter", "year")} | {"ever": ALL}
DEFAULT_SCALE = 2
_ADDED = frozenset({Measure.COUNT, Measure.SUM})


def compile_plan(rulebook: Rulebook, version: int, since: Instant | None, catalogue: Catalogue) -> Plan:
    """The plan of a rulebook version; expressions that cannot run are left out and named in `misfits`."""
    plan = Plan(version, since, rulebook, Calendar(zone(rulebook.calendar.timezone)), rulebook.late)
    _Compiler(plan, catalogue).run()
    return plan


class _Compiler:
    """Walks a rulebook once and fills a plan."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        self.plan = plan
        self.book = plan.rulebook
        self.catalogue = catalogue
        self.layout = catalogue.layout
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
            adds=measure in _ADDED,
            scale=self._scale(board.score),
            total=self.layout.of_total(number),
            met=self.layout.of_met(number),
            windows=windows,
            spans=tuple(
                Span(kind, self.layout.of_window(number, kind), cell(number, kind, 0))
                for kind in windows
                if kind != ALL
            ),
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
        number = self.catalogue.number(f"badge:{name}")
        steps = [
            Step(level, round(reach * 10**unit), self.layout.of_level(number, level)) for level, reach in levels.items()
        ]
        measure = Measure[score.kind.upper()]
        return ScorePlan(
            number=number,
            measure=measure,
            adds=measure in _ADDED,
            scale=scale,
            total=self.layout.of_total(number),
            met=self.layout.of_met(number),
            levels=tuple(sorted(steps, key=lambda step: step.number)),
            streak=StreakPlan(
                KINDS.index(badge.streak.every),
                round(badge.streak.at_least * 10**scale),
                self.layout.of_streak(number),
            )
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
        caps = tuple(self._cap(number, limit) for limit in rule.limits if limit.per is not Per.WORKDAY)
        self.plan.rules[number] = RulePlan(
            number,
            self.layout.of_points(number),
            caps,
            tuple(dict.fromkeys(cap.at for cap in caps)),
            tuple(self.flows[name]),
        )
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

    def _cap(self, rule: int, limit: Limit) -> Cap:
        per = _PER[limit.per.value]
        return Cap(per, limit.times, limit.points, self.layout.of_limit(rule, per))

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
    unplain = badge.each or badge.valid or badge.chain or badge.rank or badge.within
    streak = badge.streak
    if streak is not None and (streak.forgive or streak.freezes or streak.every == "workday"):
        return False
    return not unplain and not badge.first and (badge.score is not None or streak is not None)


def _schema(activity: Activity) -> Mapping[str, JsonValue]:
    return activity.data


def _properties(schema: Mapping[str, JsonValue]) -> Iterator[str]:
    found = schema.get("properties")
    if isinstance(found, dict):
        yield from found

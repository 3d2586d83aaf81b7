"""Compiling a rulebook: every expression checked, every id numbered, every sum given its place in members' totals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from engine.asked import ALWAYS, Asked, Days, Measure, Occasion
from engine.awarding import Cap, award_of
from engine.calendar import ALL, KINDS, SEASON, Calendar
from engine.catalogue import Catalogue
from engine.cells import cell
from engine.compiling_badges import badge_plans, ladder_plan, note_badge
from engine.compiling_challenges import challenge_plan, league_plan, rewards
from engine.compiling_limits import caps_of, times_of
from engine.disclosure import counted_kind
from engine.expression_types import Expected
from engine.expressions import Expression, ExpressionFault, compile_expression
from engine.focus import Focused
from engine.plan import Misfit, Plan, RulePlan, TypePlan
from engine.scores.moves import move_of
from engine.scores.plans import ScorePlan, Season, Span
from engine.surroundings import Surroundings
from schemas.activities import Activity, declared
from schemas.rulebook import Board, Rule, Rulebook, Score
from schemas.rulebook_challenges import EVERYONE
from schemas.rulebook_rules import Multiplier
from schemas.rulebook_words import WEEKDAYS
from schemas.words import Day, Instant
from schemas.zones import zone

DEFAULT_SCALE = 2


def compile_plan(
    rulebook: Rulebook, version: int, since: Instant | None, catalogue: Catalogue, before: Sequence[Plan] = ()
) -> Plan:
    """The plan of a rulebook version; expressions that cannot run are left out and named in `misfits`.

    Args:
        rulebook: The version's.
        version: Its number, from 1.
        since: When it takes effect; None for the first one.
        catalogue: Numbers and places, which grow.
        before: The versions before it, in order.
    """
    said = rulebook.calendar
    calendar = Calendar(
        zone(said.timezone),
        frozenset(WEEKDAYS.index(day) for day in said.workdays),
        frozenset(day.toordinal() for day in said.holidays),
    )
    kinds = {kind: group.one_at_a_time for kind, group in rulebook.groups.items()}
    around = Surroundings(kinds, Focused(rulebook, calendar).topics)
    plan = Plan(version, since, rulebook, calendar, around, rulebook.late)
    _Compiler(plan, catalogue, before).run()
    return plan


class _Compiler:
    """Walks a rulebook once and fills a plan."""

    def __init__(self, plan: Plan, catalogue: Catalogue, before: Sequence[Plan]) -> None:
        self.plan = plan
        self.before = before
        self.book = plan.rulebook
        self.catalogue = catalogue
        self.layout = catalogue.layout
        self.activities = declared(self.book)
        self.flows: dict[str, list[int]] = {name: [] for name in (*self.book.rules, *self.book.challenges)}
        self.interned: dict[tuple[int, ...], tuple[int, ...]] = {}  # flows: equal ones are told by being the same

    def run(self) -> None:
        self.plan.seasons = {self.catalogue.number(f"season:{name}"): self._days(name) for name in self.book.seasons}
        for section, ids in (
            ("rule", self.book.rules),
            ("board", self.book.boards),
            ("badge", self.book.badges),
            ("level", self.book.levels),
            ("challenge", self.book.challenges),
            ("tier", self.book.boards),
        ):
            was = {name: said.was for name, said in ids.items()}
            self.plan.numbers[section] = self.catalogue.follow(section, was, self.plan.version)
        for name, board in self.book.boards.items():
            self._score(("boards", name, "score"), board.score, self._board(name, board))
        self.plan.lowest = frozenset(
            self.plan.numbers["board"][name] for name, board in self.book.boards.items() if board.order == "lowest"
        )
        self.plan.greatest = frozenset(
            number for number, score in self.plan.scores.items() if score.measure is Measure.BEST and score.by
        )
        for name, ladder in self.book.levels.items():
            plan = ladder_plan(self.plan, self.catalogue, name, self._scale)
            self._score(("levels", name, "score"), ladder.score, plan)
        for name, badge in self.book.badges.items():
            note_badge(self.plan, name, self.catalogue)
            for path, score, plan in badge_plans(self.plan, self.catalogue, name, self._scale):
                self._score(path, score, plan, each=badge.each)
        self._challenges()
        for name in self.book.rules:
            self._rule(name)
        for name in self.activities:
            self._activity(name)

    def _board(self, name: str, board: Board) -> ScorePlan:
        measure = Measure[board.score.kind.upper()]
        groups = tuple(kind for kind in board.by if kind != "member")
        number = self.plan.numbers["board"][name]
        windows = tuple(sorted(KINDS.index(kind.value) for kind in board.windows))
        return ScorePlan(
            number=number,
            owner=number,
            measure=measure,
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
            by=groups,
            members="member" in board.by,
            gated=measure is Measure.POINTS and board.score.when is not None,
            seasons=tuple(self._season(number, season) for season in board.seasons if season in self.book.seasons),
        )

    def _challenges(self) -> None:
        counted = counted_kind([*self.before, self.plan])
        for name, said in self.book.challenges.items():
            plan = challenge_plan(self.plan, self.catalogue, name, self._scale, counted)
            self._score(("challenges", name, "score"), said.score, plan)
            self.plan.shared = self.plan.shared or said.whose == EVERYONE
            if rewards(said):
                at = self.layout.of_points(plan.number)
                self.plan.rules[plan.number] = RulePlan(plan.number, at, self._flow(name))
        for earlier in self.before:  # a round that has ended is settled under the version that comes after it
            for each in earlier.challenges:
                given = RulePlan(each.number, self.layout.of_points(each.number))
                self.plan.rules.setdefault(each.number, given)
        for name, board in self.book.boards.items():
            league = league_plan(self.plan, self.catalogue, name, board, self.before)
            if league is not None:
                self.plan.leagues.append(league)

    def _season(self, score: int, name: str) -> Season:
        window = self.catalogue.number(f"season:{name}")
        place = self.layout.of_season(score, window)
        return Season(window, *self._days(name), place, cell(score, SEASON, window))

    def _days(self, season: str) -> Days:
        said = self.book.seasons[season]
        return said.since.toordinal(), said.to.toordinal()

    def _scale(self, score: Score) -> int:
        if score.kind not in {"sum", "best"}:
            return 0
        if score.scale is not None:
            return score.scale
        results = {
            found.result for kind in score.events if (found := self._try(kind, score.value or "", "number")) is not None
        }
        return 0 if results == {"int"} else DEFAULT_SCALE

    def _score(self, path: tuple[str, ...], score: Score, plan: ScorePlan, each: str | None = None) -> None:
        self.plan.scores[plan.number] = plan
        about_points = plan.measure is Measure.POINTS
        (self.plan.pours if about_points else self.plan.moves)[plan.number] = move_of(plan)
        if about_points:
            for rule in score.rules:
                if rule in self.flows:
                    self.flows[rule].append(plan.number)
            if not plan.gated and each is None:
                return
        if plan.measure is Measure.DISTINCT:
            self.catalogue.meets = True
        occasion = ALWAYS if plan.days is None else Occasion(seasons=(plan.days,))
        for kind in score.events or self._types_of(score.rules):
            when = self._expression(kind, (*path, "when"), score.when, "bool")
            if score.when is not None and when is None:
                continue
            asked = self._type(kind).scores
            what: Expression | int | None = 1
            if score.value is not None:
                expected: Expected = "value" if plan.measure is Measure.DISTINCT else "number"
                what = self._expression(kind, (*path, score.kind), score.value, expected)
            if what is None:
                continue
            if plan.gated or not about_points:
                asked.append(Asked(plan.number, when, what, plan.measure, plan.scale, occasion, is_gate=about_points))
            if each is not None:
                self._each(kind, path, each, plan, Asked(plan.key, when, 1, Measure.DISTINCT, 0, occasion))

    def _each(self, kind: str, path: tuple[str, ...], each: str, plan: ScorePlan, asked: Asked) -> None:
        """The value that a badge is for, asked wherever its score is."""
        of = self._expression(kind, (*path[:2], "each"), each, "value", none_if_absent=True)
        if of is not None:
            about_points = plan.measure is Measure.POINTS
            self._type(kind).scores.append(replace(asked, what=of, key_of=plan.number, is_gate=about_points))

    def _types_of(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(kind for rule in rules if rule in self.book.rules for kind in self.book.rules[rule].event)
        )

    def _rule(self, name: str) -> None:
        rule = self.book.rules[name]
        number = self.plan.numbers["rule"][name]
        caps = caps_of(number, rule, self.plan, self.before, self.catalogue)
        self._rewards(number, self.layout.of_points(number), rule, caps, self._flow(name))
        if rule.award.points is not None:
            self._gives(name, number, rule.award.points, ("award",), self._occasion(rule, rule.multiply))
        if rule.award.karma is not None:
            karma = self.catalogue.number(f"karma:{number}")
            self._rewards(karma, self.layout.of_karma(karma), rule, times_of(karma, caps, self.layout), mints=True)
            self._gives(name, karma, rule.award.karma, ("award", "karma"), self._occasion(rule))

    def _rewards(
        self,
        number: int,
        at: int,
        rule: Rule,
        caps: Sequence[Cap],
        flow: tuple[int, ...] = (),
        *,
        mints: bool = False,
    ) -> None:
        """Plans what a rule awards of what it gives."""
        award = award_of(caps, rule.cooldown or 0, self.layout.of_cooldown(number) if rule.cooldown else -1)
        self.plan.rules[number] = RulePlan(number, at, flow, award, mints)

    def _flow(self, name: str) -> tuple[int, ...]:
        """The scores that points of a rule or challenge flow into."""
        flow = tuple(dict.fromkeys(self.flows[name]))
        return self.interned.setdefault(flow, flow)

    def _gives(self, name: str, number: int, amount: int | str, at: tuple[str, ...], occasion: Occasion) -> None:
        """Lets a rule ask of its events what it gives."""
        rule = self.book.rules[name]
        for kind in rule.event:
            when = self._expression(kind, ("rules", name, "when"), rule.when, "bool")
            what = self._expression(kind, ("rules", name, *at), amount, "int") if isinstance(amount, str) else amount
            to = self._expression(kind, ("rules", name, "to"), rule.to, "members")
            if what is None or (rule.when is not None and when is None) or (rule.to is not None and to is None):
                continue
            self._type(kind).rules.append(Asked(number, when, what, None, 0, occasion, to))

    def _occasion(self, rule: Rule, factors: Sequence[Multiplier] = ()) -> Occasion:
        """The local days on which a rule gives something, and how much more on some."""
        made = Occasion(
            Day(rule.until.toordinal()) if rule.until is not None else None,
            tuple(self._days(season) for season in rule.season if season in self.book.seasons) if rule.season else None,
            frozenset(WEEKDAYS.index(day) for day in rule.days) if rule.days else None,
            tuple(
                (self._days(each.season), round(each.by * 100)) for each in factors if each.season in self.book.seasons
            ),
        )
        return ALWAYS if made == ALWAYS else made

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
            return compile_expression(text, _schema(self.activities[kind]), expected, self.plan.around)
        except ExpressionFault:
            return None

    def _expression(
        self,
        kind: str,
        path: tuple[str, ...],
        text: str | None,
        expected: Expected,
        *,
        guarded: bool = False,
        none_if_absent: bool = False,
    ) -> Expression | None:
        """Compiles, or notes a misfit. `guarded`: an absent optional field is an answer here (no key)."""
        if text is None or kind not in self.activities:
            return None
        schema = _schema(self.activities[kind])
        if guarded:
            required: list[JsonValue] = [*_properties(schema)]
            schema = {**schema, "required": required}
        try:
            found = compile_expression(text, schema, expected, self.plan.around, none_if_absent=none_if_absent)
        except ExpressionFault as fault:
            self.plan.misfits.append(Misfit(path, f"{fault.message} (for {kind})", fault.column))
            return None
        if found.reads_groups:
            asked = self.plan.asked_groups
            asked[kind] = asked.get(kind, frozenset()) | found.reads_groups
        return found


def _schema(activity: Activity) -> Mapping[str, JsonValue]:
    return activity.data


def _properties(schema: Mapping[str, JsonValue]) -> Iterator[str]:
    found = schema.get("properties")
    if isinstance(found, dict):
        yield from found

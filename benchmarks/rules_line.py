"""What many rules cost: sixty of all kinds, badges among them, twelve on each of five event types, beside four."""

from collections.abc import Callable

from benchmarks.projection import Projected
from benchmarks.report import Aim, Line, ratios, spread
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage, said_by
from benchmarks.workload import log_values, rulebook, sent

_WARM = 5_000
_TYPES = ("code_review.given", "microlearning.completed", "course.completed", "question.answered", "skill.applied")
_WHEN = {
    "code_review.given": "has(data.lines_changed) && data.lines_changed > {0}",
    "microlearning.completed": "has(data.minutes) && data.minutes > {0}",
    "course.completed": "has(data.hours) && data.hours > {0}.0",
    "question.answered": "has(data.accepted) && data.accepted && data.question != 'q-{0}'",
    "skill.applied": "data.topic != 'topic-{0}'",
}
_DISTINCT = {
    "code_review.given": "data.author",
    "microlearning.completed": "data.module",
    "course.completed": "data.course",
    "question.answered": "data.question",
    "skill.applied": "data.topic",
}
_EACH = {
    "code_review.given": "data.repository",
    "microlearning.completed": "data.module",
    "course.completed": "data.provider",
    "question.answered": "has(data.accepted) && data.accepted",
    "skill.applied": "data.topic",
}
_RULES = (
    'when: "{when}", award: 1',
    "award: 2, limits: [{{per: week, points: 100}}]",
    "award: 3, limits: [{{per: workday, times: 5}}, {{per: month, points: 400}}]",
    "award: 4, cooldown: 30m",
    "award: 5, days: [mon, wed, fri], multiply: [{{season: spring, by: 1.5}}]",
    "award: 6, season: spring, limits: [{{per: quarter, points: 900}}]",
    "award: 7, to: subject, limits: [{{per: ever, points: 5000}}]",
)
"""Of each type; and these badges:"""
_BADGES = (
    "score: {{count: {kind}}}, levels: {{bronze: 10, silver: 100, gold: 1000}}",
    "streak: {{every: week, score: {{count: {kind}}}, forgive: {{misses: 1, in: 4}}, freezes: {{every: 5}}}}, at: 10",
    "score: {{count: {kind}}}, within: 7d, at: 20",
    "each: '{each}', score: {{count: {kind}}}, at: 5, valid: 90d",
    "score: {{distinct: {value}, event: {kind}}}, levels: {{some: 5, many: 50}}",
)


async def rules(stage: Stage, sizes: Sizes, told: Callable[[str], None]) -> list[Line]:
    """The projector alone under both rulebooks, in turns."""
    topics = []
    for book in (_book(4), _book(60)):
        prefix = await stage.topics()
        values = log_values(sent(_WARM + sizes.rules, 1_000), rulebook(book))
        await stage.fill(f"{prefix}log", values)
        topics.append(f"{prefix}log")
    measured: list[list[Projected]] = [[], []]
    for number in range(1, sizes.rounds + 1):
        told(f"60 rules and 4, round {number} of {sizes.rounds}")
        for topic, found in zip(topics, measured, strict=True):
            stage.empty()
            end = 1 + _WARM + sizes.rules
            program = stage.program("projector", stage.kafka.address, topic, stage.server.url, 1 + _WARM, end, 0)
            found.append(Projected(**said_by(program)))
    few, many = (spread([each.rate for each in found]) for found in measured)
    costs = [spread([each.cpu_us for each in found]) for found in measured]
    return [
        Line(
            "projector with 60 rules and badges of all kinds, 12 on a type",
            many,
            "events/s",
            few,
            "with 4 rules, events/s",
            ratios(many, few),
            Aim(0.5, at_least=True),
            [f"CPU {costs[1]} µs an event, with 4 rules {costs[0]}; one board"],
        )
    ]


def _book(count: int) -> str:
    """A rulebook with four plain rules, or with all kinds of rules and badges on each type."""
    few = [f"  rule-{number}: {{event: {kind}, award: 1}}" for number, kind in enumerate(_TYPES[:4])]
    rules = few if count == len(few) else [_rule(number) for number in range(len(_TYPES) * len(_RULES))]
    badges = [] if count == len(few) else ["badges:", *(_badge(number) for number in range(count - len(rules)))]
    names = ", ".join(f"rule-{number}" for number in range(len(rules)))
    return "\n".join(
        [
            "apiVersion: karmalog/v1",
            "kind: Rulebook",
            "calendar: {timezone: Europe/Berlin}",
            "late: 3650d",
            "seasons: {spring: {from: 2025-01-01, to: 2025-12-31}}",
            "rules:",
            *rules,
            *badges,
            f"boards: {{points: {{score: {{points: [{names}]}}, windows: [week, month, all]}}}}",
        ]
    )


def _rule(number: int) -> str:
    kind, turn = _TYPES[number % len(_TYPES)], number // len(_TYPES)
    return f"  rule-{number}: {{event: {kind}, {_RULES[turn].format(when=_WHEN[kind].format(5))}}}"


def _badge(number: int) -> str:
    kind, turn = _TYPES[number % len(_TYPES)], number // len(_TYPES)
    return f"  badge-{number}: {{{_BADGES[turn].format(kind=kind, value=_DISTINCT[kind], each=_EACH[kind])}}}"

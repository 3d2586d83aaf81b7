"""What many rules cost: sixty, twelve on each of five event types, beside four."""

from collections.abc import Callable, Iterator

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
_PER = ("day", "week", "month", "quarter", "year", "ever")


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
            "projector with 60 rules, 12 on a type",
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
    """A rulebook with so many rules, shared out among the types; two of three have a limit."""
    return "\n".join(
        [
            "apiVersion: karmalog/v1",
            "kind: Rulebook",
            "calendar: {timezone: Europe/Berlin}",
            "late: 3650d",
            "rules:",
            *(_rule(number) for number in range(count)),
            f"boards: {{points: {{score: {{points: [{', '.join(_names(count))}]}}, windows: [week, month, all]}}}}",
        ]
    )


def _rule(number: int) -> str:
    kind, turn = _TYPES[number % len(_TYPES)], number // len(_TYPES)
    limit = f", limits: [{{per: {_PER[turn % len(_PER)]}, points: {50 * (turn + 1)}}}]" if number % 3 else ""
    return f'  rule-{number}: {{event: {kind}, when: "{_WHEN[kind].format(turn * 5)}", award: {1 + turn % 5}{limit}}}'


def _names(count: int) -> Iterator[str]:
    return (f"rule-{number}" for number in range(count))

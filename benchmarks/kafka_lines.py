"""Speed on Kafka and Redis: karmalog beside a plain Faust agent and a plain aiokafka loop, round after round."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.machine import cpu_s
from benchmarks.phases import PHASES
from benchmarks.programs.board import WINDOWS
from benchmarks.projection import Projected
from benchmarks.report import Aim, Line, Spread, ratios, spread
from benchmarks.sizes import Sizes
from benchmarks.stage import Pace, Stage, pace, said_by
from benchmarks.workload import ORG, log_values, rulebook, sent
from streams.keys import Keys
from tests.services import Process

MEMBER_BYTES = 2_600
"""What a member with few events weighs in a projector's memory, about: the bound of 10,000 members is made of it."""

MANY, CACHED = 100_000, 10_000


@dataclass(slots=True)
class Rounds:
    """What every round measured."""

    agent: list[Pace] = field(default_factory=list)
    loop: list[Pace] = field(default_factory=list)
    whole: list[Pace] = field(default_factory=list)
    few: list[Projected] = field(default_factory=list)
    many: list[Projected] = field(default_factory=list)

    def newest(self) -> str:
        """The last round in one sentence, for who waits."""
        rates = [f"{name} {each[-1].rate:,.0f}" for name, each in self._named()]
        return f"events a second: {', '.join(rates)}"

    def _named(self) -> list[tuple[str, list[Pace] | list[Projected]]]:
        return [
            ("Faust agent", self.agent),
            ("aiokafka loop", self.loop),
            ("projector", self.few),
            ("projector with many members", self.many),
            ("intake and worker", self.whole),
        ]


async def speed(stage: Stage, sizes: Sizes, told: Callable[[str], None]) -> list[Line]:
    """From publishers to boards, and the projector alone."""
    found = Rounds()
    few, many = await _logs(stage, sizes)
    for number in range(1, sizes.rounds + 1):
        told(f"speed on Kafka, round {number} of {sizes.rounds}")
        prefix = await stage.topics()
        await stage.fill(f"{prefix}events", (event.cloudevent() for event in sent(sizes.whole, 1_000)))
        found.agent.append(await _baseline(stage, "faust_agent", f"{prefix}events", sizes.agent))
        found.loop.append(await _baseline(stage, "plain_loop", f"{prefix}events", sizes.loop))
        found.few.append(_projector(stage, f"{few}log", sizes.warm, sizes.few))
        warm = sizes.many_members
        bound = sizes.cached * MEMBER_BYTES
        found.many.append(_projector(stage, f"{many}log", warm, sizes.many, bound))
        found.whole.append(await _whole(stage, prefix, sizes.whole))
        told(found.newest())
    return _lines(found, sizes)


async def _logs(stage: Stage, sizes: Sizes) -> tuple[str, str]:
    book, few, many = rulebook(), await stage.topics(), await stage.topics()
    await stage.fill(f"{few}log", log_values(sent(sizes.warm + sizes.few, 1_000), book))
    events = sent(sizes.many_members + sizes.many, sizes.many_members, everyone_first=True)
    await stage.fill(f"{many}log", log_values(events, book))
    return few, many


async def _baseline(stage: Stage, name: str, topic: str, total: int) -> Pace:
    """A baseline counts events as long as they last; Redis's own count of commands says how far it is."""
    stage.empty()
    group = stage.fresh("group")
    program = stage.program(name, stage.kafka.address, topic, group, stage.server.url).spawn()

    def counted() -> int:
        if not program.running:
            raise RuntimeError(f"{program} ended:\n{program.tail()}")
        stats = stage.client.info("commandstats").get("cmdstat_zincrby")
        return int(stats["calls"]) // WINDOWS if stats else 0

    try:
        return await pace(counted, total, lambda: cpu_s(program.pid))
    finally:
        program.kill()


def _projector(stage: Stage, topic: str, warm: int, events: int, memory_bytes: int = 0) -> Projected:
    stage.empty()
    end = 1 + warm + events
    program = stage.program("projector", stage.kafka.address, topic, stage.server.url, 1 + warm, end, memory_bytes)
    return Projected(**said_by(program))


async def _whole(stage: Stage, prefix: str, events: int) -> Pace:
    """Intake and worker as they are started in earnest, on events that were published before."""
    stage.empty()
    checkpoint = Keys(ORG).checkpoint
    worker, intake = stage.karmalog(prefix, "worker").spawn(), stage.karmalog(prefix, "intake")
    try:
        await stage.publish_rulebook(prefix)
        begin = int(stage.client.hget(checkpoint, "position") or 0)
        intake.spawn()

        def counted() -> int:
            for each in (worker, intake):
                if not each.running:
                    raise RuntimeError(f"{each} ended:\n{each.tail()}")
            return int(stage.client.hget(checkpoint, "position") or 0) - begin

        return await pace(counted, events, lambda: _together(worker, intake))
    finally:
        await asyncio.to_thread(intake.stop, 60)
        await asyncio.to_thread(worker.stop, 60)


def _together(*programs: Process) -> float | None:
    found = [cpu_s(program.pid) for program in programs]
    return None if None in found else sum(each for each in found if each is not None)


def _lines(found: Rounds, sizes: Sizes) -> list[Line]:
    agent, loop = _rates(found.agent), _rates(found.loop)
    whole, few, many = _rates(found.whole), _rates(found.few), _rates(found.many)
    agent_name, loop_name = "Faust agent, events/s", "aiokafka loop, events/s"
    published = "published on Kafka to visible, 1,000 members"
    alone, wide = "projector alone, 1,000 members", f"projector alone, {sizes.many_members:,} members"
    return [
        Line(
            published,
            whole,
            "events/s",
            agent,
            agent_name,
            ratios(whole, agent),
            Aim(10, at_least=True),
            [*_by_cpu(found.agent, _cpu(found.whole)), *_costs(found)],
        ),
        Line(
            published,
            whole,
            "events/s",
            loop,
            loop_name,
            ratios(whole, loop),
            Aim(2, at_least=True),
            _by_cpu(found.loop, _cpu(found.whole)),
        ),
        Line(
            alone,
            few,
            "events/s",
            loop,
            loop_name,
            ratios(few, loop),
            Aim(4, at_least=True),
            [*_by_cpu(found.loop, _cpu(found.few)), *_phases(found.few)],
        ),
        Line(
            f"{alone}: CPU",
            spread([each.cpu_us for each in found.few]),
            "µs an event",
            aim=Aim(18, at_least=False, unit="µs"),
            notes=[_steps(found.few)],
        ),
        Line(
            wide,
            many,
            "events/s",
            agent,
            agent_name,
            ratios(many, agent),
            Aim(10, at_least=True),
            [
                f"memory for {sizes.cached:,} members; at most {max(each.members_max for each in found.many):,} held",
                f"CPU {spread([each.cpu_us for each in found.many])} µs an event",
                *_by_cpu(found.agent, _cpu(found.many)),
                *_phases(found.many),
            ],
        ),
    ]


def _cpu(measured: list[Pace] | list[Projected]) -> list[float | None]:
    return [each.cpu_us for each in measured]


def _by_cpu(base: list[Pace], measured: list[float | None]) -> list[str]:
    """The ratio by CPU an event, Redis's and Kafka's own apart: what a busy machine leaves nearly alone."""
    pairs = zip(_cpu(base), measured, strict=True)
    known = [plain / ours for plain, ours in pairs if plain is not None and ours is not None]
    return [f"by CPU of the processes an event: {spread(known)} ×"] if known else []


def _steps(measured: list[Projected]) -> str:
    """The cost in a measure that busy neighbours leave alone."""
    steps, step = (spread([getattr(each, name) for each in measured]) for name in ("units", "loop_ns"))
    return f"in steps of a fixed loop measured beside: {steps}, of {step} ns each at the time"


def _rates(measured: list[Pace] | list[Projected]) -> Spread:
    return spread([each.rate for each in measured])


def _costs(found: Rounds) -> list[str]:
    said = []
    for name, measured in (
        ("intake and worker together", found.whole),
        ("the Faust agent", found.agent),
        ("the aiokafka loop", found.loop),
    ):
        known = [each.cpu_us for each in measured if each.cpu_us is not None]
        if known:
            said.append(f"CPU of {name}: {spread(known)} µs an event")
    return said


def _phases(measured: list[Projected]) -> list[str]:
    parts = [
        f"{phase} {spread([each.phases[phase] / each.events / 1_000 for each in measured]).median:.1f}"
        for phase in PHASES
    ]
    redis = spread([each.redis_cpu_s / each.events * 1e6 for each in measured]).median
    return [f"CPU by phase, µs an event: {', '.join(parts)}; Redis's own {redis:.1f}"]

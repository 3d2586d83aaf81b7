"""What the fairness watch finds of what was planted, by kind, whom it names who did nothing, and what it costs."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.fairness_world import Plant, World, world
from benchmarks.report import Aim, Line, spread
from benchmarks.sizes import Sizes
from benchmarks.stage import Stage
from engine.fairness.alerts import Alert, Kind
from engine.fairness.given import by_giver
from engine.fairness.watch import watched

ALL = frozenset(Kind)


@dataclass(slots=True)
class Outcome:
    """How the watch did, summed over worlds."""

    planted: Counter[str] = field(default_factory=Counter[str])
    """By kind; rings by their size as well."""
    found: Counter[str] = field(default_factory=Counter[str])
    named: Counter[Kind] = field(default_factory=Counter[Kind])
    """Members who did nothing, by the kind of the alerts that name them."""
    falsely: int = 0
    """Members who did nothing and were named, each once."""
    members: int = 0
    gifts: int = 0
    cpu_s: float = 0.0

    def add(self, made: World) -> None:
        """Watches one more world."""
        givers = list(by_giver(made.gifts))
        began = time.process_time()
        alerts = watched(givers, frozenset(made.members), made.today, ALL)
        self.cpu_s += time.process_time() - began
        self.gifts += len(made.gifts)
        self.members += len(made.members)
        for plant in made.plants:
            self.planted[_label(plant)] += 1
            self.found[_label(plant)] += any(is_found(plant, alert) for alert in alerts)
        guilty = {member for plant in made.plants for member in plant.members}
        self.falsely += len({member for alert in alerts for member in alert.members} - guilty)
        for kind in Kind:
            self.named[kind] += len({each for alert in alerts if alert.kind is kind for each in alert.members} - guilty)

    @property
    def found_percent(self) -> float:
        """Of all that was planted."""
        return 100 * self.found.total() / self.planted.total()

    @property
    def falsely_percent(self) -> float:
        """Of all members."""
        return 100 * self.falsely / self.members


def outcome(worlds: Iterable[World]) -> Outcome:
    """Of the watch in some worlds."""
    total = Outcome()
    for made in worlds:
        total.add(made)
    return total


def is_found(plant: Plant, alert: Alert) -> bool:
    """Whether an alert is that of a plant: of its kind and about just its members; of a receiver, about that one."""
    if alert.kind is not plant.kind:
        return False
    if plant.kind is Kind.RECEIVER:
        return alert.receivers == {plant.members[0]}
    return alert.members == tuple(sorted(plant.members))


def _label(plant: Plant) -> str:
    return f"RING of {len(plant.members)}" if plant.kind is Kind.RING else plant.kind


async def fairness(_stage: Stage, sizes: Sizes, told: Callable[[str], None]) -> list[Line]:
    """Worlds of the seeds from 1 on, with something planted in them, and of the same seeds without."""
    told(f"fairness watch, {sizes.worlds} organisations")
    seeds = range(1, sizes.worlds + 1)
    planted = outcome(world(seed) for seed in seeds)
    innocent = outcome(world(seed, planted=False) for seed in seeds)
    counts = sorted(planted.planted.items())
    kinds = ", ".join(f"{kind} {100 * planted.found[kind] / count:.1f} % of {count}" for kind, count in counts)
    named = ", ".join(f"{kind} {100 * planted.named[kind] / planted.members:.2f} %" for kind in Kind)
    of = f"{sizes.worlds} organisations of 1,000 members, seeds 1 to {sizes.worlds}"
    return [
        Line(
            "fairness watch: planted that are found",
            spread([planted.found_percent]),
            "%",
            aim=Aim(90, at_least=True, unit="%"),
            notes=[of, kinds],
        ),
        Line(
            "fairness watch: members falsely named",
            spread([planted.falsely_percent]),
            "%",
            aim=Aim(1, at_least=False, unit="%"),
            notes=[f"by kind: {named}", f"where nothing is planted: {innocent.falsely_percent:.2f} %"],
        ),
        Line(
            "fairness watch: CPU",
            spread([planted.cpu_s / planted.gifts * 1e6]),
            "µs a gift",
            notes=[f"{planted.cpu_s:.1f} s for {planted.gifts:,} gifts of 120 days, 90 of them watched"],
        ),
    ]

"""How much each benchmark measures: enough to mean something, much for a long run, next to nothing for tests."""

from dataclasses import dataclass, replace

_REVIEWS = 93_919


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of events and members, by what they are for."""

    rounds: int = 3
    agent: int = 10_000  # events that the Faust agent counts
    loop: int = 40_000  # that the aiokafka loop counts
    whole: int = 100_000  # through intake and worker
    warm: int = 20_000  # folded before the projector alone is measured
    few: int = 100_000  # of 1,000 members
    many: int = 60_000
    many_members: int = 100_000
    cached: int = 10_000
    reviews: int | None = None  # of the reviews of examples/; None: all
    rebuild: int = 1_000_000
    rebuild_members: int = 10_000
    rules: int = 30_000
    http_rate: int = 1_000  # events a second
    http_seconds: float = 10.0
    starts: int = 3
    gift_rate: int = 50  # a second
    gift_seconds: float = 20.0
    flat_out: int = 150_000  # folded while somebody reads
    worlds: int = 20  # organisations that the fairness watch looks at

    def one_in(self, share: int) -> "Sizes":
        """The same with fewer events and members, for a machine that is busy with other things."""
        named = (
            "agent",
            "loop",
            "whole",
            "warm",
            "few",
            "many",
            "many_members",
            "cached",
            "rebuild",
            "rules",
            "flat_out",
        )
        counts = {name: max(1, getattr(self, name) // share) for name in (*named, "rebuild_members")}
        return replace(self, **counts, reviews=_REVIEWS // share if self.reviews is None else self.reviews)


STANDARD = Sizes()
FULL = Sizes(rounds=5, rebuild=10_000_000)
QUICK = Sizes(
    rounds=1,
    agent=200,
    loop=500,
    whole=1_000,
    warm=500,
    few=1_000,
    many=500,
    many_members=200,
    cached=50,
    reviews=500,
    rebuild=2_000,
    rebuild_members=100,
    rules=1_000,
    http_rate=50,
    http_seconds=1.0,
    starts=1,
    gift_seconds=1.0,
    flat_out=3_000,
    worlds=1,
)

"""Reads badges and ladders into one shape, since all of them are levels that can be reached."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from .rulebook import Badge, Forgive, Freezes, Level, Rank, Score, Streak
from .words import duration, exact, expression, listed

ReadScore: TypeAlias = Callable[[Mapping[str, Any]], Score]


def read_badge(badge: Mapping[str, Any], score: ReadScore) -> Badge:
    kind = kind_of(badge)
    return Badge(
        kind=kind,
        levels=levels_of(badge),
        scores=scores_of(kind, badge, score),
        streak=read_streak(badge["streak"]) if kind == "streak" else None,
        within=duration(badge["within"]) if "within" in badge else None,
        valid=duration(badge["valid"]) if "valid" in badge else None,
        each=expression(badge.get("each")),
        all_of=listed(badge.get("all_of")),
        any_of=listed(badge.get("any_of")),
        need=badge.get("need", 1 if badge.get("any_of") else 0),
        tenure=badge.get("tenure", ""),
        rank=Rank(badge["rank"]["board"], badge["rank"]["window"]) if kind == "rank" else None,
        first=badge.get("first"),
        until=date.fromisoformat(badge["until"]) if "until" in badge else date.max,
        retired=badge.get("retired", False),
    )


def read_ladder(ladder: Mapping[str, Any], score: ReadScore) -> Badge:
    return read_badge({"score": ladder["score"], "levels": ladder["steps"]}, score)


def kind_of(badge: Mapping[str, Any]) -> str:
    """What has to be done for it."""
    if badge.get("all_of") or badge.get("any_of"):
        return "collection"
    return next((kind for kind in ("score", "streak", "chain", "tenure", "rank") if kind in badge), "hand")


def levels_of(badge: Mapping[str, Any]) -> dict[Level, Fraction]:
    """The levels with their numbers; without any there is one without a name."""
    if badge.get("chain"):
        return {step: exact(said.get("at", 1)) for step, said in badge["chain"].items()}
    if badge.get("levels"):
        return {level: exact(number) for level, number in badge["levels"].items()}
    return {None: exact(badge.get("at", 1))}


def scores_of(kind: str, badge: Mapping[str, Any], score: ReadScore) -> dict[Level, Score]:
    match kind:
        case "score":
            return {None: score(badge["score"])}
        case "streak":
            return {None: score(badge["streak"]["score"])}
        case "chain":
            return {step: score(said["score"]) for step, said in badge["chain"].items()}
    return {}


def read_streak(streak: Mapping[str, Any]) -> Streak:
    forgive, freezes = streak.get("forgive"), streak.get("freezes")
    return Streak(
        every=streak["every"],
        at_least=exact(streak.get("at_least", 1)),
        in_a_row=streak.get("in_a_row", True),
        forgive=None if forgive is None else Forgive(forgive["misses"], forgive["in"]),
        freezes=None if freezes is None else Freezes(freezes.get("every"), freezes.get("most", 2)),
    )

"""Limits made ready: a limit that changes begins with its next window, so the window that is running keeps its own."""

from collections.abc import Sequence
from dataclasses import replace

from engine.awarding import Cap, Most
from engine.calendar import ALL, KINDS, WORKDAY
from engine.catalogue import Catalogue
from engine.layout import Layout
from engine.plan import Plan
from schemas.rulebook import Limit, Rule

_PER = {per: KINDS.index(per) for per in ("day", "week", "month", "quarter", "year")} | {
    "ever": ALL,
    "workday": WORKDAY,
}


def caps_of(number: int, rule: Rule, plan: Plan, before: Sequence[Plan], catalogue: Catalogue) -> tuple[Cap, ...]:
    """The limits of a rule, by kind of window, each with what holds in the window that had begun already."""
    own, kinds = _by_kind(rule.limits), dict.fromkeys(_PER[limit.per.value] for limit in rule.limits)
    if plan.since is not None:
        for earlier in before:
            for name, said in earlier.rulebook.rules.items():
                if earlier.numbers["rule"][name] == number:
                    kinds |= dict.fromkeys(_PER[limit.per.value] for limit in said.limits)
    return tuple(_cap(number, kind, own.get(kind, (None, None)), plan, before, catalogue) for kind in kinds)


def times_of(number: int, caps: Sequence[Cap], layout: Layout) -> tuple[Cap, ...]:
    """The limits by times alone, counted under another number: a rule's karma is held to them as its points are."""
    return tuple(
        replace(
            cap, most=(cap.most[0], None), early_most=(cap.early_most[0], None), at=layout.of_limit(number, cap.per)
        )
        for cap in caps
    )


def _cap(number: int, kind: int, own: Most, plan: Plan, before: Sequence[Plan], catalogue: Catalogue) -> Cap:
    at = catalogue.layout.of_limit(number, kind)
    if plan.since is None or kind == ALL:
        return Cap(kind, own, at)
    window = plan.calendar.at(plan.since)[kind]
    first = plan.calendar.midnight(plan.calendar.days(kind, window)[0])
    if first >= plan.since:
        return Cap(kind, own, at)
    then = next((each for each in reversed(before) if each.since is None or each.since <= first), before[0])
    name = next((name for name in then.rulebook.rules if then.numbers["rule"][name] == number), None)
    if name is None:
        return Cap(kind, own, at)
    return Cap(kind, own, at, window, _by_kind(then.rulebook.rules[name].limits).get(kind, (None, None)))


def _lower(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _by_kind(limits: Sequence[Limit]) -> dict[int, Most]:
    """Limits by times and by points of one kind of window are one."""
    found: dict[int, Most] = {}
    for limit in limits:
        kind = _PER[limit.per.value]
        times, points = found.get(kind, (None, None))
        found[kind] = (_lower(times, limit.times), _lower(points, limit.points))
    return found

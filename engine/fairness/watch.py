"""The watch: the gifts of 90 days in, alerts out; pure, and the same for the same gifts in whatever order.

Linear in the gifts; beside what each member received, one flow a giver is kept at most. What each threshold is there
for stands in docs/fairness.md.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.fairness.alerts import Alert, Kind, Usual
from engine.fairness.circles import Circle, circles
from engine.fairness.dumping import dumped
from engine.fairness.flows import Flow, favourite
from engine.fairness.given import WATCHED_DAYS, Given
from schemas.words import Day, MemberId

_SIZEABLE = 3
"""A flow is sizeable from a third of what a giver usually gives in all."""

_LASTING_DAYS = 30
"""So long it has gone on: from the first to the last of the gifts in question."""

_BALANCE = 4
"""The least flow of a circle is at least a quarter of the greatest."""

_TWO = 2

_EACH, _TOGETHER, _DUMPING = 150, 600, 400
"""How far beyond the usual: each flow of a pair or to a receiver, all flows of a circle, a dump (see `Flow.beyond`)."""

_DEVOTED = 3
"""So many mostly give to an outsized receiver, at least."""

_OUTSIZED = 2
"""An outsized receiver got so many times what is usual."""


@dataclass(slots=True)
class _Seen:
    """What is kept of all givers."""

    totals: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Of each giver, what they gave and the share of their favourite."""
    received: Counter[MemberId] = field(default_factory=Counter[MemberId])
    flows: list[Flow] = field(default_factory=list[Flow])
    dumps: list[Flow] = field(default_factory=list[Flow])


def watched(
    givers: Iterable[Sequence[Given]], here: Container[MemberId], today: Day, kinds: Container[Kind]
) -> tuple[Alert, ...]:
    """The alerts of a day, sorted by kind and members.

    Args:
        givers: for each giver once, all that they gave and that was not taken back, in any order.
        here: the members who are here. Nobody else is named; what was given to others counts as given.
        today: the last of the days that are looked at.
        kinds: what is looked for.
    """
    seen = _seen(givers, today)
    if not seen.totals:
        return ()
    usual = _usual(seen)
    is_here = [flow for flow in seen.flows if flow.giver in here and flow.receiver in here]
    dumps = [flow for flow in seen.dumps if flow.giver in here and flow.receiver in here]
    found = [
        *_circles(is_here, usual),
        *_receivers(is_here, seen.received, usual),
        *((Kind.DUMPING, (flow,)) for flow in dumps if _is_dumping(flow, usual)),
    ]
    alerts = [Alert.of(kind, some, seen.received, usual) for kind, some in found if kind in kinds]
    return tuple(sorted(alerts, key=lambda alert: (alert.kind, alert.members, alert.ident)))


def _seen(givers: Iterable[Sequence[Given]], today: Day) -> _Seen:
    seen = _Seen()
    for every in givers:
        gifts = [each for each in every if today - WATCHED_DAYS < each.day <= today]
        if not gifts:
            continue
        for each in gifts:
            seen.received[each.receiver] += each.karma
        flow = favourite(gifts)
        seen.totals.append((flow.of, flow.share))
        if flow.is_most:
            seen.flows.append(flow)
            dump = dumped(gifts, today)
            seen.dumps += [dump] if dump else []
    return seen


def _usual(seen: _Seen) -> Usual:
    given = _middle(total for total, _ in seen.totals)
    shares = (share for total, share in seen.totals if total >= given)
    return Usual(given, _middle(shares), _middle(seen.received.values()))


def _middle(values: Iterable[int]) -> int:
    found = sorted(values)
    return found[(len(found) - 1) // 2]


def _circles(found: Sequence[Flow], usual: Usual) -> Iterator[tuple[Kind, Circle]]:
    for circle in circles(found):
        if _is_unusual(circle, usual):
            yield (Kind.PAIR if len(circle) == _TWO else Kind.RING), circle


def _is_unusual(circle: Circle, usual: Usual) -> bool:
    karma = [flow.karma for flow in circle]
    beyond = [flow.beyond(usual.favourite) for flow in circle]
    least = _EACH if len(circle) == _TWO else 1  # friends thank each other, so each of a pair has to stand out
    return (
        min(beyond) >= least
        and sum(beyond) >= _TOGETHER
        and sum(karma) * _SIZEABLE >= len(circle) * usual.given
        and min(karma) * _BALANCE >= max(karma)
        and _lasts(circle)
    )


def _receivers(
    found: Sequence[Flow], received: Mapping[MemberId, int], usual: Usual
) -> Iterator[tuple[Kind, tuple[Flow, ...]]]:
    """Outsized receivers, each with those who are devoted to them."""
    devoted: dict[MemberId, list[Flow]] = {}
    for flow in found:
        if flow.beyond(usual.favourite) >= _EACH and flow.karma * _SIZEABLE >= usual.given:
            devoted.setdefault(flow.receiver, []).append(flow)
    for receiver, some in devoted.items():
        in_all = received[receiver]
        few = 2 * sum(flow.karma for flow in some) >= in_all
        if len(some) >= _DEVOTED and few and in_all >= _OUTSIZED * usual.received and _lasts(some):
            yield Kind.RECEIVER, tuple(some)


def _is_dumping(flow: Flow, usual: Usual) -> bool:
    return flow.karma * _SIZEABLE >= usual.given and flow.beyond(usual.favourite) >= _DUMPING


def _lasts(some: Iterable[Flow]) -> bool:
    days = [each.day for flow in some for each in flow.gifts]
    return max(days) - min(days) >= _LASTING_DAYS

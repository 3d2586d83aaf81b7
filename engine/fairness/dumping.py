"""Dumping: what a giver gives to one receiver in the last days of an allowance, again and again."""

from collections import Counter
from collections.abc import Sequence

from engine.fairness.flows import Flow, favourite
from engine.fairness.given import UNENDING, Given
from schemas.words import Day

LAST_DAYS = 3
"""So many days an allowance is about to expire."""

_TIMES = 2
"""So many allowances make a habit."""


def dumped(gifts: Sequence[Given], today: Day) -> Flow | None:
    """The flow of one giver's last-minute gifts that is dumping, if it is unusual; `of` counts such gifts alone.

    To its receiver went more than half of all that was given in that way; and at least half of each of two allowances,
    and of half of those that have ended.
    """
    late = [each for each in gifts if each.last != UNENDING and each.last - each.day < LAST_DAYS]
    flow = favourite(late) if late else None
    if flow is None or 2 * flow.karma <= sum(each.karma for each in gifts):
        return None
    given, dump = Counter[Day](), Counter[Day]()
    for each in gifts:
        given[each.last] += each.karma
    for each in flow.gifts:
        dump[each.last] += each.karma
    times = sum(2 * karma >= given[last] for last, karma in dump.items())
    ended = sum(last <= today for last in given)
    return flow if times >= _TIMES and 2 * times >= ended else None

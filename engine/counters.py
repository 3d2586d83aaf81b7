"""What everyone is shown of the scores of groups, or of all together: hidden members where nobody can be computed."""

from collections import Counter
from collections.abc import Collection, Generator, Iterable
from typing import cast

from engine.disclosure import shelves
from engine.needs import Answer, Need, NeedRows, Row
from engine.organisation import Organisation
from engine.plan import ChallengePlan, Plan, window_days
from schemas.rulebook_challenges import EVERYONE


def public_scores(
    shown: Iterable[tuple[str, int]], hidden: Iterable[tuple[str, int]], covering: Collection[str]
) -> dict[str, int]:
    """The scores of groups, from what members added who are shown, and what others did.

    `covering` are the groups that count their hidden members.
    """
    scores: Counter[str] = Counter()
    for group, score in shown:
        scores[group] += score
    for group, score in hidden:
        if group in covering:
            scores[group] += score
    return {group: score for group, score in scores.items() if score}


def counters(
    org: Organisation, plan: Plan, challenge: ChallengePlan, window: int
) -> Generator[Need, Answer, dict[str, int]]:
    """The public scores of the groups that take part in a round, or of everyone, as the store has them."""
    is_for_all = challenge.whose == EVERYONE
    seen, unseen = shelves(plan)
    counted = challenge.counted if is_for_all else challenge.whose
    shown = yield from _added(challenge, window, challenge.whose, seen)
    if counted is None:
        return public_scores(shown, (), ())
    hidden = yield from _added(challenge, window, counted, unseen)
    start, _ = window_days(org.plans, plan, challenge.kind, window)
    there = shown_groups(org, counted)
    # What the newest rulebook covers holds as long as those are hidden whom it hides.
    is_settled = shelves(org.plans[-1]) == (seen, unseen)
    covering = there & org.disclosure.covering(counted, start) if is_settled else set[str]()
    if is_for_all:
        return public_scores(shown, ((EVERYONE, score) for group, score in hidden if group in covering), {EVERYONE})
    return {group: score for group, score in public_scores(shown, hidden, covering).items() if group in there}


def shown_groups(org: Organisation, kind: str) -> set[str]:
    """The groups of a kind that are shown to everyone: large enough, and not withheld."""
    smallest = org.plans[-1].rulebook.people.smallest_group
    large = {group for (each, group), count in org.rosters.items() if each == kind and count >= smallest}
    return large - {group for each, group in org.disclosure.withheld if each == kind}


def _added(challenge: ChallengePlan, window: int, kind: str, on: tuple[str, ...]) -> Generator[Need, Answer, list[Row]]:
    """What members on some shelves added to groups of a kind."""
    return cast("list[Row]", (yield NeedRows(challenge.number, challenge.kind, window, on, None, kind)))

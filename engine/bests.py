"""The greatest values that members reached for groups, month by month, worked out from events and memberships alone.

A sum moves by differences; a greatest does not: what is taken back lays bare the value behind it. So nothing of it is
kept with the member. An event raises it, late or not; where something is taken back, what is left is the greatest of
the events of the months that it concerns, however many years there are.
"""

from collections.abc import Iterable, Sequence

from engine.batch import Batch
from engine.calendar import MONTH, SEASON
from engine.effects import Bests, Key
from engine.evaluation import Entry
from engine.moving import PlanAt
from engine.standing import Standing
from schemas.words import DAY_MS, Instant, MemberId


def raise_bests(batch: Batch, ident: MemberId, entries: Sequence[Entry]) -> None:
    """Takes note of what events that came are to groups, if it is more than what was there."""
    batch.effects_of(ident).bests = _greatest(entries, batch.org.members[ident].standing, batch.org.plan_at)


def doubtful_since(batch: Batch, ident: MemberId) -> int | None:
    """The month since which a member may be less to groups than was said; 0: all of it goes to another shelf."""
    org = batch.org
    if not org.greatest:
        return None
    if ident in batch.shelves:
        return 0
    gone = (entry for entry in batch.gone.get(ident, ()) if any(number in org.greatest for number, _ in entry.values))
    times = [*(entry.time for entry in gone), *(Instant(start[0]) for start, _ in batch.moves.get(ident, ()))]
    return min((org.plan_at(time).calendar.at(time)[MONTH] for time in times), default=None)


def before_month(batch: Batch, month: int) -> Key:
    """Before the first event that may lie in a month, in whatever time zone a version had its days."""
    calendar = batch.org.plans[0].calendar
    return (calendar.midnight(calendar.days(MONTH, month)[0]) - 2 * DAY_MS, "", "")


def opened_bests(batch: Batch, ident: MemberId, since: int) -> Bests:
    """What a member is to groups since a month to which the history is open."""
    member = batch.org.members[ident]
    entries = member.history.entries if member.history is not None else ()
    return _greatest(entries, member.standing, batch.org.plan_at, since)


def take_back(batch: Batch, ident: MemberId, since: int, before: Bests) -> None:
    """Takes off what a member is not to groups any more, or not on that shelf, and says again what is left."""
    after, effects = opened_bests(batch, ident, since), batch.effects_of(ident)
    seen_as = batch.org.members[ident].standing.seen_as
    _, old = batch.shelves.get(ident, ("", seen_as))
    moved = {slot for slot in (*before, *after) if old != seen_as or before.get(slot) != after.get(slot)}
    moved |= {(slot, month) for slot, month in effects.bests if month >= since}  # by what may be gone, or elsewhere
    for slot, month in moved:
        batch.changes.lose((*slot, old), (ident, month))
    effects.bests = {slot: best for slot, best in effects.bests.items() if slot not in moved}
    effects.bests |= {slot: after[slot] for slot in moved if slot in after}


def _greatest(entries: Iterable[Entry], standing: Standing, plan_at: PlanAt, since: int = 0) -> Bests:
    """The greatest of each score, window, group and month among events of a member who stands like that."""
    found: Bests = {}
    for entry in entries:
        plan = plan_at(entry.time)
        scored = [
            (plan.scores[number], value)
            for number, value in entry.values
            if number in plan.greatest and isinstance(value, int)
        ]
        if not scored:
            continue
        windows = plan.calendar.at(entry.time)
        day, month = windows[0], windows[MONTH]
        if month < since:
            continue
        groups = standing.groups(day)
        for score, value in scored:
            spans = [(kind, windows[kind]) for kind in score.windows]
            spans += [(SEASON, season.window) for season in score.seasons if season.first <= day <= season.last]
            for group_kind in score.by:
                for group in groups.get(group_kind, ()):
                    for kind, window in spans:
                        slot = (score.number, kind, window, group_kind, group), month
                        found[slot] = max(value, found.get(slot, value))
    return found

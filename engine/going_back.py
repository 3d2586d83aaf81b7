"""Going back: members for whom an event came late, or something else about their past changed, are folded again.

Everything of a batch that concerns one member is put in place together; what the boards show and what was said differ
from before by as little as can be.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import cast

from engine.badges import Times, reached
from engine.batch import Batch
from engine.bests import before_month, doubtful_since, opened_bests, take_back
from engine.cells import parts_of
from engine.effects import FIRST, Cells, Effects, Key, Minted, Shares, Told, level_of
from engine.evaluation import Entry
from engine.history import History
from engine.member import Stored
from engine.needs import Answer, Need, NeedStored
from engine.totals import Totals
from schemas.words import MemberId

OFF_BOARDS = frozenset({"former"})
"""Shelves that no board shows."""


def go_back(batch: Batch, late: Mapping[MemberId, Sequence[Entry]]) -> Generator[Need, Answer, None]:
    """Folds members again for whom something waits."""
    org = batch.org
    earliest: dict[MemberId, Key] = {}
    for ident in dict.fromkeys((*late, *batch.gone, *batch.moves)):
        keys = [entry[:3] for entry in (*late.get(ident, ()), *batch.gone.get(ident, ()))]
        keys += [start for start, _ in batch.moves.get(ident, ())]
        earliest[ident] = min(keys)
    for ident in batch.shelves:
        if org.members[ident].totals.key != FIRST:
            earliest[ident] = FIRST
    for ident, key in earliest.items():
        if since := doubtful_since(batch, ident):
            earliest[ident] = min(key, before_month(batch, since))
        org.members[ident].totals.settle(batch.effects_of(ident))
    closed = [ident for ident, key in earliest.items() if not org.members[ident].opens_at(key)]
    if closed:
        stored = cast("dict[MemberId, Stored]", (yield NeedStored(closed)))
        for ident in closed:
            member = org.members[ident]
            member.open(member.unwritten(stored[ident]), earliest[ident], org.plan_at, org.catalogue)
    for ident in earliest:
        _again(batch, ident, late.get(ident, ()))


def _again(batch: Batch, ident: MemberId, late: Sequence[Entry]) -> None:
    """Folds a member again with everything that waited for it."""
    org, member = batch.org, batch.org.members[ident]
    effects = batch.effects_of(ident)
    points, levels = member.totals.points, reached(member.totals, org.catalogue)
    since = doubtful_since(batch, ident)
    bests = {} if since is None else opened_bests(batch, ident, since)
    for entry in batch.gone.get(ident, ()):
        _merge(effects, *member.remove(entry, org.plan_at))
    if late:
        _merge(effects, *member.insert(late, org.plan_at, org.catalogue, batch.hot_ms))
    for start, change in batch.moves.get(ident, ()):
        _merge(effects, *member.move(change, start, org.plan_at))
    if ident in batch.shelves and member.history is not None:
        _reshelve(batch, ident, member.history)
    if since is not None:
        take_back(batch, ident, since, bests)
    member.trim(batch.hot_ms)
    cause = batch.causes.get(ident)
    if cause is not None:
        # What was said of the member already, with the totals as they were, comes before what differs now.
        _say_difference(batch, max(cause, effects.cause), member.totals, ident, points, levels)
        effects.reached = True


def _reshelve(batch: Batch, ident: MemberId, history: History) -> None:
    """Takes a member's scores off the shelf they stood on; the end of the batch puts them on the new one.

    What they added to groups before this batch goes from the one shelf to the other at once.
    """
    old, old_of_groups = batch.shelves[ident]
    effects, changes = batch.effects_of(ident), batch.changes
    if old not in OFF_BOARDS:
        for code in history.cells:
            changes.cells.setdefault((*parts_of(code), old), {})[ident] = None
    effects.cells, effects.moved = dict(history.cells), {}
    seen_as = batch.org.members[ident].standing.seen_as
    if seen_as != old_of_groups:
        added = history.shares
        for slot in {**added, **effects.shares}:
            before = added.get(slot, 0) - effects.shares.get(slot, 0)
            changes.share((*slot, old_of_groups), -before)
            changes.share((*slot, seen_as), before)


def _say_difference(
    batch: Batch,
    cause: int,
    totals: Totals,
    ident: MemberId,
    points: Mapping[int, int],
    levels: Times,
) -> None:
    told, points_now = Told(), totals.points
    for number in sorted({*points, *points_now}):
        before, after = points.get(number, 0), points_now.get(number, 0)
        if before != after:
            told += (number, None, after - before, after)
    if not batch.org.members[ident].standing.given:
        told += differing(levels, reached(totals, batch.org.catalogue))
    if told:
        batch.changes.facts.append((cause, ident, told))


def differing(before: Times, after: Times) -> Told:
    """What differs of a member's badges."""
    told = Told()
    for what in sorted({*before, *after}):
        if before.get(what) != after.get(what):
            gained = 1 if what not in before else 0 if what in after else -1
            told += (what.badge, level_of(what.level, what.value), gained, after.get(what, 0))
    return told


def _merge(effects: Effects, cells: Cells, shares: Shares, minted: Minted) -> None:
    effects.cells.update(cells)
    for slot, share in shares.items():
        effects.share(slot, share)
    effects.minted |= minted

"""The end of a batch for its members: badges that hang on others, and what their totals did on the boards."""

from engine.badges import Badges, dump_times, load_times, reached
from engine.batch import Batch
from engine.calendar import ALL
from engine.cells import NUMBER_BIT, parts_of
from engine.going_back import OFF_BOARDS, differing
from engine.settling import CANDIDATES, candidates
from schemas.words import MemberId


def decide(batch: Batch) -> None:
    """Says what changed of badges that hang on other badges, or on people."""
    org = batch.org
    badges = Badges(org.plans, org.catalogue)
    collections = {number for plan in org.plans for number in plan.collections}
    moved = [
        ident
        for ident, effects in batch.effects.items()
        if effects.reached and (collections or org.members[ident].standing.given)
    ]
    for ident in dict.fromkeys((*moved, *batch.decided)):
        member = org.members[ident]
        times = badges.held(member.totals, member.standing, member.settled, org.clock)
        if not member.standing.given:
            times = {what: at for what, at in times.items() if what.badge in collections}
        marks = dump_times(times)
        if marks != member.marks:
            cause = max(batch.effects_of(ident).cause, batch.decided.get(ident, 0), batch.causes.get(ident, 0))
            batch.changes.facts.append((cause, ident, differing(load_times(member.marks), times)))
            batch.touch(ident).mark(marks)


def show(batch: Batch) -> None:
    """Puts what members' totals did on the boards that show them."""
    org, changes, members = batch.org, batch.changes, batch.org.members
    rows: dict[str, dict[int, dict[MemberId, int]]] = {}
    for ident, effects in batch.effects.items():
        member = changes.members[ident] = members[ident]
        shelf, shelf_of_groups = member.standing.shelves
        if effects.reached and org.settles:
            for (number, place), score in candidates(org.plans, reached(member.totals, org.catalogue)).items():
                changes.cells.setdefault((number, ALL, place, CANDIDATES), {})[ident] = score
        if shelf not in OFF_BOARDS:
            shown = rows.setdefault(shelf, {})
            for code, score in member.totals.show(effects):
                row = shown.get(code)
                if row is None:
                    row = shown[code] = {}
                row[ident] = -score if org.lowest and code >> NUMBER_BIT in org.lowest else score
        for slot, share in effects.shares.items():
            changes.share((*slot, shelf_of_groups), share)
        for (slot, month), best in effects.bests.items():
            changes.raise_best((*slot, shelf_of_groups), (ident, month), best)
    for shelf, shown in rows.items():
        for code, row in shown.items():
            changes.cells.setdefault((*parts_of(code), shelf), {}).update(row)

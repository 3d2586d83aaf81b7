"""A rulebook comes into force, or is refused."""

from datetime import date

from pydantic import ValidationError

from engine.batch import Batch
from engine.calendar import Calendar
from schemas.records import Record
from schemas.rulebook import Rulebook
from schemas.verdicts import Verdict
from schemas.words import FUTURE_MS_MAX, Day, Instant, Position
from schemas.zones import zone


def publish(batch: Batch, position: Position, record: Record) -> Verdict:
    """A rulebook comes into force at its local midnight, or is refused: its `from` lies in the past."""
    data, org = record["data"], batch.org
    try:
        rulebook = Rulebook.model_validate(data["rulebook"])
    except ValidationError:
        return Verdict.REFUSED
    since: int | None = None
    if org.plans:
        if data["from"] is None:  # only the first one holds for all time before
            return Verdict.REFUSED
        calendar = Calendar(zone(rulebook.calendar.timezone))
        since = calendar.midnight(Day(date.fromisoformat(str(data["from"])).toordinal()))
        newest = org.books[-1][0]
        if _turns_boards(org.plans[-1].rulebook, rulebook):
            return Verdict.REFUSED
        if since < record["recorded"] + FUTURE_MS_MAX or (newest is not None and since < newest):
            return Verdict.REFUSED
    now = org.clock if "run" in record else max(org.clock, record["recorded"])
    org.publish(rulebook, since, Instant(max(since or 0, now + 1)), position)
    batch.changes.published = True
    org.disclosure.review(org.plans, org.rosters)
    return Verdict.APPLIED


def _turns_boards(before: Rulebook, after: Rulebook) -> bool:
    """Whether a board would be the other way round, which its scores in the store cannot follow."""
    return any(name in before.boards and before.boards[name].order != each.order for name, each in after.boards.items())

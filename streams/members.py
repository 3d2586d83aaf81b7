"""What a member has: points, badges and streaks, from the totals of their record."""

from pydantic_core import from_json

from engine.layout import Layout
from engine.standing import Standing
from engine.totals import Totals
from schemas.answers import Badge, MemberAnswer, Streak
from schemas.times import format_instant
from schemas.words import Instant, MemberId
from streams.known import Known, Versions

_SEEN = {"listed": True, "hidden": False, "former": False}


def parts_of(record: bytes, layout: Layout) -> tuple[Totals, Standing]:
    """A member's totals, and how they stand, from their record in the store."""
    totals, standing, *_ = from_json(record.split(b"\n", 1)[0])
    return Totals.load(totals, layout), Standing.load(standing)


def standing_of(record: bytes) -> Standing:
    """How a member stands, from their record in the store."""
    return Standing.load(from_json(record.split(b"\n", 1)[0])[1])


def is_seen(standing: Standing, versions: Versions, now: Instant) -> bool:
    """Whether boards show a member to everyone."""
    return _SEEN.get(standing.shelf, versions.in_force(now).rulebook.people.visibility != "hidden")


def member_answer(known: Known, member: MemberId, totals: Totals, now: Instant) -> MemberAnswer:
    """The answer; whether a streak is alive follows from the moment."""
    names = known.catalogue.names
    points = {_ident(names[number]): total for number, total in totals.points.items()}
    return {
        "member": member,
        "points": dict(sorted(points.items())),
        "badges": _badges(known, totals),
        "streaks": _streaks(known, totals, now),
        "karma": {"to_give": 0, "earned": 0, "owed": 0},
        "position": known.position,
    }


def _badges(known: Known, totals: Totals) -> list[Badge]:
    """In the order in which they were reached."""
    names = known.catalogue.names
    order = {
        (score.number, step.level): index
        for score in known.plan.scores.values()
        for index, step in enumerate(score.levels)
    }
    reached = sorted(
        (format_instant(Instant(at)), _ident(names[number]), order.get((number, level), 0), level)
        for number, levels in totals.levels.items()
        for level, at in levels.items()
    )
    return [{"badge": badge, "level": level or None, "at": at} for at, badge, _, level in reached]


def _streaks(known: Known, totals: Totals, now: Instant) -> dict[str, Streak]:
    calendar = known.in_force(now).calendar
    today = calendar.windows(calendar.day(now))
    found: dict[str, Streak] = {}
    for number, (last, run, longest) in totals.streaks.items():
        score = next((plan.scores[number] for plan in reversed(known.plans) if number in plan.scores), None)
        if score is not None and score.streak is not None:
            alive = last >= today[score.streak.period] - 1
            found[_ident(known.catalogue.names[number])] = {"current": run if alive else 0, "longest": longest}
    return dict(sorted(found.items()))


def _ident(name: str) -> str:
    """The rule, board or badge of a name such as `rule:review`."""
    return name.split(":", 1)[1]

"""What a member has: points, badges, levels and streaks, from what the store keeps of them."""

from collections.abc import Sequence

from pydantic_core import from_json

from engine.badges import Badges, Times, load_times
from engine.layout import Layout
from engine.scores.streaks import at_a_moment
from engine.standing import Standing
from engine.totals import Totals, tallies_of
from engine.values import value_of
from schemas.answers import Badge, Level, MemberAnswer, Streak
from schemas.times import format_instant
from schemas.words import Instant, MemberId
from streams.challenges import progress
from streams.known import Known, Versions
from streams.leagues import tiers
from streams.rows import in_unit

_SEEN = {"listed": True, "hidden": False, "former": False}


Parts = tuple[Totals, Standing, Times]
"""A member's totals, how they stand, and which badges were settled."""


def parts_of(record: bytes, tallies: Sequence[bytes], layout: Layout) -> Parts:
    """A member's totals, how they stand, and what was settled, from the record and the fields of the tallies."""
    raw, standing, _, _, _, _, *settled = from_json(record.split(b"\n", 1)[0])
    totals = Totals.load(raw, layout)
    totals.tallies = tallies_of(zip(tallies[::2], tallies[1::2], strict=True))
    return totals, Standing.load(standing), load_times(settled[0]) if settled else {}


def standing_of(record: bytes) -> Standing:
    """How a member stands, from their record in the store."""
    return Standing.load(from_json(record.split(b"\n", 1)[0])[1])


def is_seen(standing: Standing, versions: Versions, now: Instant) -> bool:
    """Whether boards show a member to everyone."""
    return _SEEN.get(standing.shelf, versions.in_force(now).rulebook.people.visibility != "hidden")


def member_answer(
    known: Known, member: MemberId, parts: Parts, now: Instant, *, to_everyone: bool = False
) -> MemberAnswer:
    """The answer; whether a streak is alive and a badge holds follows from the moment. Secrets are not told."""
    totals, standing, settled = parts
    points = {_ident(known, number, now): total for number, total in totals.points.items()}
    holding, run_out = _badges(known, parts, now)
    secret = {name for name, badge in known.plan.rulebook.badges.items() if badge.secret}
    answer: MemberAnswer = {
        "member": member,
        "points": dict(sorted(points.items())),
        "badges": [each for each in holding if not (to_everyone and each["badge"] in secret)],
        "levels": _levels(known, totals),
        "streaks": _streaks(known, totals, standing, now),
        "challenges": progress(known, totals, standing, now),
        "leagues": tiers(known, settled, now),
        "position": known.position,
    }
    if run_out:
        answer["run_out"] = run_out
    return answer


def _badges(known: Known, parts: Parts, now: Instant) -> tuple[list[Badge], list[Badge]]:
    """Those that hold and those that have run out, each in the order in which they were reached."""
    totals, standing, settled = parts
    order = {
        (score.owner, step.level): index
        for score in known.plan.scores.values()
        for index, step in enumerate(score.levels)
    }
    badges = Badges(known.plans, known.catalogue)
    times = badges.held(totals, standing, settled, now)
    found = sorted(
        (format_instant(Instant(at)), _ident(known, what.badge, now), order.get((what.badge, what.level), 0), what)
        for what, at in times.items()
        if known.catalogue.names[what.badge].startswith("badge:")
    )
    holding: list[Badge] = []
    run_out: list[Badge] = []
    for at, ident, _, what in found:
        badge: Badge = {"badge": ident, "level": what.level or None, "at": at}
        if what.value:
            badge["value"] = value_of(what.value)
        end = badges.until(what, totals, standing)
        if end is not None:
            badge["until"] = format_instant(Instant(end))
        (holding if end is None or end > now else run_out).append(badge)
    return holding, run_out


def _levels(known: Known, totals: Totals) -> dict[str, Level]:
    """Where the member stands on each ladder of the newest rulebook."""
    found: dict[str, Level] = {}
    for ident in known.plan.rulebook.levels:
        plan = known.plan.scores[known.plan.numbers["level"][ident]]
        there = [step for step in plan.levels if totals.slots[step.at]]
        ahead = next((step for step in plan.levels if not totals.slots[step.at]), None)
        found[ident] = {
            "level": there[-1].level if there else None,
            "at": format_instant(Instant(totals.slots[there[-1].at] - 1)) if there else None,
            "score": in_unit(totals.slots[plan.total], plan.scale),
            "next": None if ahead is None else ahead.level,
            "needs": None if ahead is None else in_unit(ahead.number, plan.scale),
        }
    return found


def _streaks(known: Known, totals: Totals, standing: Standing, now: Instant) -> dict[str, Streak]:
    calendar = known.in_force(now).calendar
    found: dict[str, Streak] = {}
    for number in totals.streaks:
        score = next((plan.scores[number] for plan in reversed(known.plans) if number in plan.scores), None)
        if score is not None and score.streak is not None:
            current, longest, freezes = at_a_moment(score.streak, totals.slots, calendar, standing, number, now)
            streak: Streak = {"current": current, "longest": longest}
            if score.streak.freezes:
                streak["freezes"] = freezes
            found[_ident(known, number, now)] = streak
    return dict(sorted(found.items()))


def _ident(known: Known, number: int, now: Instant) -> str:
    """The rule, board or badge of a number, as it is called now."""
    return known.name(number, now).split(":", 1)[1]

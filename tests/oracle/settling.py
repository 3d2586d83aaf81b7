"""Settles days: once, when the day is closed that lies so many days after, from what stands before in the log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.records import Record

from .boards import members_ranked
from .days import ONE
from .judge import Judge
from .leagues import Week, played
from .levels import Earned
from .moment import Moment
from .periods import first_day, last_day, windows
from .prizes import Prize, Settled, Won, settling_event
from .rounds import round_of
from .rulebook import Version
from .settled_rounds import awards_for
from .stories import name_in


@dataclass(frozen=True)
class Ending:
    """A day that is settled: what was known by then, judged by the version of its last moment."""

    day: date
    closed: int  # the time of the record that settles it
    version: Version
    moment: Moment

    def ends(self, every: str) -> bool:
        """Whether it is the last day of a window of that kind."""
        calendar = self.version.calendar
        return last_day(first_day(self.day, every, calendar), every, calendar) == self.day


def settle(judge: Judge, record: Record, settled: Settled) -> Settled:
    """What is settled once a day is closed, with all that was before."""
    first, last = due(judge, record, settled)
    more = Settled(until=last)
    for day in (first + timedelta(days=after) for after in range((last - first).days + 1)):
        version = [each for each in judge.versions if each.start <= day][-1]
        ending = Ending(day, record["time"], version, Moment(judge, settled.and_also(more), version, record["time"]))
        more = more.and_also(Settled(won=[*places(ending), *firsts(ending)]))
        more = more.and_also(prizes(ending, judge.in_force(record["time"])))
        more = more.and_also(leagues(ending))
    return settled.and_also(more)


def due(judge: Judge, record: Record, settled: Settled) -> tuple[date, date]:
    """From which to which day it is settled with a closed one: what is over for so long, and was not settled yet."""
    now, closed = judge.in_force(record["time"]), date.fromisoformat(str(record["data"]["day"]))
    last = closed - timedelta(days=now.settle)
    assert judge.began is not None, "a day is closed in a log that lives"
    return max(settled.until + ONE if settled.until != date.min else last, now.calendar.day(judge.began)), last


def places(ending: Ending) -> Iterator[Won]:
    """The places on boards in the windows that end with the day."""
    version = ending.version
    at = version.calendar.begins(ending.day + ONE)
    for badge, defined in version.badges.items():
        if defined.rank is None or defined.closed(ending.day) or not ending.ends(defined.rank.window):
            continue
        window = ending.moment.windows.get((defined.rank.board, "member", windows(ending.day)[defined.rank.window]))
        for rank, member, *_ in members_ranked(window, ending.moment.people).rows if window else ():
            for level, worst in defined.levels.items():
                if rank is not None and rank <= worst:
                    yield Won(version, badge, level, member, Earned(at))


def firsts(ending: Ending) -> Iterator[Won]:
    """Those who reached a badge by the end of the day, as many as may still get it."""
    version, moment = ending.version, ending.moment
    end = version.calendar.begins(ending.day + ONE)
    for badge, defined in version.badges.items():
        for level in defined.levels if defined.first is not None and not defined.retired else ():
            has = {
                won.member
                for won in moment.settled.won
                if (name_in(version, "badges", won.badge, won.version), won.level) == (badge, level)
            }
            reached = {
                member: earned
                for member in moment.by_member
                if (earned := reached_by(moment, member, badge).get(level)) is not None
                if earned.at < end and member not in has
            }
            left = max(0, (defined.first or 0) - len(has))
            for member in sorted(reached, key=lambda name: (reached[name].at, name.encode()))[:left]:
                yield Won(version, badge, level, member, reached[member])


def reached_by(moment: Moment, member: str, badge: str) -> dict[str | None, Earned]:
    """The levels that a member has reached, whoever else has."""
    life = moment.life(member)
    return next((life.earned(name, given) for name, _, given in life.separate() if name == badge), {})


def prizes(ending: Ending, now: Version) -> Settled:
    """The rewards of challenges whose round ends with the day, by the version in which they are given."""
    rounds = [(ending.version, challenge, name) for challenge, name in over(ending)]
    found = [
        (member, name_in(now, "challenges", challenge, ending.version), points)
        for _, challenge, _ in rounds
        for member, points in awards_for(challenge, ending.day, ending.moment)
    ]
    events = {member: settling_event(member, ending.closed, now) for member, _, _ in found}
    given = [Prize(events[member], challenge, points) for member, challenge, points in found]
    return Settled(prizes=given, rounds=rounds)


def over(ending: Ending) -> Iterator[tuple[str, str]]:
    """The challenges of which anything is settled with the day, each with the round; a round is settled once."""
    version = ending.version
    settled = ending.moment.settled.rounds
    before = {(name_in(version, "challenges", challenge, of), round_) for of, challenge, round_ in settled}
    for challenge, defined in version.challenges.items():
        name, (_, last) = round_of(defined, ending.day, version.calendar)
        is_settled = defined.owner != "member" or defined.by_rank
        if is_settled and not defined.closed(ending.day) and last == ending.day and (challenge, name) not in before:
            yield challenge, name


def leagues(ending: Ending) -> Settled:
    """The promotions of a week that ends with the day."""
    found = Settled()
    for board, defined in ending.version.boards.items() if ending.ends("week") else ():
        if defined.league is not None:
            week = Week(board, defined, first_day(ending.day, "week", ending.version.calendar), ending.version)
            table = ending.moment.windows.get((board, "member", windows(ending.day)["week"]))
            rows = members_ranked(table, ending.moment.people).rows if table else []
            found = found.and_also(played(week, rows, ending.moment.settled, ending.closed))
    return found

"""Streaks: periods in which a score reached a number, in a row over what was off, forgiven or frozen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from .canonical import order
from .days import Calendar
from .levels import Earned
from .periods import between, first_day, following
from .rulebook import Forgive, Level, Streak
from .scores import Given, running
from .time_off import is_off

Freeze: TypeAlias = tuple[int, bytes, bytes]
"""The place in canonical order of what gave it; it begins with the time."""

Away: TypeAlias = Sequence[tuple[date, date]]
"""A member's time off, each from its first to its last day."""


class Standing(NamedTuple):
    """The running run and the longest, in periods, and how many freezes are at hand."""

    current: int
    longest: int
    freezes: int


class Gap(NamedTuple):
    """What became of the periods after a completed one."""

    is_bridged: bool
    looked_at: list[str]  # of the run up to there, what each period was: completed, missed or frozen
    freezes: list[Freeze]  # that are left, the oldest first


@dataclass
class Run:
    """Completed periods that hang together, by their first days."""

    completed: list[date]
    looked_at: list[str]


@dataclass(frozen=True)
class History:
    """All runs of a member, in order of time, and what is left of the freezes."""

    completed: Mapping[date, Given]  # each period by the event that completed it
    runs: list[Run]
    freezes: list[Freeze]


def streak_of(one: Given) -> Streak:
    assert one.defined.streak is not None
    return one.defined.streak


def periods_of(given: Sequence[Given]) -> dict[date, Given]:
    """The periods that were reached, in order, each with what completed it."""
    inside: defaultdict[date, list[Given]] = defaultdict(list)
    for one in given:
        inside[first_day(one.event.day, streak_of(one).every, one.event.version.calendar)].append(one)
    completed: dict[date, Given] = {}
    for period, those in sorted(inside.items()):
        kind = those[-1].defined.scores[None].kind
        for one, score in zip(those, running(kind, [one.values[None] for one in those]), strict=True):
            if score >= streak_of(one).at_least * 10 ** one.defined.scores[None].scale:
                completed.setdefault(period, one)
    return completed


def history_of(given: Sequence[Given], away: Away, granted: Sequence[Freeze]) -> History:
    """The runs of a member for one streak; `granted` are the freezes that were given by hand."""
    completed = periods_of(given)
    runs: list[Run] = []
    freezes = sorted(granted)
    for period, one in completed.items():
        streak, calendar = streak_of(one), one.event.version.calendar
        is_bridged = False
        if runs:
            missed = between(runs[-1].completed[-1], period, streak.every, calendar)
            is_bridged, runs[-1].looked_at, freezes = bridge(runs[-1], missed, streak, calendar, away, freezes)
        if not is_bridged:
            runs.append(Run([], []))
        runs[-1].completed.append(period)
        runs[-1].looked_at.append("completed")
        now = order(one.event.record)
        if is_earned(len(runs[-1].completed), now, freezes, streak):
            freezes = sorted([*freezes, now])
    return History(completed, runs, freezes)


def bridge(
    run: Run, missed: Sequence[date], streak: Streak, calendar: Calendar, away: Away, freezes: Sequence[Freeze]
) -> Gap:
    """Looks at the periods after a run's last, one after another, until one breaks it."""
    looked_at, left = list(run.looked_at), list(freezes)
    for period in missed if streak.in_a_row else ():
        end = calendar.begins(following(period, streak.every, calendar))
        usable = [freeze for freeze in left if freeze[0] < end] if streak.freezes else []
        if is_off(period, streak.every, calendar, away):
            continue
        if streak.forgive and is_forgiven(looked_at, streak.forgive):
            looked_at.append("missed")
        elif usable:
            left.remove(usable[0])
            looked_at.append("frozen")
        else:
            return Gap(False, looked_at, left)
    return Gap(True, looked_at, left)


def is_forgiven(looked_at: Sequence[str], forgive: Forgive) -> bool:
    """Whether few enough of the last periods were missed, if the next one is as well."""
    return [*looked_at, "missed"][-forgive.of :].count("missed") <= forgive.misses


def is_earned(length: int, now: Freeze, freezes: Sequence[Freeze], streak: Streak) -> bool:
    """Whether a run that has grown to that length earns a freeze: not while enough are at hand."""
    rules = streak.freezes
    at_hand = sum(freeze < now for freeze in freezes)
    return rules is not None and rules.every is not None and length % rules.every == 0 and at_hand < rules.most


def levels_of_runs(history: History) -> dict[Level, Earned]:
    """The levels of a streak, each by the first run that was that long, when it became that long."""
    reached: dict[Level, Earned] = {}
    for run in history.runs:
        for length, period in enumerate(run.completed, start=1):
            one = history.completed[period]
            for level, needed in one.defined.levels.items():
                if length >= needed:
                    reached.setdefault(level, Earned(one.time))
    return reached


def standing(history: History, streak: Streak, today: date, calendar: Calendar, away: Away) -> Standing:
    """How a streak stands today; the running period breaks nothing, and asking uses up nothing."""
    run = history.runs[-1]
    missed = between(run.completed[-1], first_day(today, streak.every, calendar), streak.every, calendar)
    is_alive = bridge(run, missed, streak, calendar, away, history.freezes).is_bridged
    longest = max(len(found.completed) for found in history.runs)
    return Standing(len(run.completed) if is_alive else 0, longest, len(history.freezes))

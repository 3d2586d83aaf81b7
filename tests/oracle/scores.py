"""From what scores got to numbers: boards by window, levels of badges, streaks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from .days import period, windows
from .judge import Event, Place, Value
from .people import People
from .points import Awards
from .rulebook import Score

Row: TypeAlias = tuple[int | None, str, int] | tuple[int | None, str, int, int]
"""(rank, None if hidden; member or group; score in units of its scale), for groups also how many belong."""

TableKey: TypeAlias = tuple[str, str, str]
"""(board, `member` or a kind of group, window)."""

Reached: TypeAlias = tuple[str, str | None, int]
"""(badge, level, the time in ms of the event that completed it)."""


class Table(NamedTuple):
    """A board in a window: the highest first; `total` of the rows have a rank."""

    rows: list[Row]
    total: int


def score_at(event: Event, place: Place) -> Score:
    kind, name = place
    named = event.version.boards if kind == "board" else event.version.badges
    return named[name].score


def got(event: Event, place: Place, awards: Awards) -> Value:
    """What the score there got from an event."""
    score = score_at(event, place)
    if score.kind != "points":
        return event.values[place]
    return sum(awards[event, rule] for rule in score.rules if rule in event.amounts)


def total(kind: str, values: Sequence[Value]) -> int:
    """The score that these values make."""
    if kind == "count":
        return len(values)
    if kind == "distinct":
        return len(set(values))
    numbers = [value for value in values if isinstance(value, int)]
    return max(numbers) if kind == "best" else sum(numbers)


def running(kind: str, values: Sequence[Value]) -> list[int]:
    """The score after each of the values."""
    return [total(kind, values[:count]) for count in range(1, len(values) + 1)]


def tables_of(events: Sequence[Event], awards: Awards, people: People) -> dict[TableKey, Table]:
    """Every board in every window in which it has rows."""
    earned: defaultdict[TableKey, defaultdict[str, defaultdict[str, list[Value]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    kinds: dict[str, str] = {}
    for event in events:
        for place in event.values:
            if place[0] != "board":
                continue
            board = event.version.boards[place[1]]
            kinds[place[1]] = board.score.kind
            for by in board.by:
                owners = {event.member} if by == "member" else people.groups(event.member, by, event.day)
                for owner in owners:
                    for per in board.windows:
                        key = (place[1], by, windows(event.day)[per])
                        earned[key][owner][event.member].append(got(event, place, awards))
    tables = {}
    for key, of_owner in earned.items():
        scores = {owner: combined(kinds[key[0]], of_member) for owner, of_member in of_owner.items()}
        table = ranked(key[1], {owner: score for owner, score in scores.items() if score != 0}, people)
        if table.rows:
            tables[key] = table
    return tables


def combined(kind: str, of_member: Mapping[str, Sequence[Value]]) -> int:
    """The score of a group from what its members got; that of a member is of one alone."""
    scores = [total(kind, values) for values in of_member.values()]
    return max(scores) if kind == "best" else sum(scores)


def ranked(by: str, scores: Mapping[str, int], people: People) -> Table:
    """The rows of a window: former members and small groups left out, hidden members without a rank."""
    if by == "member":
        shown = {owner for owner in scores if not people.former(owner)}
        sizes = {}
        listed = [scores[owner] for owner in shown if people.listed(owner)]
    else:
        sizes = {owner: people.size(by, owner) for owner in scores}
        shown = {owner for owner in scores if sizes[owner] >= people.newest.smallest_group}
        listed = [scores[owner] for owner in shown]
    rows: list[Row] = []
    for owner in sorted(shown, key=lambda owner: (-scores[owner], owner.encode())):
        if by == "member":
            rank = 1 + sum(score > scores[owner] for score in listed) if people.listed(owner) else None
            rows.append((rank, owner, scores[owner]))
        else:
            rank = 1 + sum(score > scores[owner] for score in listed)
            rows.append((rank, owner, scores[owner], sizes[owner]))
    return Table(rows, len(listed))


def levels_of(events: Sequence[Event], badge: str, awards: Awards) -> list[Reached]:
    """The levels of a score, each at the first of the member's events at which the score was that high."""
    place = ("badge", badge)
    values = [got(event, place, awards) for event in events]
    reached: dict[str | None, int] = {}
    for event, score in zip(events, running(score_at(events[-1], place).kind, values), strict=True):
        defined = event.version.badges[badge]
        for level, number in defined.levels.items():
            if score >= number * 10**defined.score.scale:
                reached.setdefault(level, event.record["time"])
    return [(badge, level, time) for level, time in reached.items()]


def periods_of(events: Sequence[Event], badge: str, awards: Awards) -> dict[int, Event]:
    """The periods that were reached, in order, each with the event that completed it."""
    place = ("badge", badge)
    inside: defaultdict[int, list[Event]] = defaultdict(list)
    for event in events:
        inside[period(event.day, str(event.version.badges[badge].every))].append(event)
    completed: dict[int, Event] = {}
    for number in sorted(inside):
        values = [got(event, place, awards) for event in inside[number]]
        kind = score_at(inside[number][-1], place).kind
        for event, score in zip(inside[number], running(kind, values), strict=True):
            defined = event.version.badges[badge]
            if score >= defined.at_least * 10**defined.score.scale:
                completed.setdefault(number, event)
    return completed


def runs_of(periods: Mapping[int, Event]) -> list[list[int]]:
    """The rows of consecutive periods, in order of time."""
    runs: list[list[int]] = []
    for number in periods:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def streak_levels_of(periods: Mapping[int, Event], badge: str) -> list[Reached]:
    """The levels of a streak, each by the first run that was that long, when it became that long."""
    reached: dict[str | None, int] = {}
    for run in runs_of(periods):
        for length, number in enumerate(run, start=1):
            event = periods[number]
            for level, needed in event.version.badges[badge].levels.items():
                if length >= needed:
                    reached.setdefault(level, event.record["time"])
    return [(badge, level, time) for level, time in reached.items()]


def streak_of(periods: Mapping[int, Event], running_period: int) -> tuple[int, int]:
    """(current, longest); the current run's last period is the running one or the one before it."""
    runs = runs_of(periods)
    alive = [len(run) for run in runs if run[-1] in {running_period, running_period - 1}]
    return (alive[-1] if alive else 0), max(len(run) for run in runs)

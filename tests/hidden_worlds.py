"""Small organisations in which some hide, and what everyone may see of their groups, worked out naively day by day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count, pairwise

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from schemas.records import RECORD, Record
from tests.rulebook_strategies import Json
from tests.strategies import hashed, published, record

START = 1_709_510_400_000  # Monday 2024-03-04, 00:00 UTC
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
DAYS = 8  # of a world, so that it has two weeks
SPENT = "learning_time.spent"
MEMBERS = tuple(f"m{number}" for number in range(7))
TEAMS, GUILDS = ("red", "blue"), ("go", "chess")
ENOUGH = 3
COMBINED: dict[str, Callable[[list[int]], int]] = {"minutes": sum, "longest": max}
"""Boards by member, team and guild, and what their score makes of all values."""
_numbers = count(1_000)


def rulebook(
    *, visibility: str = "listed", one_at_a_time: bool = True, smallest_group: int = 1, kinds: str = "guild team"
) -> Json:
    """Boards by every kind of owner, of scores that add up and of one that does not."""
    book: Json = {
        "apiVersion": "karmalog/v1",
        "kind": "Rulebook",
        "people": {"visibility": visibility, "smallest_group": smallest_group},
        "groups": {kind: {"one_at_a_time": one_at_a_time and kind == "team"} for kind in kinds.split()},
        "rules": {"time": {"event": SPENT, "award": "data.minutes", "limits": [{"per": "day", "points": 20}]}},
        "boards": {
            "minutes": {"score": {"sum": "data.minutes", "event": SPENT}, "by": ["member", "team", "guild"]},
            "different": {"score": {"distinct": "data.minutes", "event": SPENT}, "by": ["team", "guild"]},
            "points": {"score": {"points": ["time"]}, "by": ["team"]},
            "longest": {"score": {"best": "data.minutes", "event": SPENT}, "by": ["member", "team", "guild"]},
        },
        "badges": {"keen": {"score": {"count": SPENT}, "levels": {"one": 1, "three": 3}}},
    }
    for board in book["boards"].values():
        board["windows"] = ["day", "week", "all"]
    book["boards"]["longest"]["league"] = {"tiers": ["one", "two"], "size": 5, "promote": 1}
    minutes = {"score": {"sum": "data.minutes", "event": SPENT}, "every": "week"}
    book["challenges"] = {
        "dare": {**minutes, "goal": 9, "reward": {"points": 1}},
        "race": {**minutes, "by_rank": [3, 2]},
        "teams": {**minutes, "for": "team", "goal": 9, "reward": {"points": 1}, "by_rank": [2]},
        "guilds": {**minutes, "for": "guild", "by_rank": [2]},
        "together": {**minutes, "for": "everyone", "goal": 20, "reward": {"points": 1}},
    }
    return book


def at(day: float) -> int:
    """The instant of a day of a world, in ms; parts of days are hours."""
    return START + round(day * DAY_MS)


def said(kind: str, member: str, day: float, data: Json, number: int | None = None) -> Record:
    """A record of a day of a world; identities are made of numbers, without one it is a new one."""
    return record(kind, member, at(day), data, next(_numbers) if number is None else number)


def spent(member: str, minutes: int, day: float, number: int | None = None) -> Record:
    return said(SPENT, member, day, {"minutes": minutes}, number)


def joined(member: str, group: str, day: float, number: int | None = None, kind: str = "team") -> Record:
    return said("group.joined", member, day, {"kind": kind, "group": group}, number)


def chose(member: str, visibility: str, day: float, number: int | None = None) -> Record:
    return said("member.visibility_changed", member, day, {"visibility": visibility}, number)


def closings() -> list[Record]:
    """That every day of a world is over, and so many more that its last one is settled."""
    return [
        {**said("day.closed", "karmalog", day + 1, {"day": day_name(day)}, 900 + day), "recorded": at(DAYS + 10)}
        for day in range(-10, DAYS + 2)
    ]


def left(member: str, day: float, number: int | None = None) -> Record:
    return said("member.left", member, day, {}, number)


def voided(number: int) -> Record:
    """The event of a number is taken out, at the end of a world's last day."""
    return said("event.voided", "an admin", DAYS - 0.01, {"id": hashed(f"id {number}", 32)}, 100 + number)


@dataclass
class World:
    """A log, and one member of it who is hidden at its end."""

    log: list[Record]
    hidden: str = MEMBERS[0]
    now: int = field(default=at(DAYS))


_moments = st.builds(lambda day, hour: day + hour / 24, st.integers(0, DAYS - 1), st.sampled_from((0, 1, 9, 12, 23)))
_early = st.sampled_from((0, 0, 0, 0.5, 1, 4))


@st.composite
def worlds(draw: DrawFn, others: tuple[int, ...]) -> World:
    """One member hides, and so many others do; people join, move, leave, choose and do things, some of them voided."""
    log = [joined(member, draw(st.sampled_from(TEAMS)), draw(_early), number) for number, member in enumerate(MEMBERS)]
    hiding = 1 + draw(st.sampled_from(others))
    log += [chose(member, "hidden", draw(_early), 10 + number) for number, member in enumerate(MEMBERS[:hiding])]
    shown = draw(st.sets(st.sampled_from(MEMBERS[1:])))
    log += [chose(member, "listed", draw(_early), 20 + number) for number, member in enumerate(sorted(shown))]
    log += [draw(people_said(100 + number)) for number in range(draw(st.integers(0, 12)))]
    done = st.tuples(st.sampled_from(MEMBERS), st.integers(-3, 9), _moments)
    did = draw(st.lists(done, min_size=draw(st.sampled_from((0, 12))), max_size=25))
    log += [spent(*each, 200 + number) for number, each in enumerate(did)]
    log += [voided(200 + number) for number in draw(st.sets(st.integers(0, max(0, len(did) - 1)), max_size=4))]
    for each in log:
        each["recorded"] = at(DAYS - 1)  # so that no answer tells when somebody did something
    log = draw(st.permutations(log)) if draw(st.booleans()) else sorted(log, key=lambda each: each["time"])
    return World([*draw(books()), *log])


@st.composite
def people_said(draw: DrawFn, number: int) -> Record:
    """Something about anybody's groups, or about whether another one than the first is here and may be seen."""
    what, day = draw(st.sampled_from(("team", "team", "guild", "guild", "leave", "go", "choose"))), draw(_moments)
    if what in {"go", "choose"}:
        other = draw(st.sampled_from(MEMBERS[1:]))
        visibility = draw(st.sampled_from(("hidden", "listed", "nickname")))
        return left(other, day, number) if what == "go" else chose(other, visibility, day, number)
    group = draw(st.sampled_from(TEAMS if what == "team" else GUILDS))
    made = joined(draw(st.sampled_from(MEMBERS)), group, day, number, "team" if what == "team" else "guild")
    return {**made, "type": "group.left"} if what == "leave" else made


@st.composite
def books(draw: DrawFn) -> list[Record]:
    """A rulebook, perhaps with a second one that hides those who chose nothing."""
    one_at_a_time, kinds = draw(st.booleans()), draw(st.sampled_from(("guild team", "team guild")))
    book = {each: rulebook(visibility=each, one_at_a_time=one_at_a_time, kinds=kinds) for each in ("listed", "hidden")}
    orders = (("listed",), ("listed",), ("hidden",), ("listed", "hidden"), ("hidden", "listed"))
    first, *second = draw(st.sampled_from(orders))
    since = draw(st.integers(1, DAYS - 1))
    later = [published(2, day_name(since), book[each], at(-8)) for each in second]
    return [published(1, None, book[first], at(-9)), *later]


def day_name(day: int) -> str:
    """The date of a day of a world."""
    return datetime.fromtimestamp(at(day) / 1_000, UTC).date().isoformat()


def windows() -> dict[str, range]:
    """Windows that a world may touch, with their days."""
    weeks = {f"2024-W{10 + week}": range(7 * week, 7 * week + 7) for week in (0, 1)}
    return {**{day_name(day): range(day, day + 1) for day in range(DAYS)}, **weeks, "all": range(DAYS)}


class Naive:
    """What docs/definitions.md says of groups, from a log, day by day."""

    def __init__(self, world: World) -> None:
        log = [each for place, each in enumerate(world.log) if each["id"] not in voided_in(world.log[place:])]
        books = [each["data"] for each in world.log if each["type"] == "rulebook.published"]
        self.said = sorted(log, key=lambda each: (each["time"], each["source"], each["id"]))
        self.one_at_a_time = {
            kind: group.get("one_at_a_time", False) for kind, group in books[-1]["rulebook"]["groups"].items()
        }
        self.versions = [
            (
                -1 if book["from"] is None else (date.fromisoformat(book["from"]) - date(2024, 3, 4)).days,
                book["rulebook"]["people"]["visibility"] == "hidden",
            )
            for book in books
        ]

    def of(self, member: str, *kinds: str) -> list[Record]:
        return [each for each in self.said if each["subject"] == member and each["type"] in kinds]

    def groups(self, member: str, kind: str, day: int) -> set[str]:
        """To which a member belongs on a day."""
        found: set[str] = set()
        for each in self.of(member, "group.joined", "group.left"):
            if each["data"]["kind"] == kind and day_of(each) <= day:
                group = {str(each["data"]["group"])}
                found = found - group if each["type"] == "group.left" else found | group
                found = group if self.one_at_a_time[kind] and each["type"] == "group.joined" else found
        return found

    def is_former(self, member: str) -> bool:
        return self._left_on(member) < DAYS

    def _left_on(self, member: str) -> int:
        stay = self.of(member, "member.joined", "member.left")
        return day_of(stay[-1]) if stay and stay[-1]["type"] == "member.left" else DAYS

    def is_hidden(self, member: str) -> bool:
        """Whether a member is hidden now, or was when they left."""
        choices = self.of(member, "member.visibility_changed")
        return choices[-1]["data"]["visibility"] == "hidden" if choices else self.versions[-1][1]

    def hides(self, day: int, until: int) -> bool:
        """Whether rulebooks hid who chose nothing, from a day until another one."""
        return all(
            hides
            for (since, hides), (end, _) in pairwise([*self.versions, (DAYS + 1, False)])
            if since <= until and end > day
        )

    def is_secret(self, member: str, day: int) -> bool:
        """Whether nobody was shown what a member did on a day, on which they were there."""
        if not self.is_hidden(member) or day >= self._left_on(member):
            return False
        choices = self.of(member, "member.visibility_changed")
        shown = [place for place, each in enumerate(choices) if each["data"]["visibility"] != "hidden"]
        hiding = choices[shown[-1] + 1 if shown else 0 :]
        if hiding and day_of(hiding[0]) <= day:
            return True
        return not shown and self.hides(day, day_of(hiding[0]) if hiding else DAYS)

    def covers(self, kind: str, group: str, first_day: int) -> bool:
        """Whether the hidden members of a group are counted in a window that begins on a day."""
        if kind != min(self.one_at_a_time, key=lambda each: not self.one_at_a_time[each]):
            return False
        days = range(-1, DAYS)
        secret = {
            day: [m for m in MEMBERS if self.is_secret(m, day) and group in self.groups(m, kind, day)] for day in days
        }
        fine = {
            day: len(secret[day]) >= ENOUGH and all(len(self.groups(m, kind, day)) == 1 for m in secret[day])
            for day in days
        }
        if not fine[DAYS - 1]:
            return False
        first = min(day for day in days if secret[day])
        since = min(day for day in days if all(fine[later] for later in range(day, DAYS)))
        return since == first or since < first_day

    def members(self, kind: str, group: str) -> int:
        """How many belong to a group now."""
        return sum(group in self.groups(member, kind, DAYS) and not self.is_former(member) for member in MEMBERS)

    def scores(self, board: str, kind: str, days: range, *, all_time: bool, operator: bool) -> dict[str, int]:
        """The scores of groups in a window of one of the boards `COMBINED`."""
        values: defaultdict[str, list[int]] = defaultdict(list)
        for each in self.said:
            if each["type"] == SPENT and day_of(each) in days:
                for group in self.groups(each["subject"], kind, day_of(each)):
                    start = -DAYS if all_time else days[0]
                    if operator or not self.is_hidden(each["subject"]) or self.covers(kind, group, start):
                        values[group].append(int(str(each["data"]["minutes"])))
        scores = {group: COMBINED[board](those) for group, those in values.items()}
        return {group: score for group, score in scores.items() if score and self.members(kind, group)}


def voided_in(log: Sequence[Record]) -> set[str]:
    """The identities of what is taken out there."""
    return {str(each["data"]["id"]) for each in log if each["type"] == "event.voided"}


def day_of(each: Record) -> int:
    """The day of a world on which something happened."""
    return (each["time"] - START) // DAY_MS


def hidden_in(naive: Naive, kind: str, groups: Iterable[str]) -> dict[str, int]:
    """How many of those who belong to groups are hidden."""
    return {
        group: sum(
            naive.is_hidden(member) and not naive.is_former(member) and group in naive.groups(member, kind, DAYS)
            for member in MEMBERS
        )
        for group in groups
    }


def changed(log: Sequence[Record], member: str, minutes: Sequence[int]) -> list[Record]:
    """A log in which a member did other things, or nothing, where they did something: 0 minutes are none."""
    did = (place for place, each in enumerate(log) if each["type"] == SPENT and each["subject"] == member)
    instead = dict(zip(did, [*minutes, *[0] * len(log)], strict=False))
    return [
        RECORD.validate_python({**each, "data": {"minutes": instead[place]}}) if place in instead else each
        for place, each in enumerate(log)
        if instead.get(place) != 0
    ]

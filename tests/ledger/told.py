"""The same happenings as records of a log, and the model of what has to become of each."""

from datetime import date
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from engine.organisation import Organisation
from schemas.records import Record
from schemas.rulebook import Rulebook
from schemas.words import FUTURE_MS_MAX, Instant, OrgId, Position
from tests.ledger.bench import moment
from tests.ledger.happenings import Happenings
from tests.ledger.lives import LATER
from tests.ledger.model import DAY_MS, Model, day_of
from tests.ledger.model_requests import reasons
from tests.ledger.people import Group, People
from tests.strategies import hashed, published, record

DAY_BEFORE = moment("2025-12-31 00:00")
SECTIONS: dict[str, Any] = {
    "groups": {"team": {}},
    "people": {"bots": ["robot"]},
    "boards": {"talks": {"score": {"count": "talk.presented"}}},
}
"""What every version says beside karma and shop."""
TALKS: dict[str, Any] = {"rules": {"talk": {"event": "talk.presented", "award": {"karma": 5}}}}
"""What versions with karma say as well."""

NAMES = st.sampled_from(["anna", "ben", "cleo", "eve", "finn", "zoe", "a.smith"])
LINKS = st.sampled_from([("zoe", "cleo"), ("eve", "ben"), ("finn", "eve"), ("cleo", "zoe"), ("zoe", "nobody")])


def whole(book: dict[str, Any]) -> dict[str, Any]:
    """A version of the rulebook that says this of karma and shop."""
    rules = TALKS if "karma" in book else {}
    return {"apiVersion": "karmalog/v1", "kind": "Rulebook", **SECTIONS, **rules, **book}


@cache
def number_of_talks() -> int:
    """The number of what the rule gives in karma, as causes have it."""
    org = Organisation(OrgId("acme"))
    for since, book in ((None, {}), (Instant(1), {"karma": {}})):
        org.publish(Rulebook.model_validate(whole(book)), since, Instant(1), Position(0))
    return next(number for number, name in enumerate(org.catalogue.names) if name.startswith("karma:"))


class Told(Happenings):
    """A log in the making. Anna and others are members before there is karma; of eve and finn nothing is known yet."""

    is_decided = False  # by nobody but the model

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Record] = []
        self.against: dict[int, set[str]] = {}
        """By position of a request: what speaks against it in the model."""
        self.repeats: set[int] = set()
        """Positions of records that were there before."""
        self.people = People(frozenset({"robot"}))
        self.at = DAY_BEFORE
        self.model = Model(self.at)
        self._publish(None, self.at, {})
        for name in ("anna", "ben", "cleo", "zoe", "robot", "gone"):
            self.comes_or_goes("member.joined", name, self.at)
        for name, group in (("anna", "red"), ("ben", "red"), ("cleo", "blue"), ("zoe", "blue")):
            self.moves(name, ("team", group), joined=True)
        self.comes_or_goes("member.left", "gone", Instant(self.at + 1))
        self.links("a.smith", "anna")

    # Records.

    def add(self, kind: str, subject: str, data: dict[str, Any], time: Instant | None = None) -> tuple[int, str]:
        """A record's position and stored id."""
        made = record(kind, subject, self.at if time is None else time, data, len(self.log))
        return self._append(made), made["id"]

    def _append(self, made: Record) -> int:
        recorded = Instant(self.at - self.behind)
        self.log.append({**made, "recorded": recorded, **({"run": "history"} if self.run else {})})
        return len(self.log) - 1

    def publish(self, start: Instant, book: dict[str, Any]) -> Instant:
        start = max(start, self.model.versions[-1][0])
        while start < self.at + FUTURE_MS_MAX:
            start = Instant(start + DAY_MS)
        self._publish(day_of(start), start, book)
        return start

    def _publish(self, since: date | None, start: int, book: dict[str, Any]) -> None:
        self.behind, self.run = 0, False
        said = whole(book)
        self._append(published(len(self.log) + 1, None if since is None else str(since), said, self.at))
        self.model.versions = [each for each in self.model.versions if each[0] != start]  # it was never in force
        self.model.versions.append((start, book))

    def decide(self, kind: str, sender: str, time: Instant, said: dict[str, Any]) -> None:
        data = {name: None if value != value else value for name, value in said.items()}  # noqa: PLR0124  JSON has no NaN
        place, ident = self.add(kind, sender, data, time)
        self.against[place] = reasons(self.model, ident, kind, sender, data)

    def cause_of(self, letter: str, member: str) -> str:
        return f"{ord(letter)}/{number_of_talks()}/{member}"

    # People.

    def comes_or_goes(self, kind: str, name: str, time: Instant) -> None:
        """Somebody joins or leaves."""
        was_known = name in self.people.known
        _, ident = self.add(kind, name, {}, time)
        is_last = self.people.comes_or_goes(name, time, ident, left=kind == "member.left")
        self._know()
        is_own = self.people.one(name) == name
        if not was_known and is_own:
            self.model.members[name] = _purse(here=False)
        if is_last and is_own:
            reasons(self.model, ident, kind, name, {"joined": day_of(time)})

    def moves(self, name: str, group: Group, *, joined: bool) -> None:
        """Somebody joins a group, or leaves it."""
        kind, data = "group.joined" if joined else "group.left", dict(zip(("kind", "group"), group, strict=True))
        _, ident = self.add(kind, name, data)
        self._meet(name)
        self.people.moves(name, self.at, ident, group, joined=joined)
        self._know()

    def links(self, name: str, same_as: str) -> None:
        """An id turns out to be a member's."""
        known, one, other = self.people.known, self.people.one(name), self.people.one(same_as)
        place, ident = self.add("member.linked", name, {"same_as": same_as})
        self.against[place] = set() if other in known else {"RECEIVER_UNKNOWN"}
        if other in known and one != other:
            if one in known:
                reasons(self.model, ident, "member.linked", name, {"same_as": same_as})
            self.people.links[one] = other
            self._know()

    def _meet(self, name: str) -> None:
        """Somebody of whom nothing was known has the whole of the running allowance."""
        if name not in self.people.known:
            self.people.known[name] = None
            if self.people.one(name) == name:
                self.model.members[name] = _purse(here=True)
                self.model.midnight_of(name, self.model.today, begins=False)

    def _know(self) -> None:
        self.model.people = self.people.told()

    def eve_joins(self, joined: Instant) -> None:
        self.comes_or_goes("member.joined", "eve", joined)
        self.moves("eve", ("team", "blue"), joined=True)

    def eve_leaves(self) -> None:
        if "eve" in self.people.known:
            self.comes_or_goes("member.left", "eve", self.at)

    def zoe_is_cleo(self) -> None:
        self.links("zoe", "cleo")

    # What happens to a log alone.

    @rule(name=NAMES, group=st.sampled_from(["red", "blue"]), joined=st.booleans())
    def move(self, name: str, group: str, joined: bool) -> None:  # noqa: FBT001
        self.moves(name, ("team", group), joined=joined)

    @rule(name=NAMES)
    def do_what_counts(self, name: str) -> None:
        self.add("talk.presented", name, {"topic": "kafka"})
        self._meet(name)
        self._know()

    @rule(link=LINKS)
    def link_others(self, link: tuple[str, str]) -> None:
        self.links(*link)

    @rule(pick=st.integers(0, 999), times=st.integers(1, 3), other=st.booleans())
    def say_again(self, pick: int, times: int, other: bool) -> None:  # noqa: FBT001
        """The same record, or another one under its id."""
        again = self.log[-1 - pick % min(len(self.log), 1 + pick % 40)]
        for _ in range(times):
            stamp = hashed(f"another {len(self.log)}", 16) if other else again["stamp"]
            self.repeats.add(self._append({**again, "stamp": stamp}))

    @rule(behind=st.sampled_from([1, 60_000, 2 * DAY_MS, 40 * DAY_MS]), run=st.booleans())
    def clocks_differ(self, behind: int, run: bool) -> None:  # noqa: FBT001
        """What comes until time passes was recorded earlier than what came before, or is imported and says later."""
        self.behind, self.run = 0, False
        self.repeats.add(self._append(self.log[1]))
        self.behind, self.run = -behind if run else behind, run

    @rule(hours=st.sampled_from([0, 1, 11, 24, 25, 24 * 3, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.behind, self.run = 0, False
        super().time_passes(hours)

    @rule(book=LATER, days=st.integers(1, 9))
    def announce(self, book: dict[str, Any], days: int) -> None:
        """A version that comes into force later; of several for one day the last."""
        self.publish(Instant((self.at // DAY_MS + days) * DAY_MS), book)


def _purse(*, here: bool) -> dict[str, Any]:
    return {"until": None, "here": here, "lots": [], "coming": []}

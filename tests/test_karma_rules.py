"""What rules give in karma: in the end each event has given what it gives, and the purses hold the sum.

Whatever comes late or twice or is voided, and whoever tells what of it when.
"""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pydantic_core import from_json

from engine.ledger.accounts import Kind
from engine.ledger.purse import Purse
from engine.ledger.vault import Drawer
from schemas.records import RECORD, Record
from schemas.words import Instant, MemberId
from streams.hashing import Hasher
from streams.karma_telling import minting
from tests.conftest import EXAMPLES
from tests.engine_driver import ORG, Engine
from tests.strategies import Sizes, record, sizes
from tests.test_fold_cases import DAY_MS, book
from tests.test_fold_properties import constants, shrink

__all__ = ["constants"]  # a fixture

LESSON = "acme.lesson.given"
START = 1_710_072_000_000  # a Sunday noon: 2024-03-10, UTC
HASHER = Hasher(b"a secret of the test-suite alone")
MEMBERS = ("ann", "bob")
PER = {"day": DAY_MS, "ever": 10**15}


def lessons(times: int, per: str) -> Record:
    """A rule that gives as much karma as a lesson had pupils, so many times in each window; a lesson is had once."""
    shape = {"type": "object", "properties": {"lesson": {"type": "string"}, "pupils": {"type": "integer"}}}
    limits = [{"per": per, "times": times}, {"per": per, "points": 1}]  # which cuts no karma
    return book(
        late="90d",
        activities={LESSON: {"data": {**shape, "required": ["lesson", "pupils"]}, "once": ["data.lesson"]}},
        rules={"lesson": {"event": LESSON, "award": {"points": 7, "karma": "data.pupils"}, "limits": limits}},
        karma={"earned_by_rule": "earned"},
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Record], int, str]:
    """A log in the order of its arrival, and the limit that holds."""
    times, per = draw(st.integers(1, 3)), draw(st.sampled_from(list(PER)))
    log = [lessons(times, per)]
    count = draw(st.integers(1, 14))
    for number in range(1, count + 1):
        member, hours = draw(st.sampled_from(MEMBERS)), draw(st.integers(0, 96))
        data = {"lesson": draw(st.sampled_from("abcdefgh")), "pupils": draw(st.integers(-2, 30))}
        log.append(record(LESSON, member, START + hours * 3_600_000, data, number))
    for number, voided in enumerate(draw(st.lists(st.sampled_from(log[1:]), max_size=4))):
        after = draw(st.integers(log.index(voided) + 1, len(log)))
        log.insert(after, record("event.voided", "admin", START, {"id": voided["id"]}, -100 - number))
    now = START + 5 * DAY_MS
    return [{**each, "recorded": Instant(now + place)} for place, each in enumerate(log)], times, per


def expected(log: list[Record], times: int, per: str) -> dict[str, int]:
    """What each event gives, by its identity: counted by hand."""
    gone = {each["data"]["id"] for each in log if each["type"] == "event.voided"}
    events = sorted(
        (each for each in log if each["type"] == LESSON and each["id"] not in gone),
        key=lambda each: (each["time"], each["source"], each["id"][:8]),
    )
    had: set[tuple[str, Any]] = set()
    used, gives = Counter[tuple[str, int]](), dict[str, int]()
    for each in events:
        instance, window = (each["subject"], each["data"]["lesson"]), (each["subject"], each["time"] // PER[per])
        if instance in had:
            continue
        had.add(instance)
        used[window] += 1
        if used[window] <= times and each["data"]["pupils"]:
            gives[each["id"]] = int(str(each["data"]["pupils"]))
    return gives


def tell(engine: Engine, at: int, only: int | None = None) -> int:
    """Appends what is due, or one of it, as the worker does; how much that was."""
    due = sorted(engine.store.karma[Drawer.DUE].items())
    chosen = due if only is None else due[only % len(due) :][:1] if due else []
    for cause, content in chosen:
        said = minting(ORG, cause, *from_json(content), Instant(at), HASHER)
        engine.log.append(RECORD.dump_json(said))
    return len(chosen)


@settings(max_examples=EXAMPLES)
@given(life=lives(), to=sizes(), data=st.data())
def test_in_the_end_every_event_has_given_what_it_gives(
    constants: pytest.MonkeyPatch, life: tuple[list[Record], int, str], to: Sizes, data: DataObject
) -> None:
    log, times, per = life
    shrink(constants, to)
    engine = Engine([], 30 * DAY_MS)
    now = log[0]["recorded"] + 1_000
    for each in log:
        engine.log.append(RECORD.dump_json(each))
        if data.draw(st.booleans(), "fold"):
            while not engine.at_end:
                engine.batch(data.draw(st.integers(1, 5), "batch"))
            if data.draw(st.booleans(), "restart"):
                engine.restart()
            for _ in range(data.draw(st.integers(0, 2), "told, and told again")):
                tell(engine, now, data.draw(st.integers(0, 20), "which"))
    while True:
        while not engine.at_end:
            engine.batch(data.draw(st.integers(1, 5), "batch"))
        if not tell(engine, now):
            break
    records = [RECORD.validate_json(line) for line in engine.log]
    found, earned = dict[str, int](), Counter[str]()
    for cause, content in engine.store.karma[Drawer.TOLD].items():
        karma, _ = from_json(content)
        position, _, member = cause.split("/")
        assert records[int(position)]["subject"] == member
        earned[member] += karma
        if karma:
            found[records[int(position)]["id"]] = karma
    assert found == expected(log, times, per)
    for member, content in engine.store.karma[Drawer.PURSES].items():
        purse = Purse.load(MemberId(member), from_json(content))
        assert purse[Kind.EARNED] - purse.owed == earned[member]

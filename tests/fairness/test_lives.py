"""Drawn lives of an office in batches of any size: the cases are those of all gifts, looked at anew each time."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from pydantic_core import from_json

from engine.fairness.alerts import kinds
from engine.fairness.cases import KEPT_MS, Case
from engine.fairness.given import Given, by_giver, given
from engine.fairness.watch import watched
from engine.ledger.gift import Gift
from engine.ledger.policies import Timeline
from engine.ledger.vault import Drawer
from schemas.records import Record
from schemas.words import Day, Instant, MemberId
from schemas.zones import zone
from tests.closings import closing, local_day
from tests.conftest import EXAMPLES
from tests.engine_driver import Engine
from tests.fairness.life import WATCH
from tests.test_karma import DAY_MS, START, Life

NAMES = [f"m{number}" for number in range(10)]
OTHER = "other"
"""A second id of the first of them."""
DAYS = 110
ARRANGED = (
    {"m0": "m1", "m1": "m0", OTHER: "m1"},
    {"m0": "m1", "m1": "m2", "m2": "m0", OTHER: "m1"},
    {"m1": "m0", "m2": "m0", "m3": "m0", "m4": OTHER},
)
"""Who gives mostly to whom."""
BOTS = {"bots": ["m9"]}
ZONES = ("UTC", "Europe/Berlin", "America/Havana")


def life(seed: int) -> list[Record]:
    """People with favourites give for some months, take back, come, go, and turn out to be one; days are closed."""
    chance = random.Random(seed)
    where = chance.choice(ZONES)
    quiet = chance.random() < 0.2
    first = {**WATCH, "fairness": None} if quiet else WATCH
    office = Life(START, calendar={"timezone": where}, karma=first, people=BOTS)
    office.join(*NAMES, OTHER)
    mates = chance.choice(ARRANGED)
    version = chance.randrange(5, DAYS // 2) if quiet or chance.random() < 0.3 else None
    gifts: list[str] = []
    closed = local_day(START, zone(where)) - timedelta(1)
    for count in range(1, DAYS):
        office.now = max(office.now, START + count * DAY_MS + chance.randrange(DAY_MS // 2))
        for giver in chance.sample((*NAMES, OTHER), chance.randrange(4)):
            to = mates[giver] if giver in mates and chance.random() < 0.9 else chance.choice((*NAMES, OTHER))
            gifts.append(office.say("karma.given", giver, to=[to], amount=chance.choice((5, 10, 20))))
        if gifts and chance.random() < 0.03:
            office.say("event.voided", "admin", id=chance.choice(gifts), reason=True)
        if gifts and chance.random() < 0.03:
            office.say("karma.boosted", chance.choice(NAMES), gift=chance.choice(gifts), amount=5)
        if chance.random() < 0.03:
            office.say(chance.choice(("member.left", "member.joined")), chance.choice(NAMES))
        if count == DAYS // 2 and chance.random() < 0.5:
            office.say("member.linked", OTHER, same_as="m0")
        if count == version:
            since = date(2026, 3, 1) + timedelta(count + chance.randrange(2, 9))
            later = {
                **WATCH,
                "fairness": {"watch": quiet or ["pairs", "receivers"] if chance.random() < 0.7 else False},
            }
            office.rules(since.isoformat(), calendar={"timezone": chance.choice(ZONES)}, karma=later, people=BOTS)
        if chance.random() < 0.2:
            while closed + timedelta(2) < local_day(office.now, zone(where)):
                closed += timedelta(1)
            office.log.append({**closing(closed, zone(where), office.now), "recorded": Instant(office.now)})
    return office.log


def expected(log: list[Record], refused: set[str], timeline: Timeline) -> dict[str, tuple[Instant, object]]:
    """The cases by alert: when they were raised, with which evidence; every gift is looked at each time."""
    gifts: dict[str, Gift] = {}
    gone, links = set[str](), dict[str, str]()
    cases: dict[str, tuple[Instant, object]] = {}
    known: dict[str, Gift] = {}
    closed = set[str]()
    for position, each in enumerate(log):
        at, data = each["recorded"], each["data"]
        told = [policy for policy in timeline if policy.position <= position]
        is_watched = any(kinds(policy.fairness) for policy in told if policy.start > at or policy == timeline.at(at))
        if each["id"] in refused:
            continue
        match each["type"]:
            case "karma.given" | "karma.boosted":
                to: Any = data["to"] if "to" in data else known[str(data["gift"])].receivers
                gift = Gift(each["subject"], tuple(to), int(str(data["amount"])), at, Instant(0))
                known[each["id"]] = gift
                if is_watched:
                    gifts[each["id"]] = gift
            case "event.voided":
                gifts.pop(str(data["id"]), None)
            case "member.left" | "member.joined":
                (gone.add if each["type"] == "member.left" else gone.discard)(each["subject"])
            case "member.linked":
                links[each["subject"]] = str(data["same_as"])
            case "day.closed" if str(data["day"]) not in closed:
                closed.add(str(data["day"]))
                cases = {ident: found for ident, found in cases.items() if at - found[0] < KEPT_MS}
                here = {MemberId(name) for name in NAMES[:9] if name not in gone}
                here |= {MemberId(OTHER)} - {*map(MemberId, links)}
                policy, today = timeline.at(at), Day(date.fromisoformat(str(data["day"])).toordinal())
                assert policy is not None
                some = [one for ident, gift in gifts.items() for one in meant(ident, gift, links, timeline)]
                for alert in watched(by_giver(some), here, today, kinds(policy.fairness)):
                    cases.setdefault(alert.ident, (at, alert))
                gifts = gifts if is_watched else {}
            case _:
                pass
    return cases


def meant(ident: str, gift: Gift, links: dict[str, str], timeline: Timeline) -> Iterator[Given]:
    """A gift between the members that its ids mean, on the local day on which it was given."""
    policy = timeline.at(gift.at)
    assert policy is not None
    for each in given(ident, gift, policy.calendar):
        giver, receiver = (MemberId(links.get(member, member)) for member in (each.giver, each.receiver))
        if giver != receiver:
            yield each._replace(giver=giver, receiver=receiver)


def folded(log: list[Record], chance: random.Random) -> Engine:
    """The log folded in batches of any size, by workers that start again and forget."""
    engine = Engine(log, 30 * DAY_MS)
    while not engine.at_end:
        engine.batch(chance.choice((1, 3, 20, 1_000)))
        if chance.random() < 0.1:
            engine.restart()
        engine.forget(chance.choice((0, 3, 1_000)))
    return engine


@settings(max_examples=EXAMPLES // 16)
@drawn(st.integers(0, 1 << 32), st.randoms(use_true_random=False))
def test_cases_are_those_of_all_gifts_looked_at_each_time(seed: int, chance: random.Random) -> None:
    log = life(seed)
    engine = folded(log, chance)
    outcomes = engine.store.karma[Drawer.OUTCOMES]
    refused = {ident for ident, content in outcomes.items() if len(from_json(content)) > 1}
    kept = {ident: Case.load(from_json(each)) for ident, each in engine.store.karma[Drawer.CASES].items()}
    found = {ident: (case.raised, case.alert) for ident, case in kept.items()}
    wanted = expected(log, refused, engine.org.timeline)
    assert {ident: at for ident, (at, _) in found.items()} == {ident: at for ident, (at, _) in wanted.items()}
    assert {ident: shape(alert) for ident, (_, alert) in found.items()} == {
        ident: shape(alert) for ident, (_, alert) in wanted.items()
    }
    assert set(engine.store.gifts) <= engine.org.gift_days
    again = folded(log, random.Random(seed))
    assert filled(again.store.karma) == filled(engine.store.karma)
    assert filled(again.store.gifts) == filled(engine.store.gifts)


def filled(hashes: Mapping[Any, dict[str, bytes]]) -> dict[Any, dict[str, bytes]]:
    """Those that hold anything: where they do not, there is none."""
    return {name: each for name, each in hashes.items() if each}


def shape(alert: Any) -> object:
    """An alert, but for the order of gifts of one day."""
    return [alert.kind, alert.usual, [(*each[:-1], sorted(each[-1])) for each in alert.evidence]]


def test_the_lives_raise_alerts() -> None:
    found = Counter[str]()
    for seed in range(8):
        engine = folded(life(seed), random.Random(seed))
        found.update(str(from_json(each)[0][1]) for each in engine.store.karma[Drawer.CASES].values())
    assert found.total() >= 4, found
    assert len(found) >= 2, found

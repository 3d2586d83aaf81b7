"""The fairness watch at work: when a day is closed it looks at what was gathered, and opens a case for what is new."""

from collections.abc import Generator, Iterator
from datetime import date
from typing import cast

from pydantic_core import from_json

from engine.batch import Batch
from engine.fairness.alerts import Alert, Kind, kinds
from engine.fairness.cases import is_forgotten, raised
from engine.fairness.given import WATCHED_DAYS, Given, by_giver, given
from engine.fairness.watch import watched
from engine.gathering import is_watched, policy_at
from engine.ledger.gift import Gift
from engine.ledger.persons import Presence
from engine.ledger.vault import Drawer, Place
from engine.loading import load_members
from engine.needs import Answer, Need, NeedGifts, NeedKarma
from engine.requests import person_of
from schemas.records import Record
from schemas.words import Day, Instant


def watch(batch: Batch, record: Record) -> Generator[Need, Answer, None]:
    """Forgets what is over, raises what is new of the 90 local days up to the closed one, and drops older gifts."""
    org, vault = batch.org, batch.vault
    today = Day(date.fromisoformat(str(record["data"]["day"])).toordinal())
    at = Instant(max(org.clock, record["recorded"]))
    vault.learn([], cast("dict[Place, bytes]", (yield NeedKarma([], (Drawer.CASES,)))))
    for ident in [ident for ident, case in vault.cases.items() if is_forgotten(case, at)]:
        vault.forget(ident)
    org.holds = {ident: until for ident, until in org.holds.items() if until > at}
    policy = org.timeline.at(at)
    wanted = kinds(None if policy is None else policy.fairness)
    if wanted:
        alerts = yield from _alerts(batch, today, at, wanted)
        for case in raised(vault.cases, alerts, at).values():
            vault.open(case)
    first = today - WATCHED_DAYS + 2  # of the days that are looked at tomorrow
    vault.left += sorted(day for day in org.gift_days if day < first or not is_watched(org.timeline, at))
    org.gift_days.difference_update(vault.left)


def _alerts(
    batch: Batch, today: Day, at: Instant, wanted: frozenset[Kind]
) -> Generator[Need, Answer, tuple[Alert, ...]]:
    days = [day for day in sorted(batch.org.gift_days) if today - WATCHED_DAYS < day <= today]
    found = cast("dict[str, bytes]", (yield NeedGifts(days)))
    batch.vault.learn([], cast("dict[Place, bytes]", (yield NeedKarma([], (Drawer.LINKS,)))))
    gifts = [each for ident, content in found.items() for each in _given(batch, ident, content)]
    givers = [*by_giver(gifts)]
    # That somebody is not here can only take alerts away: so it is enough to look at those who would be named.
    alerts = watched(givers, {each.giver for each in gifts} | {each.receiver for each in gifts}, today, wanted)
    named = {member for alert in alerts for member in alert.members}
    yield from load_members(batch.org, sorted(named))
    here = {member for member in named if person_of(batch, member, at).presence is Presence.HERE}
    return alerts if here == named else watched(givers, here, today, wanted)


def _given(batch: Batch, ident: str, content: bytes) -> Iterator[Given]:
    """A gift between the members that its ids mean by now; what turned out to be to oneself is none."""
    gift, follow = Gift.load(from_json(content)), batch.vault.follow
    for each in given(ident, gift, policy_at(batch.org.timeline, gift.at).calendar):
        giver, receiver = follow(each.giver), follow(each.receiver)
        if giver != receiver:
            yield each._replace(giver=giver, receiver=receiver)

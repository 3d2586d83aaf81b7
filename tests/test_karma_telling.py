"""What karmalog tells the log of karma: real Kafka, a real worker, and two who tell the same."""

import asyncio
from typing import Any

from schemas.records import Record
from schemas.words import Instant, MemberId, OrgId
from streams.answers import Answers
from streams.karma_history import HeldKarma, held, release
from streams.karma_telling import KarmaTeller
from tests.strategies import record
from tests.test_worker import HASHER, START, Place, Watch, place

__all__ = ["place"]  # a fixture

TEXT = """
apiVersion: karmalog/v1
kind: Rulebook
rules:
  talk: {title: Talk, event: talk.presented, award: {points: 40, karma: 25}, limits: [{per: month, times: 2}]}
karma: {allowance: {per: month, karma: 100}}
shop:
  cup: {price: 20, stock: 1, approval: required, expires: 2d}
"""
ACME = OrgId("acme")


def said(kind: str, subject: str, number: int, after_ms: int = 0, **data: Any) -> Record:
    at = Instant(START + number * 1000 + after_ms)
    return {**record(kind, subject, at, data, number), "org": ACME, "recorded": at}


async def told(place: Place, *tellers: KarmaTeller) -> int:
    """Lets them tell what is due until there is nothing more; how much that was."""
    whole = 0
    for _ in range(3):
        await place.until_written(ACME)
        whole += sum(await asyncio.gather(*(teller.tell([ACME]) for teller in tellers)))
    await place.until_written(ACME)
    return whole


async def kinds(place: Place) -> list[tuple[str, Any]]:
    ours = [each for each in await place.records(ACME) if each["type"] in {"karma.minted", "reward.expired"}]
    return [(each["type"], each["data"].get("karma")) for each in ours]


async def test_what_rules_give_is_told_once_corrected_after_a_void_and_not_again_by_a_store_that_is_built_again(
    place: Place,
) -> None:
    def teller() -> KarmaTeller:
        return KarmaTeller(place.log, place.client, HASHER, Watch(Instant(START + 60_000)))

    answers = Answers(place.client, ACME)

    def to_give() -> int:
        return answers.karma.purse(MemberId("ann"), now=Instant(START + 90_000))["to_give"]

    await place.publish(ACME, TEXT)
    talks = [said("talk.presented", "ann", number, topic=f"t{number}") for number in range(1, 4)]
    await place.append(said("member.joined", "ann", 0), *talks)
    async with place.running(await place.worker()):
        assert await told(place, teller()) == 2
        assert to_give() == 150
        assert await told(place, teller()) == 0  # another owner finds that it was told
        await place.append(said("event.voided", "admin", 9, id=talks[0]["id"], reason="x"))
        both = await told(place, teller(), teller())  # two owners at once: records and repeats
        assert both in {2, 4}
        assert to_give() == 150
        assert answers.known().outcomes.get("REPEATED", 0) == both - 2
    place.client.flushall()
    async with place.running(await place.worker()):
        assert await told(place, teller()) == 0
        assert to_give() == 150
    assert (await kinds(place))[:2] == [("karma.minted", 25)] * 2
    assert {karma for _, karma in (await kinds(place))[2:]} == {0, 25}


async def test_a_request_that_nobody_approves_expires_at_its_deadline(place: Place) -> None:
    watch = Watch(Instant(START + 60_000))
    teller = KarmaTeller(place.log, place.client, HASHER, watch)
    await place.publish(ACME, TEXT)
    await place.append(said("member.joined", "ann", 0), said("member.joined", "bob", 1))
    await place.append(
        said("karma.given", "ann", 2, to=["bob"], amount=20),
        request := said("reward.requested", "bob", 3, reward="cup"),
    )
    answers = Answers(place.client, ACME)
    async with place.running(await place.worker()):
        assert await told(place, teller) == 0
        watch.at = Instant(START + 2 * 86_400_000 + 2_999)
        assert await told(place, teller) == 0
        watch.at = Instant(START + 2 * 86_400_000 + 3_000)
        assert await told(place, teller) == 1
        found = answers.karma.outcome(request["id"])
        assert found["redemption"]["stage"] == "expired"
        assert answers.karma.purse(MemberId("bob"), now=watch.at)["earned"] == 20


async def test_imported_history_gives_nothing_until_somebody_has_seen_the_sum(place: Place) -> None:
    watch = Watch(Instant(START + 60_000))
    parts = place.log, place.client, HASHER, watch
    await place.publish(ACME, TEXT)
    talks = [
        {**said("talk.presented", name, number, -86_400_000, topic=f"t{number}"), "run": "r1"}
        for number, name in enumerate(["ann", "ann", "ann", "bob"])
    ]
    await place.append(*talks)
    answers = Answers(place.client, ACME)
    async with place.running(await place.worker()):
        assert await told(place, KarmaTeller(*parts)) == 0
        assert held(place.client, ACME, "r1") == HeldKarma(75, 3, 2)
        assert held(place.client, ACME, "r2") == HeldKarma(0, 0, 0)
        assert await release(*parts, ACME, "r1") == await release(*parts, ACME, "r1") == 3
        await place.until_written(ACME)
        assert held(place.client, ACME, "r1") == HeldKarma(0, 0, 0)
        assert [answers.karma.purse(MemberId(each), now=watch.at)["to_give"] for each in ("ann", "bob")] == [150, 125]
        await place.append(said("event.voided", "admin", 9, id=talks[3]["id"], reason="x"))
        assert await told(place, KarmaTeller(*parts)) == 1  # what was given is corrected as ever
        assert answers.karma.purse(MemberId("bob"), now=watch.at)["to_give"] == 100

"""Who may look at a gift or a request: operators, and those whom it is about. For everybody else there is none.

What is not to be seen takes the same way as what does not exist, so neither words nor time tell one from the other.
"""

from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import Path

from api.access import Caller, Role
from api.gathering import Way
from api.service import Service
from schemas.karma_answers import OutcomeAnswer
from schemas.records import Record
from schemas.words import MemberId
from streams.requesting import Ways, ident_of, record_at

WAIT_S: Final = 2.0
"""How long an answer waits for what the ledger makes of a request."""

_NAMED: Final = "As answers name it: karmalog: and 32 hex digits"

RequestName = Annotated[str, Path(alias="request", description=_NAMED)]
GiftName = Annotated[str, Path(alias="gift", description=_NAMED)]

_UNSEEN: Final = {
    "karma.withdrawn": ("gift", "GIFT_UNKNOWN", "there is no such gift"),
    "reward.cancelled": ("request", "REQUEST_UNKNOWN", "there is no such request for a reward"),
}
"""Of requests about what is one's own: the field that names it, and what the ledger says where there is none."""

_OF_OTHERS: Final = {
    "OVER_RECEIVED": "who gets it would be given more than the rulebook allows for now; give less, or later",
    "OVER_BENEFIT_LIMIT": "who gets it would have rewards worth more than the rulebook allows for now; ask later",
    "GIFT_SPENT": "of the gift something is spent already; ask an admin to void it",
}
"""What a member is told where the ledger's sentence says how much a colleague has."""


def ways_of(service: Service) -> Ways:
    """How this process publishes requests, and waits for them."""
    return Ways(
        service.runtime,
        lambda messages: service.gatherer.publish(messages, Way.OPERATOR),
        lambda position: service.runtime.reach(position, WAIT_S),
        service.reader.in_thread,
    )


async def is_whole(service: Service) -> bool:
    """Whether the store holds all that the log holds now, after a while at most."""
    runtime = service.runtime
    return await runtime.reach(await runtime.log.end(runtime.log.partition_of(runtime.org)), WAIT_S)


async def seen(service: Service, caller: Caller, reference: str) -> OutcomeAnswer | None:
    """What became of a request, as the caller may see it; None: for them there is none, or none yet."""
    found = await _theirs(service, caller, ident_of(reference))
    return None if found is None else await veiled(service, caller, *found)


async def veiled(service: Service, caller: Caller, outcome: OutcomeAnswer, record: Record) -> OutcomeAnswer:
    """What became of a request, without what the ledger says of things and people that the caller may not see."""
    if caller.role is Role.OPERATOR or "code" not in outcome:
        return outcome
    data = record["data"]
    if record["type"] in _UNSEEN:
        field, code, detail = _UNSEEN[record["type"]]
        if await _theirs(service, caller, str(data[field])) is None:
            outcome["code"], outcome["detail"] = code, detail
    is_for_oneself = record["type"] == "reward.requested" and data.get("for") in {None, record["subject"]}
    if outcome["code"] in _OF_OTHERS and not is_for_oneself:
        outcome["detail"] = _OF_OTHERS[outcome["code"]]
    return outcome


async def _theirs(service: Service, caller: Caller, ident: str) -> tuple[OutcomeAnswer, Record] | None:
    """What became of a request, and its record; None where it does not concern the caller."""
    outcome = await service.reader.in_thread(lambda answers: answers.karma.outcome(ident))
    if "because" not in outcome:
        return None
    record = await record_at(service.runtime, outcome["because"])
    return (outcome, record) if await is_one_of(service, caller, _concerned(outcome, record)) else None


async def is_one_of(service: Service, caller: Caller, people: Iterable[str]) -> bool:
    """Whether the caller is one of these people, under whatever id, or an operator."""
    member = caller.member
    if member is None:
        return caller.role is Role.OPERATOR
    return await service.reader.in_thread(
        lambda answers: answers.karma.follow(member) in {answers.karma.follow(MemberId(each)) for each in people}
    )


def _concerned(outcome: OutcomeAnswer, record: Record) -> list[str]:
    """Who asked, and who gets it."""
    found: list[str] = [record["subject"]]
    if "gift" in outcome:
        found += outcome["gift"]["to"]
    if "redemption" in outcome:
        found.append(outcome["redemption"]["receiver"])
    return found

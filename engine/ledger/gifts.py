"""Giving: karma of one's allowance to one or several members, and adding to what somebody else gave."""

from collections.abc import Iterator
from dataclasses import replace

from engine.ledger.accounts import Account, Kind, What
from engine.ledger.draft import Draft
from engine.ledger.gift import Gift, GiftStage
from engine.ledger.persons import Person, check_receiver, is_oneself, is_same
from engine.ledger.refusals import Code, RefusedRequest
from engine.ledger.running import Meter, count, counted, is_counted_since, scope
from schemas.nearest import instead
from schemas.rulebook_karma import GiftLimit
from schemas.words import MemberId

_GIVE = "give karma"


def given(draft: Draft) -> None:
    """`karma.given`: an amount to each of the receivers."""
    giver = draft.sender(_GIVE)
    amount = draft.amount("amount")
    receivers = _receivers(draft, giver)
    _check_words(draft)
    _give(draft, What.GIFT, giver.ident, receivers, amount)


def boosted(draft: Draft) -> None:
    """`karma.boosted`: an amount to each receiver of somebody else's gift."""
    giver = draft.sender(_GIVE)
    amount = draft.amount("amount")
    gift = known_gift(draft)
    if is_same(draft.person(gift.giver), giver):
        raise RefusedRequest(Code.OWN_GIFT, "it is your own gift: give again instead")
    receivers = {person.ident: person for person in map(draft.person, gift.receivers)}
    for ident, person in receivers.items():
        if is_same(person, giver):
            raise RefusedRequest(Code.TO_ONESELF, "it is a gift to you: nobody gives karma to themselves")
        check_receiver(person, giver, ident)
    _give(draft, What.BOOST, giver.ident, tuple(receivers), amount)


def known_gift(draft: Draft, field: str = "gift") -> Gift:
    """The gift that a request names in one of its fields.

    Raises:
        RefusedRequest: there is none, or it was taken back.
    """
    gift = draft.state.gifts.get(draft.text(field) or "")
    if gift is None:
        raise RefusedRequest(Code.GIFT_UNKNOWN, "there is no such gift")
    if gift.stage is not GiftStage.GIVEN:
        raise RefusedRequest(Code.GIFT_OVER, f"the gift was {gift.stage.lower()} already")
    return gift


def _receivers(draft: Draft, giver: Person) -> tuple[MemberId, ...]:
    """Whom a gift is for, each once."""
    said = draft.asked.data.get("to")
    named = [each for each in said if isinstance(each, str)] if isinstance(said, list) else []
    if not isinstance(said, list) or not 0 < len(said) == len(named):
        raise RefusedRequest(Code.NO_RECEIVER, "nobody is named: write the members into `to`, as a list")
    for each in named:
        if is_oneself(draft.person(each), each, giver, draft.asked.sender):
            raise RefusedRequest(Code.TO_ONESELF, f"{each} is you: nobody gives karma to themselves")
    found: dict[MemberId, str] = {}
    for each in named:
        person = draft.person(each)
        check_receiver(person, giver, each)
        if person.ident in found:
            message = f"{found[person.ident]} and {each} are one member: name them once"
            raise RefusedRequest(Code.RECEIVER_TWICE, message)
        found[person.ident] = each
    return tuple(found)


def _check_words(draft: Draft) -> None:
    """Refuses a gift without the value or the message that the rulebook asks for."""
    gifts, value = draft.karma.gifts, draft.text("value")
    if gifts.values and value is None:
        raise RefusedRequest(Code.VALUE_MISSING, f"say what it is for: `value` is one of {', '.join(gifts.values)}")
    if value is not None and value not in gifts.values:
        raise RefusedRequest(Code.VALUE_UNKNOWN, f"`{value}` is no value here; {instead(value, gifts.values)}")
    if gifts.message == "required" and not draft.asked.data.get("message"):
        raise RefusedRequest(Code.MESSAGE_MISSING, "write a `message`: what did they do?")
    if gifts.message == "none" and draft.asked.data.get("message"):
        raise RefusedRequest(Code.MESSAGE_UNWANTED, "gifts have no message here: leave it out")


def _give(draft: Draft, what: What, giver: MemberId, receivers: tuple[MemberId, ...], amount: int) -> None:
    for limit in draft.karma.gifts.limits:
        _check_limit(draft, limit, giver, receivers, amount)
    left, total = draft.purse(giver)[Kind.ALLOWANCE], amount * len(receivers)
    if total > left:
        raise RefusedRequest(Code.OVER_ALLOWANCE, f"this takes {total} karma, and you have {left} left to give")
    gift = Gift(giver, receivers, amount, draft.at, draft.purse(giver).until)
    count_gift(draft, gift, amount)
    for receiver in receivers:
        draft.credit(what, Account(Kind.ALLOWANCE, giver), Account(Kind.EARNED, receiver), amount)
    draft.gifts[draft.asked.ident] = gift


def _check_limit(draft: Draft, limit: GiftLimit, giver: MemberId, receivers: tuple[MemberId, ...], amount: int) -> None:
    if limit.per == "gift":
        if amount > limit.karma:
            raise RefusedRequest(Code.OVER_GIFT, f"one gift is at most {limit.karma} karma, this one is {amount}")
        return
    what = scope(limit.same, limit.of)
    if what == "gives":
        left, total = _left(draft, limit, giver, Meter(what, limit.per)), amount * len(receivers)
        if total > left:
            message = f"you may give {left} of {limit.karma} karma more this {limit.per}; this takes {total}"
            raise RefusedRequest(Code.OVER_GIVEN, message)
        return
    for receiver in receivers:
        if what == "gives-to":
            left, code = _left(draft, limit, giver, Meter(what, limit.per, receiver)), Code.OVER_SAME_RECEIVER
            whose = f"you may give {receiver} {left} of {limit.karma} karma more"
        else:
            left, code = _left(draft, limit, receiver, Meter(what, limit.per)), Code.OVER_RECEIVED
            whose = f"{receiver} may be given {left} of {limit.karma} karma more"
        if amount > left:
            raise RefusedRequest(code, f"{whose} this {limit.per}; this is {amount}")


def _left(draft: Draft, limit: GiftLimit, member: MemberId, meter: Meter) -> int:
    return max(0, limit.karma - counted(draft.purse(member).readings, meter, draft.policy, draft.at))


def count_gift(draft: Draft, gift: Gift, amount: int) -> None:
    """Counts so much to each receiver, or less, for the limits that count the gift still."""
    for member, meter, times in _meters(draft, gift):
        if is_counted_since(draft.timeline, meter, gift.at, draft.at):
            purse = draft.purse(member)
            readings = count(purse.readings, meter, draft.policy, draft.at, amount * times)
            draft.purses[member] = replace(purse, readings=readings)


def _meters(draft: Draft, gift: Gift) -> Iterator[tuple[MemberId, Meter, int]]:
    """What counts a gift, in whose purse, and how often its amount."""
    karma = draft.policy.karma
    for limit in () if karma is None else karma.gifts.limits:
        if limit.per == "gift":
            continue
        what = scope(limit.same, limit.of)
        if what == "gives":
            yield draft.one(gift.giver), Meter(what, limit.per), len(gift.receivers)
        for receiver in gift.receivers if what != "gives" else ():
            if what == "gives-to":  # under the id that the receiver had then
                yield draft.one(gift.giver), Meter(what, limit.per, receiver), 1
            else:
                yield draft.one(receiver), Meter(what, limit.per), 1

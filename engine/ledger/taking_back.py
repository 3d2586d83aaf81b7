"""Taking a gift back: by its giver within a day, as long as it is unspent, or by an admin at any time."""

from collections import Counter
from dataclasses import replace

from engine.ledger.accounts import Account, Kind, What
from engine.ledger.draft import Draft
from engine.ledger.gift import Gift, GiftStage
from engine.ledger.gifts import count_gift, known_gift
from engine.ledger.persons import check_sender, is_same
from engine.ledger.refusals import Code, RefusedRequest
from schemas.words import DAY_MS

WITHDRAW_MS = DAY_MS
"""So long after it was given a gift may be withdrawn."""


def withdrawn(draft: Draft) -> None:
    """`karma.withdrawn`: the giver takes back a gift, or a boost, from each of its receivers."""
    giver = draft.person(draft.asked.sender)
    check_sender(giver, "withdraw gifts")
    gift = known_gift(draft)
    if not is_same(draft.person(gift.giver), giver):
        raise RefusedRequest(Code.NOT_YOUR_GIFT, "it is somebody else's gift; its giver can withdraw it")
    if draft.at - gift.at > WITHDRAW_MS:
        message = "a gift can be withdrawn within 24 hours; ask an admin to void it"
        raise RefusedRequest(Code.TOO_LATE_TO_WITHDRAW, message)
    for receiver, times in Counter(draft.one(each) for each in gift.receivers).items():
        if draft.purse(receiver)[Kind.EARNED] < gift.amount * times:
            raise RefusedRequest(Code.GIFT_SPENT, f"{receiver} has spent of it already; ask an admin to void it")
    _take_back(draft, gift, What.GIFT_WITHDRAWN)
    draft.gifts[draft.text("gift") or ""] = replace(gift, stage=GiftStage.WITHDRAWN)


def voided(draft: Draft) -> None:
    """`event.voided` about a gift: taken back whatever became of it; what was spent is owed by its receiver."""
    gift = known_gift(draft, "id")
    _take_back(draft, gift, What.GIFT_VOIDED)
    draft.gifts[draft.text("id") or ""] = replace(gift, stage=GiftStage.VOIDED)


def _take_back(draft: Draft, gift: Gift, what: What) -> None:
    target = draft.returned_to(draft.one(gift.giver), gift.until)
    for receiver in gift.receivers:
        draft.take_back(what, Account(Kind.EARNED, draft.one(receiver)), target, gift.amount)
    draft.repay(target, gift.amount * len(gift.receivers))
    count_gift(draft, gift, -gift.amount)

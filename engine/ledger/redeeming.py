"""What becomes of a request for a reward: approved, declined, fulfilled, cancelled or expired, each at most once."""

from dataclasses import replace
from datetime import date

from engine.ledger.accounts import Account, Kind, What
from engine.ledger.draft import Draft
from engine.ledger.persons import is_same
from engine.ledger.purse import NONE
from engine.ledger.redemption import OPEN, Redemption, Stage
from engine.ledger.refusals import Code, RefusedRequest
from engine.ledger.shop import count_redemption


def approved(draft: Draft) -> None:
    """`reward.approved`: by somebody else than who pays or gets it, before its deadline."""
    redemption, sender = _open(draft), draft.person(draft.asked.sender)
    if redemption.stage is Stage.APPROVED:
        raise RefusedRequest(Code.ALREADY_APPROVED, "the request is approved already")
    if any(is_same(draft.person(each), sender) for each in (redemption.sender, redemption.receiver)):
        raise RefusedRequest(Code.OWN_REQUEST, "it is your own request: somebody else has to approve it")
    if redemption.deadline != NONE and draft.at >= redemption.deadline:
        raise RefusedRequest(Code.TOO_LATE_TO_APPROVE, "the request has waited too long and expires")
    _put(draft, replace(redemption, approved=draft.asked.position), Stage.APPROVED)


def declined(draft: Draft) -> None:
    """`reward.declined`: the price and the piece go back, before or after approval."""
    _give_back(draft, _open(draft), Stage.DECLINED)


def fulfilled(draft: Draft) -> None:
    """`reward.fulfilled`: the karma that was held is redeemed."""
    redemption = _open(draft)
    if redemption.stage is not Stage.APPROVED:
        raise RefusedRequest(Code.NOT_APPROVED, "the request waits for approval")
    if draft.at < redemption.not_before:
        day = date.fromordinal(draft.policy.calendar.day(redemption.not_before))
        raise RefusedRequest(Code.BUDGET_WAITS, f"the budget has room for it from {day} on")
    sender = draft.one(redemption.sender)
    source, target = Account(Kind.ESCROW, sender), Account(Kind.REDEEMED, sender)
    draft.post(What.REWARD_FULFILLED, source, target, redemption.price)
    _put(draft, redemption, Stage.FULFILLED)


def cancelled(draft: Draft) -> None:
    """`reward.cancelled`: by who requested it, as long as it waits for approval."""
    redemption = _open(draft)
    if not is_same(draft.person(redemption.sender), draft.person(draft.asked.sender)):
        raise RefusedRequest(Code.NOT_YOUR_REQUEST, "it is somebody else's request; they can cancel it")
    if redemption.stage is not Stage.WAITING:
        raise RefusedRequest(Code.TOO_LATE_TO_CANCEL, "the request is approved already; ask for it to be declined")
    _give_back(draft, redemption, Stage.CANCELLED)


def expired(draft: Draft) -> None:
    """`reward.expired`: it has waited for approval until its deadline."""
    redemption = _open(draft)
    if redemption.stage is not Stage.WAITING or redemption.deadline == NONE or draft.at < redemption.deadline:
        raise RefusedRequest(Code.NOT_DUE, "the request is not past a deadline")
    _give_back(draft, redemption, Stage.EXPIRED)


def _open(draft: Draft) -> Redemption:
    redemption = draft.state.redemptions.get(draft.text("request") or "")
    if redemption is None:
        raise RefusedRequest(Code.REQUEST_UNKNOWN, "there is no such request for a reward")
    if redemption.stage not in OPEN:
        raise RefusedRequest(Code.REQUEST_OVER, f"the request was {redemption.stage.lower()} already")
    return redemption


def _give_back(draft: Draft, redemption: Redemption, stage: Stage) -> None:
    sender = draft.one(redemption.sender)
    source, target = Account(Kind.ESCROW, sender), Account(Kind.EARNED, sender)
    if redemption.paid_from is Kind.ALLOWANCE:
        target = draft.returned_to(sender, redemption.until)
    draft.credit(What.REWARD_REFUNDED, source, target, redemption.price, redemption.lots)
    count_redemption(draft, redemption, -1)
    if redemption.has_piece:
        draft.stocks[redemption.reward] = draft.state.stocks.get(redemption.reward, 0) + 1
    _put(draft, redemption, stage)


def _put(draft: Draft, redemption: Redemption, stage: Stage) -> None:
    draft.redemptions[draft.text("request") or ""] = replace(redemption, stage=stage, changed=draft.at)

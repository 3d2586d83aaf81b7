"""Requesting a reward: its price is held in escrow, and a piece of the stock is set aside."""

from dataclasses import replace

from engine.ledger.accounts import Account, Kind, What
from engine.ledger.budgets import counted_in, per_of, place_for
from engine.ledger.draft import Draft
from engine.ledger.persons import Person, check_receiver, is_oneself
from engine.ledger.policies import Policy
from engine.ledger.purse import NONE
from engine.ledger.redemption import Redemption, Stage, Worth
from engine.ledger.refusals import Code, RefusedRequest
from engine.ledger.running import Meter, count, counted, is_counted_since
from schemas.nearest import instead
from schemas.rulebook import ShopReward
from schemas.rulebook_karma import RedeemLimit
from schemas.words import Instant, Position

_MILLION = 1_000_000


def requested(draft: Draft) -> None:
    """`reward.requested`: for oneself or for a colleague, paid from what was earned or from the allowance."""
    sender = draft.sender("request rewards")
    name = draft.text("reward") or ""
    reward = _known(draft, name)
    receiver = _receiver(draft, sender, reward)
    paid_from = _paid_from(draft, reward, is_for_self=receiver is sender)
    has_piece = reward.stock is not None
    if has_piece:
        _take_piece(draft, name)
    left = draft.purse(sender.ident)[paid_from]
    if reward.price > left:
        code = Code.OVER_EARNED if paid_from is Kind.EARNED else Code.OVER_ALLOWANCE
        whose = "earned" if paid_from is Kind.EARNED else "left to give"
        raise RefusedRequest(code, f"this costs {reward.price} karma, and you have {left} {whose}")
    worth = _worth(draft, reward)
    _check_worth(draft, receiver, worth)
    place = place_for("redeemed", reward.price, sender.groups, draft.policy, draft.at, draft.state.spent)
    is_waiting = reward.approval == "required"
    draft.redemptions[draft.asked.ident] = found = Redemption(
        reward=name,
        sender=sender.ident,
        receiver=receiver.ident,
        price=reward.price,
        paid_from=paid_from,
        until=draft.purse(sender.ident).until if paid_from is Kind.ALLOWANCE else NONE,
        lots=draft.purse(sender.ident).oldest(reward.price) if paid_from is Kind.EARNED else (),
        at=draft.at,
        deadline=NONE if reward.expires is None else Instant(draft.at + reward.expires),
        not_before=place.at,
        has_piece=has_piece,
        budgets=place.budgets,
        worth=worth,
        stage=Stage.WAITING if is_waiting else Stage.APPROVED,
        changed=draft.at,
        approved=Position(0) if is_waiting else draft.asked.position,
    )
    count_redemption(draft, found, 1)
    source, target = Account(paid_from, sender.ident), Account(Kind.ESCROW, sender.ident)
    draft.post(What.REWARD_REQUESTED, source, target, reward.price)


def restocked(draft: Draft) -> None:
    """`reward.restocked`: so many pieces more."""
    name = draft.text("reward") or ""
    reward = _known(draft, name)
    pieces = draft.amount("pieces")
    if reward.stock is None:
        raise RefusedRequest(Code.NOT_STOCKED, f"`{name}` has no stock: there are as many as are requested")
    draft.stocks[name] = draft.state.stocks.get(name, 0) + pieces


def pieces_left(draft: Draft, reward: str) -> int:
    """The pieces of a stock that nobody has requested."""
    return draft.timeline.first_stock(reward, draft.at) + draft.state.stocks.get(reward, 0)


def count_redemption(draft: Draft, redemption: Redemption, sign: int) -> None:
    """Counts a redemption for the limits by worth and for budgets, or counts it no more."""
    policy = draft.policy
    for name, window in redemption.budgets:
        running = policy.window(per_of(name), draft.at)
        spent = draft.state.spent.get(name, ())
        draft.spent[name] = counted_in(spent, window, sign * redemption.price, running)
    if redemption.worth is None:
        return
    for _, meter in _limits(policy, redemption.worth):
        if is_counted_since(draft.timeline, meter, redemption.at, draft.at):
            purse = draft.purse(draft.one(redemption.receiver))
            readings = count(purse.readings, meter, policy, draft.at, sign * redemption.worth.millionths)
            draft.purses[purse.member] = replace(purse, readings=readings)


def _known(draft: Draft, name: str) -> ShopReward:
    shop = draft.policy.shop
    if name not in shop:
        raise RefusedRequest(Code.REWARD_UNKNOWN, f"`{name}` is not in the shop; {instead(name, shop)}")
    return shop[name]


def _receiver(draft: Draft, sender: Person, reward: ShopReward) -> Person:
    """Who gets it; the sender's own value where it is for themselves."""
    said = draft.text("for")
    receiver = sender if said is None else draft.person(said)
    if is_oneself(receiver, said or sender.ident, sender, draft.asked.sender):
        if not draft.karma.redeem_for_self:
            raise RefusedRequest(Code.NOT_FOR_ONESELF, "karma buys only for others here: name a colleague in `for`")
        if "self" not in reward.buyable_for:
            raise RefusedRequest(Code.NOT_FOR_ONESELF, "it is a present for colleagues: name one in `for`")
        return sender
    check_receiver(receiver, sender, said or "")
    if "colleague" not in reward.buyable_for:
        raise RefusedRequest(Code.NOT_FOR_OTHERS, "it can be requested for oneself alone: leave `for` out")
    return receiver


def _paid_from(draft: Draft, reward: ShopReward, *, is_for_self: bool) -> Kind:
    """The account that pays: the first of the reward that may, where the request does not say."""
    allowed = [each for each in reward.pay_from if not (is_for_self and each == "allowance")]
    said = draft.text("pay_from")
    if said == "allowance" and is_for_self:
        raise RefusedRequest(Code.NOT_PAID_SO, "an allowance is to be given away, never spent on oneself")
    if said is not None and said not in reward.pay_from:
        raise RefusedRequest(Code.NOT_PAID_SO, f"it cannot be paid from `{said}`; {instead(said, reward.pay_from)}")
    if said is None and not allowed:
        raise RefusedRequest(Code.NOT_PAID_SO, "it is paid from the allowance, which is never spent on oneself")
    return Kind[(said or allowed[0]).upper()]


def _take_piece(draft: Draft, name: str) -> None:
    left = pieces_left(draft, name)
    if left < 1:
        raise RefusedRequest(Code.OUT_OF_STOCK, f"there is no piece of `{name}` left")
    draft.stocks[name] = draft.state.stocks.get(name, 0) - 1


def _worth(draft: Draft, reward: ShopReward) -> Worth | None:
    worth = draft.karma.worth
    return None if worth is None else Worth(int(worth.amount * _MILLION) * reward.price, worth.currency)


def _check_worth(draft: Draft, receiver: Person, worth: Worth | None) -> None:
    """Refuses what would exceed the benefits that one person may have."""
    if worth is None:
        return
    for limit, meter in _limits(draft.policy, worth):
        so_far = counted(draft.purse(receiver.ident).readings, meter, draft.policy, draft.at)
        left = max(0, int(limit.worth.amount * _MILLION) - so_far)
        if worth.millionths > left:
            message = (
                f"{receiver.ident} may get rewards worth {_money(left)} of {limit.worth} more this {limit.per}; "
                f"this is worth {_money(worth.millionths)}"
            )
            raise RefusedRequest(Code.OVER_BENEFIT_LIMIT, message)


def _limits(policy: Policy, worth: Worth) -> list[tuple[RedeemLimit, Meter]]:
    limits = () if policy.karma is None else policy.karma.redeem.limits
    same = [limit for limit in limits if limit.worth.currency == worth.currency]
    return [(limit, Meter(f"worth:{limit.worth.currency}", limit.per)) for limit in same]


def _money(millionths: int) -> str:
    return f"{millionths // _MILLION}.{millionths % _MILLION // 10_000:02}"

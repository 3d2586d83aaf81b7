"""Requests for rewards, decided naively, and what becomes of them."""

from decimal import Decimal
from typing import Any

from tests.ledger.model import DAY_MS, Account, Model, spelled
from tests.ledger.model_faults import Said, is_whole, receiver_faults, sender_faults


def requested(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    if model.karma is None:
        return {"KARMA_OFF"}
    found, reward = sender_faults(model, sender), model.book.get("shop", {}).get(data["reward"])
    if reward is None:
        return found | {"REWARD_UNKNOWN"}
    name, _, groups = model.who(sender)
    said = data.get("for")
    against = set() if said is None else receiver_faults(model, sender, said)
    is_own = said is None or against == {"TO_ONESELF"}
    receiver = name if is_own else model.who(said or "")[0]
    whom, pay = reward.get("for", ["self", "colleague"]), reward.get("pay_from", ["earned"])
    if is_own:
        allowed = model.karma.get("redeem_for_self", True) and "self" in whom
        found |= set() if allowed else {"NOT_FOR_ONESELF"}
    else:
        found |= against | (set() if "colleague" in whom else {"NOT_FOR_OTHERS"})
    ways = [each for each in pay if data.get("pay_from") in {None, each} and not (is_own and each == "allowance")]
    found |= set() if ways else {"NOT_PAID_SO"}
    has_piece = "stock" in reward
    found |= {"OUT_OF_STOCK"} if has_piece and model.stock(data["reward"]) < 1 else set()
    if found:
        return found
    source: Account = (ways[0], name)
    if reward["price"] > model.balance(*source):
        found |= {"OVER_EARNED" if ways[0] == "earned" else "OVER_ALLOWANCE"}
    worth = model.karma.get("worth")
    value = None if worth is None else (Decimal(worth.split()[0]) * reward["price"], worth.split()[1])
    for limit in model.karma.get("redeem", {}).get("limits", []):
        most = Decimal(limit["worth"].split()[0])
        if value is not None and model.worth_so_far(limit, receiver) + value[0] > most:
            found |= {"OVER_BENEFIT_LIMIT"}
    place = model.place("redeemed", reward["price"], groups)
    if found or place is None:
        return found or {"OVER_BUDGET"}
    model.placed += [(pot, when, reward["price"], ident) for pot, when in place[1]]
    lots_before = [list(lot) for lot in model.members[name]["lots"]]
    model.post(source, ("escrow", name), reward["price"])
    model.redemptions[ident] = {
        "reward": data["reward"],
        "sender": name,
        "receiver": receiver,
        "price": reward["price"],
        "source": source,
        "until": model.members[name]["until"],
        "lots": _taken(lots_before, reward["price"]) if ways[0] == "earned" else None,
        "at": model.now,
        "deadline": model.now + DAY_MS * int(reward["expires"][:-1]) if "expires" in reward else None,
        "not_before": place[0],
        "piece": has_piece,
        "worth": value,
        "stage": "WAITING" if reward.get("approval") == "required" else "APPROVED",
    }
    return set()


def _taken(lots: list[list[Any]], amount: int) -> list[list[Any]]:
    """The first lots that make up an amount, one karma at a time."""
    each = [received for received, karma in lots for _ in range(karma)][:amount]
    return [[received, each.count(received)] for received in dict.fromkeys(each)]


def staged(model: Model, ident: str, sender: str, data: Said, kind: str) -> set[str]:
    _ = ident
    found = model.redemptions.get(data["request"])
    if found is None:
        return {"REQUEST_UNKNOWN"}
    stage, own = found["stage"], spelled(model.who(sender)[0]) == spelled(model.one(found["sender"]))
    against = {"REQUEST_OVER"} if stage not in {"WAITING", "APPROVED"} else set()
    is_late = found["deadline"] is not None and model.now >= found["deadline"]
    if kind == "approved":
        theirs = spelled(model.who(sender)[0]) == spelled(model.one(found["receiver"]))
        against |= {"ALREADY_APPROVED"} if stage == "APPROVED" else set()
        against |= {"OWN_REQUEST"} if own or theirs else set()
        against |= {"TOO_LATE_TO_APPROVE"} if is_late else set()
    if kind == "fulfilled":
        against |= {"NOT_APPROVED"} if stage == "WAITING" else set()
        against |= {"BUDGET_WAITS"} if model.now < found["not_before"] else set()
    if kind == "cancelled":
        against |= set() if own else {"NOT_YOUR_REQUEST"}
        against |= {"TOO_LATE_TO_CANCEL"} if stage == "APPROVED" else set()
    if kind == "expired":
        against |= {"NOT_DUE"} if stage != "WAITING" or not is_late else set()
    if against:
        return against
    found["stage"], payer = kind.upper(), model.one(found["sender"])
    if kind == "fulfilled":
        model.post(("escrow", payer), ("redeemed", payer), found["price"])
    elif kind != "approved":
        kind_paid = found["source"][0]
        target = model.returned_to(payer, found["until"]) if kind_paid == "allowance" else ("earned", payer)
        model.credit(("escrow", payer), target, found["price"], found["lots"])
        model.lose_what_is_old(payer)
        model.placed = [each for each in model.placed if each[3] != data["request"]]
    return set()


def restocked(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    _ = ident, sender
    if not model.versions or model.now < model.versions[0][0]:
        return {"KARMA_OFF"}
    reward = model.book.get("shop", {}).get(data["reward"])
    found = set() if is_whole(data["pieces"]) else {"NOT_AN_AMOUNT"}
    if reward is None or "stock" not in reward:
        return found | {"REWARD_UNKNOWN" if reward is None else "NOT_STOCKED"}
    if not found:
        model.restocked.append((data["reward"], data["pieces"]))
    return found

"""Requests, decided naively: all reasons against one at once, and what it posts where there is none."""

from fractions import Fraction
from typing import Any

from tests.ledger.model import DAY_MS, Model, days_in, next_window, spelled
from tests.ledger.model_faults import Said, is_whole, receiver_faults, sender_faults
from tests.ledger.model_shop import requested, restocked, staged


def reasons(model: Model, ident: str, kind: str, sender: str, data: Said) -> set[str]:
    """Every code with which a request may be refused; where there is none, it is done."""
    model.asked += 1
    decide = _DECIDE[kind]
    found: set[str] = decide(model, ident, sender, data)
    return found


def _given(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    if model.karma is None:
        return {"KARMA_OFF"}
    found, gifts, to = sender_faults(model, sender), model.karma.get("gifts", {}), data["to"]
    found |= set() if is_whole(data["amount"]) else {"NOT_AN_AMOUNT"}
    found |= set() if to else {"NO_RECEIVER"}
    found = found.union(*(receiver_faults(model, sender, each) for each in to))
    receivers = [model.who(each)[0] for each in to]
    found |= {"RECEIVER_TWICE"} if len(set(receivers)) < len(receivers) else set()
    values, value, message = gifts.get("values", []), data.get("value"), data.get("message")
    found |= {"VALUE_MISSING"} if values and value is None else set()
    found |= {"VALUE_UNKNOWN"} if value is not None and value not in values else set()
    found |= {"MESSAGE_MISSING"} if gifts.get("message") == "required" and message is None else set()
    found |= {"MESSAGE_UNWANTED"} if gifts.get("message") == "none" and message is not None else set()
    return found or _give(model, ident, model.who(sender)[0], receivers, data["amount"])


def _boosted(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    if model.karma is None:
        return {"KARMA_OFF"}
    gift = model.gifts.get(data["gift"])
    found = sender_faults(model, sender) | (set() if is_whole(data["amount"]) else {"NOT_AN_AMOUNT"})
    if gift is None:
        return found | {"GIFT_UNKNOWN"}
    found |= {"GIFT_OVER"} if gift["stage"] != "GIVEN" else set()
    found |= {"OWN_GIFT"} if spelled(model.who(sender)[0]) == spelled(model.one(gift["giver"])) else set()
    receivers = sorted({model.one(each) for each in gift["receivers"]}, key=lambda each: each)
    found = found.union(*(receiver_faults(model, sender, each) for each in receivers))
    return found or _give(model, ident, model.who(sender)[0], receivers, data["amount"])


def _give(model: Model, ident: str, giver: str, receivers: list[str], amount: int) -> set[str]:
    found, total = set(), amount * len(receivers)
    for limit in (model.karma or {}).get("gifts", {}).get("limits", []):
        if limit["per"] == "gift":
            found |= {"OVER_GIFT"} if amount > limit["karma"] else set()
        elif limit.get("same"):
            over = any(model.given(limit, giver, each) + amount > limit["karma"] for each in receivers)
            found |= {"OVER_SAME_RECEIVER"} if over else set()
        elif limit.get("of"):
            over = any(model.given(limit, None, each) + amount > limit["karma"] for each in receivers)
            found |= {"OVER_RECEIVED"} if over else set()
        else:
            found |= {"OVER_GIVEN"} if model.given(limit, giver, None) + total > limit["karma"] else set()
    found |= {"OVER_ALLOWANCE"} if total > model.balance("allowance", giver) else set()
    if not found:
        model.gifts[ident] = {
            "giver": giver,
            "receivers": receivers,
            "amount": amount,
            "at": model.now,
            "until": model.members[giver]["until"],
            "stage": "GIVEN",
        }
        for each in receivers:
            model.credit(("allowance", giver), ("earned", each), amount)
    return found


def _withdrawn(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    _ = ident
    found, gift = sender_faults(model, sender), model.gifts.get(data["gift"])
    if gift is None:
        return found | {"GIFT_UNKNOWN"}
    found |= {"GIFT_OVER"} if gift["stage"] != "GIVEN" else set()
    found |= {"NOT_YOUR_GIFT"} if spelled(model.who(sender)[0]) != spelled(model.one(gift["giver"])) else set()
    found |= {"TOO_LATE_TO_WITHDRAW"} if model.now - gift["at"] > DAY_MS else set()
    to = [model.one(each) for each in gift["receivers"]]
    spent = any(model.balance("earned", each) < gift["amount"] * to.count(each) for each in to)
    found |= {"GIFT_SPENT"} if spent else set()
    return found or _undo(model, gift, "WITHDRAWN")


def _voided(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    _ = ident, sender
    gift = model.gifts.get(data["id"])
    if gift is None or gift["stage"] != "GIVEN":
        return {"GIFT_OVER" if gift else "GIFT_UNKNOWN"}
    return _undo(model, gift, "VOIDED")


def _undo(model: Model, gift: Said, stage: str) -> set[str]:
    target = model.returned_to(model.one(gift["giver"]), gift["until"])
    for each in gift["receivers"]:
        model.take_back(("earned", model.one(each)), target, gift["amount"])
    model.repay(target, gift["amount"] * len(gift["receivers"]))
    gift["stage"] = stage
    return set()


def _minted(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    _ = sender
    found = {"KARMA_OFF"} if data["cause"] not in model.causes and model.karma is None else set()
    if type(data["karma"]) is not int or abs(data["karma"]) > 1_000_000:
        found |= {"NOT_AN_AMOUNT"}
    if found:
        return found
    before, into = model.causes.get(data["cause"], (0, (model.karma or {}).get("earned_by_rule", "allowance")))
    more = data["karma"] - before
    name, presence, groups = model.who(data["member"])
    if presence != "HERE" and (more > 0 or data["cause"] not in model.causes):
        return {"TO_GROUP" if presence == "GROUP" else f"RECEIVER_{presence}"}
    if more > 0:
        place = model.place("minted", more, groups)
        if place is None:
            return {"OVER_BUDGET"}
        model.placed += [(pot, when, more, ident) for pot, when in place[1]]
        if place[0] == model.now:
            model.credit(("issuance", name), (into, name), more)
        else:
            model.post(("issuance", name), ("budget", name), more)
            model.members[name]["coming"].append([place[0], into, more, model.asked])
            model.members[name]["coming"].sort(key=lambda coming: (coming[0], coming[3]))
    else:
        _take(model, name, into, -more)
    model.causes[data["cause"]] = (data["karma"], into)
    return set()


def _take(model: Model, name: str, into: str, less: int) -> None:
    held, left = model.members[name]["coming"], less
    for coming in reversed([each for each in held if each[1] == into]):
        part = min(left, coming[2])
        coming[2] -= part
        left -= part
    model.members[name]["coming"] = [each for each in held if each[2]]
    model.post(("budget", name), ("issuance", name), less - left)
    model.take_back((into, name), ("issuance", name), left)


def _came(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    _ = ident
    member, allowance = model.members[sender], (model.karma or {}).get("allowance")
    member["here"] = True
    if allowance and member["until"] is None:
        days, joined = days_in(allowance["per"], model.today), data["joined"]
        how, left = allowance.get("on_joining", "share"), sum(day >= joined for day in days)
        share = {"whole": Fraction(1), "nothing": Fraction(0), "share": Fraction(left, len(days))}[how]
        model.post(("issuance", sender), ("allowance", sender), round(allowance["karma"] * share))
        member["until"] = next_window(allowance["per"], model.today)
    return set()


def _went(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    _ = ident, data
    model.post(("allowance", sender), ("expired", sender), model.balance("allowance", sender))
    model.members[sender]["here"] = False
    return set()


def _linked(model: Model, ident: str, sender: str, data: Said) -> set[str]:
    _ = ident
    one, other = model.who(sender)[0], model.who(data["same_as"])[0]
    if one == other:
        return set()
    mine, theirs = model.members[one], model.members[other]
    model.post(("allowance", one), ("expired", one), model.balance("allowance", one))
    for kind in ("escrow", "budget", "earned"):
        lots = [list(lot) for lot in mine["lots"]]
        model.post((kind, one), (kind, other), model.balance(kind, one), lots)
    model.post(("owed", other), ("owed", one), -model.balance("owed", one))
    model.repay(("earned", other), model.balance("earned", other))
    theirs["coming"] = sorted(theirs["coming"] + mine["coming"], key=lambda coming: (coming[0], coming[3]))
    mine["coming"], mine["here"] = [], False
    return set()


_DECIDE: Any = {
    "member.linked": _linked,
    "karma.given": _given,
    "karma.boosted": _boosted,
    "karma.withdrawn": _withdrawn,
    "event.voided": _voided,
    "karma.minted": _minted,
    "reward.requested": requested,
    "reward.restocked": restocked,
    "member.joined": _came,
    "member.left": _went,
} | {
    f"reward.{kind}": lambda *said, kind=kind: staged(*said, kind)
    for kind in ("approved", "declined", "fulfilled", "cancelled", "expired")
}

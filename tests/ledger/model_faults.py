"""What speaks against a request by its sender, its receivers and its amount, decided naively."""

from typing import Any

from tests.ledger.model import Model, spelled

Said = dict[str, Any]


def is_whole(value: Any, least: int = 1) -> bool:
    return type(value) is int and least <= value <= 1_000_000


def sender_faults(model: Model, sender: str) -> set[str]:
    presence = model.who(sender)[1]
    return set() if presence == "HERE" else {f"SENDER_{'UNKNOWN' if presence == 'GROUP' else presence}"}


def receiver_faults(model: Model, sender: str, said: str) -> set[str]:
    (mine, _, groups), (theirs, presence, members) = model.who(sender), model.who(said)
    if spelled(mine) == spelled(theirs) or spelled(sender) == spelled(said):
        return {"TO_ONESELF"}
    if presence == "GROUP":
        return {"TO_OWN_GROUP" if members & groups else "TO_GROUP"}
    return set() if presence == "HERE" else {f"RECEIVER_{presence}"}

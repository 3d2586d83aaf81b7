"""Answers about karma: purses, statements, what became of a request, the shop, and the books of an organisation."""

from typing import Literal, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from schemas.answers import Title


class PurseAnswer(TypedDict):
    """What a member has."""

    member: str
    to_give: int
    until: str | None  # RFC 3339: when what is left to give expires
    earned: int
    in_escrow: int  # held for rewards that were requested
    owed: int
    coming: int  # given by rules, and waiting for a budget
    position: int


class StatementLine(TypedDict):
    """One change of one of a member's accounts."""

    at: str  # RFC 3339
    what: str  # stable, for programs
    title: str
    account: Literal["allowance", "earned", "escrow", "owed"]
    other: str  # the other account: `from ben`, `to escrow`
    amount: int
    balance: int  # of the account, after it
    because: int  # position of the record in the log
    request: str | None  # the gift or request that it belongs to, by reference
    rule: NotRequired[str]  # of what a rule gave
    event: NotRequired[int]  # and the event for which it did: its position in the log


class StatementAnswer(TypedDict):
    """All that ever changed a member's accounts, oldest first."""

    member: str
    lines: list[StatementLine]
    position: int


class RedemptionAnswer(TypedDict):
    """A request for a reward, and what has become of it."""

    request: str
    reward: str
    sender: str
    receiver: str
    price: int
    pay_from: Literal["allowance", "earned"]
    stage: Literal["waiting", "approved", "fulfilled", "declined", "cancelled", "expired"]
    at: str
    deadline: str | None  # until when it may be approved
    not_before: str | None  # when a budget has room for it, where that is later


class GiftAnswer(TypedDict):
    """A gift, and what has become of it."""

    gift: str
    giver: str
    to: list[str]
    amount: int
    at: str
    stage: Literal["given", "withdrawn", "voided"]


class OutcomeAnswer(TypedDict):
    """What became of a request: accepted, refused, or not decided yet."""

    request: str
    outcome: Literal["accepted", "refused", "pending"]
    code: NotRequired[str]
    detail: NotRequired[str]
    gift: NotRequired[GiftAnswer]
    redemption: NotRequired[RedemptionAnswer]
    position: int


class OpenAnswer(TypedDict):
    """Requests for rewards that wait for somebody, oldest first."""

    requests: list[RedemptionAnswer]
    position: int


RewardInfo = TypedDict(
    "RewardInfo",
    {
        "reward": str,
        "title": Title,
        "description": NotRequired[Title],
        "picture": NotRequired[str],
        "price": int,
        "left": int | None,  # pieces; None where there are as many as are requested
        "approval": bool,
        "for": list[str],
        "pay_from": list[str],
        "where": NotRequired[str],
        "fulfilled_by": NotRequired[str],
    },
)
"""A reward of the shop."""


class ShopAnswer(TypedDict):
    """What karma buys."""

    rewards: list[RewardInfo]
    for_self: bool
    position: int


class BooksAnswer(TypedDict):
    """The trial balance of an organisation: what stands in each kind of account; it adds up to zero."""

    accounts: dict[str, int]
    worth: str | None  # of one karma
    outstanding: NotRequired[str]  # what was earned and is not redeemed yet, in money
    requested: NotRequired[str]  # the part of it that is held for open requests
    redeemed: NotRequired[str]
    at: str
    position: int


STATEMENT: TypeAdapter[StatementAnswer] = TypeAdapter(StatementAnswer)

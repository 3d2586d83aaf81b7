"""Answers about karma: purses, statements, what became of a request, the shop, and the books of an organisation."""

from typing import Literal, NotRequired

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
    voucher: NotRequired[str | None]  # of a reward with vouchers, once approved: for who gets it, and operators
    no_voucher: NotRequired[str]  # why there is none


class GiftAnswer(TypedDict):
    """A gift, and what has become of it."""

    gift: str
    giver: str
    to: list[str]
    amount: int
    at: str
    stage: Literal["given", "withdrawn", "voided"]
    value: NotRequired[str]
    about: NotRequired[str]
    message: NotRequired[str]  # until it is deleted
    boosts: NotRequired[str]  # the gift that this one adds to, by reference


class OutcomeAnswer(TypedDict):
    """What became of a request: accepted, refused, or not decided yet."""

    request: str
    outcome: Literal["accepted", "refused", "pending"]
    code: NotRequired[str]
    detail: NotRequired[str]
    gift: NotRequired[GiftAnswer]
    redemption: NotRequired[RedemptionAnswer]
    because: NotRequired[int]  # position of the request in the log
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
    expected: NotRequired[str]  # what it can become at most before there are new allowances
    redeemed: NotRequired[str]
    at: str
    position: int


PeriodAnswer = TypedDict(
    "PeriodAnswer",
    {
        "period": str,
        "from": str,  # RFC 3339: its first moment
        "to": str,  # the first one after it
        "opening": dict[str, int],
        "moved": dict[str, int],  # by what was posted, such as GIFT
        "closing": dict[str, int],
        "position": int,
    },
)
"""What moved in a period, and the accounts before and after it; each of both adds up to zero."""


class PaidOut(TypedDict):
    """A reward that was handed out, as payroll has to know of it."""

    receiver: str
    sender: str  # who paid with karma
    reward: str
    karma: int
    worth: str | None  # when it was requested: a decimal number; None where karma had no worth
    currency: str | None
    day: str  # when it was handed out: the local day
    request: str


class PaidInAll(TypedDict):
    """All that one member was handed out in a month, in one currency."""

    receiver: str
    karma: int
    worth: str | None
    currency: str | None


class PayrollAnswer(TypedDict):
    """The rewards that were handed out in a month, by who got them."""

    month: str
    rewards: list[PaidOut]
    sums: list[PaidInAll]
    position: int


class VouchersAnswer(TypedDict):
    """How many codes there are of a reward; the codes themselves are told to who gets them."""

    reward: str
    added: int  # what was there already is not added again
    codes: int  # in all
    left: int  # no approved request has them yet

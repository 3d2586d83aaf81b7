"""Why a request is refused: a stable code for programs, and a sentence for the person who asked."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """A reason, in the order in which reasons are looked at."""

    KARMA_OFF = "KARMA_OFF"
    SENDER_UNKNOWN = "SENDER_UNKNOWN"
    SENDER_FORMER = "SENDER_FORMER"
    SENDER_BOT = "SENDER_BOT"
    NOT_AN_AMOUNT = "NOT_AN_AMOUNT"

    # Gifts.
    NO_RECEIVER = "NO_RECEIVER"
    TO_ONESELF = "TO_ONESELF"
    TO_OWN_GROUP = "TO_OWN_GROUP"
    TO_GROUP = "TO_GROUP"
    RECEIVER_UNKNOWN = "RECEIVER_UNKNOWN"
    RECEIVER_FORMER = "RECEIVER_FORMER"
    RECEIVER_BOT = "RECEIVER_BOT"
    RECEIVER_TWICE = "RECEIVER_TWICE"
    VALUE_MISSING = "VALUE_MISSING"
    VALUE_UNKNOWN = "VALUE_UNKNOWN"
    MESSAGE_MISSING = "MESSAGE_MISSING"
    MESSAGE_UNWANTED = "MESSAGE_UNWANTED"
    OVER_GIFT = "OVER_GIFT"
    OVER_GIVEN = "OVER_GIVEN"
    OVER_SAME_RECEIVER = "OVER_SAME_RECEIVER"
    OVER_RECEIVED = "OVER_RECEIVED"
    OVER_ALLOWANCE = "OVER_ALLOWANCE"

    # What was given before.
    GIFT_UNKNOWN = "GIFT_UNKNOWN"
    GIFT_OVER = "GIFT_OVER"
    OWN_GIFT = "OWN_GIFT"
    NOT_YOUR_GIFT = "NOT_YOUR_GIFT"
    TOO_LATE_TO_WITHDRAW = "TOO_LATE_TO_WITHDRAW"
    GIFT_SPENT = "GIFT_SPENT"

    # The shop.
    REWARD_UNKNOWN = "REWARD_UNKNOWN"
    NOT_FOR_ONESELF = "NOT_FOR_ONESELF"
    NOT_FOR_OTHERS = "NOT_FOR_OTHERS"
    NOT_PAID_SO = "NOT_PAID_SO"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    OVER_EARNED = "OVER_EARNED"
    OVER_BENEFIT_LIMIT = "OVER_BENEFIT_LIMIT"
    OVER_BUDGET = "OVER_BUDGET"
    REQUEST_UNKNOWN = "REQUEST_UNKNOWN"
    REQUEST_OVER = "REQUEST_OVER"
    HELD_FOR_REVIEW = "HELD_FOR_REVIEW"
    ALREADY_APPROVED = "ALREADY_APPROVED"
    NOT_APPROVED = "NOT_APPROVED"
    OWN_REQUEST = "OWN_REQUEST"
    NOT_YOUR_REQUEST = "NOT_YOUR_REQUEST"
    TOO_LATE_TO_CANCEL = "TOO_LATE_TO_CANCEL"
    TOO_LATE_TO_APPROVE = "TOO_LATE_TO_APPROVE"
    BUDGET_WAITS = "BUDGET_WAITS"
    NOT_DUE = "NOT_DUE"
    NOT_STOCKED = "NOT_STOCKED"


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a request that changed nothing; the code is one of the ledger's, or of the fairness watch's."""

    code: StrEnum
    detail: str


class RefusedRequest(Exception):
    """What a request asks for cannot be."""

    def __init__(self, code: StrEnum, detail: str) -> None:
        super().__init__(detail)
        self.refused = Refused(code, detail)

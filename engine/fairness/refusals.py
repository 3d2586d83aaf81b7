"""Why a request about an alert is refused: stable codes; how a refusal is told is the ledger's way."""

from enum import StrEnum


class Code(StrEnum):
    """A reason, in the order in which reasons are looked at."""

    SENDER_UNKNOWN = "SENDER_UNKNOWN"
    ALERT_UNKNOWN = "ALERT_UNKNOWN"
    CONCERNED = "CONCERNED"
    ALERT_OVER = "ALERT_OVER"
    ALREADY_REVIEWED = "ALREADY_REVIEWED"
    NOT_REVIEWED = "NOT_REVIEWED"
    ALREADY_CONFIRMED = "ALREADY_CONFIRMED"
    SECOND_ADMIN = "SECOND_ADMIN"
    REASON_MISSING = "REASON_MISSING"

"""Why a request about an alert is refused: a stable code for programs, and a sentence for the person who asked."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a request that changed nothing."""

    code: Code
    detail: str


class RefusedRequest(Exception):
    """What a request asks for cannot be."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.refused = Refused(code, detail)

"""Every event ends in exactly one of these; read = quarantined + folded, and the counts add up."""

from enum import StrEnum


class Verdict(StrEnum):
    """What became of an event; the order is the order of judging."""

    # Intake: the event did not reach the log; it is kept in quarantine with its reason.
    UNDECODABLE = "UNDECODABLE"
    NOT_ALLOWED = "NOT_ALLOWED"
    FUTURE = "FUTURE"
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    INVALID = "INVALID"

    # Fold: the event is in the log.
    REPEATED = "REPEATED"
    CONFLICT = "CONFLICT"
    TOO_LATE = "TOO_LATE"
    DOES_NOT_COUNT = "DOES_NOT_COUNT"
    PENDING = "PENDING"
    NO_RULE = "NO_RULE"
    REFUSED = "REFUSED"
    APPLIED = "APPLIED"


MEANINGS: dict[Verdict, str] = {
    Verdict.UNDECODABLE: "it is not a CloudEvents 1.0 event in strict JSON",
    Verdict.NOT_ALLOWED: "this publisher may not send events of this type",
    Verdict.FUTURE: "its time is more than 5 minutes after it was recorded",
    Verdict.UNKNOWN_TYPE: "no rulebook declares its type; it waits until one does",
    Verdict.INVALID: "its data does not fit the schema of its type",
    Verdict.REPEATED: "its source and id were seen before, with the same content",
    Verdict.CONFLICT: "its source and id were seen before, with other content",
    Verdict.TOO_LATE: "it arrived longer after it happened than the rulebook's `late` allows",
    Verdict.DOES_NOT_COUNT: "the activity's `counts` or `once` says that it is no real instance",
    Verdict.PENDING: "it waits for the member who has to confirm it",
    Verdict.NO_RULE: "it is valid, but no rule, board or badge asks for it",
    Verdict.REFUSED: "it asked for something that was refused; the reason is beside it",
    Verdict.APPLIED: "it counted",
}

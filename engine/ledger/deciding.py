"""Deciding a request: one function a type, and one answer, accepted whole or refused with a reason."""

from collections.abc import Callable, Mapping

from engine.ledger.draft import Accepted, Asked, Draft, State
from engine.ledger.gifts import boosted, given
from engine.ledger.joining import came, went
from engine.ledger.linking import linked
from engine.ledger.minting import minted
from engine.ledger.policies import Timeline
from engine.ledger.redeeming import approved, cancelled, declined, expired, fulfilled
from engine.ledger.refusals import Refused, RefusedRequest
from engine.ledger.shop import requested, restocked
from engine.ledger.taking_back import voided, withdrawn

_DECIDE: Mapping[str, Callable[[Draft], None]] = {
    "karma.given": given,
    "karma.boosted": boosted,
    "karma.withdrawn": withdrawn,
    "event.voided": voided,
    "karma.minted": minted,
    "reward.requested": requested,
    "reward.approved": approved,
    "reward.declined": declined,
    "reward.fulfilled": fulfilled,
    "reward.cancelled": cancelled,
    "reward.expired": expired,
    "reward.restocked": restocked,
    "member.joined": came,
    "member.left": went,
    "member.linked": linked,
}

REQUESTS = frozenset(_DECIDE)
"""The types that move karma."""


def decide(state: State, timeline: Timeline, asked: Asked) -> Accepted | Refused:
    """What becomes of a request.

    A record is decided once: that it is no repeat is known before, by its identity.
    """
    draft = Draft(state, timeline, asked)
    try:
        _DECIDE[asked.type](draft)
    except RefusedRequest as refusal:
        return refusal.refused
    return draft.accepted()


def applied(state: State, accepted: Accepted) -> State:
    """The state after a request."""
    return State(
        state.people,
        {**state.purses, **accepted.purses},
        {**state.gifts, **accepted.gifts},
        {**state.redemptions, **accepted.redemptions},
        {**state.stocks, **accepted.stocks},
        {**state.spent, **accepted.spent},
        {**state.minted, **accepted.minted},
    )

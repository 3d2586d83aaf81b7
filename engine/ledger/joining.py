"""Who comes gets a share of the running allowance; who goes loses what is left of theirs."""

from dataclasses import replace

from engine.ledger.accounts import Account, Kind, What
from engine.ledger.draft import Draft
from engine.ledger.passing import granted_on_joining
from engine.ledger.purse import NONE, Purse


def came(draft: Draft) -> None:
    """`member.joined`: whoever has no running allowance gets a share of it, as of the time at which they joined."""
    member = draft.person(draft.asked.sender)
    if member.ident not in draft.state.purses and member.since >= draft.at:  # nothing was known of them before
        draft.purses[member.ident] = Purse(member.ident, draft.at)
    purse = draft.purse(member.ident)
    draft.purses[member.ident] = replace(purse, is_here=True)
    policy = draft.timeline.at(draft.at)
    if policy is None or policy.karma is None or policy.karma.allowance is None or purse.until != NONE:
        return
    karma = granted_on_joining(policy, draft.at, draft.asked.time)
    end = policy.bounds(policy.karma.allowance.per, draft.at)[1]
    draft.purses[member.ident] = replace(draft.purses[member.ident], until=end)
    source, target = Account(Kind.ISSUANCE, member.ident), Account(Kind.ALLOWANCE, member.ident)
    draft.post(What.ALLOWANCE_GRANTED, source, target, karma)


def went(draft: Draft) -> None:
    """`member.left`: what is left of the allowance expires; what was earned stays."""
    member = draft.person(draft.asked.sender).ident
    left = draft.purse(member)[Kind.ALLOWANCE]
    draft.post(What.ALLOWANCE_EXPIRED, Account(Kind.ALLOWANCE, member), Account(Kind.EXPIRED, member), left)
    draft.purses[member] = replace(draft.purses[member], is_here=False)

"""Linking: two accounts turn out to be one person's, and the purse of one is poured into the other's."""

from dataclasses import replace

from engine.ledger.accounts import Account, Kind, What
from engine.ledger.draft import Draft
from engine.ledger.purse import Purse
from engine.ledger.running import Readings, summed


def linked(draft: Draft) -> None:
    """`member.linked` {same_as}: all that the subject has moves; one person has one allowance, the other's."""
    one = draft.person(draft.asked.sender).ident
    other = draft.person(draft.text("same_as") or "").ident
    if one == other:
        return
    poured, into = draft.purse(one), draft.purse(other)
    draft.purses[one] = replace(poured, is_here=False, readings=(), coming=())
    draft.purses[other] = _together(poured, into)
    for what, kind, target in (
        (What.ALLOWANCE_EXPIRED, Kind.ALLOWANCE, Account(Kind.EXPIRED, one)),
        (What.LINKED, Kind.ESCROW, Account(Kind.ESCROW, other)),
        (What.LINKED, Kind.BUDGET, Account(Kind.BUDGET, other)),
        (What.LINKED, Kind.EARNED, Account(Kind.EARNED, other)),
    ):
        draft.post(what, Account(kind, one), target, poured[kind], poured.lots)
    draft.post(What.LINKED, Account(Kind.OWED, other), Account(Kind.OWED, one), poured.owed)
    draft.repay(Account(Kind.EARNED, other), draft.purse(other)[Kind.EARNED])


def _together(poured: Purse, into: Purse) -> Purse:
    """What is remembered of both."""
    readings: Readings = summed((*into.readings, *poured.readings))
    return replace(into, readings=readings, coming=tuple(sorted((*into.coming, *poured.coming))))

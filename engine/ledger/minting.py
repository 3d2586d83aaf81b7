"""Minting: karma that a rule gave for an event; always told as the whole, so that a correction is a difference."""

from dataclasses import replace

from engine.ledger.accounts import Account, Kind, What
from engine.ledger.budgets import counted_in, per_of, place_for
from engine.ledger.draft import Draft, Minted
from engine.ledger.persons import Person, check_receiver
from engine.ledger.purse import Coming
from engine.ledger.refusals import Code, RefusedRequest
from schemas.rulebook_karma import KARMA_MAX
from schemas.rulebook_words import described
from schemas.words import MemberId


def minted(draft: Draft) -> None:
    """`karma.minted` {cause, member, karma}: from now on the cause has given so much to the member, in all."""
    cause, said, whole = draft.text("cause") or "", draft.text("member") or "", _whole(draft)
    before = draft.state.minted.get(cause) or Minted(0, Kind[draft.karma.earned_by_rule.upper()])
    more = whole - before.karma
    member = draft.person(said)
    if more > 0 or cause not in draft.state.minted:  # a correction is possible whatever has become of the member
        check_receiver(member, draft.person(draft.asked.sender), said)
    if more > 0:
        _give(draft, member, before.into, more)
    else:
        _take(draft, member.ident, before.into, -more)
    draft.minted[cause] = Minted(whole, before.into)


def _whole(draft: Draft) -> int:
    found = draft.asked.data.get("karma")
    if isinstance(found, bool) or not isinstance(found, int) or abs(found) > KARMA_MAX:
        expected = f"expected a whole number of at most {KARMA_MAX} in size as `karma`"
        raise RefusedRequest(Code.NOT_AN_AMOUNT, f"{expected}, got {described(found)}")
    return found


def _give(draft: Draft, person: Person, into: Kind, more: int) -> None:
    """Now, or once the budgets have room."""
    policy, member = draft.policy, person.ident
    place = place_for("minted", more, person.groups, policy, draft.at, draft.state.spent)
    for name, window in place.budgets:
        running = policy.window(per_of(name), draft.at)
        draft.spent[name] = counted_in(draft.state.spent.get(name, ()), window, more, running)
    source, target = Account(Kind.ISSUANCE, member), Account(into, member)
    if place.at == draft.at:
        draft.credit(What.MINTED, source, target, more)
        return
    draft.post(What.MINTED, source, Account(Kind.BUDGET, member), more)
    purse = draft.purses[member]
    coming = (*purse.coming, Coming(place.at, draft.asked.position, into, more))
    draft.purses[member] = replace(purse, coming=tuple(sorted(coming)))


def _take(draft: Draft, member: MemberId, into: Kind, less: int) -> None:
    """First what a budget holds back still, the latest of it, then what is there; the rest is owed."""
    purse, held = draft.purse(member), list[Coming]()
    waiting = less
    for each in reversed(purse.coming):
        taken = min(each.amount, waiting) if each.into is into else 0
        waiting -= taken
        held += [each._replace(amount=each.amount - taken)] if each.amount > taken else []
    draft.purses[member] = replace(purse, coming=tuple(reversed(held)))
    target = Account(Kind.ISSUANCE, member)
    draft.post(What.MINTED_BACK, Account(Kind.BUDGET, member), target, less - waiting)
    draft.take_back(What.MINTED_BACK, Account(into, member), target, waiting)

"""What time alone changes in a purse: allowances come and go, earned karma expires, what a budget held back is paid.

It is worked out when a purse is read, from the purse and the policies. Reading twice on the way, or not at all,
changes nothing: up to a moment the postings are the same.
"""

from dataclasses import replace

from engine.ledger.accounts import Account, Kind, Posting, What
from engine.ledger.policies import Policy, Span, Timeline
from engine.ledger.purse import NONE, UNDATED, Lot, Purse
from engine.ledger.running import still_counted, still_running
from schemas.words import DAY_MS, Day, Instant, Position


def passed(purse: Purse, timeline: Timeline, at: Instant) -> tuple[Purse, list[Posting]]:
    """The purse at a moment, and the postings up to then; a moment that lies before the purse's own changes nothing."""
    passing = _Passing(purse)
    for span in timeline.spans(purse.seen, max(at, purse.seen)):
        passing.under(span, at)
    return passing.arrived(timeline.at(at), max(at, purse.seen)), passing.postings


def share_of(karma: int, first: int, after: int, day: int) -> int:
    """So much of an allowance as there are days left of its period, the day itself included; rounded half-even."""
    whole, rest = divmod(karma * (after - max(day, first)), after - first)
    twice = 2 * rest
    return whole + (twice > after - first or (twice == after - first and whole % 2 == 1))


def granted_on_joining(policy: Policy, at: Instant, joined: Instant) -> int:
    """What who joined at a moment gets of the allowance that is running at another one, not before it."""
    allowance = None if policy.karma is None else policy.karma.allowance
    if allowance is None or allowance.on_joining == "nothing":
        return 0
    if allowance.on_joining == "whole":
        return allowance.karma
    start, end = policy.bounds(allowance.per, at)
    first, after = policy.calendar.day(start), policy.calendar.day(end)
    return share_of(allowance.karma, first, after, policy.calendar.day(joined))


class _Passing:
    """A purse on its way through time."""

    def __init__(self, purse: Purse) -> None:
        self.purse = purse
        self.postings: list[Posting] = []

    def under(self, span: Span, at: Instant) -> None:
        """Everything that is due under one policy, up to a moment."""
        policy = span.policy
        if span.begins:
            self._begin(policy)
        if self.purse.until == NONE:
            self._grant(policy, span.start)
        while True:
            when, what = min(self._due(policy), default=(span.end, 0))
            if when > at or when >= span.end:
                break
            (self._end_allowance, self._expire_lot, self._pay)[what](policy, max(when, span.start))

    def arrived(self, policy: Policy | None, at: Instant) -> Purse:
        """The purse without what only the past asked for."""
        readings = self.purse.readings
        if policy is not None:
            readings = tuple(still_running(readings, policy, at))
        return replace(self.purse, seen=at, readings=readings)

    def _begin(self, policy: Policy) -> None:
        """A version comes into force: what it does not count is forgotten, and earned karma expires, or does not."""
        purse = self.purse
        expires = policy.karma is not None and policy.karma.earned_expires is not None
        lots = purse.lots
        if expires:
            today = policy.calendar.day(policy.start)
            lots = tuple(Lot(lot.day or today, lot.amount) for lot in lots)
        elif lots:
            lots = (Lot(UNDATED, purse[Kind.EARNED]),)
        self.purse = replace(purse, lots=lots, readings=still_counted(purse.readings, policy))

    def _due(self, policy: Policy) -> list[tuple[Instant, int]]:
        """What comes next of each kind: (when, which)."""
        purse = self.purse
        due = [(purse.until, 0)] if purse.until != NONE else []
        if purse.lots and purse.lots[0].day != UNDATED:
            due.append((lost_at(policy, purse.lots[0].day), 1))
        if purse.coming:
            due.append((purse.coming[0].at, 2))
        return due

    def _end_allowance(self, policy: Policy, at: Instant) -> None:
        self._expire_allowance(policy, at)
        self.purse = replace(self.purse, until=NONE)
        self._grant(policy, at)

    def _grant(self, policy: Policy, at: Instant) -> None:
        """Sets the allowance of the period that a moment lies in."""
        allowance = None if policy.karma is None else policy.karma.allowance
        if allowance is None or not self.purse.is_here:
            return
        self._expire_allowance(policy, at)
        self._post(What.ALLOWANCE_GRANTED, Kind.ISSUANCE, Kind.ALLOWANCE, allowance.karma, at, policy.position)
        self.purse = replace(self.purse, until=policy.bounds(allowance.per, at)[1])

    def _expire_allowance(self, policy: Policy, at: Instant) -> None:
        left = self.purse[Kind.ALLOWANCE]
        if left:
            self._post(What.ALLOWANCE_EXPIRED, Kind.ALLOWANCE, Kind.EXPIRED, left, at, policy.position)

    def _expire_lot(self, policy: Policy, at: Instant) -> None:
        amount = self.purse.lots[0].amount
        self._post(What.EARNED_EXPIRED, Kind.EARNED, Kind.EXPIRED, amount, at, policy.position)

    def _pay(self, policy: Policy, at: Instant) -> None:
        coming = self.purse.coming[0]
        self.purse = replace(self.purse, coming=self.purse.coming[1:])
        if coming.into is Kind.ALLOWANCE and not self.purse.is_here:
            self._post(What.ALLOWANCE_EXPIRED, Kind.BUDGET, Kind.EXPIRED, coming.amount, at, coming.because)
            return
        self._post(What.MINTED_LATER, Kind.BUDGET, coming.into, coming.amount, at, coming.because, policy)
        repaid = min(coming.amount, self.purse.owed)
        if repaid:
            self._post(What.REPAID, coming.into, Kind.OWED, repaid, at, coming.because)

    def _post(
        self,
        what: What,
        source: Kind,
        target: Kind,
        amount: int,
        at: Instant,
        because: Position,
        policy: Policy | None = None,
    ) -> None:
        lots = () if policy is None else (Lot(received_on(policy, at), amount),)
        self.purse = self.purse.moved(source, -amount).moved(target, amount, lots)
        ident = self.purse.member
        self.postings.append(Posting(at, what, Account(source, ident), Account(target, ident), amount, because))


def received_on(policy: Policy, at: Instant) -> int:
    """The day that earned karma is kept under: none where it does not expire."""
    if policy.karma is None or policy.karma.earned_expires is None:
        return UNDATED
    return policy.calendar.day(at)


def lost_at(policy: Policy, day: int) -> Instant:
    """When earned karma is lost that was received on a local day: so many days after it, a part counting as one."""
    expires = 0 if policy.karma is None or policy.karma.earned_expires is None else policy.karma.earned_expires
    return policy.calendar.midnight(Day(day + 1 - -expires // DAY_MS))

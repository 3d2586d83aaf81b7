"""What a member reads of their karma, and what an organisation reads of everybody's."""

from decimal import Decimal
from typing import Any

from engine.ledger.accounts import Kind
from engine.ledger.purse import Purse
from engine.ledger.statement import TITLES, statement
from engine.ledger.trial_balance import liabilities, trial_balance
from schemas.rulebook_money import MoneyAmount
from schemas.words import Instant, MemberId
from tests.ledger.bench import Bench, moment, policy

START = moment("2026-03-01 00:00")
KARMA: dict[str, Any] = {"allowance": {"per": "month", "karma": 100}, "worth": "0.10 EUR"}


def lived() -> Bench:
    """Anna thanks ben, who asks for a reward; the gift is voided."""
    org = Bench(policy(START, 7, karma=KARMA, shop={"pen": {"price": 30}}), at=START)
    gift = org.done("karma.given", "anna", to=["ben"], amount=40)
    pen = org.done("reward.requested", "ben", reward="pen")
    org.done("event.voided", "admin", id=gift)
    org.done("reward.fulfilled", "office", request=pen)
    org.done("karma.given", "cleo", to=["ben"], amount=35)
    return org


def lines(org: Bench, member: str) -> list[tuple[str, str, str, int, int, int]]:
    """What is read: title, account, from or to, amount, balance, because."""
    return [
        (line.title, line.account.name.lower(), line.from_or_to, line.amount, line.balance, line.because)
        for line in statement(MemberId(member), org.postings)
    ]


def test_a_statement_has_every_posting_with_its_because_and_the_balance_after_it() -> None:
    assert lines(lived(), "ben") == [
        ("karma to give", "allowance", "from issuance", 100, 100, 7),
        ("gift", "earned", "from anna", 40, 40, 101),
        ("reward requested", "earned", "to escrow", -30, 10, 102),
        ("reward requested", "escrow", "from earned", 30, 30, 102),
        ("gift voided", "earned", "to anna", -10, 0, 103),
        ("gift voided", "owed", "to anna", -30, -30, 103),
        ("reward handed out", "escrow", "to redeemed", -30, 0, 104),
        ("gift", "earned", "from cleo", 35, 35, 105),
        ("paid of what was owed", "earned", "to owed", -30, 5, 105),
        ("paid of what was owed", "owed", "from earned", 30, 0, 105),
    ]
    assert lines(lived(), "anna") == [
        ("karma to give", "allowance", "from issuance", 100, 100, 7),
        ("gift", "allowance", "to ben", -40, 60, 101),
        ("gift voided", "allowance", "from ben", 10, 70, 103),
        ("gift voided", "allowance", "from ben", 30, 100, 103),
    ]


def test_every_kind_of_posting_has_a_title() -> None:
    assert len(set(TITLES.values())) == len(TITLES)


def test_a_trial_balance_adds_up_to_zero_with_those_whom_nobody_touched() -> None:
    org = lived()
    nobody_touched = Purse(MemberId("dan"), Instant(0))
    totals = trial_balance([*org.state.purses.values(), nobody_touched], org.timeline, moment("2026-04-01 00:00"))
    assert totals == {
        Kind.ALLOWANCE: 400,
        Kind.EARNED: 5,
        Kind.ESCROW: 0,
        Kind.OWED: 0,
        Kind.ISSUANCE: -800,
        Kind.REDEEMED: 30,
        Kind.EXPIRED: 365,
        Kind.BUDGET: 0,
    }
    assert liabilities(totals, MoneyAmount(Decimal("0.10"), "EUR")) == (
        Decimal("0.50"),
        Decimal("0.00"),
        Decimal("40.50"),
        Decimal("3.00"),
        "EUR",
    )

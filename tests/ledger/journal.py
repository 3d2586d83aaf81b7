"""Postings as a journal that beancount reads, with what purses and books said as balances that it has to find."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from engine.ledger.accounts import Account, Kind, Posting
from schemas.karma_answers import PurseAnswer
from tests.ledger.year import BERLIN, FIRST

NAMES = {
    Kind.ALLOWANCE: "Assets:Allowance",
    Kind.EARNED: "Assets:Earned",
    Kind.ESCROW: "Assets:Escrow",
    Kind.BUDGET: "Assets:Budget",
    Kind.OWED: "Liabilities:Owed",
    Kind.ISSUANCE: "Equity:Issuance",
    Kind.REDEEMED: "Expenses:Redeemed",
    Kind.EXPIRED: "Expenses:Expired",
}
"""What each kind is called; beneath it the members, of whom it is the sum."""


def name_of(account: Account) -> str:
    """An account of beancount's."""
    return f"{NAMES[account.kind]}:{account.member.capitalize()}"


def journal(
    postings: Iterable[Posting], purses: dict[date, list[PurseAnswer]], books: dict[date, dict[str, int]]
) -> str:
    """The text of a file."""
    lines = list(_transactions(postings))
    told = [*_of_members(purses), *_of_the_organisation(books)]
    accounts = {line.split()[0] for line in lines if line.startswith(" ")} | {line.split()[2] for line in told}
    opened = [f"{FIRST} open {account} KARMA" for account in sorted(accounts)]
    return "\n".join([f"{FIRST} commodity KARMA", *opened, *lines, *told, ""])


def _transactions(postings: Iterable[Posting]) -> Iterator[str]:
    for posting in postings:
        day = datetime.fromtimestamp(posting.at / 1_000, BERLIN).date()
        yield f'{day} * "{posting.what}" "record {posting.because}"'
        yield f"  {name_of(posting.source)}  {-posting.amount} KARMA"
        yield f"  {name_of(posting.target)}  {posting.amount} KARMA"


def _of_members(purses: dict[date, list[PurseAnswer]]) -> Iterator[str]:
    """A balance holds for the beginning of its day."""
    for day, answers in purses.items():
        for each in answers:
            for kind, karma in {
                Kind.ALLOWANCE: each["to_give"],
                Kind.EARNED: each["earned"],
                Kind.ESCROW: each["in_escrow"],
                Kind.BUDGET: each["coming"],
                Kind.OWED: -each["owed"],
            }.items():
                yield f"{day} balance {NAMES[kind]}:{each['member'].capitalize()}  {karma} KARMA"


def _of_the_organisation(books: dict[date, dict[str, int]]) -> Iterator[str]:
    for day, accounts in books.items():
        for kind, name in NAMES.items():
            yield f"{day} balance {name}  {accounts[kind.name.lower()]} KARMA"

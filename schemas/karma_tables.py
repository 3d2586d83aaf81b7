"""Answers about karma as tables, for people who work with spreadsheets."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from schemas.karma_answers import PaidInAll, PaidOut, PayrollAnswer, StatementLine

STATEMENT_COLUMNS: Final = tuple(StatementLine.__annotations__)
"""The lines of a statement."""

PAYROLL_COLUMNS: Final = ("receiver", "what", "day", "reward", "sender", "karma", "worth", "currency", "request")
"""Payroll; `what` is `reward` or, after those of a receiver, `sum`."""


def payroll_rows(found: PayrollAnswer) -> Iterator[dict[str, Any]]:
    """Rows of `PAYROLL_COLUMNS`."""
    sums = {whose(each): each for each in found["sums"]}
    for receiver, rewards in groupby(found["rewards"], whose):
        yield from ({"what": "reward", **each} for each in rewards)
        yield {"what": "sum", **sums[receiver]}


def whose(each: PaidOut | PaidInAll) -> tuple[str, str | None]:
    """By what payroll adds up: receiver and currency."""
    return each["receiver"], each["currency"]

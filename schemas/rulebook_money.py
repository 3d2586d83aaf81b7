"""An amount of money as a rulebook writes it: what karma is worth, and how much of it may be redeemed."""

import re
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from schemas.rulebook_words import described

_PATTERN = r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ([A-Z]{3})"
_MONEY = re.compile(_PATTERN)


class MoneyAmount(NamedTuple):
    """So much of one currency."""

    amount: Decimal
    currency: str
    """Three capital letters (ISO 4217)."""

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def _money(value: object) -> MoneyAmount:
    if isinstance(value, MoneyAmount):
        return value
    found = _MONEY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError(
            "bad_value", "expected an amount and a currency such as 0.10 EUR, got {got}", {"got": described(value)}
        )
    amount = Decimal(found[1])
    if amount == 0:
        raise PydanticCustomError("bad_value", "expected an amount above zero, got {got}", {"got": value})
    return MoneyAmount(amount, found[2])


Money = Annotated[
    MoneyAmount,
    PlainValidator(_money),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_PATTERN}$", "examples": ["0.10 EUR", "50 EUR"]}),
]
"""An amount above zero with its currency, written as 0.10 EUR."""

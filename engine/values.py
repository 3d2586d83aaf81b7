"""What an event gives, as it is added up: whole numbers of a scale, and texts for distinct values."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from hashlib import blake2b

Awards = tuple[tuple[int, int], ...]
"""Raw amounts by rule number."""

Values = tuple[tuple[int, int | str], ...]
"""Values by score number: whole numbers of the score's scale, or the text that stands for a distinct value."""

AMOUNT_MAX = 1_000_000
"""The greatest size of one event's amount or value, before scaling."""

VALUE_MAX = 200
"""The most characters of a value that a badge may be for."""

_POWERS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_TEXT_MAX = 48


def scaled(value: float, scale: int) -> int:
    """A number as whole units of 10^-scale; the double's exact value, rounded half-even."""
    if isinstance(value, int):
        return value * _POWERS[scale]
    return int(Decimal(value).scaleb(scale).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def threshold(number: float, scale: int) -> int:
    """The least whole units of 10^-scale that reach a number as it is written: among whole numbers 2 reaches 1.4."""
    return int(Decimal(str(number)).scaleb(scale).to_integral_value(ROUND_CEILING))


def times(amount: int, hundredths: int) -> int:
    """An amount multiplied by so many hundredths, rounded half-even."""
    whole, rest = divmod(amount * hundredths, 100)
    return whole + (rest > 50 or (rest == 50 and whole % 2 == 1))  # noqa: PLR2004  halves of a hundred


def value_text(value: object) -> str | None:
    """As `distinct_text`, but whole, so that `value_of` gives the value back; None where it is too long."""
    text = "s" + value if isinstance(value, str) else distinct_text(value)
    return text if text is not None and len(text) <= VALUE_MAX else None


def value_of(text: str) -> str | int | float | bool:
    """The value of a `value_text`."""
    kind, rest = text[0], text[1:]
    if kind == "s":
        return rest
    if kind == "b":
        return rest == "1"
    return float(rest) if "." in rest or "e" in rest else int(rest)


def distinct_text(value: object) -> str | None:
    """A short text that is the same for equal values and for no others; None where it cannot be compared."""
    if isinstance(value, str):
        text = "s" + value
    elif isinstance(value, bool):
        text = "b1" if value else "b0"
    elif isinstance(value, int | float):
        text = f"n{int(value)}" if value == int(value) else f"n{value!r}"
    else:
        return None
    if len(text) <= _TEXT_MAX:  # longer ones are named by their hash
        return text
    return "h" + blake2b(text.encode(), digest_size=16).hexdigest()

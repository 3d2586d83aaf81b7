"""A score's window as one whole number: a quicker key than three, where a fold makes a dozen of them an event."""

_KIND_BIT, NUMBER_BIT = 36, 40


def cell(number: int, kind: int, window: int) -> int:
    """The number of a score's window."""
    return number << NUMBER_BIT | kind << _KIND_BIT | window


def parts_of(code: int) -> tuple[int, int, int]:
    """The (score number, kind of window, window) of a `cell`."""
    return code >> NUMBER_BIT, code >> _KIND_BIT & 15, code & (1 << _KIND_BIT) - 1

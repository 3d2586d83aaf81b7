"""The word that was probably meant, for messages about one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 12


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one; None where none does.

    A last part that is equal counts most: `berlin` is Europe/Berlin, `given.code_review` is not.
    """
    words = sorted(known)
    folded = word.casefold()
    for candidate in words:
        if folded in (candidate.casefold(), candidate.rpartition("/")[2].casefold()):
            return candidate
    close = get_close_matches(folded, [candidate.casefold() for candidate in words], n=1, cutoff=0.65)
    return next((candidate for candidate in words if close and candidate.casefold() == close[0]), None)


def instead(word: str, known: Iterable[str]) -> str:
    """What to write instead, as the end of a sentence: the nearest word, else all of them if they are few."""
    words = sorted(known)
    near = nearest(word, words)
    if near is not None:
        return f"did you mean `{near}`?"
    if not words:
        return "none is declared yet: add it"
    if len(words) > _SHOWN:
        return f"expected one of {', '.join(words[:_SHOWN])} and {len(words) - _SHOWN} more"
    return f"expected {'one of ' if len(words) > 1 else ''}{', '.join(words)}"

"""Windows of boards as they are asked for and named."""

from collections.abc import Iterable, Sequence

from engine.calendar import ALL, KINDS, SEASON, Calendar, name_of, named, windows_of
from engine.catalogue import Catalogue
from schemas.rulebook import Board
from schemas.words import Instant
from streams.known import UnknownError


def window_of(
    board: Board, name: str, calendar: Calendar, catalogue: Catalogue, now: Instant, text: str | None
) -> tuple[int, int]:
    """The (kind, window) that a text asks for; without one all time, or the longest that the board is kept by.

    Raises:
        UnknownError: UNKNOWN_WINDOW.
    """
    kinds = [KINDS.index(kind.value) for kind in board.windows]
    today = calendar.day(now)
    if text is None:
        kind = ALL if ALL in kinds else max(kinds)
        return kind, windows_of(today)[kind]
    if text in board.seasons:
        return SEASON, catalogue.number(f"season:{text}")
    found = named(text, today)
    if found is None:
        raise UnknownError(
            "UNKNOWN_WINDOW",
            f"{text!r} names no window; write all, 2024, 2024-Q2, 2024-05, 2024-W10, 2024-05-31, week or last-week"
            + (f", or a season: {', '.join(board.seasons)}" if board.seasons else ""),
        )
    if found[0] not in kinds:
        raise UnknownError(
            "UNKNOWN_WINDOW",
            f"board {name!r} is kept by {', '.join(KINDS[kind] for kind in kinds)}; {text!r} is a {KINDS[found[0]]}",
        )
    return found


def names_of(stored: Iterable[bytes], names: Sequence[str]) -> list[str]:
    """The names of windows, oldest first within each kind, from `kind:window` as the store has them."""
    pairs = sorted((int(kind), int(window)) for kind, window in (pair.split(b":") for pair in stored))
    return [name_of(kind, window, names) for kind, window in pairs]

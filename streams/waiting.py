"""Events that waited for somebody to declare their type are judged again, and taken after all."""

from collections.abc import Awaitable, Callable, Sequence

from streams.judge import Judge, Taken
from streams.quarantine import QUARANTINED, message_of, waits
from streams.shelf import Quarantine

HISTORY_RUN = "waited"
"""The import that imported history belongs to when it is taken later: it still does not move the clock."""

_AT_ONCE = 1_000

Take = Callable[[Sequence[tuple[Taken, str | None]]], Awaitable[None]]
"""Appends what was taken, each with the import that it belongs to, and keeps its texts; durable when it returns."""


async def judge_again(
    quarantine: Quarantine, judge: Judge, of_history: Judge, declares: Callable[[str], bool], take: Take
) -> int:
    """Takes every waiting event that is declared by now, as of the moment when it came in; how many there were.

    Args:
        quarantine: Where they wait.
        judge: Of ordinary publishers.
        of_history: Of imports.
        declares: Whether anybody declares a type: what nobody does is not judged.
        take: What puts them into the log. An event that is taken twice after a crash is recognised by the fold.

    Raises:
        UnavailableLog: quarantine or log failed; doing it again goes on where it stopped.
    """
    taken: list[tuple[Taken, str | None]] = []
    keys: list[str] = []
    count = 0

    async def hand_over() -> None:
        nonlocal count
        if taken:
            await take(taken)
            await quarantine.resolve(keys)
            count += len(taken)
            taken.clear()
            keys.clear()

    async for kept in quarantine.scan():
        waiting = QUARANTINED.validate_json(kept.value)
        kind = waiting["type"]
        if not waits(waiting) or kind is None or not declares(kind):
            continue
        history = waiting.get("history", False)
        result = (of_history if history else judge).read(message_of(waiting), now=waiting["at"])
        if isinstance(result, Taken):
            taken.append((result, HISTORY_RUN if history else None))
            keys.append(kept.key)
            if len(taken) >= _AT_ONCE:
                await hand_over()
    await hand_over()
    return count
